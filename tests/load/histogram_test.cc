#include "load/metrics/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

namespace gantry::load {
namespace {

// All values, sorted: what the histogram stands for.
void expect_same(const Histogram& histogram, std::vector<double> values) {
  std::ranges::sort(values);
  ASSERT_EQ(histogram.count(), values.size());
  for (std::uint64_t rank = 0; rank < values.size(); ++rank)
    ASSERT_NEAR(histogram.value_at(rank), values[rank], std::abs(values[rank]) * Histogram::kRelativeError) << rank;
}

TEST(Histogram, IsWithinAThousandthOfEveryValue) {
  std::mt19937_64 random(20261129);  // NOLINT(cert-msc51-cpp): a fixed seed repeats the values
  std::lognormal_distribution<double> latency(1.0, 3.0);
  std::vector<double> values;
  Histogram histogram;
  for (int i = 0; i < 5'000; ++i) {
    // Latencies, and now and then what only a custom metric holds.
    const double value = i % 10 == 0    ? -latency(random)
                         : i % 101 == 0 ? 0.0
                                        : latency(random) * (i % 7 == 0 ? 1e12 : 1.0);
    values.push_back(value);
    histogram.record(value);
  }
  expect_same(histogram, values);
}

TEST(Histogram, MergesWithoutLoss) {
  std::mt19937_64 random(7);  // NOLINT(cert-msc51-cpp): as above
  std::exponential_distribution<double> latency(0.1);
  Histogram whole;
  Histogram parts;
  for (int part = 0; part < 5; ++part) {
    Histogram one;
    for (int i = 0; i < 1'000; ++i) {
      const double value = latency(random) * std::pow(10, part);
      one.record(value);
      whole.record(value);
    }
    parts.merge(one);
  }
  ASSERT_EQ(parts.count(), whole.count());
  for (std::uint64_t rank = 0; rank < whole.count(); ++rank) ASSERT_EQ(parts.value_at(rank), whole.value_at(rank));
}

TEST(Histogram, KeepsExtremesApart) {
  Histogram histogram;
  for (const double value : {-1e308, -1.0, -0.0, 0.0, 1e-300, 1.0, 1e308}) histogram.record(value);
  expect_same(histogram, {-1e308, -1.0, -0.0, 0.0, 1e-300, 1.0, 1e308});
}

TEST(Histogram, CountsManyAtOnceAndCopies) {
  Histogram histogram;
  histogram.record(2.0, 10'000'000'000);
  histogram.record(3.0);
  const Histogram copy = histogram;
  histogram.record(1.0);
  EXPECT_EQ(copy.count(), 10'000'000'001U);
  EXPECT_NEAR(copy.value_at(9'999'999'999), 2.0, 0.002);
  EXPECT_NEAR(copy.value_at(10'000'000'000), 3.0, 0.003);
  EXPECT_NEAR(histogram.value_at(0), 1.0, 0.001);
}

TEST(Histogram, FindsTwoRanksInOneWalk) {
  Histogram histogram;
  for (int i = 1; i <= 100; ++i) histogram.record(i);
  EXPECT_EQ(histogram.values_at(10, 90), (std::array{histogram.value_at(10), histogram.value_at(90)}));
  EXPECT_EQ(histogram.values_at(42, 42), (std::array{histogram.value_at(42), histogram.value_at(42)}));
}

}  // namespace
}  // namespace gantry::load
