#pragma once

// Why a flow does not pass: of all rules that could have let it, the one that lacks least, and what it lacks.

#include "launch/checks/reach/reachability.h"

#include <optional>
#include <string>

namespace gantry::launch {

struct NearestRule {
  RulePlace place;
  std::string lacking;  // "the port is 4223/TCP; the pod has app=web, not app=api"
};

// Among the rules that apply to the pods at that side of the flow; nothing when there is no rule at all.
std::optional<NearestRule> find_nearest_rule(const Reachability& reach, kube::Direction direction,
                                             const FlowQuestion& question);

std::string to_string(const kube::PolicyPort& port);  // "4222/TCP", "8000-8010/TCP", "metrics/TCP", "every TCP port"

}  // namespace gantry::launch
