#include "load/measure/steadiness.h"

#include "load/measure/remembering.h"

#include <gtest/gtest.h>

#include <array>
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
  EXPECT_FALSE(find_drift(std::vector<double>(9, 3.0)));
  EXPECT_FALSE(find_drift(std::vector<double>(20, 0.0)));
}

using Series = std::function<std::vector<double>(int count, std::mt19937_64& random)>;

Series fades(double memory) {
  return [memory](int count, std::mt19937_64& random) { return test::remembering(memory, count, random); };
}

// Each value is the one before and a step, up as often as down, which go a fifth of its beginning in all; as is seen through that noise.
Series walks(double noise) {
  return [noise](int count, std::mt19937_64& random) {
    std::normal_distribution<double> normal;
    std::vector<double> values;
    double level = 100;
    for (int i = 0; i < count; ++i) {
      values.push_back(level + noise * normal(random));
      level += 20 / std::sqrt(count) * normal(random);
    }
    return values;
  };
}

// `at` is of how far the run is, from 0 to 1.
Series follows(const std::function<double(double part)>& at, double noise) {
  return [at, noise](int count, std::mt19937_64& random) {
    std::normal_distribution<double> normal;
    std::vector<double> values;
    for (int i = 0; i < count; ++i) values.push_back(at(static_cast<double>(i) / count) + noise * normal(random));
    return values;
  };
}

// How many of 100 such series are said to drift, at a doubt that leaves one of 100 to chance.
double drifting(const Series& series, int count) {
  constexpr double kDoubt = 0.01;
  const int runs = count > 100 ? 100 : 400;  // those of long ones take time, and are alike
  std::mt19937_64 random(static_cast<std::uint64_t>(count));
  int found = 0;
  for (int run = 0; run < runs; ++run) {
    const std::optional<Drift> drift = find_drift(series(count, random));
    found += drift && drift->doubt <= kDoubt ? 1 : 0;
  }
  return 100.0 * found / runs;
}

constexpr std::array kCounts = {15, 30, 60, 300};

// Mann and Kendall's test, corrected for the memory of a first-order autoregression, takes 4, 6, 8 and 13 of 100 walks for a drift where it may
// also say so because no walk goes as far, and 4, 19, 31 and 35 of those that are seen through noise.
TEST(Steadiness, TakesNoMemoryForADrift) {
  struct Case {
    std::string_view name;
    Series series;
    std::array<double, kCounts.size()> most;
  };
  const Case cases[] = {
      {"independent", fades(0), {1, 1, 1, 3}}, {"fades soon", fades(0.5), {1, 1, 2, 3}},
      {"fades", fades(0.8), {2, 2, 2, 3}},     {"fades slowly", fades(0.9), {3, 2, 2, 3}},
      {"walks", walks(0), {6, 5, 5, 5}},       {"walks, seen through noise", walks(5), {5, 13, 16, 8}},
  };
  for (const Case& c : cases)
    for (std::size_t i = 0; i < kCounts.size(); ++i)
      EXPECT_LE(drifting(c.series, kCounts[i]), c.most[i]) << c.name << " " << kCounts[i];
}

TEST(Steadiness, TakesWhatLevelsOffForNoDrift) {
  const auto warms_up = [](double within) {
    return [within](double part) { return 100 - 50 * std::exp(-part / within); };
  };
  struct Case {
    std::string_view name;
    Series series;
  };
  const Case cases[] = {
      {"soon", follows(warms_up(0.1), 1)},
      {"soon, in noise", follows(warms_up(0.1), 5)},
      {"later", follows(warms_up(0.2), 0.1)},
      {"later, in noise", follows(warms_up(0.2), 5)},
      {"late", follows(warms_up(0.3), 0.1)},
      {"at once, in the middle", follows([](double part) { return part < 0.5 ? 100 : 130; }, 1)},
      {"at once, late", follows([](double part) { return part < 0.8 ? 100 : 130; }, 3)},
  };
  for (const Case& c : cases)
    for (const int count : {10, 12, 14, 15, 30, 60, 300})
      EXPECT_LE(drifting(c.series, count), 3) << c.name << " " << count;
}

TEST(Steadiness, FindsWhatGoesOn) {
  const auto line = [](double growth) { return [growth](double part) { return 100 * (1 + growth * part); }; };
  struct Case {
    std::string_view name;
    Series series;
    std::array<double, kCounts.size()> least;
  };
  const Case cases[] = {
      {"20 % in little noise", follows(line(0.2), 1), {99, 99, 99, 99}},
      {"20 % in noise", follows(line(0.2), 5), {5, 70, 95, 99}},
      {"50 % in noise", follows(line(0.5), 5), {70, 97, 99, 99}},
      {"50 % in much noise", follows(line(0.5), 10), {15, 75, 93, 99}},
      {"falls by half", follows(line(-0.5), 5), {70, 97, 99, 99}},
      {"a root", follows([](double part) { return 100 + 100 * std::sqrt(part); }, 2), {97, 99, 99, 99}},
      {"with bad moments",
       [line](int count, std::mt19937_64& random) {
         std::vector<double> values = follows(line(0.5), 5)(count, random);
         for (double& value : values) value += random() % 20 == 0 ? 100 : 0;
         return values;
       },
       {55, 90, 97, 99}},
  };
  for (const Case& c : cases)
    for (std::size_t i = 0; i < kCounts.size(); ++i)
      EXPECT_GE(drifting(c.series, kCounts[i]), c.least[i]) << c.name << " " << kCounts[i];
}

}  // namespace
}  // namespace gantry::load
