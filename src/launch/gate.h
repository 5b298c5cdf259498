#pragma once

// The gate: the rule that turns evidence, waivers and sign-offs into GO or NO-GO (reference: launch, §8). A pure function;
// the order of its inputs does not matter.

#include "launch/bindings.h"
#include "launch/config.h"
#include "launch/plan.h"
#include "launch/store.h"
#include "report/report.h"

#include <map>
#include <string>
#include <vector>

namespace gantry::launch {

// What is known about one bound check at the moment of judging.
struct CheckState {
  std::optional<base::Evidence> evidence;  // fresh; absent: nothing has looked, or the engine is missing
  bool reused = false;
  std::string why_unverified;  // "needs the load engine, which this version does not have"
  std::string stale_because;
};

struct GateInputs {
  const Plan& plan;
  const Config& config;
  const std::vector<StepBindings>& bindings;        // of each step, in plan order
  const std::map<std::string, CheckState>& checks;  // by binding key
  std::vector<Waiver> waivers;
  std::vector<SignOff> sign_offs;
  std::vector<base::Finding> findings;  // about the plan and the workspace
  base::Timestamp now;
  std::string environment;
};

// Whether all its checks wait for a GO of everything else. Such a step blocks only once nothing else does.
bool is_after_go(const StepBindings& step);

// Everything but the figures of the run itself (checks_run, changed_files).
report::Board judge(const GateInputs& inputs);

// What a sign-off of this subject signs: changes when the subject's text, evidence or waivers change.
// Subjects: a step id, "criterion N", "launch". An input error names the subjects there are.
base::Result<std::string> subject_digest(const GateInputs& inputs, std::string_view subject);

}  // namespace gantry::launch
