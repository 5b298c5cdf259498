#include "load/options/scenario.h"

#include "base/json.h"
#include "load/options/described.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gantry::load {
namespace {

std::string text(const Scenario& s) {
  std::string said = fmt::format("{} {} {}..{} VUs {}", s.name, executor_name(s.plan), first_vus(s), most_vus(s),
                                 format_go_duration(length_of(s.plan)));
  if (const auto* shared = std::get_if<SharedIterations>(&s.plan))
    said += fmt::format(" {} iterations", shared->iterations);
  if (const auto* each = std::get_if<PerVuIterations>(&s.plan)) said += fmt::format(" {} iterations", each->iterations);
  if (s.start_time.count() != 0) said += " at " + format_go_duration(s.start_time);
  if (s.graceful_stop != std::chrono::seconds(30)) said += " grace " + format_go_duration(s.graceful_stop);
  if (s.exec != "default") said += " exec " + s.exec;
  for (const auto& [key, value] : s.env) said += fmt::format(" {}={}", key, value);
  for (const auto& [key, value] : s.tags) said += fmt::format(" #{}={}", key, value);
  return said;
}

std::string read(std::string_view json) {
  const base::Result<base::Node> node = base::load_json(json, "options.json");
  EXPECT_TRUE(node) << json;
  const base::Result<std::vector<Scenario>> scenarios = read_scenarios(*node);
  if (!scenarios)
    return fmt::format("error: {}{}{}", scenarios.error().message, scenarios.error().help.empty() ? "" : " | ",
                       scenarios.error().help);
  std::string said;
  for (const Scenario& scenario : *scenarios) said += (said.empty() ? "" : "; ") + text(scenario);
  return said;
}

struct Case {
  std::string_view json;
  std::string_view expected;
};

constexpr Case kCases[] = {
    // Shorthand (k6 reference, §5.2).
    {R"({})", "default per-vu-iterations 1..1 VUs 10m0s 1 iterations"},
    {R"({"vus": 3, "stages": []})", "default per-vu-iterations 1..1 VUs 10m0s 1 iterations"},
    {R"({"scenarios": {}, "stages": []})", "default per-vu-iterations 1..1 VUs 10m0s 1 iterations"},
    {R"({"vus": 5})", "default shared-iterations 5..5 VUs 10m0s 5 iterations"},
    {R"({"vus": 5, "iterations": 10})", "default shared-iterations 5..5 VUs 10m0s 10 iterations"},
    {R"({"iterations": 3, "duration": "1m"})", "default shared-iterations 1..1 VUs 1m0s 3 iterations"},
    {R"({"vus": 50, "duration": "5m"})", "default constant-vus 50..50 VUs 5m0s"},
    {R"({"duration": 1500})", "default constant-vus 1..1 VUs 1.5s"},
    {R"({"vus": 2, "stages": [{"duration": "10s", "target": 7}, {"duration": "0s", "target": 3}]})",
     "default ramping-vus 7..7 VUs 10s"},
    {R"({"vus": 5, "iterations": 3})", "error: options: iterations (3) must be at least as many as vus (5)"},
    {R"({"vus": 0})", "error: options: vus must be 1 or more, it is 0"},
    {R"({"vus": "5"})", "error: options: vus must be a whole number, not a string"},
    {R"({"vus": 1.5})", "error: options: vus must be a whole number, not a number"},
    {R"({"duration": "500ms"})", "error: options: duration must be 1s or more"},
    {R"({"duration": "x"})",
     "error: options: duration cannot be read: \"x\" is no duration: a number is missing | write it like 300ms, 5m or "
     "1h30m"},
    {R"({"duration": "5m", "stages": [{"duration": "10s", "target": 7}]})",
     "error: options: duration and stages cannot be together | keep one of the two"},
    {R"({"duration": "5m", "scenarios": {"a": {"executor": "constant-vus", "duration": "5m"}}})",
     "error: options: duration and scenarios cannot be together | keep one of the two"},

    // Executors (§6.2).
    {R"({"scenarios": {"baseline": {"executor": "constant-vus", "vus": 50, "duration": "5m", "gracefulStop": "0s", "exec": "run",
         "env": {"A": "b"}, "tags": {"t": "u"}, "startTime": "3s"}}})",
     "baseline constant-vus 50..50 VUs 5m0s at 3s grace 0s exec run A=b #t=u"},
    {R"({"scenarios": {"b": {"executor": "ramping-vus", "startVUs": 0, "stages": [{"duration": "1s", "target": 5}],
         "startTime": "1s"}, "a": {"executor": "shared-iterations", "startTime": "1s"}, "c": {"executor": "per-vu-iterations", "vus": 2,
         "iterations": 3, "maxDuration": "5s"}}})",
     "c per-vu-iterations 2..2 VUs 5s 3 iterations; a shared-iterations 1..1 VUs 10m0s 1 iterations at 1s; b "
     "ramping-vus 5..5 VUs 1s at 1s"},
    {R"({"scenarios": {"r": {"executor": "constant-arrival-rate", "rate": 50, "duration": "4s", "preAllocatedVUs": 2, "maxVUs": 9}}})",
     "r constant-arrival-rate 2..9 VUs 4s"},
    {R"({"scenarios": {"r": {"executor": "ramping-arrival-rate", "timeUnit": "1m", "preAllocatedVUs": 3,
         "stages": [{"duration": "4s", "target": 9}, {"duration": "1s", "target": 0}]}}})",
     "r ramping-arrival-rate 3..3 VUs 5s"},

    // What is refused, with the scenario and the key.
    {R"({"scenarios": []})", "error: options: scenarios must be an object"},
    {R"({"scenarios": {"a b": {"executor": "constant-vus"}}})",
     "error: \"a b\" is no name for a scenario | take letters, digits, - and _"},
    {R"({"scenarios": {"a": 1}})", "error: scenario a must be an object"},
    {R"({"scenarios": {"a": {}}})",
     "error: scenario a: executor is missing | there are: constant-vus, ramping-vus, shared-iterations, "
     "per-vu-iterations, constant-arrival-rate, ramping-arrival-rate"},
    {R"({"scenarios": {"a": {"executor": "constant-vu"}}})",
     "error: scenario a: executor \"constant-vu\" is none | did you mean constant-vus?"},
    {R"({"scenarios": {"a": {"executor": "externally-controlled"}}})",
     "error: scenario a: executor externally-controlled was removed from k6"},
    {R"({"scenarios": {"a": {"executor": "constant-vus", "duration": "5s", "vuss": 1}}})",
     "error: scenario a: vuss is no option here | did you mean vus?"},
    {R"({"scenarios": {"a": {"executor": "constant-vus", "duration": "5s", "rate": 1}}})",
     "error: scenario a: rate is no option here"},
    {R"({"scenarios": {"a": {"executor": "constant-vus"}}})", "error: scenario a: duration is missing"},
    {R"({"scenarios": {"a": {"executor": "ramping-vus", "stages": []}}})",
     "error: scenario a: stages must be a list of {duration, target}"},
    {R"({"scenarios": {"a": {"executor": "ramping-vus", "stages": [{"duration": "1s"}]}}})",
     "error: scenario a: stage 1: target is missing"},
    {R"({"scenarios": {"a": {"executor": "ramping-vus", "startVUs": 0, "stages": [{"duration": "1s", "target": 0}]}}})",
     "error: scenario a: stages never have a VU"},
    {R"({"scenarios": {"a": {"executor": "ramping-vus", "stages": [{"duration": "1s", "target": -1}]}}})",
     "error: scenario a: stage 1: target must be 0 or more, it is -1"},
    {R"({"scenarios": {"a": {"executor": "constant-arrival-rate", "rate": 5, "duration": "1s", "preAllocatedVUs": 5, "maxVUs": 4}}})",
     "error: scenario a: maxVUs (4) must not be below preAllocatedVUs (5)"},
    {R"({"scenarios": {"a": {"executor": "constant-arrival-rate", "rate": 0, "duration": "1s", "preAllocatedVUs": 5}}})",
     "error: scenario a: rate must be 1 or more, it is 0"},
    {R"({"scenarios": {"a": {"executor": "constant-vus", "duration": "5s", "env": {"A": 1}}}})",
     "error: scenario a: env must hold strings: A is none"},
};

TEST(Scenarios, AreReadFromOptions) {
  for (const Case& c : kCases) EXPECT_EQ(read(c.json), c.expected) << c.json;
}

// As k6 2.2 describes the same options.
TEST(Scenarios, AreDescribed) {
  const base::Result<std::vector<Scenario>> scenarios = read_scenarios(*base::load_json(R"({"scenarios": {
    "a": {"executor": "constant-vus", "vus": 50, "duration": "5m", "exec": "x"},
    "b": {"executor": "ramping-vus", "startVUs": 2, "startTime": "10s",
          "stages": [{"duration": "5s", "target": 6}, {"duration": "1m", "target": 0}]},
    "c": {"executor": "shared-iterations", "vus": 2, "iterations": 10},
    "d": {"executor": "per-vu-iterations", "vus": 2, "iterations": 3, "gracefulStop": "0s"},
    "e": {"executor": "constant-arrival-rate", "rate": 50, "duration": "4s", "preAllocatedVUs": 10, "maxVUs": 20},
    "f": {"executor": "ramping-arrival-rate", "timeUnit": "1m", "preAllocatedVUs": 5,
          "stages": [{"duration": "5s", "target": 50}, {"duration": "1s", "target": 7}]}}})",
                                                                                        "options.json"));
  ASSERT_TRUE(scenarios);
  std::vector<std::string> described;
  for (const Scenario& scenario : *scenarios) described.push_back(describe(scenario));
  EXPECT_THAT(
      described,
      testing::UnorderedElementsAre(
          "50 looping VUs for 5m0s (exec: x, gracefulStop: 30s)",
          "Up to 6 looping VUs for 1m5s over 2 stages (gracefulRampDown: 30s, startTime: 10s, gracefulStop: 30s)",
          "10 iterations shared among 2 VUs (maxDuration: 10m0s, gracefulStop: 30s)",
          "3 iterations for each of 2 VUs (maxDuration: 10m0s)",
          "50.00 iterations/s for 4s (maxVUs: 10-20, gracefulStop: 30s)",
          "Up to 0.83 iterations/s for 6s over 2 stages (maxVUs: 5, gracefulStop: 30s)"));
}

}  // namespace
}  // namespace gantry::load
