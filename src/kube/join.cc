#include "kube/join.h"
#include "kube/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <numeric>
#include <set>
#include <tuple>

namespace gantry::kube {

namespace {

constexpr std::string_view kNameLabel = "kubernetes.io/metadata.name";
constexpr std::string_view kTemplateHash = "pod-template-hash";

base::Finding describe_name_label(const Namespace& name_space) {
  base::Finding finding;
  finding.rule = "namespace.name-label";
  finding.severity = base::Severity::info;
  finding.object = to_string(name_space.object.id);
  finding.message = fmt::format("label {} is written as {}, and the API server makes it {}", kNameLabel,
                                quoted(*name_space.written_name_label), quoted(name_space.name()));
  finding.explanation = "Selectors that ask for the written value match nothing.";
  finding.fix = "remove the label";
  const base::Node* value = name_space.object.document->find("metadata", "labels", kNameLabel);
  finding.where = value == nullptr ? name_space.object.pos() : value->pos();
  return finding;
}

void set_name_label(Namespace& name_space, std::vector<base::Finding>& findings) {
  const std::string* written = name_space.labels.known.find(kNameLabel);
  if (written != nullptr && *written != name_space.name()) {
    name_space.written_name_label = *written;
    findings.push_back(describe_name_label(name_space));
  }
  name_space.labels.known.set(std::string(kNameLabel), name_space.name());
}

bool is_before(const ObjectId* a, const ObjectId* b) {
  return std::tie(a->name_space, a->name, a->kind, a->group) < std::tie(b->name_space, b->name, b->kind, b->group);
}

// Where the sorted identities are now; nothing when they are where they should be.
std::vector<std::size_t> sort_places(const std::vector<const ObjectId*>& ids) {
  if (std::ranges::is_sorted(ids, is_before)) return {};
  std::vector<std::size_t> places(ids.size());
  std::iota(places.begin(), places.end(), std::size_t{0});
  std::ranges::stable_sort(places, is_before, [&](std::size_t place) { return ids[place]; });
  return places;
}

// Typed values are large: their places are sorted, and each is moved once. What needs no type is above: there are 30 of them.
template <typename Typed>
void sort_typed(SharedList<Typed>& list) {
  std::vector<const ObjectId*> ids;
  ids.reserve(list.size());
  for (const Typed& value : list) ids.push_back(&value.object.id);
  const std::vector<std::size_t> places = sort_places(ids);
  if (places.empty()) return;
  std::vector<Typed>& typed = list.edit();
  std::vector<Typed> sorted;
  sorted.reserve(typed.size());
  for (const std::size_t place : places) sorted.push_back(std::move(typed[place]));
  typed = std::move(sorted);
}

Workload make_bare(const Pod& pod) {
  Workload workload;
  workload.object = pod.object;
  workload.kind = WorkloadKind::pod;
  workload.pod_template = {
      .labels = pod.object.labels, .annotations = pod.object.annotations, .spec = pod.spec, .where = pod.object.pos()};
  workload.written_replicas = 1;
  return workload;
}

// A ReplicaSet that was not listed is named after its Deployment and the pod's template hash.
std::optional<std::size_t> find_deployment_of(const SnapshotData& data, const Pod& pod, std::string_view replica_set) {
  const std::string* hash = pod.object.labels.find(kTemplateHash);
  if (hash == nullptr || !replica_set.ends_with("-" + *hash)) return std::nullopt;
  return find_workload_index(data, pod.name_space(), "Deployment",
                             replica_set.substr(0, replica_set.size() - hash->size() - 1));
}

// A ReplicaSet's Deployment and a Job's CronJob are at most one step up.
std::size_t climb(const SnapshotData& data, std::size_t index) {
  const Workload& workload = data.workloads[index];
  const OwnerRef* owner = workload.object.controller();
  if (owner == nullptr) return index;
  return find_workload_index(data, workload.name_space(), owner->kind, owner->name).value_or(index);
}

std::optional<std::size_t> find_workload_of(const SnapshotData& data, const Pod& pod) {
  const OwnerRef* owner = pod.object.controller();
  if (owner == nullptr) return find_workload_index(data, pod.name_space(), "Pod", pod.name());
  const auto direct = find_workload_index(data, pod.name_space(), owner->kind, owner->name);
  if (direct) return climb(data, *direct);
  return owner->kind == "ReplicaSet" ? find_deployment_of(data, pod, owner->name) : std::nullopt;
}

std::optional<std::int64_t> find_ordinal(const Workload& workload, const Pod& pod) {
  const std::string_view name = pod.name();
  const std::string prefix = workload.name() + "-";
  if (workload.kind != WorkloadKind::stateful_set || !name.starts_with(prefix)) return std::nullopt;
  const std::string_view digits = name.substr(prefix.size());
  constexpr std::size_t kDigitsMax = 9;  // of an int32
  if (digits.empty() || digits.size() > kDigitsMax) return std::nullopt;
  std::int64_t value = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

}  // namespace

void add_mentioned_namespaces(SnapshotData& data) {
  std::set<std::string_view> defined;
  for (const Namespace& name_space : data.namespaces) defined.insert(name_space.name());
  std::set<std::string_view> mentioned;
  for (const Object& object : data.objects) {
    const std::string& name = object.id.name_space;
    if (!name.empty() && !defined.contains(name)) mentioned.insert(name);
  }
  for (Namespace& name_space : data.namespaces.edit()) set_name_label(name_space, data.findings);
  // Built apart: the names above are views into the list that grows.
  std::vector<Namespace> added;
  for (const std::string_view name : mentioned) {
    Namespace name_space;
    name_space.object.id = {"", "Namespace", "", std::string(name)};
    name_space.object.version = "v1";
    name_space.labels.others_possible = true;
    set_name_label(name_space, data.findings);
    added.push_back(std::move(name_space));
  }
  std::ranges::move(added, std::back_inserter(data.namespaces.edit()));
}

void add_bare_pods(SnapshotData& data) {
  for (const Pod& pod : data.pods) {
    if (pod.object.controller() == nullptr) data.workloads.edit().push_back(make_bare(pod));
  }
}

void sort_by_identity(SnapshotData& data) {
  sort_typed(data.namespaces);
  sort_typed(data.workloads);
  sort_typed(data.pods);
  sort_typed(data.services);
  sort_typed(data.endpoints);
  sort_typed(data.network_policies);
  sort_typed(data.admin_policies);
  sort_typed(data.ingresses);
  sort_typed(data.ingress_classes);
  sort_typed(data.gateway_classes);
  sort_typed(data.gateways);
  sort_typed(data.routes);
  sort_typed(data.reference_grants);
  sort_typed(data.disruption_budgets);
  sort_typed(data.autoscalers);
  sort_typed(data.limit_ranges);
  sort_typed(data.resource_quotas);
  sort_typed(data.priority_classes);
  sort_typed(data.config_maps);
  sort_typed(data.secrets);
  sort_typed(data.service_accounts);
  sort_typed(data.roles);
  sort_typed(data.role_bindings);
  sort_typed(data.volume_claims);
  sort_typed(data.volumes);
  sort_typed(data.storage_classes);
  sort_typed(data.nodes);
  sort_typed(data.custom_resources);
  sort_typed(data.webhooks);
  sort_typed(data.api_services);
}

std::optional<std::size_t> find_workload_index(const SnapshotData& data, std::string_view name_space,
                                               std::string_view kind, std::string_view name) {
  const auto key = [](const Workload& workload) {
    const ObjectId& id = workload.object.id;
    return std::tuple<std::string_view, std::string_view, std::string_view>(id.name_space, id.name, id.kind);
  };
  const std::tuple wanted(name_space, name, kind);
  const auto it = std::ranges::lower_bound(data.workloads, wanted, {}, key);
  if (it == data.workloads.end() || key(*it) != wanted) return std::nullopt;
  return static_cast<std::size_t>(it - data.workloads.begin());
}

void sort_pods(SnapshotData& data) { sort_typed(data.pods); }

void join_pods_to_workloads(SnapshotData& data) {
  for (Pod& pod : data.pods.edit()) {
    pod.workload = find_workload_of(data, pod);
    if (pod.workload) pod.ordinal = find_ordinal(data.workloads[*pod.workload], pod);
  }
}

}  // namespace gantry::kube
