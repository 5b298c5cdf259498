#include "load/measure/steadiness.h"

#include "load/measure/remembering.h"

#include <gtest/gtest.h>

#include <algorithm>
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

// Of 100 runs of the same thing, how many are said to drift, where as many as 5 should be; and of 100 that get twice and three times as slow.
struct Answers {
  double same = 0;
  double doubled = 0;
  double tripled = 0;
};

Answers ask(double memory, int count) {
  const int runs = std::min(200, 12'000 / count);  // those of long ones take time, and are alike
  const double percent = 100.0 / runs;
  std::mt19937_64 random(static_cast<std::uint64_t>(count));
  Answers answers;
  const auto drifts = [](std::vector<double> values, double growth) {
    for (std::size_t i = 0; i < values.size(); ++i)
      values[i] *= 1 + growth * static_cast<double>(i) / static_cast<double>(values.size());
    return find_drift(values)->doubt < 0.05;
  };
  for (int run = 0; run < runs; ++run) {
    const std::vector<double> values = test::remembering(memory, count, random);
    answers.same += drifts(values, 0) ? percent : 0;
    answers.doubled += drifts(values, 1) ? percent : 0;
    answers.tripled += drifts(values, 2) ? percent : 0;
  }
  return answers;
}

// Short runs of a long memory were said to drift where nothing did: `before` has the same figures of a normal variable in place of Student's
// t, with the bias of a mean for that of a line. They also saw more of what there was, for the same reason; of tests that cry wolf equally
// often neither sees more, but where memory is longest.
TEST(Steadiness, CriesWolfAboutAsSeldomAsItSays) {
  struct Case {
    int count;
    double memory;
    Answers before;
    double same_most;
    double doubled_least;
    double tripled_least;
  };
  const Case cases[] = {
      {25, 0.0, {3.0, 97.5, 100.0}, 7, 90, 99},   {25, 0.5, {7.0, 73.5, 91.5}, 7, 45, 65},
      {25, 0.9, {21.5, 65.0, 92.5}, 13, 25, 50},  {50, 0.0, {5.5, 100.0, 100.0}, 7, 99, 99},
      {50, 0.5, {6.0, 96.0, 99.5}, 7, 85, 95},    {50, 0.9, {17.5, 63.5, 89.0}, 10, 30, 45},
      {100, 0.0, {4.2, 100.0, 100.0}, 7, 99, 99}, {100, 0.5, {6.7, 100.0, 100.0}, 8, 95, 99},
      {100, 0.9, {11.7, 66.7, 88.3}, 10, 45, 65}, {300, 0.0, {7.5, 100.0, 100.0}, 9, 99, 99},
      {300, 0.5, {7.5, 100.0, 100.0}, 9, 99, 99}, {300, 0.9, {5.0, 92.5, 100.0}, 9, 80, 95},
  };
  for (const Case& c : cases) {
    const Answers answers = ask(c.memory, c.count);
    EXPECT_LE(answers.same, std::max(c.before.same, 5.0)) << c.count << " " << c.memory;
    EXPECT_LE(answers.same, c.same_most) << c.count << " " << c.memory;
    EXPECT_GE(answers.doubled, c.doubled_least) << c.count << " " << c.memory;
    EXPECT_GE(answers.tripled, c.tripled_least) << c.count << " " << c.memory;
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
