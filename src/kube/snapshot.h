#pragma once

// An immutable picture of a cluster's objects, from files or from a live cluster. Engines are pure functions of one.
//
//   for (const NetworkPolicy& policy : snapshot->network_policies) …
//   for (const Service& service : in_namespace(snapshot->services, "shop")) …
//   const ConfigMap* config = find_named(snapshot->config_maps, "shop", "settings");
//   const Workload* owner = snapshot.workload_of(pod);

#include "base/finding.h"
#include "base/node.h"
#include "base/result.h"
#include "kube/access.h"
#include "kube/admin_policy.h"
#include "kube/cluster_node.h"
#include "kube/config.h"
#include "kube/extension.h"
#include "kube/network.h"
#include "kube/object.h"
#include "kube/policy.h"
#include "kube/routing.h"
#include "kube/shared_list.h"
#include "kube/storage.h"
#include "kube/workload.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gantry::kube {

// Where objects came from, for people and for evidence.
struct SourceRecord {
  enum class Kind : std::uint8_t { file, folder, kustomization, text, cluster };
  Kind kind = Kind::file;
  std::string name;  // the path, "-", or the context
  std::size_t object_count = 0;
};
std::string to_string(const SourceRecord& source);  // "manifests/nats (kustomization, 7 objects)"

// Each typed list is sorted by namespace, name and kind, without duplicates. Objects that the API server would reject are
// there too, marked so. Copies share the lists that nobody edits.
struct SnapshotData {
  std::vector<SourceRecord> sources;

  // Every object that was given, of whatever kind, once, in the order it was given (what `kubectl apply` would follow).
  SharedList<Object> objects;
  // Those of them that have no type here: custom resources, and built-in kinds that no engine asks about. Same order.
  SharedList<Object> others;

  SharedList<Namespace> namespaces;  // the mentioned ones too
  SharedList<Workload> workloads;
  SharedList<Pod> pods;  // written, live and derived; at most SnapshotOptions::derived_pods_max derived ones

  SharedList<Service> services;
  SharedList<Endpoints> endpoints;
  SharedList<NetworkPolicy> network_policies;
  SharedList<AdminPolicy> admin_policies;

  SharedList<Ingress> ingresses;
  SharedList<IngressClass> ingress_classes;
  SharedList<GatewayClass> gateway_classes;
  SharedList<Gateway> gateways;
  SharedList<Route> routes;
  SharedList<ReferenceGrant> reference_grants;

  SharedList<PodDisruptionBudget> disruption_budgets;
  SharedList<HorizontalPodAutoscaler> autoscalers;
  SharedList<LimitRange> limit_ranges;
  SharedList<ResourceQuota> resource_quotas;
  SharedList<PriorityClass> priority_classes;

  SharedList<ConfigMap> config_maps;
  SharedList<Secret> secrets;
  SharedList<ServiceAccount> service_accounts;
  SharedList<Role> roles;
  SharedList<RoleBinding> role_bindings;

  SharedList<PersistentVolumeClaim> volume_claims;
  SharedList<PersistentVolume> volumes;
  SharedList<StorageClass> storage_classes;
  SharedList<ClusterNode> nodes;

  SharedList<CustomResourceDefinition> custom_resources;
  SharedList<WebhookConfiguration> webhooks;
  SharedList<ApiService> api_services;

  // What was wrong with single objects while reading, in every report's order. Rules:
  //   object.invalid        the API server would reject the object: a field of the wrong type, a value out of its range
  //   object.doubtful       whether the API server takes it depends on which of its texts the cluster follows
  //   object.unknown-field  strict validation would reject it, another client would drop the field silently
  //   object.duplicate      the same object twice, with both places and the fields that differ; the later one counts, as after
  //                         `kubectl apply` in that order
  //   object.repeated       the same object twice, saying the same
  //   object.scope          a namespace on an object that has none, or a namespace that is missing
  //   object.unknown-kind   a kind that does not exist in its group of Kubernetes' own
  //   object.removed-version  an API version that current API servers do not serve any more
  //   namespace.name-label  kubernetes.io/metadata.name written with a value that the API server overwrites
  //   workload.replicas     so many replicas that only some of the pods are derived
  std::vector<base::Finding> findings;
};

// A handle to SnapshotData: copying it copies a pointer. Safe to read from several threads.
class Snapshot {
 public:
  Snapshot();  // empty
  explicit Snapshot(std::shared_ptr<const SnapshotData> data);

  const SnapshotData& operator*() const { return *data_; }
  const SnapshotData* operator->() const { return data_.get(); }

  // Null when there is none such.
  const Object* find(const ObjectId& id) const;
  const Namespace* find_namespace(std::string_view name) const;
  const Workload* find_workload(WorkloadKind kind, std::string_view name_space, std::string_view name) const;
  // What the pod belongs to in the end; null when that is not in the snapshot.
  const Workload* workload_of(const Pod& pod) const;
  // The pods of a workload, as indices into `pods`.
  std::span<const std::size_t> pods_of(const Workload& workload) const;
  // A workload's own controller (a ReplicaSet's Deployment); null when it has none, or it is not in the snapshot.
  const Workload* controller_of(const Workload& workload) const;

  // Whether some source is a live cluster, or a list saved from one.
  bool live() const;

 private:
  class Index;
  std::shared_ptr<const SnapshotData> data_;
  std::shared_ptr<const Index> index_;
};

// The part of a typed list that is in one namespace.
template <typename Typed>
std::span<const Typed> in_namespace(const SharedList<Typed>& sorted, std::string_view name_space) {
  const auto before = [](const Typed& t, std::string_view n) { return std::string_view(t.object.id.name_space) < n; };
  const auto after = [](std::string_view n, const Typed& t) { return n < std::string_view(t.object.id.name_space); };
  const auto first = std::lower_bound(sorted.begin(), sorted.end(), name_space, before);
  const auto last = std::upper_bound(first, sorted.end(), name_space, after);
  return std::span<const Typed>(sorted).subspan(static_cast<std::size_t>(first - sorted.begin()),
                                                static_cast<std::size_t>(last - first));
}

// The first with that name; "" as the namespace of cluster-scoped kinds. Null when there is none such.
template <typename Typed>
const Typed* find_named(const SharedList<Typed>& sorted, std::string_view name_space, std::string_view name) {
  const auto before = [](const Typed& t, const std::pair<std::string_view, std::string_view>& key) {
    const ObjectId& id = t.object.id;
    return std::pair<std::string_view, std::string_view>(id.name_space, id.name) < key;
  };
  const auto it = std::lower_bound(sorted.begin(), sorted.end(), std::pair(name_space, name), before);
  const bool found = it != sorted.end() && it->object.id.name_space == name_space && it->object.id.name == name;
  return found ? &*it : nullptr;
}

// More pods than a manifest ever asks for, so that `replicas: 1000000000` costs little. Small workloads get theirs first.
inline constexpr std::size_t kDerivedPodsMax = 120'000;

struct SnapshotOptions {
  // For objects without one, as `kubectl -n` or the context gives it.
  std::string default_namespace = "default";
  // Whether every object keeps its whole document, or live pods keep only their identity: 100,000 of them then fit in
  // memory. What has a type is complete either way.
  enum class Documents : std::uint8_t { all, without_live_pods };
  Documents documents = Documents::all;
  // Pods that are derived from workloads, in all; 0 for engines that look at workloads only.
  std::size_t derived_pods_max = kDerivedPodsMax;
};

// From documents in the order in which they would be applied; lists (List, PodList, …) are taken apart. Takes the documents
// over: nothing is copied. Values of Secrets are dropped here.
// `sources` and `findings` (of rendering) become part of the snapshot.
// Errors: input, with position, for what is no Kubernetes object (no apiVersion, kind or name). Everything else that is wrong
// with an object is a finding.
base::Result<Snapshot> build_snapshot(std::vector<base::Node> documents, const SnapshotOptions& options = {},
                                      std::vector<SourceRecord> sources = {}, std::vector<base::Finding> findings = {});

// Everything typed in the snapshot, one line each, for golden tests and for people who look for a bug.
std::string dump(const Snapshot& snapshot);

}  // namespace gantry::kube
