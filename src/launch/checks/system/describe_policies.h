#pragma once

// NetworkPolicies for people: what `kubectl describe networkpolicy` shows, and beside it which pods are meant.

#include "kube/snapshot.h"
#include "launch/checks/system/pod_classes.h"

#include <string>
#include <vector>

namespace gantry::launch {

// One policy, as a block of lines that ends in a line feed.
std::string describe_policy(const kube::Snapshot& snapshot, const std::vector<PodClass>& classes,
                            const kube::NetworkPolicy& policy);

}  // namespace gantry::launch
