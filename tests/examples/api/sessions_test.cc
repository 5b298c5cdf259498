#include "api/sessions.h"

#include "examples/api/fake_redis.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kgents {
namespace {

using gantry::base::Timestamp;
using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Session session(int number) {
  return {.id = "s" + std::to_string(number), .title = "t", .created_at = Timestamp(milliseconds(number))};
}

std::vector<std::string> list(SessionStore& store, const std::string& tenant) {
  std::vector<std::string> listed;
  store.list(tenant, Deadline::max(), [&](std::vector<std::string> sessions) { listed = std::move(sessions); });
  return listed;
}

constexpr const char* kFirst =
    R"({"id":"s1","tenant":"acme","title":"t","status":"active","created_at":"1970-01-01T00:00:00.001Z"})";

TEST(Sessions, NewestFirstEachTenantItsOwn) {
  SessionStore store(nullptr);
  store.add("acme", session(1));
  store.add("acme", session(2));
  store.add("other", session(3));
  EXPECT_THAT(list(store, "acme"), ElementsAre(HasSubstr("\"s2\""), kFirst));
  EXPECT_THAT(list(store, "nobody"), IsEmpty());
}

TEST(Sessions, AHundredAreKept) {
  SessionStore store(nullptr);
  for (int i = 0; i < 150; ++i) store.add("acme", session(i));
  const std::vector<std::string> listed = list(store, "acme");
  ASSERT_EQ(listed.size(), 100U);
  EXPECT_THAT(listed.front(), HasSubstr("\"s149\""));
  EXPECT_THAT(listed.back(), HasSubstr("\"s50\""));
}

TEST(Sessions, AThousandTenantsAreKept) {
  SessionStore store(nullptr);
  for (int i = 0; i <= 1'000; ++i) store.add(std::to_string(i), session(1));
  EXPECT_THAT(list(store, "0"), IsEmpty());
  EXPECT_EQ(list(store, "1").size(), 1U);
  EXPECT_EQ(list(store, "1000").size(), 1U);
}

TEST(Sessions, TwoProcessesShareOneRedis) {
  FakeRedis redis;
  SessionStore one(&redis);
  SessionStore two(&redis);
  one.add("acme", session(1));
  two.add("acme", session(2));
  EXPECT_THAT(list(one, "acme"), ElementsAre(HasSubstr("\"s2\""), kFirst));
}

TEST(Sessions, WhatWasBegunWhileRedisWasAwayIsThereAfterwards) {
  FakeRedis redis;
  SessionStore one(&redis);
  SessionStore two(&redis);
  two.add("acme", session(1));
  redis.away = true;
  one.add("acme", session(2));
  EXPECT_THAT(list(one, "acme"), ElementsAre(HasSubstr("\"s2\""))) << "its own only";
  redis.come_back();
  EXPECT_THAT(list(two, "acme"), ElementsAre(HasSubstr("\"s2\""), kFirst));
}

}  // namespace
}  // namespace kgents
