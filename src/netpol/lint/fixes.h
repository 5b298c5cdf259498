#pragma once

// Fixes that several lints propose.

#include "netpol/lint/context.h"

#include <string>
#include <string_view>

namespace gantry::netpol::linting {

// Among the policies that isolate the group: the one for these pods before one for the whole namespace. Null when there is none.
const kube::NetworkPolicy* find_own_policy(const Context& context, GroupId group, kube::Direction direction);

// To admit that peer on those ports: a rule for the pods' own policy, or a new policy where only a policy for all pods of the
// namespace isolates them.
std::string admit(const Context& context, GroupId group, kube::Direction direction, std::string_view peer,
                  std::string_view ports);

}  // namespace gantry::netpol::linting
