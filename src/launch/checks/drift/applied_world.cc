#include "launch/checks/drift/applied_world.h"

#include "launch/checks/drift/policy_difference.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <memory>
#include <tuple>

namespace gantry::launch {

using kube::LabelSet;
using kube::Object;
using kube::Snapshot;
using kube::Workload;

namespace {

// The manifests' ones, and those of the cluster that are out of their scope.
template <typename Policy>
std::vector<Policy> replace_policies(const kube::SharedList<Policy>& cluster, const kube::SharedList<Policy>& manifests,
                                     const ManifestScope& scope) {
  std::vector<Policy> policies;
  std::ranges::copy_if(cluster, std::back_inserter(policies),
                       [&](const Policy& policy) { return !scope.includes(policy.object); });
  std::ranges::copy_if(manifests, std::back_inserter(policies),
                       [&](const Policy& policy) { return scope.includes(policy.object); });
  std::ranges::sort(policies, {}, [](const Policy& policy) {
    return std::tie(policy.object.id.name_space, policy.object.id.name, policy.object.id.kind);
  });
  return policies;
}

// As applying does it: labels that the manifests do not write stay.
void apply_labels(const Snapshot& manifests, std::vector<kube::Namespace>& namespaces) {
  for (kube::Namespace& each : namespaces) {
    const kube::Namespace* written = manifests.find_namespace(each.name());
    if (!written || !written->defined) continue;
    for (const auto& [key, value] : written->labels.known) each.labels.known.set(key, value);
  }
}

template <typename Policy>
void pair_kind(const kube::SharedList<Policy>& cluster, const kube::SharedList<Policy>& manifests,
               const ManifestScope& scope, std::vector<PolicyPair>& pairs) {
  std::map<kube::ObjectId, std::pair<const Policy*, const Policy*>> by_name;
  for (const Policy& policy : manifests)
    if (scope.includes(policy.object)) by_name[policy.object.id].first = &policy;
  for (const Policy& policy : cluster)
    if (scope.includes(policy.object)) by_name[policy.object.id].second = &policy;
  for (const auto& [id, both] : by_name) {
    const auto& [written, live] = both;
    PolicyPair pair{.in_manifests = written ? &written->object : nullptr,
                    .in_cluster = live ? &live->object : nullptr,
                    .difference = std::nullopt};
    if (written && live) pair.difference = find_difference(*written, *live);
    pairs.push_back(std::move(pair));
  }
}

void compare_labels(const Object& object, const LabelSet& written, const LabelSet& live,
                    std::vector<LabelDifference>& differences) {
  for (const auto& [key, value] : written) {
    const std::string* found = live.find(key);
    if (found && *found == value) continue;
    differences.push_back({.object = &object,
                           .key = key,
                           .in_manifests = value,
                           .in_cluster = found ? std::optional(*found) : std::nullopt});
  }
}

}  // namespace

bool ManifestScope::includes(const Object& policy) const {
  const std::string& name_space = policy.id.name_space;
  return (name_space.empty() || namespaces.contains(name_space)) && !ignored.contains(to_string(policy.id));
}

ManifestScope find_scope(const Snapshot& manifests) {
  ManifestScope scope;
  for (const kube::Namespace& each : manifests->namespaces) scope.namespaces.insert(each.name());
  return scope;
}

Snapshot with_manifests(const Snapshot& cluster, const Snapshot& manifests, const ManifestScope& scope) {
  auto world = std::make_shared<kube::SnapshotData>(*cluster);
  world->network_policies = replace_policies(cluster->network_policies, manifests->network_policies, scope);
  world->admin_policies = replace_policies(cluster->admin_policies, manifests->admin_policies, scope);
  apply_labels(manifests, world->namespaces.edit());
  return Snapshot(std::move(world));
}

std::vector<PolicyPair> pair_policies(const Snapshot& cluster, const Snapshot& manifests, const ManifestScope& scope) {
  std::vector<PolicyPair> pairs;
  pair_kind(cluster->network_policies, manifests->network_policies, scope, pairs);
  pair_kind(cluster->admin_policies, manifests->admin_policies, scope, pairs);
  return pairs;
}

std::vector<LabelDifference> find_label_differences(const Snapshot& cluster, const Snapshot& manifests) {
  std::vector<LabelDifference> differences;
  for (const kube::Namespace& written : manifests->namespaces) {
    const kube::Namespace* live = cluster.find_namespace(written.name());
    if (written.defined && live && live->defined)
      compare_labels(written.object, written.labels.known, live->labels.known, differences);
  }
  for (const Workload& written : manifests->workloads) {
    const Workload* live = cluster.find_workload(written.kind, written.name_space(), written.name());
    if (live) compare_labels(written.object, written.pod_template.labels, live->pod_template.labels, differences);
  }
  return differences;
}

std::vector<const Workload*> find_absent_workloads(const Snapshot& cluster, const Snapshot& manifests) {
  std::vector<const Workload*> absent;
  for (const Workload& written : manifests->workloads)
    if (!cluster.find_workload(written.kind, written.name_space(), written.name())) absent.push_back(&written);
  return absent;
}

}  // namespace gantry::launch
