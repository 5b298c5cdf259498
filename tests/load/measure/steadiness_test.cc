#include "load/measure/steadiness.h"

#include "load/measure/remembering.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <random>
#include <string_view>
#include <vector>

namespace gantry::load {
namespace {

std::vector<double> curve(std::size_t length, const std::function<double(double place)>& at, double noise,
                          std::uint64_t seed = 3) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> spread(0, noise);
  std::vector<double> values;
  for (std::size_t i = 0; i < length; ++i) values.push_back(at(static_cast<double>(i)) + spread(random));
  return values;
}

TEST(Steadiness, FindsWhereARunWarmsUp) {
  struct Case {
    std::string_view name;
    std::vector<double> values;
    std::size_t least;
    std::size_t most;
  };
  const Case cases[] = {
      {"steady",
       curve(
           60, [](double) { return 10; }, 0.3),
       0, 0},
      {"short", {50, 10, 10, 10}, 0, 0},
      {"slow for five seconds",
       curve(
           60, [](double i) { return i < 5 ? 40.0 : 10.0; }, 0.3),
       5, 5},
      {"settles",
       curve(
           120, [](double i) { return 10 + 40 * std::exp(-i / 4); }, 0.3),
       8, 25},
      {"grows to the end",
       curve(
           60, [](double i) { return 10 + i; }, 0.3),
       0, 0},
  };
  for (const Case& c : cases) {
    const std::size_t found = find_warm_up(c.values);
    EXPECT_GE(found, c.least) << c.name;
    EXPECT_LE(found, c.most) << c.name;
  }
}

TEST(Steadiness, TellsADriftFromChance) {
  const auto steady = find_drift(curve(
      60, [](double) { return 10; }, 1));
  ASSERT_TRUE(steady);
  EXPECT_GT(steady->doubt, 0.01);
  const auto rising = find_drift(curve(
      60, [](double i) { return 10 + i / 10; }, 1));
  ASSERT_TRUE(rising);
  EXPECT_LT(rising->doubt, 0.001);
  EXPECT_NEAR(rising->change, 0.45, 0.1);
  const auto falling = find_drift(curve(
      60, [](double i) { return 20 - i / 10; }, 1));
  EXPECT_LT(falling->change, -0.2);
  // One bad moment is no drift.
  const auto spike = find_drift(curve(
      60, [](double i) { return i == 55 ? 1000.0 : 10.0; }, 1));
  EXPECT_GT(spike->doubt, 0.01);
  const auto flat = find_drift(std::vector<double>(20, 3.0));
  EXPECT_EQ(flat->doubt, 1);
  EXPECT_FALSE(find_drift(std::vector<double>(7, 3.0)));
  EXPECT_FALSE(find_drift(std::vector<double>(20, 0.0)));
}

// How often chance alone looks like a difference: as often as it is said to, about 1 in 20.
TEST(Steadiness, CriesWolfAsSeldomAsItSays) {
  constexpr int kRuns = 400;
  int drifts = 0;
  for (int run = 0; run < kRuns; ++run) {
    const auto seed = static_cast<std::uint64_t>(run) * 2;
    const std::vector<double> one = curve(
        25, [](double) { return 10; }, 1, seed);
    drifts += find_drift(one)->doubt < 0.05;
  }
  EXPECT_NEAR(drifts, 20, 15);
}

// With values taken for independent, 0.6 gave 32 false alarms of 100, and 0.9 gave 64.
TEST(Steadiness, TakesNoMemoryForADrift) {
  constexpr int kRuns = 200;
  for (const double memory : {0.6, 0.9}) {
    std::mt19937_64 random(7);
    int alarms = 0;
    int seen = 0;
    for (int run = 0; run < kRuns; ++run) {
      std::vector<double> values = test::remembering(memory, 120, random);
      alarms += find_drift(values)->doubt < 0.05;
      for (std::size_t i = 0; i < values.size(); ++i) values[i] *= 1 + static_cast<double>(i) / 60;
      seen += find_drift(values)->doubt < 0.05;
    }
    EXPECT_LE(alarms, 0.15 * kRuns) << memory;
    EXPECT_GE(seen, 0.9 * kRuns) << memory;
  }
}

// What grows more and more slowly is not like the line that it is compared with, and grows all the same.
TEST(Steadiness, SeesADriftThatIsNoLine) {
  const auto levelling = find_drift(curve(
      120, [](double i) { return 200 - 100 * std::exp(-i / 40); }, 0.5));
  ASSERT_TRUE(levelling);
  EXPECT_LT(levelling->doubt, 0.01);
  EXPECT_GT(levelling->change, 0.2);
}

}  // namespace
}  // namespace gantry::load
