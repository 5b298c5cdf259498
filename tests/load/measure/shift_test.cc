// How two runs differ: how often chance alone looks like a difference, also where each second remembers the one before, how often the
// bounds hold what is true, and that a real difference is seen.

#include "load/measure/shift.h"

#include "load/measure/remembering.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

namespace gantry::load {
namespace {

using test::remembering;

TEST(Shift, CountsValuesForWhatTheyAreWorth) {
  std::mt19937_64 random(1);
  // An autoregression of 0.8 is worth a ninth.
  EXPECT_NEAR(independent_count(remembering(0.8, 450, random)), 50, 25);
  EXPECT_GT(independent_count(remembering(0, 100, random)), 60);
  EXPECT_EQ(independent_count(std::vector<double>(50, 3.0)), 50);
  EXPECT_EQ(independent_count(std::vector<double>(2, 3.0)), 2);
}

struct Memory {
  double memory;
  int count;
};
constexpr Memory kMemories[] = {{0, 20}, {0, 60}, {0.3, 60}, {0.6, 60}, {0.8, 60}, {0.9, 120}};

// With seconds taken for independent, 0.6 gave 30 false alarms of 100, 0.8 gave 50, 0.9 gave 67.
TEST(Shift, CriesWolfAsSeldomAsItSays) {
  constexpr int kRuns = 200;
  for (const Memory& c : kMemories) {
    std::mt19937_64 random(static_cast<std::uint64_t>(c.count) + 7);
    int alarms = 0;
    int missed = 0;
    for (int run = 0; run < kRuns; ++run) {
      const std::vector<double> one = remembering(c.memory, c.count, random);
      const auto shift = find_shift(one, remembering(c.memory, c.count, random));
      if (!shift) continue;
      alarms += shift->doubt < 0.05;
      missed += shift->low > 0 || shift->high < 0;
    }
    EXPECT_LE(alarms, 0.1 * kRuns) << c.memory << " " << c.count;
    EXPECT_LE(missed, 0.1 * kRuns) << c.memory << " " << c.count;
  }
}

TEST(Shift, SeesWhatIsThere) {
  std::mt19937_64 random(3);
  for (const double memory : {0.0, 0.5}) {
    const auto slower = find_shift(remembering(memory, 120, random), remembering(memory, 120, random, 14));
    ASSERT_TRUE(slower);
    EXPECT_LT(slower->doubt, 0.001);
    EXPECT_GT(slower->low, 1);
    EXPECT_LT(slower->low, slower->by);
    EXPECT_GT(slower->high, slower->by);
  }
  EXPECT_EQ(find_shift(std::vector<double>(9, 1.0), std::vector<double>(9, 1.0))->doubt, 1);
  EXPECT_FALSE(find_shift(remembering(0, 60, random), std::vector<double>(4, 1.0)));
  EXPECT_FALSE(find_shift(remembering(0.98, 40, random), remembering(0.98, 40, random)));
}

std::vector<Counted> failing(double share, int count, std::mt19937_64& random) {
  std::binomial_distribution<int> failures(1000, share);
  std::vector<Counted> counts;
  for (int i = 0; i < count; ++i) counts.push_back({static_cast<double>(failures(random)), 1000});
  return counts;
}

TEST(Shift, ComparesShares) {
  std::mt19937_64 random(5);
  constexpr int kRuns = 300;
  int alarms = 0;
  for (int run = 0; run < kRuns; ++run)
    alarms += find_share_shift(failing(0.002, 30, random), failing(0.002, 30, random))->doubt < 0.05;
  EXPECT_LE(alarms, 0.09 * kRuns);
  const auto more = find_share_shift(failing(0.001, 30, random), failing(0.01, 30, random));
  EXPECT_LT(more->doubt, 0.001);
  EXPECT_GT(more->low, 0.005);
  // None of 30,000 is less than about 1 in 10,000, and not 0.
  const auto none = find_share_shift(failing(0, 30, random), failing(0, 30, random));
  EXPECT_EQ(none->by, 0);
  EXPECT_GT(none->high, 1e-5);
  EXPECT_LT(none->high, 5e-4);
  // All at once is one event, which may have been chance.
  std::vector<Counted> burst = failing(0, 30, random);
  for (int i = 10; i < 16; ++i) burst[static_cast<std::size_t>(i)].some = 1000;
  EXPECT_GT(find_share_shift(failing(0, 30, random), burst)->high, 0.3);
  EXPECT_FALSE(find_share_shift(std::vector<Counted>(30), burst));
  EXPECT_FALSE(find_share_shift(failing(0, 3, random), burst));
}

}  // namespace
}  // namespace gantry::load
