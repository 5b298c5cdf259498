#pragma once

// What is kept of a metric's samples (k6 reference, §8 and §17): one kind of sink for each of the four types. Sinks of the same type
// merge, whichever thread or machine filled them; the result is that of one sink which saw all samples.

#include "load/metrics/histogram.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace gantry::load {

enum class MetricType : std::uint8_t { counter, gauge, rate, trend };
std::string_view to_string(MetricType type);

// When a sample was taken, from the start of the run.
using SampleTime = std::chrono::nanoseconds;

class CounterSink {
 public:
  void add(double value) { sum_ += value, is_empty_ = false; }
  void merge(const CounterSink& other) { sum_ += other.sum_, is_empty_ &= other.is_empty_; }
  bool empty() const { return is_empty_; }
  double count() const { return sum_; }
  // Per second of the run; 0 while no time has passed.
  double rate(std::chrono::nanoseconds elapsed) const;

 private:
  bool is_empty_ = true;
  double sum_ = 0;
};

class GaugeSink {
 public:
  void add(double value, SampleTime at);
  void merge(const GaugeSink& other);
  bool empty() const { return is_empty_; }
  double value() const { return value_; }  // the last; 0 where there is none
  SampleTime at() const { return at_; }    // and when that was
  double min() const { return is_empty_ ? 0 : min_; }
  double max() const { return is_empty_ ? 0 : max_; }
  // Of what both have at once: VUs of two processes.
  GaugeSink plus(const GaugeSink& other) const;

 private:
  bool is_empty_ = true;
  SampleTime at_{0};
  double value_ = 0;
  double min_ = 0;
  double max_ = 0;
};

class RateSink {
 public:
  void add(double value, std::uint64_t times = 1) { (value != 0 ? trues_ : falses_) += times; }
  void merge(const RateSink& other) { trues_ += other.trues_, falses_ += other.falses_; }
  bool empty() const { return total() == 0; }
  std::uint64_t trues() const { return trues_; }
  std::uint64_t falses() const { return falses_; }
  std::uint64_t total() const { return trues_ + falses_; }
  // Nothing where there is no sample: k6 has no value then, and a threshold on it passes.
  std::optional<double> rate() const;

 private:
  std::uint64_t trues_ = 0;
  std::uint64_t falses_ = 0;
};

// Count, sum, min and max are exact; percentiles are while there are few values, and within Histogram::kRelativeError afterwards.
class TrendSink {
 public:
  static constexpr std::size_t kExactMax = 1000;  // values, 8 bytes each

  TrendSink() = default;
  // As another had it: its values in one of the two forms.
  TrendSink(long double sum, double min, double max, std::vector<double> exact, Histogram histogram)
      : count_(exact.size() + histogram.count()),
        sum_(sum),
        min_(min),
        max_(max),
        exact_(std::move(exact)),
        histogram_(std::move(histogram)) {}

  // `value` is finite.
  void add(double value) { add(value, 1, static_cast<long double>(value)); }
  void add(double value, std::uint64_t times) {
    add(value, times, static_cast<long double>(value) * static_cast<long double>(times));
  }
  void merge(const TrendSink& other);
  bool empty() const { return count_ == 0; }
  std::uint64_t count() const { return count_; }
  // All 0 where there is no value.
  double min() const { return empty() ? 0 : min_; }
  double max() const { return empty() ? 0 : max_; }
  double average() const { return empty() ? 0 : static_cast<double>(sum_ / static_cast<long double>(count_)); }
  long double sum() const { return sum_; }
  const std::vector<double>& exact() const { return exact_; }  // all, or none
  const Histogram& histogram() const { return histogram_; }    // the same
  // Between the two values nearest to percent/100 × (count - 1), in proportion. 0 ≤ percent ≤ 100.
  double percentile(double percent) const;

 private:
  void add(double value, std::uint64_t times, long double sum) {
    count_ += times;
    sum_ += sum;
    min_ = std::min(min_, value);
    max_ = std::max(max_, value);
    if (histogram_.count() > 0)
      histogram_.record(value, times);
    else
      keep_exact(value, times);
  }
  void keep_exact(double value, std::uint64_t times);
  void spill();

  std::uint64_t count_ = 0;
  long double sum_ = 0;  // 64 bits of mantissa: exact to the nanosecond for 10^10 requests of a second
  double min_ = std::numeric_limits<double>::infinity();
  double max_ = -std::numeric_limits<double>::infinity();
  std::vector<double> exact_;  // all values, while there are at most kExactMax
  Histogram histogram_;        // all values, from then on
};

using Sink = std::variant<CounterSink, GaugeSink, RateSink, TrendSink>;  // in the order of MetricType
Sink make_sink(MetricType type);
MetricType type_of(const Sink& sink);

// For std::visit: one more sample of any sink. A gauge is what it was last, so that it needs the time.
struct AddSample {
  double value;
  SampleTime at;
  void operator()(GaugeSink& gauge) const { gauge.add(value, at); }
  void operator()(auto& other) const { other.add(value); }
};
inline void add_sample(Sink& sink, double value, SampleTime at) { std::visit(AddSample{value, at}, sink); }

}  // namespace gantry::load
