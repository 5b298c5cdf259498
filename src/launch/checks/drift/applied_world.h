#pragma once

// A cluster beside the manifests that it should hold. Pods are compared with themselves: the ones that run, once under the
// policies and namespace labels that the cluster has, once under those of the manifests. So nothing differs only because a file
// knows no address of a pod, or because somebody else's namespaces are in the cluster too.

#include "kube/snapshot.h"

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::launch {

// What of the cluster is the manifests' business.
struct ManifestScope {
  std::set<std::string, std::less<>> namespaces;  // that the manifests define, or put something into
  std::set<std::string, std::less<>> ignored;     // policies of others: "NetworkPolicy shop/mesh"

  // Policies of these namespaces and of the whole cluster, but for the ignored ones.
  bool includes(const kube::Object& policy) const;
};

ManifestScope find_scope(const kube::Snapshot& manifests);

// The cluster as it would be with the policies and namespace labels of the manifests, and none besides.
kube::Snapshot with_manifests(const kube::Snapshot& cluster, const kube::Snapshot& manifests,
                              const ManifestScope& scope);

// One policy of one kind, on both sides, or on one of them.
struct PolicyPair {
  const kube::Object* in_manifests = nullptr;
  const kube::Object* in_cluster = nullptr;
  std::optional<std::string> difference;  // of the texts, where it is on both
};
// Every policy in scope, by kind and name.
std::vector<PolicyPair> pair_policies(const kube::Snapshot& cluster, const kube::Snapshot& manifests,
                                      const ManifestScope& scope);

// A label that the manifests write and the cluster has otherwise, or not at all.
struct LabelDifference {
  const kube::Object* object = nullptr;  // of the manifests: a Namespace, or a workload whose pods it is about
  std::string key;
  std::string in_manifests;
  std::optional<std::string> in_cluster;
};
std::vector<LabelDifference> find_label_differences(const kube::Snapshot& cluster, const kube::Snapshot& manifests);

// Workloads of the manifests that the cluster does not have.
std::vector<const kube::Workload*> find_absent_workloads(const kube::Snapshot& cluster,
                                                         const kube::Snapshot& manifests);

}  // namespace gantry::launch
