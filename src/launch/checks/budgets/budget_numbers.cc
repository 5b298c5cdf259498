#include "launch/checks/budgets/budget_numbers.h"

#include <algorithm>
#include <array>
#include <map>

namespace gantry::launch {

using kube::PodDisruptionBudget;
using kube::Rounding;
using kube::Workload;
using kube::WorkloadKind;

namespace {

// Images of services that stop without a majority of their members. By name alone, so only as a warning that somebody looks at.
constexpr std::array<std::string_view, 8> kQuorumImages = {"cockroach", "consul",   "etcd",  "mongo",
                                                           "nats",      "rabbitmq", "vault", "zookeeper"};

// "registry.example.com/team/nats:2.11" -> "nats".
std::string_view image_name(std::string_view image) {
  image = image.substr(image.rfind('/') + 1);
  return image.substr(0, image.find_first_of(":@"));
}

std::size_t count_classes(const std::vector<PodClass>& pods, const Workload& workload) {
  return static_cast<std::size_t>(std::ranges::count(pods, &workload, &PodClass::workload));
}

// Pods of one owner as they are at its quietest. Members of a StatefulSet may be matched one by one.
BudgetedPods gather(const kube::Snapshot& snapshot, const std::vector<PodClass>& all,
                    const std::vector<const PodClass*>& matched) {
  BudgetedPods pods{.owner = matched.front()->owner_name(), .workload = matched.front()->workload};
  for (const PodClass* each : matched) pods.matched += static_cast<std::int64_t>(each->count);
  if (!pods.workload || !has_scale(*pods.workload)) return pods;
  pods.wanted = lowest_replicas(snapshot, *pods.workload);
  if (matched.size() == count_classes(all, *pods.workload)) pods.matched = pods.wanted;
  return pods;
}

bool has_controller_without_scale(const BudgetedPods& pods) {
  return pods.workload && pods.workload->kind != WorkloadKind::pod && !has_scale(*pods.workload);
}

}  // namespace

bool has_scale(const Workload& workload) {
  switch (workload.kind) {
    case WorkloadKind::deployment:
    case WorkloadKind::stateful_set:
    case WorkloadKind::replica_set:
    case WorkloadKind::replication_controller: return true;
    case WorkloadKind::daemon_set:
    case WorkloadKind::job:
    case WorkloadKind::cron_job:
    case WorkloadKind::pod: return false;
  }
  return false;
}

std::int64_t lowest_replicas(const kube::Snapshot& snapshot, const Workload& workload) {
  // Zero replicas switch an autoscaler off.
  if (workload.written_replicas == 0) return 0;
  for (const kube::HorizontalPodAutoscaler& autoscaler :
       kube::in_namespace(snapshot->autoscalers, workload.name_space()))
    if (autoscaler.target_kind == workload.object.id.kind && autoscaler.target_name == workload.name())
      return autoscaler.min_replicas;
  return workload.replicas();
}

std::string_view quorum_service(const Workload& workload) {
  if (workload.kind != WorkloadKind::stateful_set) return {};
  for (const kube::Container& container : workload.pod_template.spec->containers) {
    const auto* known = std::ranges::find(kQuorumImages, image_name(container.image));
    if (known != kQuorumImages.end()) return *known;
  }
  return {};
}

BudgetNumbers compute_budget(const kube::Snapshot& snapshot, const std::vector<PodClass>& pods,
                             const PodDisruptionBudget& budget) {
  BudgetNumbers numbers;
  if (!budget.selector) return numbers;
  std::map<std::string, std::vector<const PodClass*>> by_owner;
  for (const PodClass* matched : select(in_namespace(pods, budget.name_space()), *budget.selector))
    by_owner[matched->owner_name()].push_back(matched);
  std::int64_t healthy = 0;
  std::int64_t wanted = 0;
  for (const auto& [owner, matched] : by_owner) {
    numbers.owners.push_back(gather(snapshot, pods, matched));
    healthy += numbers.owners.back().matched;
    wanted += numbers.owners.back().wanted;
  }
  const bool counts_pods = budget.min_available && !budget.min_available->is_percent();
  if (counts_pods) {
    // §2.2: an integer minAvailable is compared with the pods that are there; no scale is looked up.
    numbers.expected = healthy;
    numbers.desired = budget.min_available->value;
  } else if (budget.min_available || budget.max_unavailable) {
    numbers.sync_fails = std::ranges::any_of(numbers.owners, has_controller_without_scale);
    numbers.expected = wanted;
    numbers.desired = budget.min_available
                          ? budget.min_available->resolve(wanted, Rounding::up)
                          : std::max<std::int64_t>(0, wanted - budget.max_unavailable->resolve(wanted, Rounding::up));
  }
  // Neither bound: expected and desired are 0, and so is what is allowed.
  if (numbers.expected > 0 && !numbers.sync_fails)
    numbers.allowed = std::max<std::int64_t>(0, healthy - numbers.desired);
  return numbers;
}

}  // namespace gantry::launch
