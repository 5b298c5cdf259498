#include "api/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace kgents {
namespace {

using gantry::base::Result;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Variables = std::map<std::string, std::string, std::less<>>;

Result<Settings> read(const Variables& variables) {
  return read_settings([&](std::string_view name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  });
}

TEST(Settings, NothingSetRunsAlone) {
  const Result<Settings> settings = read({});
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->host, "127.0.0.1");
  EXPECT_EQ(settings->port, 8000);
  EXPECT_FALSE(settings->nats);
  EXPECT_FALSE(settings->redis);
  EXPECT_EQ(settings->redis_budget, std::chrono::milliseconds(20));
  EXPECT_FALSE(settings->openmeter);
  EXPECT_THAT(settings->stripe_webhook_secret, IsEmpty());
  EXPECT_THAT(settings->cors_origins, IsEmpty());
  EXPECT_EQ(settings->log_level, LogLevel::info);
}

TEST(Settings, TheDeploymentsEnvironment) {
  const Result<Settings> settings = read({
      {"API_HOST", "0.0.0.0"},
      {"API_PORT", "8000"},
      {"API_ALLOWED_HOSTS", "api.kgents.example,kgent-api"},
      {"LOG_LEVEL", "warning"},
      {"CORS_ORIGINS", "https://app.kgents.example, https://console.kgents.example"},
      {"NATS_ENABLED", "true"},
      {"NATS_SERVERS", "nats://kgent-api:s3cret@nats.kgents-agents.svc.cluster.local:4222"},
      {"NATS_STREAM_NAME", "kgent-events"},
      {"REDIS_URL", "redis://kgent-api:s%40cret@triad-redis.kgents-triad.svc.cluster.local:6379/2"},
      {"OPENMETER_ENABLED", "true"},
      {"OPENMETER_BASE_URL", "https://openmeter.cloud"},
      {"OPENMETER_API_KEY", "om_key"},
      {"STRIPE_WEBHOOK_SECRET", "whsec_x"},
  });
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->host, "0.0.0.0");
  EXPECT_THAT(settings->allowed_hosts, ElementsAre("api.kgents.example", "kgent-api"));
  EXPECT_EQ(settings->log_level, LogLevel::warning);
  EXPECT_THAT(settings->cors_origins, ElementsAre("https://app.kgents.example", "https://console.kgents.example"));
  ASSERT_TRUE(settings->nats);
  EXPECT_THAT(settings->nats->servers,
              ElementsAre("nats://kgent-api:s3cret@nats.kgents-agents.svc.cluster.local:4222"));
  EXPECT_EQ(settings->nats->stream, "kgent-events");
  EXPECT_EQ(settings->nats->circuit_open_time, std::chrono::seconds(30));
  EXPECT_EQ(settings->nats->flush_time, std::chrono::seconds(6));
  ASSERT_TRUE(settings->redis);
  EXPECT_EQ(*settings->redis, (RedisAddress{.host = "triad-redis.kgents-triad.svc.cluster.local",
                                            .user = "kgent-api",
                                            .password = "s@cret",
                                            .database = 2}));
  ASSERT_TRUE(settings->openmeter);
  EXPECT_EQ(settings->openmeter->base_url, "https://openmeter.cloud");
  EXPECT_EQ(settings->stripe_webhook_secret, "whsec_x");
}

struct Switch {
  const char* what;
  Variables variables;
  bool nats;
  bool openmeter;
};
const Switch kSwitches[] = {
    {"servers alone switch NATS on", {{"NATS_SERVERS", "nats://n:4222"}}, true, false},
    {"and can be switched off", {{"NATS_SERVERS", "nats://n:4222"}, {"NATS_ENABLED", "false"}}, false, false},
    {"an empty variable is none", {{"NATS_SERVERS", ""}, {"NATS_ENABLED", ""}}, false, false},
    {"a key alone switches OpenMeter on", {{"OPENMETER_API_KEY", "k"}}, false, true},
    {"and can be switched off", {{"OPENMETER_API_KEY", "k"}, {"OPENMETER_ENABLED", "0"}}, false, false},
    {"a base URL alone does not", {{"OPENMETER_BASE_URL", "http://o"}}, false, false},
};

TEST(Settings, PartsAreUsedWhenTheyAreConfigured) {
  for (const Switch& c : kSwitches) {
    const Result<Settings> settings = read(c.variables);
    ASSERT_TRUE(settings) << c.what;
    EXPECT_EQ(settings->nats.has_value(), c.nats) << c.what;
    EXPECT_EQ(settings->openmeter.has_value(), c.openmeter) << c.what;
  }
}

struct Refusal {
  Variables variables;
  const char* message;
};
const Refusal kRefusals[] = {
    {{{"API_PORT", "80a"}}, "API_PORT is \"80a\""},
    {{{"API_PORT", "65536"}}, "API_PORT is \"65536\""},
    {{{"API_PORT", "-1"}}, "API_PORT is \"-1\""},
    {{{"LOG_LEVEL", "loud"}}, "LOG_LEVEL is \"loud\""},
    {{{"NATS_ENABLED", "maybe"}}, "NATS_ENABLED is \"maybe\""},
    {{{"NATS_ENABLED", "true"}}, "NATS_SERVERS names no server"},
    {{{"NATS_ENABLED", "true"}, {"NATS_SERVERS", " , "}}, "NATS_SERVERS names no server"},
    {{{"NATS_SERVERS", "nats://n"}, {"NATS_CIRCUIT_OPEN_MS", "0"}}, "NATS_CIRCUIT_OPEN_MS is \"0\""},
    {{{"NATS_SERVERS", "nats://n"}, {"NATS_FLUSH_MS", "soon"}}, "NATS_FLUSH_MS is \"soon\""},
    {{{"OPENMETER_ENABLED", "true"}}, "no OPENMETER_API_KEY"},
    {{{"REDIS_BUDGET_MS", "soon"}}, "REDIS_BUDGET_MS is \"soon\""},
    {{{"REDIS_URL", "http://r"}}, "REDIS_URL does not begin with redis://"},
};

TEST(Settings, WhatMakesNoSenseIsNamed) {
  for (const Refusal& c : kRefusals) {
    const Result<Settings> settings = read(c.variables);
    ASSERT_FALSE(settings) << c.message;
    EXPECT_EQ(settings.error().kind, gantry::base::ErrorKind::usage);
    EXPECT_THAT(settings.error().message, HasSubstr(c.message));
    EXPECT_THAT(settings.error().help, testing::Not(IsEmpty())) << c.message;
  }
}

struct Url {
  const char* url;
  std::optional<RedisAddress> address;  // nothing: refused
};
const Url kUrls[] = {
    {"redis://localhost", RedisAddress{.host = "localhost"}},
    {"redis://localhost/", RedisAddress{.host = "localhost"}},
    {"redis://localhost:6380/1", RedisAddress{.host = "localhost", .port = 6380, .database = 1}},
    {"redis://:p@h", RedisAddress{.host = "h", .password = "p"}},
    {"redis://u:p:q@h", RedisAddress{.host = "h", .user = "u", .password = "p:q"}},
    {"redis://u:p%2F%3A@h", RedisAddress{.host = "h", .user = "u", .password = "p/:"}},
    {"redis://u@h", RedisAddress{.host = "h", .user = "u"}},
    {"redis://", std::nullopt},
    {"redis://u:p@", std::nullopt},
    {"redis://h:0", std::nullopt},
    {"redis://h:x", std::nullopt},
    {"redis://h/x", std::nullopt},
    {"redis://h/-1", std::nullopt},
    {"redis://u:p%4@h", std::nullopt},
    {"redis://u:p%zz@h", std::nullopt},
    {"rediss://h", std::nullopt},
};

TEST(Settings, RedisUrls) {
  for (const Url& c : kUrls) {
    const Result<RedisAddress> address = parse_redis_url(c.url);
    ASSERT_EQ(address.has_value(), c.address.has_value()) << c.url;
    if (address) {
      EXPECT_EQ(*address, *c.address) << c.url;
    }
  }
}

TEST(Settings, NoMessageHoldsThePassword) {
  const Result<RedisAddress> address = parse_redis_url("redis://u:hunter2@h:x");
  ASSERT_FALSE(address);
  EXPECT_THAT(gantry::base::describe(address.error()), testing::Not(HasSubstr("hunter2")));
}

}  // namespace
}  // namespace kgents
