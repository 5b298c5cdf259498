#include "load/measure/time_series.h"

#include "load/metrics/sink.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

namespace gantry::load {
namespace {

using namespace std::chrono_literals;

TEST(LatencyCurve, HasPercentilesOfAnyLatency) {
  std::mt19937_64 random(11);
  std::lognormal_distribution<double> latencies(1, 2);
  LatencyCurve curve;
  std::vector<double> values;
  for (int i = 0; i < 20'000; ++i) {
    values.push_back(latencies(random));
    curve.add(values.back());
  }
  std::ranges::sort(values);
  for (const double percent : {10.0, 50.0, 95.0, 99.0, 99.9}) {
    const double exact = values[static_cast<std::size_t>(percent / 100 * 19'999)];
    EXPECT_NEAR(curve.percentile(percent) / exact, 1, 0.017) << percent;
  }
  EXPECT_EQ(curve.max(), values.back());
}

TEST(LatencyCurve, HasRoomForWhatNoLatencyIs) {
  LatencyCurve curve;
  EXPECT_EQ(curve.percentile(50), 0);
  for (const double ms : {-1.0, 0.0, 1e-9, 1e12}) curve.add(ms);
  EXPECT_EQ(curve.count(), 4U);
  EXPECT_EQ(curve.max(), 1e12);
  EXPECT_LT(curve.percentile(0), 0.002);
}

TEST(TimeSeries, HasAnIntervalForEachSecond) {
  TimeSeries series;
  series.begin(100ms);
  series.answer(200ms, 5, false);
  series.answer(2500ms, 7, true);
  series.drop(2600ms);
  ASSERT_EQ(series.intervals().size(), 3U);
  EXPECT_EQ(series.intervals()[0].begun, 1U);
  EXPECT_EQ(series.intervals()[1].latency.count(), 0U);
  EXPECT_EQ(series.intervals()[2].failed, 1U);
  EXPECT_EQ(series.intervals()[2].dropped, 1U);
  EXPECT_EQ(series.width(), 1s);
}

TEST(TimeSeries, GrowsWiderAndNotLonger) {
  TimeSeries series;
  constexpr int kSeconds = 3000;
  for (int second = 0; second < kSeconds; ++second) series.answer(std::chrono::seconds(second), second, false);
  EXPECT_EQ(series.width(), 8s);
  ASSERT_EQ(series.intervals().size(), 375U);
  for (std::size_t i = 0; i < 375; ++i) {
    EXPECT_EQ(series.intervals()[i].latency.count(), 8U) << i;
    EXPECT_EQ(series.intervals()[i].latency.max(), static_cast<double>(8 * i + 7)) << i;
  }
}

// Where the processes that were merged are of different widths, too.
TEST(TimeSeries, AddsUpTheVusOfProcesses) {
  TimeSeries series;
  for (const auto second : {0s, 1s, 2s}) series.begin(second), series.look(second, 3);
  TimeSeries other(2s, {{.begun = 2, .vus = 4}});
  series.merge(other);
  ASSERT_EQ(series.intervals().size(), 2U);
  EXPECT_EQ(series.intervals()[0].vus, 7U);
  EXPECT_EQ(series.intervals()[0].begun, 4U);
  EXPECT_EQ(series.intervals()[1].vus, 3U);
}

}  // namespace
}  // namespace gantry::load
