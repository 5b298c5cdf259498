#include "load/metrics/sink.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>

namespace gantry::load {

std::string_view to_string(MetricType type) {
  constexpr std::array<std::string_view, 4> kNames = {"counter", "gauge", "rate", "trend"};
  return kNames[static_cast<std::size_t>(type)];
}

double CounterSink::rate(std::chrono::nanoseconds elapsed) const {
  const double seconds = std::chrono::duration<double>(elapsed).count();
  return seconds > 0 ? sum_ / seconds : 0;
}

void GaugeSink::add(double value, SampleTime at) {
  min_ = is_empty_ ? value : std::min(min_, value);
  max_ = is_empty_ ? value : std::max(max_, value);
  if (is_empty_ || at >= at_) value_ = value, at_ = at;
  is_empty_ = false;
}

void GaugeSink::merge(const GaugeSink& other) {
  if (other.is_empty_) return;
  const double low = is_empty_ ? other.min_ : std::min(min_, other.min_);
  const double high = is_empty_ ? other.max_ : std::max(max_, other.max_);
  add(other.value_, other.at_);
  min_ = low, max_ = high;
}

GaugeSink GaugeSink::plus(const GaugeSink& other) const {
  if (is_empty_) return other;
  GaugeSink sum = *this;
  sum.value_ += other.value();
  sum.min_ += other.min();
  sum.max_ += other.max();
  return sum;
}

std::optional<double> RateSink::rate() const {
  if (empty()) return std::nullopt;
  return static_cast<double>(trues_) / static_cast<double>(total());
}

void TrendSink::spill() {
  for (const double value : exact_) histogram_.record(value);
  exact_ = {};
}

void TrendSink::keep_exact(double value, std::uint64_t times) {
  if (count_ <= kExactMax) {
    exact_.insert(exact_.end(), times, value);
    return;
  }
  spill();
  histogram_.record(value, times);
}

void TrendSink::merge(const TrendSink& other) {
  if (other.empty()) return;
  count_ += other.count_;
  sum_ += other.sum_;
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
  exact_.insert(exact_.end(), other.exact_.begin(), other.exact_.end());
  histogram_.merge(other.histogram_);
  if (count_ > kExactMax) spill();
}

double TrendSink::percentile(double percent) const {
  assert(percent >= 0 && percent <= 100);
  if (empty()) return 0;
  const double place = percent / 100 * static_cast<double>(count_ - 1);
  const auto low = static_cast<std::uint64_t>(std::floor(place));
  const auto high = static_cast<std::uint64_t>(std::ceil(place));
  std::array<double, 2> around{};
  if (histogram_.count() == 0) {
    std::vector<double> sorted = exact_;
    std::ranges::sort(sorted);
    around = {sorted[low], sorted[high]};
  } else {
    around = histogram_.values_at(low, high);
    // The ends are known exactly, and no bucket's middle may lie beyond them.
    for (double& value : around) value = std::clamp(value, min_, max_);
    if (low == 0) around[0] = min_;
    if (high == count_ - 1) around[1] = max_;
    if (low == high) around[0] = around[1] = low == 0 ? around[0] : around[1];
  }
  return around[0] + (around[1] - around[0]) * (place - static_cast<double>(low));
}

Sink make_sink(MetricType type) {
  switch (type) {
    case MetricType::counter: return CounterSink();
    case MetricType::gauge: return GaugeSink();
    case MetricType::rate: return RateSink();
    case MetricType::trend: return TrendSink();
  }
  return CounterSink();
}

MetricType type_of(const Sink& sink) { return static_cast<MetricType>(sink.index()); }

}  // namespace gantry::load
