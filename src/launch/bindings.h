#pragma once

// Which checks decide which step: from gantry blocks under the step, from commands that its text quotes, and from gantry.yaml.

#include "base/file.h"
#include "base/finding.h"
#include "base/result.h"
#include "launch/check.h"
#include "launch/config.h"
#include "launch/manifests.h"
#include "launch/plan.h"
#include "report/report.h"

#include <string>
#include <vector>

namespace gantry::launch {

struct Binding {
  const CheckType* check = nullptr;
  base::Node block;     // validated, paths resolved
  std::string key;      // digest of (check, block): what evidence is found by
  std::string subject;  // the parameters in one line
  report::BindingSource source = report::BindingSource::block;
  std::string origin;  // the quoted command
  base::SourcePos where;
};

struct StepBindings {
  std::string step;               // "A.4"; "criterion 3" for blocks under a criterion
  std::vector<Binding> bindings;  // none: a person's
  std::string proposal;           // for an unbound step: the block that would bind it, or ""
};

struct BoundPlan {
  std::vector<StepBindings> steps;      // every step, in plan order
  std::vector<base::Finding> findings;  // handles that are missing, commands that were not understood
};

// What the manifests.apply bindings apply, each path once, in plan order.
std::vector<AppliedPath> applied_paths(const BoundPlan& bound);

// Errors (input, with position): unknown check or field, path that is ambiguous, missing or leaves the workspace.
// Manifests that commands apply are loaded, since their kinds add checks; what cannot be read adds none, and its checks say why.
base::Result<BoundPlan> bind_plan(const Plan& plan, const Config& config, const base::FileSystem& workspace,
                                  std::string_view plan_directory, ManifestCache& manifests);

}  // namespace gantry::launch
