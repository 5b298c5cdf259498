// What plans expect of load tests, as k6's thresholds.

#include "launch/checks/load/expectation.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string_view>

namespace gantry::launch {
namespace {

struct Case {
  std::string_view text;
  std::string_view threshold;  // "" where it is refused
};

constexpr Case kCases[] = {
    {"rate >= 100", "http_reqs rate>=100"},
    {"rate>=100/s", "http_reqs rate>=100"},
    {"rate > 99.5 req/s", "http_reqs rate>99.5"},
    {"p95 < 500ms", "http_req_duration p(95)<500"},
    {"p95<500", "http_req_duration p(95)<500"},
    {"p99.9 <= 1.5s", "http_req_duration p(99.9)<=1500"},
    {"avg < 800 us", "http_req_duration avg<0.8"},
    {"max < 2s", "http_req_duration max<2000"},
    {"errors < 1%", "http_req_failed rate<0.01"},
    {"errors <= 0.005", "http_req_failed rate<=0.005"},
    {"errors < 1ms", ""},
    {"errors < 1", ""},
    {"rate >= 100%", ""},
    {"p95 500ms", ""},
    {"p < 500ms", ""},
    {"p101 < 5", ""},
    {"median < 5ms", ""},
    {"rate >=", ""},
    {"rate => 5", ""},
    {"", ""},
};

TEST(Expectation, IsReadAsPlansSayIt) {
  for (const Case& c : kCases) {
    const base::Result<Expectation> read = parse_expectation(c.text);
    EXPECT_EQ(read ? fmt::format("{} {}", read->metric, read->threshold.source) : "", c.threshold) << c.text;
    if (!read) {
      EXPECT_TRUE(read.error().help.contains("rate >= 100")) << c.text;
    }
  }
}

}  // namespace
}  // namespace gantry::launch
