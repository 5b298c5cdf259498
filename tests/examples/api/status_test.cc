#include "api/status.h"

#include "base/json.h"

#include <gtest/gtest.h>

namespace kgents {
namespace {

constexpr PublisherStatus kWell = {.sink = SinkState::connected};
constexpr PublisherStatus kLost = {.sink = SinkState::disconnected};
constexpr PublisherStatus kNever = {.sink = SinkState::not_started};
constexpr PublisherStatus kOpen = {.sink = SinkState::disconnected, .circuit = CircuitState::open};
// NATS is back, and the trial has not been made yet: what is said is still that events wait.
constexpr PublisherStatus kStillOpen = {.sink = SinkState::connected, .circuit = CircuitState::open};
constexpr PublisherStatus kTrying = {.sink = SinkState::connected, .circuit = CircuitState::half_open};

struct Case {
  const char* what;
  Status status;
  const char* health;
  const char* saas;
  const char* nats;
  const char* mode;
};
const Case kCases[] = {
    {"nothing configured", {}, "ok", "not_configured", "disabled", "fallback"},
    {"all is well", {.nats = kWell, .openmeter = kWell, .redis_connected = true}, "ok", "ok", "healthy", "jetstream"},
    {"NATS only", {.nats = kWell}, "ok", "ok", "healthy", "jetstream"},
    {"OpenMeter only", {.openmeter = kWell}, "ok", "ok", "disabled", "fallback"},
    {"Redis only", {.redis_connected = true}, "ok", "not_configured", "disabled", "fallback"},
    {"NATS was never there", {.nats = kNever}, "degraded", "not_started", "disconnected", "fallback"},
    {"NATS is lost", {.nats = kLost}, "degraded", "degraded", "disconnected", "fallback"},
    {"the circuit is open", {.nats = kOpen}, "degraded", "degraded", "circuit_open", "fallback"},
    {"NATS is back and not tried", {.nats = kStillOpen}, "degraded", "degraded", "circuit_open", "fallback"},
    {"the trial", {.nats = kTrying}, "degraded", "degraded", "circuit_open", "fallback"},
    {"Redis is lost", {.nats = kWell, .redis_connected = false}, "degraded", "degraded", "healthy", "jetstream"},
    {"OpenMeter is lost", {.nats = kWell, .openmeter = kLost}, "degraded", "degraded", "healthy", "jetstream"},
    {"on the way out", {.nats = kWell, .stopping = true}, "error", "ok", "healthy", "jetstream"},
};

TEST(Status, SaysWhatIsTheMatter) {
  for (const Case& c : kCases) {
    const gantry::base::Node saas = saas_health(c.status);
    EXPECT_EQ(health(c.status).text("status"), c.health) << c.what;
    EXPECT_EQ(saas.text("status"), c.saas) << c.what;
    EXPECT_EQ(saas.text("nats", "status"), c.nats) << c.what;
    EXPECT_EQ(saas.text("nats", "mode"), c.mode) << c.what;
  }
}

TEST(Status, WholePages) {
  const Status status = {.version = "1.2.3",
                         .nats = kWell,
                         .openmeter = PublisherStatus{
                             .sink = SinkState::connected, .waiting = 3, .published = 40, .errors = 2, .dropped = 1}};
  EXPECT_EQ(gantry::base::dump_json(health(status)),
            R"({"status":"ok","version":"1.2.3","components":)"
            R"({"api":"healthy","nats":"healthy","redis":"disabled","openmeter":"healthy"}})");
  EXPECT_EQ(gantry::base::dump_json(saas_health(status)),
            R"({"status":"ok","started":true,)"
            R"("openmeter":{"configured":true,"status":"healthy",)"
            R"("metrics":{"events_buffered":3,"events_sent":40,"events_dropped":1,"errors":2}},)"
            R"("nats":{"configured":true,"status":"healthy","mode":"jetstream"},)"
            R"("redis":{"configured":false,"status":"disabled"}})");
}

}  // namespace
}  // namespace kgents
