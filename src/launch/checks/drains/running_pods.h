#pragma once

// Budgets of the manifests beside the pods that run (disruption reference, T3): with other labels, a budget selects none of them until
// they are made again.

#include "base/finding.h"
#include "kube/snapshot.h"

#include <vector>

namespace gantry::launch {

// `system` has the budget and the workloads that it is meant for, `live` the cluster.
void judge_running_pods(const kube::PodDisruptionBudget& budget, const kube::Snapshot& system,
                        const kube::Snapshot& live, std::vector<base::Finding>& findings);

}  // namespace gantry::launch
