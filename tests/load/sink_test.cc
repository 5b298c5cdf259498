#include "load/metrics/sink.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace gantry::load {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// The definition (reference, §17), on all values.
double percentile_of(std::vector<double> values, double percent) {
  std::ranges::sort(values);
  const double place = percent / 100 * static_cast<double>(values.size() - 1);
  const double low = values[static_cast<std::size_t>(std::floor(place))];
  const double high = values[static_cast<std::size_t>(std::ceil(place))];
  return low + (high - low) * (place - std::floor(place));
}

TEST(Sinks, CountersAddUp) {
  CounterSink sink;
  EXPECT_TRUE(sink.empty());
  EXPECT_EQ(sink.rate(seconds(0)), 0);
  sink.add(2);
  sink.add(0.5);
  EXPECT_FALSE(sink.empty());
  EXPECT_EQ(sink.count(), 2.5);
  EXPECT_EQ(sink.rate(milliseconds(500)), 5);
  EXPECT_EQ(sink.rate(seconds(0)), 0);
  CounterSink zero;
  zero.add(0);
  EXPECT_FALSE(zero.empty());
  sink.merge(zero);
  EXPECT_EQ(sink.count(), 2.5);
}

TEST(Sinks, GaugesKeepTheLastAndTheEnds) {
  GaugeSink sink;
  EXPECT_EQ(sink.value(), 0);
  EXPECT_EQ(sink.min(), 0);
  sink.add(-3, milliseconds(1));
  sink.add(5, milliseconds(3));
  sink.add(1, milliseconds(2));  // an older sample that arrives later is not the last
  EXPECT_EQ(sink.value(), 5);
  EXPECT_EQ(sink.min(), -3);
  EXPECT_EQ(sink.max(), 5);
  GaugeSink other;
  sink.merge(other);
  other.add(-7, milliseconds(9));
  other.add(-5, milliseconds(10));
  sink.merge(other);
  EXPECT_EQ(sink.value(), -5);
  EXPECT_EQ(sink.min(), -7);
  EXPECT_EQ(sink.max(), 5);
  GaugeSink negative;  // its greatest is what was seen, not 0
  negative.add(-2, milliseconds(0));
  EXPECT_EQ(negative.max(), -2);
}

TEST(Sinks, RatesHaveNoValueWithoutSamples) {
  RateSink sink;
  EXPECT_EQ(sink.rate(), std::nullopt);
  for (const double value : {1.0, 0.0, -0.5, 0.0}) sink.add(value);
  EXPECT_EQ(sink.rate(), 0.5);
  EXPECT_EQ(sink.trues(), 2U);
  EXPECT_EQ(sink.total(), 4U);
}

TEST(Sinks, TrendsOfFewValuesAreExact) {
  TrendSink sink;
  EXPECT_EQ(sink.percentile(95), 0);
  EXPECT_EQ(sink.min(), 0);
  EXPECT_EQ(sink.average(), 0);
  sink.add(7);
  EXPECT_EQ(sink.percentile(0), 7);
  EXPECT_EQ(sink.percentile(99.9), 7);
  std::vector<double> values = {7};
  for (int i = 0; i < 999; ++i) {
    const double value = std::fmod(i * 37.7, 101);
    sink.add(value);
    values.push_back(value);
  }
  for (const double percent : {0.0, 1.0, 50.0, 90.0, 95.0, 99.0, 99.99, 100.0})
    EXPECT_EQ(sink.percentile(percent), percentile_of(values, percent)) << percent;
}

TEST(Sinks, TrendsOfManyValuesAreWithinAThousandth) {
  std::mt19937_64 random(20261129);  // NOLINT(cert-msc51-cpp): a fixed seed repeats the values
  std::lognormal_distribution<double> latency(3.0, 1.0);
  TrendSink whole;
  TrendSink merged;
  std::vector<double> values;
  for (int part = 0; part < 20; ++part) {
    TrendSink one;
    for (int i = 0; i < (part % 2 == 0 ? 300 : 2'000); ++i) {
      values.push_back(latency(random));
      whole.add(values.back());
      one.add(values.back());
    }
    merged.merge(one);
  }
  for (const TrendSink* sink : {&whole, &merged}) {
    EXPECT_EQ(sink->count(), values.size());
    EXPECT_EQ(sink->min(), *std::ranges::min_element(values));
    EXPECT_EQ(sink->max(), *std::ranges::max_element(values));
    EXPECT_EQ(sink->percentile(0), sink->min());
    EXPECT_EQ(sink->percentile(100), sink->max());
    for (const double percent : {1.0, 50.0, 90.0, 95.0, 99.0, 99.9, 99.99}) {
      const double exact = percentile_of(values, percent);
      EXPECT_NEAR(sink->percentile(percent), exact, exact * Histogram::kRelativeError) << percent;
    }
  }
  EXPECT_EQ(whole.average(), merged.average());
}

// Many at once come to the same as one by one, whichever of the two forms they are kept in by then.
TEST(Sinks, TrendsTakeManyOfOneValue) {
  TrendSink at_once;
  TrendSink one_by_one;
  for (const std::uint64_t times : {1, 700, 299, 1, 5'000, 3}) {
    const double value = 1.5 * static_cast<double>(times);
    at_once.add(value, times);
    for (std::uint64_t i = 0; i < times; ++i) one_by_one.add(value);
    EXPECT_EQ(at_once.count(), one_by_one.count());
    EXPECT_DOUBLE_EQ(at_once.average(), one_by_one.average());
    EXPECT_EQ(at_once.max(), one_by_one.max());
    for (const double percent : {0.0, 5.0, 50.0, 99.0, 100.0})
      EXPECT_EQ(at_once.percentile(percent), one_by_one.percentile(percent)) << times << " " << percent;
  }
}

TEST(Sinks, AreMadeByType) {
  for (const MetricType type : {MetricType::counter, MetricType::gauge, MetricType::rate, MetricType::trend})
    EXPECT_EQ(type_of(make_sink(type)), type) << to_string(type);
}

}  // namespace
}  // namespace gantry::load
