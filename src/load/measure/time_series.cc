#include "load/measure/time_series.h"

#include <algorithm>
#include <cmath>

namespace gantry::load {

std::size_t LatencyCurve::bucket_of(double ms) {
  int exponent = 0;
  const double mantissa = std::frexp(std::max(ms, 0.0), &exponent);  // [0.5, 1), or 0
  if (mantissa == 0 || exponent <= kOctaveMin) return 0;
  if (exponent > kOctaveMax) return static_cast<std::size_t>((kOctaveMax - kOctaveMin) * kParts - 1);
  const int part = static_cast<int>((mantissa * 2 - 1) * kParts);
  return static_cast<std::size_t>((exponent - 1 - kOctaveMin) * kParts + part);
}

void LatencyCurve::add(double ms) {
  static_assert(kBuckets == (kOctaveMax - kOctaveMin) * kParts);
  buckets_.resize(kBuckets);
  ++buckets_[bucket_of(ms)];
  ++count_;
  max_ = std::max(max_, ms);
}

void LatencyCurve::merge(const LatencyCurve& other) {
  if (other.count_ == 0) return;
  buckets_.resize(other.buckets_.size());
  for (std::size_t i = 0; i < buckets_.size(); ++i) buckets_[i] += other.buckets_[i];
  count_ += other.count_;
  max_ = std::max(max_, other.max_);
}

std::vector<std::pair<std::int64_t, std::int64_t>> LatencyCurve::buckets() const {
  std::vector<std::pair<std::int64_t, std::int64_t>> all;
  for (std::size_t i = 0; i < buckets_.size(); ++i)
    if (buckets_[i] > 0) all.emplace_back(i, buckets_[i]);
  return all;
}

bool LatencyCurve::add_bucket(std::int64_t bucket, std::int64_t count) {
  if (bucket < 0 || bucket >= static_cast<std::int64_t>(kBuckets) || count < 1 || count > (std::int64_t{1} << 31))
    return false;
  buckets_.resize(kBuckets);
  buckets_[static_cast<std::size_t>(bucket)] += static_cast<std::uint32_t>(count);
  count_ += static_cast<std::uint64_t>(count);
  return true;
}

double LatencyCurve::percentile(double percent) const {
  if (count_ == 0) return 0;
  const auto rank = static_cast<std::uint64_t>(percent / 100 * static_cast<double>(count_ - 1));
  std::uint64_t before = 0;
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    before += buckets_[i];
    if (before <= rank) continue;
    const int octave = static_cast<int>(i) / kParts + kOctaveMin;
    const double part = (static_cast<double>(static_cast<int>(i) % kParts) + 0.5) / kParts;
    return std::min(std::ldexp(1 + part, octave), max_);
  }
  return max_;
}

void TimeSeries::Interval::merge(const Interval& other) {
  begun += other.begun;
  dropped += other.dropped;
  failed += other.failed;
  vus = std::max(vus, other.vus);
  latency.merge(other.latency);
}

void TimeSeries::answer(Time at, double ms, bool has_failed) {
  Interval& interval = interval_at(at);
  interval.latency.add(ms);
  if (has_failed) ++interval.failed;
}

void TimeSeries::look(Time at, std::size_t vus) {
  vus_ = vus;
  const auto place = static_cast<std::size_t>(std::max(at, Time(0)) / width_);
  if (place < intervals_.size()) intervals_[place].vus = std::max(intervals_[place].vus, vus);
}

TimeSeries::Interval& TimeSeries::interval_at(Time at) {
  while (std::max(at, Time(0)) / width_ >= static_cast<std::int64_t>(kIntervalsMax)) fold();
  const auto place = static_cast<std::size_t>(std::max(at, Time(0)) / width_);
  while (intervals_.size() <= place) intervals_.push_back({.vus = vus_});
  return intervals_[place];
}

void TimeSeries::merge(TimeSeries other) {
  while (width_ < other.width_) fold();
  while (other.width_ < width_) other.fold();
  intervals_.resize(std::max(intervals_.size(), other.intervals_.size()));
  for (std::size_t i = 0; i < other.intervals_.size(); ++i) {
    const std::size_t vus = intervals_[i].vus + other.intervals_[i].vus;  // each process has its own
    intervals_[i].merge(other.intervals_[i]);
    intervals_[i].vus = vus;
  }
}

void TimeSeries::fold() {
  width_ *= 2;
  const std::size_t half = (intervals_.size() + 1) / 2;
  for (std::size_t i = 0; i < half; ++i) {
    if (i > 0) intervals_[i] = std::move(intervals_[2 * i]);
    if (2 * i + 1 < intervals_.size()) intervals_[i].merge(intervals_[2 * i + 1]);
  }
  intervals_.resize(half);
}

}  // namespace gantry::load
