// What a plan's text asks of a load test.

#include "launch/checks/load/plan_targets.h"

#include "base/yaml.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <string_view>

namespace gantry::launch {
namespace {

struct Case {
  std::string_view text;
  std::string_view targets;
};
constexpr Case kCases[] = {
    {"Load test baseline documented (100 req/s target)", "rate >= 100"},
    {"k6 load test framework created (target: 100 req/s, p95 < 500ms)", "p95 < 500ms; rate >= 100"},
    {"**p(99) ≤ 1 s**, error rate below 1%, at least 250 req/s", "p99 <= 1000ms; errors < 1%; rate >= 250"},
    {"p50 latency under 20 ms and errors < 0.5 %", "p50 < 20ms; errors < 0.5%"},
    {"a target of 1,500 req/s", "rate >= 1500"},
    {"sustain >= 5000 req/s", "rate >= 5000"},
    {"It must sustain 5k requests per second", "rate >= 5000"},
    {"p95 latency must stay below 500 ms", "p95 < 500ms"},
    {"the error rate shall not exceed 2 %, p99 has to be less than 1 s", "errors <= 2%; p99 < 1000ms"},
    {"the median should be no more than 20 ms; p(99.9) within 2s", "p50 <= 20ms; p99.9 <= 2000ms"},
    {"it served 478 req/s in the last run", ""},
    {"cost < 500 dollars, p95 of 3 ms", ""},
    {"Document baseline metrics (req/s, p95, p99, error rate)", ""},
    {"", ""},
};

TEST(PlanTargets, AreReadFromPlansTexts) {
  for (const Case& c : kCases) EXPECT_EQ(fmt::format("{}", fmt::join(find_targets(c.text), "; ")), c.targets) << c.text;
}

// Of two load tests each is asked what its own steps and criteria say.
TEST(PlanTargets, BelongToTheStepsThatRunTheScript) {
  const Plan plan = *Plan::parse(
      "### Track A: Load\n1. Run `k6 run load/health.js`, p95 < 300ms\n2. Soak\n\n## Exit Criteria\n\n- [ ] Baseline "
      "(100 "
      "req/s target)\n- [ ] Soaked (errors < 1%)\n- [ ] Others (p99 < 1s)\n\n⟿[QA]\n",
      "plan.md");
  Config config;
  config.criteria = {{1, {"A.1"}}, {2, {"A.2"}}};
  config.bindings["A.2"] = {*base::load_yaml_document("{check: load.run, script: load/soak.js}", "gantry.yaml")};
  const auto show = [&](std::string_view script) {
    std::string text;
    for (const PlanTarget& target : plan_targets(plan, config, script))
      text += fmt::format("{}: {}; ", target.origin, target.expectation);
    return text;
  };
  EXPECT_EQ(show("load/health.js"), "step A.1: p95 < 300ms; criterion 1: rate >= 100; ");
  EXPECT_EQ(show("load/soak.js"), "criterion 2: errors < 1%; ");
}

}  // namespace
}  // namespace gantry::launch
