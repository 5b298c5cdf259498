#pragma once

// What the plan's own text asks of a load test: "(100 req/s target)", "p95 < 500ms", "errors below 1 %" in a step that runs it, or in a
// criterion that such a step decides (launch reference, §2.7). A number in a criterion is a threshold that evidence must contain; gantry.yaml
// and blocks may ask for more, and not for less.

#include "base/source.h"
#include "launch/config.h"
#include "launch/plan.h"

#include <string>
#include <string_view>
#include <vector>

namespace gantry::launch {

// In the words of expectations: "rate >= 100", "p95 < 500ms", "errors < 1%". What is no bound of a load test is passed over.
std::vector<std::string> find_targets(std::string_view markdown);

struct PlanTarget {
  std::string expectation;
  std::string origin;  // "criterion 3"
  base::SourcePos where;
};
// Of the steps that run `script` (they quote its name, or gantry.yaml binds it to them) and of the criteria that those decide. Each once.
std::vector<PlanTarget> plan_targets(const Plan& plan, const Config& config, std::string_view script);

// All that the plan asks of load tests, in one line: an input of whatever is judged by it.
inline constexpr std::string_view kPlanTargets = "option:targets of the plan";
std::string targets_text(const Plan& plan);

}  // namespace gantry::launch
