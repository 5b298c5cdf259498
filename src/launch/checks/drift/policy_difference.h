#pragma once

// Two texts of one policy. What the API server fills in is filled in on both sides before, so only what means something differs:
// no order of keys, no comment, no `protocol: TCP` that one has written and the other has not.

#include "kube/admin_policy.h"
#include "kube/network.h"

#include <optional>
#include <string>

namespace gantry::launch {

// The first place in which they differ: "podSelector", "ingress[1].from", "ingress has 2 rules, not 3".
std::optional<std::string> find_difference(const kube::NetworkPolicy& a, const kube::NetworkPolicy& b);
std::optional<std::string> find_difference(const kube::AdminPolicy& a, const kube::AdminPolicy& b);

}  // namespace gantry::launch
