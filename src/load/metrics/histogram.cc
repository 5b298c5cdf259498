#include "load/metrics/histogram.h"

#include <algorithm>

namespace gantry::load {

Histogram::Histogram(const Histogram& other) : count_(other.count_) {
  blocks_.reserve(other.blocks_.size());
  for (const Block& block : other.blocks_)
    blocks_.push_back(
        {block.order, block.count, std::make_unique<std::array<std::uint64_t, kBuckets>>(*block.buckets)});
}

Histogram& Histogram::operator=(Histogram other) noexcept {
  blocks_.swap(other.blocks_);
  std::swap(count_, other.count_);
  return *this;
}

Histogram::Block& Histogram::find_block(std::int32_t order) {
  const auto at = std::ranges::lower_bound(blocks_, order, {}, &Block::order);
  places_[static_cast<std::uint32_t>(order) % places_.size()] = static_cast<std::uint16_t>(at - blocks_.begin());
  if (at != blocks_.end() && at->order == order) return *at;
  return *blocks_.insert(at, {order, 0, std::make_unique<std::array<std::uint64_t, kBuckets>>()});
}

void Histogram::merge(const Histogram& other) {
  for (const Block& from : other.blocks_) {
    Block& to = block_of(from.order);
    for (std::size_t i = 0; i < kBuckets; ++i) (*to.buckets)[i] += (*from.buckets)[i];
    to.count += from.count;
  }
  count_ += other.count_;
}

std::vector<Histogram::Bucket> Histogram::buckets() const {
  std::vector<Bucket> all;
  for (const Block& block : blocks_)
    for (std::size_t i = 0; i < kBuckets; ++i)
      if ((*block.buckets)[i] > 0) all.push_back({block.order, static_cast<std::int64_t>(i), (*block.buckets)[i]});
  return all;
}

bool Histogram::add(const Bucket& bucket) {
  // Exponents of finite numbers.
  constexpr std::int64_t kOrderMax = 2046;
  if (bucket.order < -kOrderMax - 1 || bucket.order > kOrderMax) return false;
  if (bucket.index < 0 || bucket.index >= static_cast<std::int64_t>(kBuckets)) return false;
  Block& block = block_of(static_cast<std::int32_t>(bucket.order));
  (*block.buckets)[static_cast<std::size_t>(bucket.index)] += bucket.count;
  block.count += bucket.count;
  count_ += bucket.count;
  return true;
}

double Histogram::middle_of(std::int32_t order, std::size_t bucket) {
  const bool is_negative = order < 0;
  const auto exponent = static_cast<std::uint64_t>(is_negative ? -order - 1 : order);
  const std::uint64_t mantissa = is_negative ? kBuckets - 1 - bucket : bucket;
  if (exponent == 0 && mantissa == 0) return 0.0;
  const std::uint64_t low = (exponent << kMantissaBits) | (mantissa << (kMantissaBits - kBits));
  const double middle = std::bit_cast<double>(low | (std::uint64_t{1} << (kMantissaBits - kBits - 1)));
  return is_negative ? -middle : middle;
}

double Histogram::value_at(std::uint64_t rank) const { return values_at(rank, rank)[0]; }

std::array<double, 2> Histogram::values_at(std::uint64_t low, std::uint64_t high) const {
  assert(low <= high && high < count_);
  std::array<double, 2> values{};
  std::size_t found = 0;
  const std::array<std::uint64_t, 2> wanted = {low, high};
  std::uint64_t before = 0;
  for (const Block& block : blocks_) {
    if (before + block.count <= wanted[found]) {
      before += block.count;
      continue;
    }
    for (std::size_t i = 0; i < kBuckets; ++i) {
      before += (*block.buckets)[i];
      for (; found < 2 && wanted[found] < before; ++found) values[found] = middle_of(block.order, i);
      if (found == 2) return values;
    }
  }
  return values;
}

}  // namespace gantry::load
