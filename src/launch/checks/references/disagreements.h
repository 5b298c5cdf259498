#pragma once

// One object from two places: two paths that the plan applies, or a path and the whole system that everything is judged against.
// `-f` takes files as they are, `-k` renders them, and both may lead to the same object (disruption reference, T1, T2 and T6).

#include "base/finding.h"
#include "base/result.h"
#include "launch/check.h"
#include "launch/manifests.h"

#include <string>
#include <vector>

namespace gantry::launch {

// Fields in which two documents differ, deepest first where it can be said: "spec.selector.matchLabels", at most `max` of them.
std::vector<std::string> differing_fields(const base::Node& a, const base::Node& b, std::size_t max);

// manifests.disagree for each object that the block's manifests give otherwise than a path that the plan applies before, or than
// the system; manifests.immutable where the API server refuses the second of two that are applied (T3, T4). The other paths are
// loaded, and become inputs; one that can't be loaded is another check's finding.
base::Result<void> judge_disagreements(CheckContext& context, const Manifests& path, const Manifests& system,
                                       std::vector<base::Finding>& findings);

}  // namespace gantry::launch
