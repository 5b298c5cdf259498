// The Redis client and a real Redis that is killed, hangs, is full, and wants a password.

#include "api/redis_client.h"

#include "examples/api/servers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <future>
#include <thread>

namespace kgents {
namespace {

using gantry::test::TempDir;
using std::chrono::seconds;
using Reply = std::optional<RedisReply>;

RedisAddress address_of(const RedisServer& server) {
  return {.host = "127.0.0.1", .port = static_cast<std::uint16_t>(server.port())};
}

// The reply, for a caller with much patience: what a test asks about is not how quick this machine is.
Reply ask(Redis& redis, RedisCommand command, std::chrono::milliseconds patience = seconds(5)) {
  std::promise<Reply> promise;
  redis.ask(std::move(command), std::chrono::steady_clock::now() + patience,
            [&](Reply reply) { promise.set_value(std::move(reply)); });
  return promise.get_future().get();
}

TEST(RedisClient, GivesRepliesOfAllKinds) {
  const TempDir directory;
  const RedisServer server(directory);
  const std::unique_ptr<Redis> redis = connect_redis(address_of(server));
  ASSERT_TRUE(becomes_true([&] { return redis->is_connected(); }));
  EXPECT_EQ(ask(*redis, {"SET", "k", "v", "NX"}), Reply(RedisReply("OK")));
  EXPECT_EQ(ask(*redis, {"SET", "k", "w", "NX"}), Reply(RedisReply()));
  EXPECT_EQ(ask(*redis, {"GET", "k"}), Reply(RedisReply("v")));
  EXPECT_EQ(ask(*redis, {"INCR", "n"}), Reply(RedisReply(std::int64_t{1})));
  EXPECT_EQ(ask(*redis, {"MGET", "k", "k"}), Reply(RedisReply(std::vector<std::string>{"v", "v"})));
  EXPECT_EQ(ask(*redis, {"NO SUCH COMMAND"}), std::nullopt);
  EXPECT_EQ(ask(*redis, {"GET", "k"}), Reply(RedisReply("v"))) << "an error is no reason to hang up";
}

TEST(RedisClient, ManyAskAtOnceAndEachGetsItsOwn) {
  const TempDir directory;
  const RedisServer server(directory);
  const std::unique_ptr<Redis> redis = connect_redis(address_of(server));
  ASSERT_TRUE(becomes_true([&] { return redis->is_connected(); }));
  std::atomic<int> right = 0;
  std::vector<std::jthread> callers;
  for (int caller = 0; caller < 4; ++caller) {
    callers.emplace_back([&, caller] {
      for (int i = 0; i < 250; ++i) {
        const std::string text = std::to_string(caller * 1'000 + i);
        right += ask(*redis, {"ECHO", text}) == Reply(RedisReply(text)) ? 1 : 0;
      }
    });
  }
  callers.clear();
  EXPECT_EQ(right, 1'000);
}

TEST(RedisClient, CommandsAreSentInTheirOrder) {
  const TempDir directory;
  const RedisServer server(directory);
  const std::unique_ptr<Redis> redis = connect_redis(address_of(server));
  ASSERT_TRUE(becomes_true([&] { return redis->is_connected(); }));
  for (int i = 0; i < 100; ++i) redis->tell({"APPEND", "k", std::to_string(i % 10)});
  std::string expected;
  for (int i = 0; i < 10; ++i) expected += "0123456789";
  EXPECT_EQ(ask(*redis, {"GET", "k"}), Reply(RedisReply(expected)));
}

TEST(RedisClient, AwayItAnswersAtOnceAndKeepsWhatItWasTold) {
  const TempDir directory;
  RedisServer server(directory);
  const std::unique_ptr<Redis> redis = connect_redis(address_of(server));
  ASSERT_TRUE(becomes_true([&] { return redis->is_connected(); }));
  redis->tell({"SET", "before", "1"});
  EXPECT_EQ(ask(*redis, {"GET", "before"}), Reply(RedisReply("1")));
  server.kill();
  EXPECT_TRUE(becomes_true([&] { return !redis->is_connected(); }));
  EXPECT_EQ(ask(*redis, {"GET", "before"}), std::nullopt);
  redis->tell({"SET", "meanwhile", "2"});
  server.start();
  EXPECT_TRUE(becomes_true([&] { return redis->is_connected(); }));
  EXPECT_EQ(ask(*redis, {"GET", "before"}), Reply(RedisReply("1")));
  EXPECT_EQ(ask(*redis, {"GET", "meanwhile"}), Reply(RedisReply("2")));
}

TEST(RedisClient, HangingItCostsTheBudgetAndIsGivenUp) {
  const TempDir directory;
  const RedisServer server(directory);
  const std::unique_ptr<Redis> redis = connect_redis(address_of(server));
  ASSERT_TRUE(becomes_true([&] { return redis->is_connected(); }));
  server.signal(SIGSTOP);
  EXPECT_EQ(ask(*redis, {"PING"}, std::chrono::milliseconds(20)), std::nullopt);
  EXPECT_TRUE(becomes_true([&] { return !redis->is_connected(); }));
  server.signal(SIGCONT);
  EXPECT_TRUE(becomes_true([&] { return redis->is_connected(); }));
  EXPECT_EQ(ask(*redis, {"PING"}), Reply(RedisReply("PONG")));
}

TEST(RedisClient, WhatItNeverAnsweredIsToldAgain) {
  const TempDir directory;
  RedisServer server(directory);
  const std::unique_ptr<Redis> redis = connect_redis(address_of(server));
  ASSERT_TRUE(becomes_true([&] { return redis->is_connected(); }));
  server.signal(SIGSTOP);
  redis->tell({"SET", "k", "v"});
  server.kill();
  server.start();
  EXPECT_TRUE(becomes_true([&] { return ask(*redis, {"GET", "k"}) == Reply(RedisReply("v")); }));
}

TEST(RedisClient, WhoeverWaitsIsToldAtTheEnd) {
  const TempDir directory;
  const RedisServer server(directory);
  std::unique_ptr<Redis> redis = connect_redis(address_of(server));
  ASSERT_TRUE(becomes_true([&] { return redis->is_connected(); }));
  server.signal(SIGSTOP);
  std::atomic<int> told = 0;
  for (int i = 0; i < 10; ++i)
    redis->ask({"PING"}, Deadline::max(), [&](const Reply& reply) { told += reply ? 100 : 1; });
  redis.reset();
  EXPECT_EQ(told, 10);
}

struct Login {
  const char* what;
  const char* user;
  const char* password;
  bool let_in;
};
constexpr Login kLogins[] = {
    {"an ACL user", "kgent-api", "s3cret", true},
    {"a wrong password", "kgent-api", "wrong", false},
    {"nobody", "", "", false},
};

TEST(RedisClient, LogsIn) {
  const TempDir directory;
  const std::string acl =
      directory.write("users.acl", "user default off\nuser kgent-api on >s3cret ~* +@all -@dangerous -@admin\n");
  const RedisServer server(directory, {"--aclfile", acl});
  for (const Login& c : kLogins) {
    RedisAddress address = address_of(server);
    address.user = c.user;
    address.password = c.password;
    const std::unique_ptr<Redis> redis = connect_redis(address);
    if (c.let_in) {
      EXPECT_TRUE(becomes_true([&] { return redis->is_connected(); })) << c.what;
      EXPECT_EQ(ask(*redis, {"SET", "k", "v"}), Reply(RedisReply("OK"))) << c.what;
    } else {
      EXPECT_EQ(ask(*redis, {"SET", "k", "w"}), std::nullopt) << c.what;
      EXPECT_FALSE(redis->is_connected()) << c.what;
    }
  }
}

TEST(RedisClient, AFullRedisIsNoReply) {
  const TempDir directory;
  const RedisServer server(directory, {"--maxmemory", "1", "--maxmemory-policy", "noeviction"});
  const std::unique_ptr<Redis> redis = connect_redis(address_of(server));
  ASSERT_TRUE(becomes_true([&] { return redis->is_connected(); }));
  EXPECT_EQ(ask(*redis, {"SET", "k", "v", "NX"}), std::nullopt);
  EXPECT_TRUE(redis->is_connected());
}

}  // namespace
}  // namespace kgents
