#pragma once

// References that point nowhere, one function for each kind of thing that refers. `judged` holds the objects that are judged, the
// world what they may refer to. Rules: system/rules.h.

#include "base/finding.h"
#include "kube/snapshot.h"
#include "launch/checks/references/world.h"

#include <vector>

namespace gantry::launch {

// What pods are given: ConfigMaps, Secrets and their keys, service accounts, claims, pull secrets, classes.
void judge_pod_references(const World& world, const kube::Snapshot& judged, std::vector<base::Finding>& findings);

// Services and the pods behind them, and who stands on Services and workloads: StatefulSets, Ingresses, routes, autoscalers,
// budgets.
void judge_services(const World& world, const kube::Snapshot& judged, std::vector<base::Finding>& findings);
void judge_routes(const World& world, const kube::Snapshot& judged, std::vector<base::Finding>& findings);
void judge_targets(const World& world, const kube::Snapshot& judged, std::vector<base::Finding>& findings);

// NetworkPolicies: what they select, whom their peers mean, whether their ports are there.
void judge_policies(const World& world, const kube::Snapshot& judged, std::vector<base::Finding>& findings);
// Only what one policy selects and whom it means.
void judge_policy_selectors(const World& world, const kube::NetworkPolicy& policy,
                            std::vector<base::Finding>& findings);

// Role bindings, and namespaces that nobody defines.
void judge_access(const World& world, const kube::Snapshot& judged, std::vector<base::Finding>& findings);
void judge_namespaces(const World& world, const kube::Snapshot& judged, std::vector<base::Finding>& findings);

}  // namespace gantry::launch
