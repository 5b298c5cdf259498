#include "api/metrics.h"

#include "support/golden.h"

#include <gtest/gtest.h>

namespace kgents {
namespace {

using std::chrono::microseconds;

TEST(Metrics, AFewRequests) {
  Metrics metrics;
  metrics.count_request("GET", "/health/saas", 200, microseconds(400));
  metrics.count_request("GET", "/health/saas", 200, microseconds(1'000));  // an upper end belongs to its bucket
  metrics.count_request("GET", "/health/saas", 503, std::chrono::seconds(7));
  metrics.count_request("other", "none", 404, microseconds(90'000));
  metrics.count_webhook("accepted");
  metrics.count_webhook("duplicate");
  metrics.count_webhook("duplicate");
  const Status status = {.version = "1.2.3",
                         .nats = PublisherStatus{.sink = SinkState::disconnected,
                                                 .circuit = CircuitState::open,
                                                 .waiting = 12,
                                                 .published = 340,
                                                 .errors = 5,
                                                 .dropped = 1},
                         .redis_connected = true,
                         .resident_bytes = 4'194'304};
  EXPECT_TRUE(gantry::test::matches_golden(metrics.render(status), "examples/api/a-few-requests.txt"));
}

TEST(Metrics, NothingYet) {
  EXPECT_TRUE(gantry::test::matches_golden(Metrics().render({.version = "1.2.3"}), "examples/api/no-requests-yet.txt"));
}

}  // namespace
}  // namespace kgents
