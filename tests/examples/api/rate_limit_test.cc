#include "api/rate_limit.h"

#include "examples/api/fake_redis.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

namespace kgents {
namespace {

using gantry::base::Timestamp;
using std::chrono::seconds;

constexpr Timestamp kMinute{std::chrono::minutes(29'428'410)};

RateDecision count(RateLimit& limit, Timestamp now) {
  std::optional<RateDecision> decision;
  limit.count(now, Deadline::max(), [&](RateDecision d) { decision = d; });
  return decision.value();
}

int admitted_of(RateLimit& limit, int requests, Timestamp now) {
  int admitted = 0;
  for (int i = 0; i < requests; ++i) admitted += count(limit, now).admitted ? 1 : 0;
  return admitted;
}

TEST(RateLimit, AHundredAMinute) {
  RateLimit limit("stripe", 100, nullptr);
  EXPECT_EQ(admitted_of(limit, 150, kMinute), 100);
  EXPECT_EQ(admitted_of(limit, 1, kMinute + seconds(59)), 0);
  EXPECT_EQ(admitted_of(limit, 150, kMinute + seconds(60)), 100);
}

TEST(RateLimit, SaysWhenTheNextMinuteBegins) {
  RateLimit limit("stripe", 0, nullptr);
  EXPECT_EQ(count(limit, kMinute).retry_after, seconds(60));
  EXPECT_EQ(count(limit, kMinute + seconds(18)).retry_after, seconds(42));
  EXPECT_EQ(count(limit, kMinute + std::chrono::milliseconds(59'999)).retry_after, seconds(1));
}

TEST(RateLimit, TwoProcessesCountTogether) {
  FakeRedis redis;
  RateLimit one("stripe", 100, &redis);
  RateLimit two("stripe", 100, &redis);
  EXPECT_EQ(admitted_of(one, 60, kMinute), 60);
  EXPECT_EQ(admitted_of(two, 60, kMinute), 40);
  EXPECT_THAT(redis.told, testing::ElementsAre(RedisCommand{"EXPIRE", "rate:stripe:29428410", "120"}))
      << "each minute's key goes away by itself";
}

TEST(RateLimit, WithoutRedisTheCountGoesOnHere) {
  FakeRedis redis;
  RateLimit limit("stripe", 100, &redis);
  EXPECT_EQ(admitted_of(limit, 60, kMinute), 60);
  redis.away = true;
  EXPECT_EQ(admitted_of(limit, 60, kMinute), 40);
}

}  // namespace
}  // namespace kgents
