// Webhooks, delivered to two API processes that share Redis and NATS, while both come and go.

#include "api/stripe_signature.h"
#include "base/json.h"
#include "base/time.h"
#include "examples/api/servers.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace kgents {
namespace {

using gantry::base::SystemClock;
using gantry::base::Timestamp;
using gantry::test::TempDir;
using testing::HasSubstr;

constexpr const char* kSecret = "whsec_test";

std::string payload(const std::string& id) {
  return fmt::format(R"({{"id":"{}","type":"invoice.paid","data":{{"object":{{"id":"in_1"}}}}}})", id);
}

Answer deliver(HttpClient& client, const std::string& body, Timestamp signed_at = SystemClock().now()) {
  return client.post("/webhooks/stripe", body, {"Stripe-Signature: " + sign_stripe_payload(body, kSecret, signed_at)});
}

bool took_effect(const Answer& answer) { return answer.body.contains(R"("duplicate":false)"); }

// Two processes and what they share.
struct Pair {
  explicit Pair(const TempDir& directory)
      : nats(directory),
        redis(directory),
        one(directory, settings(), "one.log"),
        two(directory, settings(), "two.log") {
    EXPECT_TRUE(becomes_true([&] { return both(R"("redis":{"configured":true,"status":"healthy"})"); }));
  }

  // With much patience: a reply of Redis that comes too late lets both processes act, and this machine may be busy.
  Variables settings() const {
    return {{"NATS_SERVERS", nats.url()},
            {"REDIS_URL", redis.url()},
            {"REDIS_BUDGET_MS", "5000"},
            {"STRIPE_WEBHOOK_SECRET", kSecret}};
  }
  bool both(const char* text) const {
    return one.get("/health/saas").body.contains(text) && two.get("/health/saas").body.contains(text);
  }
  double counted(const std::string& result) const {
    const std::string sample = fmt::format("kgents_api_webhooks_total{{result=\"{}\"}}", result);
    return one.metric(sample) + two.metric(sample);
  }

  NatsServer nats;
  RedisServer redis;
  ApiProcess one;
  ApiProcess two;
};

TEST(Webhook, DeliveredAHundredTimesItTakesEffectOnce) {
  const TempDir directory;
  const Pair pair(directory);
  std::atomic<int> answered = 0;
  std::atomic<int> effects = 0;
  {
    std::vector<std::jthread> senders;
    for (int sender = 0; sender < 20; ++sender) {
      senders.emplace_back([&, sender] {
        HttpClient client((sender % 2 == 0 ? pair.one : pair.two).port());
        for (int i = 0; i < 5; ++i) {
          const Answer answer = deliver(client, payload("evt_1"));
          answered += answer.status == 200 ? 1 : 0;
          effects += took_effect(answer) ? 1 : 0;
        }
      });
    }
  }
  EXPECT_EQ(answered, 100);
  EXPECT_EQ(effects, 1);
  EXPECT_EQ(pair.counted("accepted"), 1);
  EXPECT_EQ(pair.counted("duplicate"), 99);
  EXPECT_TRUE(becomes_true([&] { return stream_size(pair.nats) == 1U; }));
  EXPECT_THAT(stream_messages(pair.nats).at(0),
              testing::AllOf(HasSubstr(R"("id":"stripe-evt_1")"), HasSubstr(R"("type":"billing.invoice.paid")"),
                             HasSubstr(R"("object":{"id":"in_1"})")));
}

TEST(Webhook, ARestartOfRedisForgetsNothing) {
  const TempDir directory;
  Pair pair(directory);
  HttpClient one(pair.one.port());
  HttpClient two(pair.two.port());
  EXPECT_TRUE(took_effect(deliver(one, payload("evt_1"))));
  pair.redis.kill();
  EXPECT_TRUE(becomes_true([&] { return pair.both(R"("redis":{"configured":true,"status":"disconnected"})"); }));
  EXPECT_THAT(one.get("/health").body, HasSubstr(R"("status":"degraded")"));
  // While it is away each process remembers for itself.
  EXPECT_TRUE(took_effect(deliver(one, payload("evt_2"))));
  EXPECT_FALSE(took_effect(deliver(one, payload("evt_2"))));
  EXPECT_FALSE(took_effect(deliver(one, payload("evt_1"))));
  pair.redis.start();
  EXPECT_TRUE(becomes_true([&] { return pair.both(R"("redis":{"configured":true,"status":"healthy"})"); }));
  EXPECT_FALSE(took_effect(deliver(two, payload("evt_1")))) << "what Redis knew, it knows";
  EXPECT_FALSE(took_effect(deliver(two, payload("evt_2")))) << "what it missed, it was told";
}

TEST(Webhook, RedisComesAndGoesUnderLoad) {
  const TempDir directory;
  Pair pair(directory);
  std::atomic<int> failed = 0;
  std::atomic<std::size_t> created = 0;
  std::jthread load([&](const std::stop_token& stop) {
    HttpClient client(pair.one.port());
    const std::vector<std::string> key = {"Authorization: Bearer acme.1"};
    while (!stop.stop_requested()) {
      failed += client.post("/v1/kgent/sessions", R"({"title":"t"})", key).status == 201 ? 0 : 1;
      failed += client.get("/v1/kgent/sessions", key).status == 200 ? 0 : 1;
      ++created;
    }
  });
  const auto goes_on = [&] {
    const std::size_t before = created;
    return becomes_true([&, before] { return created > before + 10; });
  };
  EXPECT_TRUE(goes_on());
  for (int outage = 0; outage < 2; ++outage) {
    pair.redis.kill();
    EXPECT_TRUE(becomes_true([&] { return pair.both(R"("redis":{"configured":true,"status":"disconnected"})"); }));
    EXPECT_TRUE(goes_on());
    pair.redis.start();
    EXPECT_TRUE(becomes_true([&] { return pair.both(R"("redis":{"configured":true,"status":"healthy"})"); }));
    EXPECT_TRUE(goes_on());
  }
  load.request_stop();
  load.join();
  EXPECT_EQ(failed, 0);
  // Those begun while Redis was away as well: the other process lists them, a hundred at most.
  const std::size_t listed = std::min<std::size_t>(created, 100);
  EXPECT_TRUE(becomes_true([&] {
    return HttpClient(pair.two.port())
        .get("/v1/kgent/sessions", {"Authorization: Bearer acme.1"})
        .body.contains(fmt::format("\"count\":{}", listed));
  }));
}

TEST(Webhook, AHundredAMinuteOverBothProcesses) {
  const TempDir directory;
  const Pair pair(directory);
  HttpClient one(pair.one.port());
  HttpClient two(pair.two.port());
  int admitted = 0;
  int limited = 0;
  for (int i = 0; i < 250; ++i) {
    const Answer answer = deliver(i % 2 == 0 ? one : two, payload("evt_1"));
    admitted += answer.status == 200 ? 1 : 0;
    limited += answer.status == 429 && answer.headers.contains("retry-after") ? 1 : 0;
  }
  EXPECT_EQ(admitted + limited, 250);
  EXPECT_GE(admitted, 100);
  EXPECT_LE(admitted, 200) << "a minute may end meanwhile";
}

struct Refused {
  const char* what;
  std::string body;
  std::string signature;
  int status;
  const char* result;
};

TEST(Webhook, WhatIsNotTheSendersTakesNoEffect) {
  const TempDir directory;
  const Pair pair(directory);
  const Timestamp now = SystemClock().now();
  const std::string body = payload("evt_1");
  const Refused cases[] = {
      {"stale", body, sign_stripe_payload(body, kSecret, now - std::chrono::minutes(6)), 400, "stale"},
      {"ahead of time", body, sign_stripe_payload(body, kSecret, now + std::chrono::minutes(6)), 400, "stale"},
      {"another body", payload("evt_2"), sign_stripe_payload(body, kSecret, now), 400, "forged"},
      {"another secret", body, sign_stripe_payload(body, "whsec_other", now), 400, "forged"},
      {"no signature", body, "", 400, "malformed"},
      {"no JSON", "x", sign_stripe_payload("x", kSecret, now), 422, "invalid"},
      {"no id", R"({"type":"a"})", sign_stripe_payload(R"({"type":"a"})", kSecret, now), 422, "invalid"},
      {"no type", R"({"id":"e"})", sign_stripe_payload(R"({"id":"e"})", kSecret, now), 422, "invalid"},
  };
  HttpClient client(pair.one.port());
  for (const Refused& c : cases) {
    const std::string sample = fmt::format("kgents_api_webhooks_total{{result=\"{}\"}}", c.result);
    const double before = pair.one.metric(sample);
    EXPECT_EQ(client.post("/webhooks/stripe", c.body, {"Stripe-Signature: " + c.signature}).status, c.status) << c.what;
    EXPECT_EQ(pair.one.metric(sample), before + 1) << c.what;
  }
  // The real one after all that: nothing has taken its id.
  EXPECT_TRUE(took_effect(deliver(client, body)));
  EXPECT_FALSE(took_effect(deliver(client, body))) << "a replay";
  EXPECT_TRUE(becomes_true([&] { return stream_size(pair.nats) == 1U; }));
}

}  // namespace
}  // namespace kgents
