// What programs are told of a run under way.

#include "load/dashboard/snapshot.h"

#include "base/json.h"
#include "load/summary/progress.h"
#include "support/golden.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace gantry::load {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Three seconds of a run that is to last ten, in which two requests failed.
struct UnderWay {
  RunOutcome outcome = {};
  Scenario browse = {.name = "browse", .plan = ConstantVus{.vus = 2, .duration = seconds(10)}};
  Scenario buy = {.name = "buy", .plan = SharedIterations{.vus = 1, .iterations = 20}, .start_time = seconds(1)};
  RunLook look = {
      .phase = RunPhase::running, .outcome = outcome, .elapsed = milliseconds(3250), .vus_active = 3, .vus = 3};
  RunProgress progress = {.elapsed = milliseconds(3000),
                          .planned = seconds(10),
                          .scenarios = {{browse, milliseconds(3000), 2, 30, false}, {buy, seconds(2), 1, 5, false}}};

  UnderWay() {
    ScenarioTimes& times =
        outcome.measurement.scenarios.emplace_back("browse", ResponseTimes(ResponseTimes::Model::closed));
    ResponseTimes::Turn turn;
    for (int i = 0; i < 30; ++i) {
      const std::chrono::nanoseconds at = milliseconds(100 * i);
      const bool has_failed = i % 20 == 0;
      outcome.recorder->add(BuiltInMetric::http_reqs, 1, 0, at);
      outcome.recorder->add(BuiltInMetric::http_req_failed, has_failed ? 1 : 0, 0, at);
      outcome.recorder->add(BuiltInMetric::http_req_duration, 10, 0, at);
      outcome.measurement.series.look(at, 3);
      outcome.measurement.series.begin(at);
      outcome.measurement.series.answer(at, 10, has_failed);
      times.responses.begin(turn, at, at);
      times.responses.answer(turn, at, at + milliseconds(10));
    }
    outcome.measurement.generator.played = seconds(3);
    outcome.measurement.generator.cpu = milliseconds(150);
    outcome.scenarios = {{browse, 30, 0, 0}, {buy, 5, 1, 2}};
    outcome.thresholds = {{*parse_metric_selector("http_req_duration"),
                           {{{.source = "p(95)<5"}, {.holds = false, .value = 10}},
                            {{.source = "max<1"}, {.holds = true, .is_undecided = true}}}}};
    check_of(outcome.checks.by_name, "is \"open\"").count(true);
  }
  std::string snapshot() const {
    return base::dump_json(make_dashboard_snapshot(look, progress), base::JsonStyle::indented) + "\n";
  }
};

TEST(DashboardSnapshot, SaysHowARunIsUnderWay) {
  const UnderWay run;
  EXPECT_TRUE(test::matches_golden(run.snapshot(), "load/dashboard/under-way.json"));
}

// Its scenarios are no longer there to be asked.
TEST(DashboardSnapshot, SaysHowARunEnded) {
  UnderWay run;
  run.look.phase = RunPhase::ended;
  run.look.vus_active = 0;
  run.progress = {};
  run.outcome.error = base::Error{.kind = base::ErrorKind::input, .message = "setup() did not end within 1s"};
  EXPECT_TRUE(test::matches_golden(run.snapshot(), "load/dashboard/ended.json"));
}

TEST(DashboardSnapshot, IsThereBeforeAnythingIs) {
  RunOutcome outcome;
  const RunLook look{.phase = RunPhase::making_vus, .outcome = outcome};
  const base::Node node = make_dashboard_snapshot(look, {});
  EXPECT_EQ(node.text("phase"), "making_vus");
  EXPECT_TRUE(node.get("planned_seconds")->is_null());
  EXPECT_TRUE(node.get("scenarios")->array().empty());
}

TEST(Progress, IsOfTimeOrIterationsWhicheverIsFurther) {
  const UnderWay run;
  EXPECT_DOUBLE_EQ(part_done(run.progress.scenarios[0]), 0.3);
  EXPECT_DOUBLE_EQ(part_done(run.progress.scenarios[1]), 0.25);
  EXPECT_EQ(requests_per_second(run.outcome.measurement.series), 10);
  EXPECT_EQ(requests_per_second({}), 0);
}

}  // namespace
}  // namespace gantry::load
