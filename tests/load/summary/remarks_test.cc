// What is said about the figures of runs that are made up, answer by answer.

#include "load/summary/remarks.h"

#include "base/json.h"
#include "load/summary/measured.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <string_view>

namespace gantry::load {
namespace {

using namespace std::chrono_literals;

// A hundred requests a second for a minute, by the clock.
struct MadeUp {
  std::function<double(int second)> latency_ms = [](int) { return 4.0; };
  int dropped_until = 0;  // arrivals of the second in which a VU gets free, ms after its beginning
  std::chrono::milliseconds late{0};
  std::chrono::microseconds connecting{0};
  std::chrono::milliseconds cpu{3000};
  double processor_wait_ms = 0.1;
  std::vector<std::string> thresholds = {};
};

RunOutcome play(const MadeUp& made_up) {
  RunOutcome outcome;
  outcome.duration = 60s;
  outcome.scenarios.push_back(
      {.scenario = {.name = "baseline", .plan = ConstantArrivalRate{.rate = 100, .duration = 60s}}, .completed = 6000});
  Measurement& measured = outcome.measurement;
  ResponseTimes& responses =
      measured.scenarios.emplace_back(ScenarioTimes{"baseline", ResponseTimes(ResponseTimes::Model::open)}).responses;
  measured.generator.played = 60s;
  measured.generator.cpu = made_up.cpu;
  measured.generator.delays.add(made_up.processor_wait_ms);
  ResponseTimes::Turn turn;
  for (int i = 0; i < 6000; ++i) {
    const std::chrono::nanoseconds due = i * 10ms;
    const double ms = made_up.latency_ms(i / 100) + 0.001 * (i % 7);
    const auto took =
        std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double, std::milli>(ms));
    measured.series.begin(due);
    measured.generator.lateness.add(static_cast<double>(made_up.late.count()));
    responses.begin(turn, due, due + made_up.late);
    responses.answer(turn, due + made_up.late, due + made_up.late + made_up.connecting + took);
    responses.end(turn, due + made_up.late + took, 1, ResponseTimes::Ended::whole);
    measured.series.answer(due + took, ms, false);
    outcome.recorder->add(BuiltInMetric::http_req_duration, ms, 0, due);
  }
  for (int ms = 0; ms < made_up.dropped_until; ++ms) responses.drop(std::chrono::milliseconds(ms));
  responses.free(std::chrono::milliseconds(made_up.dropped_until));
  for (const std::string& threshold : made_up.thresholds)
    outcome.thresholds.push_back(
        {*parse_metric_selector("gone"), {{*parse_threshold(threshold), {.is_undecided = true}}}});
  return outcome;
}

struct Case {
  std::string_view name;
  MadeUp run;
  std::string_view remarks;
};

const Case kCases[] = {
    {"nothing to say", {}, ""},
    {"arrivals that found no VU",
     {.dropped_until = 1000},
     "users who come when they like would have waited 650.54ms at p(95), not 4ms: 1000 arrivals (14 %) found no VU "
     "free "
     "and are in none of k6's percentiles"},
    {"a late generator",
     {.late = 30ms},
     "users who come when they like would have waited 34ms at p(95), not 4ms: iterations began later than they were "
     "due\nthe generator was the bottleneck: one iteration in a hundred began 30ms late or later, beside answers of "
     "4ms"},
    {"connections that take long",
     {.connecting = 9ms},
     "users who come when they like would have waited 13ms at p(95), not 4ms: k6 does not count the wait for a "
     "connection"},
    {"a busy generator",
     {.cpu = 57s},
     "the generator was the bottleneck: it used 95 % of the one core that its scripts run on: share the load with "
     "processes on other cores (--processes N)"},
    {"a busy machine",
     {.processor_wait_ms = 12},
     "the generator was the bottleneck: it waited 12ms or more for a processor, every twentieth time: others use this "
     "machine"},
    {"a warm-up",
     {.latency_ms = [](int second) { return second < 4 ? 60.0 : 4.0; }},
     "the first 5 s are unlike the rest: they are warm-up, and in the figures above"},
    {"a drift",
     {.latency_ms = [](int second) { return 4 + second / 20.0; }},
     "the median latency rose by 53 % from the start of the run to its end, which chance does in less than 1 of 10000 "
     "runs"},
    {"a threshold about nothing",
     {.thresholds = {"p(95)<500"}},
     "the threshold p(95)<500 of gone had no samples: it is undecided, though k6 lets it pass"},
};

TEST(Remarks, SayWhatTheFiguresLeaveOut) {
  for (const Case& c : kCases) {
    const RunOutcome outcome = play(c.run);
    EXPECT_EQ(fmt::format("{}", fmt::join(make_remarks(outcome), "\n")), c.remarks) << c.name;
  }
}

TEST(Remarks, LeaveTheCourseOfALoadThatRampsAlone) {
  RunOutcome outcome = play({.latency_ms = [](int second) { return 4 + second / 20.0; }});
  outcome.scenarios[0].scenario.plan = RampingArrivalRate{};
  EXPECT_TRUE(make_remarks(outcome).empty());
}

TEST(Measured, IsThereForMachines) {
  const base::Node node = make_measured(play({.dropped_until = 1000}));
  EXPECT_EQ(node.find("response_time", "count")->integer(), 7000);
  EXPECT_EQ(node.find("response_time", "beyond", "p99.9")->integer(), 7);
  EXPECT_EQ(node.find("response_time", "ms", "max")->number(), 1000);
  EXPECT_EQ(node.find("scenarios", "baseline", "model")->string(), "open");
  EXPECT_EQ(node.find("scenarios", "baseline", "dropped")->integer(), 1000);
  EXPECT_EQ(node.find("http_req_duration", "count")->integer(), 6000);
  EXPECT_EQ(node.find("series", "seconds")->integer(), 1);
  ASSERT_GE(node.find("series", "intervals")->array().size(), 60U);
  EXPECT_EQ(node.find("series", "intervals")->array()[7].get("begun")->integer(), 100);
  EXPECT_EQ(node.find("generator", "cpu_percent")->number(), 5);
  EXPECT_EQ(node.get("remarks")->array().size(), 1U);
}

}  // namespace
}  // namespace gantry::load
