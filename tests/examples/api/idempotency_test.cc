#include "api/idempotency.h"

#include "examples/api/fake_redis.h"

#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <thread>

namespace kgents {
namespace {

Claim claim(IdempotencyStore& store, const std::string& key) {
  std::optional<Claim> claimed;
  store.claim(key, Deadline::max(), [&](Claim c) { claimed = c; });
  return claimed.value();
}

TEST(Idempotency, AloneItRemembers) {
  IdempotencyStore store(nullptr);
  EXPECT_EQ(claim(store, "evt_1"), Claim::fresh);
  EXPECT_EQ(claim(store, "evt_1"), Claim::duplicate);
  EXPECT_EQ(claim(store, "evt_2"), Claim::fresh);
}

TEST(Idempotency, TwoProcessesShareOneRedis) {
  FakeRedis redis;
  IdempotencyStore one(&redis);
  IdempotencyStore two(&redis);
  EXPECT_EQ(claim(one, "evt_1"), Claim::fresh);
  EXPECT_EQ(claim(two, "evt_1"), Claim::duplicate);
  EXPECT_EQ(claim(two, "evt_2"), Claim::fresh);
  EXPECT_EQ(claim(one, "evt_2"), Claim::duplicate);
}

TEST(Idempotency, WhileRedisIsAwayEachProcessIsOnItsOwn) {
  FakeRedis redis;
  redis.away = true;
  IdempotencyStore one(&redis);
  EXPECT_EQ(claim(one, "evt_1"), Claim::fresh);
  EXPECT_EQ(claim(one, "evt_1"), Claim::duplicate);
  redis.come_back();
  IdempotencyStore two(&redis);
  EXPECT_EQ(claim(two, "evt_1"), Claim::duplicate) << "what was claimed meanwhile is told to Redis when it is back";
}

TEST(Idempotency, ARedisThatHasLostItsDataIsNotBelieved) {
  FakeRedis redis;
  IdempotencyStore store(&redis);
  EXPECT_EQ(claim(store, "evt_1"), Claim::fresh);
  redis.numbers.clear();
  EXPECT_EQ(claim(store, "evt_1"), Claim::duplicate);
}

TEST(Idempotency, MemoryHasALimit) {
  IdempotencyStore store(nullptr);
  for (int i = 0; i < 10'001; ++i) ASSERT_EQ(claim(store, std::to_string(i)), Claim::fresh);
  EXPECT_EQ(claim(store, "10000"), Claim::duplicate);
  EXPECT_EQ(claim(store, "1"), Claim::duplicate);
  EXPECT_EQ(claim(store, "0"), Claim::fresh) << "the oldest is forgotten first";
}

TEST(Idempotency, OfManyThreadsOneWins) {
  IdempotencyStore store(nullptr);
  std::atomic<int> fresh = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int key = 0; key < 200; ++key) fresh += claim(store, std::to_string(key)) == Claim::fresh ? 1 : 0;
    });
  }
  threads.clear();
  EXPECT_EQ(fresh, 200);
}

}  // namespace
}  // namespace kgents
