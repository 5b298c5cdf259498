#pragma once

// What a comment beside a budget says that a budget does not do (disruption reference, §5 and B17). Whoever believes it leaves out
// what would do it: maxUnavailable of a rollout, a spread over nodes.

#include "base/finding.h"
#include "kube/policy.h"
#include "launch/check.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::launch {

// Comments of the document that defines the budget, in the file where it is written.
void judge_comments(const CheckContext& context, const kube::PodDisruptionBudget& budget,
                    std::vector<base::Finding>& findings);

// The first sentence of a comment that claims too much.
std::optional<std::string> find_overclaim(std::string_view comment);

}  // namespace gantry::launch
