#pragma once

// How often which value came, in bounded memory: every value is counted in a bucket that is at most 1/512 of itself wide, so that the
// middle of the bucket is within 0.1 % of it (k6 reference, §17 and §19.4). Any finite double may be recorded, negative ones too; a
// block of buckets takes 4 KiB and covers the values between two powers of two, so that latencies from 1 µs to 1 min need 26.
// Histograms merge without loss: count by count.

#include <array>
#include <bit>
#include <cassert>
#include <cmath>
#include <cstdint>
#include <memory>
#include <vector>

namespace gantry::load {

class Histogram {
 public:
  static constexpr double kRelativeError = 1.0 / 1024;

  Histogram() = default;
  Histogram(const Histogram& other);
  Histogram(Histogram&&) noexcept = default;
  Histogram& operator=(Histogram other) noexcept;
  ~Histogram() = default;

  // `value` is finite.
  void record(double value, std::uint64_t times = 1) {
    assert(std::isfinite(value));
    const auto bits = std::bit_cast<std::uint64_t>(value);
    const std::int32_t order = order_of(bits);
    Block& block = block_of(order);
    std::size_t bucket = (bits >> (kMantissaBits - kBits)) & (kBuckets - 1);
    if (order < 0) bucket = kBuckets - 1 - bucket;  // of negative values the largest mantissa comes first
    (*block.buckets)[bucket] += times;
    block.count += times;
    count_ += times;
  }
  void merge(const Histogram& other);

  // What is in it, for files: how many values fell into which bucket. Those without any are left out.
  struct Bucket {
    std::int64_t order = 0;  // of its block
    std::int64_t index = 0;  // in it
    std::uint64_t count = 0;
  };
  std::vector<Bucket> buckets() const;
  // False where there is no such bucket.
  bool add(const Bucket& bucket);
  std::uint64_t count() const { return count_; }

  // The value at a rank (0 is the smallest) of all that were recorded, in order; within kRelativeError. `rank` is below count().
  double value_at(std::uint64_t rank) const;
  // Those at two ranks in one walk; `low` ≤ `high`.
  std::array<double, 2> values_at(std::uint64_t low, std::uint64_t high) const;

 private:
  // A double's own bits are the bucket: its exponent names the block and the first nine bits of its mantissa the bucket in it. No
  // logarithm is taken, and neighbouring doubles are never two buckets apart.
  static constexpr int kMantissaBits = 52;
  static constexpr int kBits = 9;  // of the mantissa: 512 buckets from one power of two to the next
  static constexpr std::size_t kBuckets = std::size_t{1} << kBits;
  struct Block {
    std::int32_t order;  // ascending with the values in it
    std::uint64_t count = 0;
    std::unique_ptr<std::array<std::uint64_t, kBuckets>> buckets;
  };
  // Exponents are 0 (zero and what is smaller than any latency) to 2046; negative values have the mirror image below.
  static constexpr std::int32_t order_of(std::uint64_t bits) {
    const auto exponent = static_cast<std::int32_t>((bits >> kMantissaBits) & 0x7FF);
    return (bits >> 63) != 0 ? -exponent - 1 : exponent;
  }
  Block& block_of(std::int32_t order) {
    const std::size_t place = places_[static_cast<std::uint32_t>(order) % places_.size()];
    return place < blocks_.size() && blocks_[place].order == order ? blocks_[place] : find_block(order);
  }
  Block& find_block(std::int32_t order);
  static double middle_of(std::int32_t order, std::size_t bucket);

  std::vector<Block> blocks_;  // by order
  // Where in blocks_ an order was last, by its low bits: those of most metrics are no more apart than that.
  std::array<std::uint16_t, 32> places_ = {};
  std::uint64_t count_ = 0;
};

}  // namespace gantry::load
