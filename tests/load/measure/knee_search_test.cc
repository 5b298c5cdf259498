#include "load/measure/knee_search.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <random>

namespace gantry::load {
namespace {

TEST(KneeSearch, FindsTheHighestRateThatHolds) {
  for (const std::int64_t knee : {1, 7, 10, 100, 777, 4096, 50'000}) {
    KneeSearch search(10);
    int trials = 0;
    while (const std::optional<std::int64_t> rate = search.next()) {
      ASSERT_GE(*rate, 1);
      search.tell(*rate, *rate <= knee);
      ++trials;
    }
    ASSERT_TRUE(search.held()) << knee;
    ASSERT_TRUE(search.broke()) << knee;
    EXPECT_LE(search.held()->rate, knee);
    EXPECT_GT(search.broke()->rate, knee);
    EXPECT_LE(search.broke()->rate - search.held()->rate, std::max<std::int64_t>(knee / 18, 1)) << knee;
    EXPECT_EQ(search.held()->held, KneeSearch::kTrials);
    EXPECT_EQ(search.broke()->held, 0);
    EXPECT_LE(trials, 30) << knee;
  }
}

TEST(KneeSearch, HasNoAnswerWhereNothingHolds) {
  KneeSearch search(10);
  while (const std::optional<std::int64_t> rate = search.next()) search.tell(*rate, false);
  EXPECT_FALSE(search.held());
  EXPECT_EQ(search.broke()->rate, 1);
}

TEST(KneeSearch, EndsWhereEverythingHolds) {
  KneeSearch search(10);
  while (const std::optional<std::int64_t> rate = search.next()) search.tell(*rate, true);
  EXPECT_EQ(search.held()->rate, KneeSearch::kRateMax);
  EXPECT_FALSE(search.broke());
}

// From 400 to 600 a second chance decides.
TEST(KneeSearch, EndsWhereChanceDecides) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    std::mt19937_64 random(seed);
    std::uniform_int_distribution<std::int64_t> breaks(400, 600);
    KneeSearch search(10);
    while (const std::optional<std::int64_t> rate = search.next()) search.tell(*rate, *rate < breaks(random));
    ASSERT_TRUE(search.held()) << "seed " << seed;
    EXPECT_GE(search.held()->rate, 300) << "seed " << seed;
    EXPECT_LE(search.held()->rate, 600) << "seed " << seed;
  }
}

}  // namespace
}  // namespace gantry::load
