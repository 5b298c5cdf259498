#include "launch/checks/system/pod_classes.h"

#include <algorithm>
#include <vector>

namespace gantry::launch {

using kube::Pod;
using kube::Snapshot;
using kube::Workload;
using kube::WorkloadKind;

namespace {

bool are_alike(const Pod& a, const Pod& b) {
  return a.name_space() == b.name_space() && a.workload == b.workload && a.spec == b.spec && a.labels == b.labels &&
         a.ips == b.ips;
}

// Compared with the class before only: derived replicas come one after the other, and two classes that could have been one
// cost time, never truth.
void add_pod(const Snapshot& snapshot, const Pod& pod, std::vector<PodClass>& classes) {
  if (pod.terminal()) return;
  if (!classes.empty() && pod.workload && are_alike(classes.back().pod, pod)) {
    ++classes.back().count;
    return;
  }
  classes.push_back({.pod = pod, .workload = snapshot.workload_of(pod), .count = 1});
}

// Whether pods may come of it by itself: a Deployment's ReplicaSet and a CronJob's Job run for those, and a finished Job runs
// nothing any more.
bool may_have_pods(const Snapshot& snapshot, const Workload& workload) {
  const bool is_finished = workload.status && workload.status->completed;
  return workload.kind != WorkloadKind::pod && !is_finished && snapshot.controller_of(workload) == nullptr;
}

}  // namespace

std::string PodClass::owner_name() const { return to_string(workload ? workload->object.id : pod.object.id); }

bool PodClass::has_replicas() const {
  if (!workload || workload->kind == WorkloadKind::pod) return false;
  return workload->kind != WorkloadKind::stateful_set;
}

std::vector<PodClass> collect_pod_classes(const Snapshot& snapshot) {
  std::vector<PodClass> classes;
  std::vector<bool> has_pods(snapshot->workloads.size(), false);
  for (const Pod& pod : snapshot->pods) {
    if (pod.workload) has_pods[*pod.workload] = true;
    add_pod(snapshot, pod, classes);
  }
  for (std::size_t i = 0; i < snapshot->workloads.size(); ++i) {
    const Workload& workload = snapshot->workloads[i];
    if (has_pods[i] || !may_have_pods(snapshot, workload)) continue;
    classes.push_back({.pod = kube::derive_pod(workload, i, 0), .workload = &workload, .count = 0});
  }
  std::ranges::stable_sort(classes, {},
                           [](const PodClass& pods) -> const kube::ObjectId& { return pods.pod.object.id; });
  return classes;
}

std::span<const PodClass> in_namespace(const std::vector<PodClass>& classes, std::string_view name_space) {
  const auto before = [](const PodClass& pods, std::string_view name) { return pods.name_space() < name; };
  const auto after = [](std::string_view name, const PodClass& pods) { return name < pods.name_space(); };
  const auto first = std::lower_bound(classes.begin(), classes.end(), name_space, before);
  const auto last = std::upper_bound(first, classes.end(), name_space, after);
  return {first, last};
}

std::vector<const PodClass*> select(std::span<const PodClass> classes, const kube::LabelSelector& selector) {
  std::vector<const PodClass*> selected;
  for (const PodClass& pods : classes)
    if (kube::match(selector, pods.pod.labels) != kube::Match::no) selected.push_back(&pods);
  return selected;
}

std::vector<kube::Labelled> with_labels(std::span<const PodClass> classes) {
  std::vector<kube::Labelled> labelled;
  for (const PodClass& pods : classes) labelled.push_back({pods.owner_name(), &pods.pod.labels.known});
  return labelled;
}

std::vector<kube::Labelled> with_labels(std::span<const PodClass* const> classes) {
  std::vector<kube::Labelled> labelled;
  for (const PodClass* pods : classes) labelled.push_back({pods->owner_name(), &pods->pod.labels.known});
  return labelled;
}

}  // namespace gantry::launch
