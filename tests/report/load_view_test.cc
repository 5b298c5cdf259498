// What a person sees of a load run while it lasts.

#include "report/load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gantry::report {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

const std::vector<load::Scenario>& scenarios() {
  static const std::vector<load::Scenario> all = {
      {.name = "baseline", .plan = load::ConstantVus{.vus = 50, .duration = minutes(5)}},
      {.name = "once", .plan = load::SharedIterations{.vus = 2, .iterations = 10}},
      {.name = "users\x1b[2J",
       .plan = load::ConstantArrivalRate{.rate = 50, .duration = seconds(4), .pre_allocated_vus = 10, .max_vus = 20},
       .start_time = minutes(1)}};
  return all;
}

load::RunProgress progress() {
  load::TimeSeries::Interval lately{.failed = 3};
  for (int i = 0; i < 200; ++i) lately.latency.add(i < 185 ? 3 : 12.5);
  return {.elapsed = seconds(30),
          .planned = minutes(10),
          .vus_active = 52,
          .vus = 62,
          .iterations = 1234,
          .interrupted = 1,
          .requests = 5000,
          .lately = lately,
          .scenarios = {{scenarios()[0], seconds(30), 50, 1230, false},
                        {scenarios()[1], seconds(30), 0, 10, true},
                        {scenarios()[2], seconds(-30), 0, 0, false}}};
}

TEST(LoadView, SaysWhatIsGoingToRun) {
  EXPECT_EQ(render_load_start("main.js", progress()),
            "  script: main.js, 62 VUs, 10m0s\n"
            "  * baseline: 50 looping VUs for 5m0s (gracefulStop: 30s)\n"
            "  * once: 10 iterations shared among 2 VUs (maxDuration: 10m0s, gracefulStop: 30s)\n"
            "  * users␛[2J: 50.00 iterations/s for 4s (maxVUs: 10-20, startTime: 1m0s, gracefulStop: 30s)\n");
}

TEST(LoadView, SaysHowFarItIs) {
  EXPECT_EQ(render_load_status(progress(), 166.7),
            "running 30s of 10m0s, 52/62 VUs, 1234 complete and 1 interrupted iterations, 167 requests/s, p(95) "
            "12.5ms, 1.5% failed");
  load::RunProgress early = progress();
  early.requests = 0;
  early.lately = {};
  early.dropped = 7;
  EXPECT_EQ(render_load_status(early, 0),
            "running 30s of 10m0s, 52/62 VUs, 1234 complete and 1 interrupted iterations, 7 dropped");
}

TEST(LoadView, HasABarForEachScenario) {
  EXPECT_THAT(render_load_view(progress(), 166.7, 60),
              testing::ElementsAre(testing::StartsWith("running 30s of 10m0s, 52/62 VUs"),
                                   "  baseline  ██░░░░░░░░░░░░░░░░░░  10%  50/50 VUs  30s/5m0s",
                                   testing::StartsWith("  once      ████████████████████ 100%  over: 0/2 VUs"),
                                   "  users␛[2J ░░░░░░░░░░░░░░░░░░░░   0%  begins in 30s"));
  load::RunProgress many = progress();
  many.scenarios.clear();
  for (int i = 0; i < 30; ++i) many.scenarios.push_back({scenarios()[0], seconds(1), 1, 1, false});
  const std::vector<std::string> lines = render_load_view(many, 0, 100);
  ASSERT_EQ(lines.size(), 14U);
  EXPECT_EQ(lines.back(), "  and 18 scenarios more");
}

}  // namespace
}  // namespace gantry::report
