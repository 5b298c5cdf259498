// The pods that a controller would create (network policy reference, §6 and §9).

#include "kube/join.h"
#include "kube/workload.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <unordered_set>
#include <utility>

namespace gantry::kube {

namespace {

constexpr std::string_view kPodNameLabel = "statefulset.kubernetes.io/pod-name";
constexpr std::string_view kPodIndexLabel = "apps.kubernetes.io/pod-index";
constexpr std::string_view kJobIndexLabel = "batch.kubernetes.io/job-completion-index";

// Labels of every pod of a workload of that kind that can't be known before it runs.
std::vector<std::string> added_labels(WorkloadKind kind) {
  switch (kind) {
    case WorkloadKind::deployment: return {"pod-template-hash"};
    case WorkloadKind::stateful_set: return {"controller-revision-hash"};
    case WorkloadKind::daemon_set: return {"controller-revision-hash", "pod-template-generation"};
    case WorkloadKind::job: return {"batch.kubernetes.io/controller-uid", "controller-uid"};
    case WorkloadKind::cron_job:
      return {"batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name", "controller-uid", "job-name"};
    case WorkloadKind::replica_set:
    case WorkloadKind::replication_controller:
    case WorkloadKind::pod: return {};
  }
  return {};
}

void add_known_labels(const Workload& workload, Pod& pod) {
  LabelSet& labels = pod.labels.known;
  if (workload.kind == WorkloadKind::stateful_set) {
    labels.set(std::string(kPodNameLabel), pod.name());
    labels.set(std::string(kPodIndexLabel), std::to_string(*pod.ordinal));
  } else if (workload.kind == WorkloadKind::job) {
    labels.set("batch.kubernetes.io/job-name", workload.name());
    labels.set("job-name", workload.name());
    if (pod.ordinal) labels.set(std::string(kJobIndexLabel), std::to_string(*pod.ordinal));
  }
}

// The DaemonSet controller lets its pods run on nodes with these, whatever the pod says (daemon controller, util).
constexpr std::string_view kDaemonTolerated[] = {
    "node.kubernetes.io/disk-pressure", "node.kubernetes.io/memory-pressure", "node.kubernetes.io/not-ready",
    "node.kubernetes.io/pid-pressure",  "node.kubernetes.io/unreachable",     "node.kubernetes.io/unschedulable"};

std::vector<std::string> daemon_nodes(const Workload& workload, const SharedList<ClusterNode>& nodes) {
  std::vector<std::string> names;
  for (const ClusterNode& node : nodes) {
    if (daemon_runs_on(*workload.pod_template.spec, node)) names.push_back(node.name());
  }
  return names;
}

// Names that are taken or given so far: "namespace/name".
using TakenNames = std::unordered_set<std::string>;

std::string full_name(const Pod& pod) { return pod.name_space() + "/" + pod.name(); }

// A stand-in that somebody else has ("web-0" of a StatefulSet called the same) gets its kind into the name.
void settle_name(const Workload& workload, Pod& pod, TakenNames& taken) {
  if (taken.insert(full_name(pod)).second || !pod.name_is_stand_in) return;
  const std::string number = pod.name().substr(workload.name().size());
  std::string kind(to_string(workload.kind));
  std::ranges::transform(kind, kind.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  pod.object.id.name = workload.name() + "-" + kind + number;
  taken.insert(full_name(pod));
}

// A workload whose pods are to be derived, and how many it wants.
struct Wish {
  std::size_t workload = 0;
  std::int64_t count = 0;
  std::int64_t granted = 0;             // of what all may have together
  std::vector<std::string> nodes = {};  // of a DaemonSet, when nodes are known
};

bool is_derivable(const SnapshotData& data, const Workload& workload, bool pods_were_listed) {
  if (workload.kind == WorkloadKind::pod) return false;
  // Where a live cluster's pods were listed, a workload without one has none.
  if (workload.object.origin == Origin::live && pods_were_listed) return false;
  if (workload.status && workload.status->completed) return false;
  // What a Deployment or CronJob controls is derived from that.
  const OwnerRef* owner = workload.object.controller();
  return owner == nullptr || !find_workload_index(data, workload.name_space(), owner->kind, owner->name);
}

// Small workloads first, so that one absurd number takes nothing from the others.
void grant(std::vector<Wish>& wishes, std::size_t max) {
  std::ranges::stable_sort(wishes, {}, &Wish::count);
  auto room = static_cast<std::int64_t>(max);
  for (Wish& wish : wishes) {
    wish.granted = std::min(wish.count, room);
    room -= wish.granted;
  }
}

std::vector<Wish> collect_wishes(const SnapshotData& data) {
  std::vector<bool> has_pods(data.workloads.size(), false);
  bool pods_were_listed = false;
  for (const Pod& pod : data.pods) {
    if (pod.workload) has_pods[*pod.workload] = true;
    pods_were_listed = pods_were_listed || pod.origin == PodOrigin::live;
  }
  std::vector<Wish> wishes;
  for (std::size_t i = 0; i < data.workloads.size(); ++i) {
    const Workload& workload = data.workloads[i];
    if (has_pods[i] || !is_derivable(data, workload, pods_were_listed)) continue;
    Wish wish{.workload = i, .count = workload.suspended ? 0 : workload.replicas()};
    if (workload.kind == WorkloadKind::daemon_set && !data.nodes.empty()) {
      wish.nodes = daemon_nodes(workload, data.nodes);
      wish.count = static_cast<std::int64_t>(wish.nodes.size());
    }
    wishes.push_back(std::move(wish));
  }
  return wishes;
}

base::Finding describe_too_many(const Workload& workload, std::int64_t derived) {
  base::Finding finding;
  finding.rule = "workload.replicas";
  finding.severity = base::Severity::medium;
  finding.object = to_string(workload.object.id);
  finding.where = workload.object.pos();
  finding.message = fmt::format("wants {} replicas; only {} of them are looked at", workload.replicas(), derived);
  finding.fix = "check the number of replicas";
  return finding;
}

}  // namespace

bool daemon_runs_on(const PodSpec& spec, const ClusterNode& node) {
  const auto bearable = [&](const Taint& taint) {
    if (taint.effect == TaintEffect::prefer_no_schedule) return true;
    if (std::ranges::find(kDaemonTolerated, taint.key) != std::end(kDaemonTolerated)) return true;
    return std::ranges::any_of(spec.tolerations, [&](const Toleration& t) { return t.tolerates(taint); });
  };
  return may_run_on(spec, node) && std::ranges::all_of(node.taints, bearable);
}

void derive_pods(SnapshotData& data, std::size_t max) {
  std::vector<Wish> wishes = collect_wishes(data);
  if (wishes.empty()) return;
  grant(wishes, max);
  TakenNames taken;
  for (const Pod& pod : data.pods) taken.insert(full_name(pod));
  // Real names first: a stand-in makes room for them.
  const auto has_real_names = [&](const Wish& wish) {
    return data.workloads[wish.workload].kind == WorkloadKind::stateful_set;
  };
  std::ranges::stable_partition(wishes, has_real_names);
  for (const Wish& wish : wishes) {
    const Workload& workload = data.workloads[wish.workload];
    for (std::int64_t number = 0; number < wish.granted; ++number) {
      Pod pod = derive_pod(workload, wish.workload, number);
      if (!wish.nodes.empty()) pod.node = wish.nodes[static_cast<std::size_t>(number)];
      settle_name(workload, pod, taken);
      data.pods.edit().push_back(std::move(pod));
    }
    if (wish.granted < wish.count) data.findings.push_back(describe_too_many(workload, wish.granted));
  }
  sort_pods(data);
}

Pod derive_pod(const Workload& workload, std::size_t workload_index, std::int64_t number) {
  Pod pod;
  const bool stateful = workload.kind == WorkloadKind::stateful_set;
  const bool indexed = workload.kind == WorkloadKind::job && workload.completion_mode == "Indexed";
  if (stateful) pod.ordinal = workload.first_ordinal + number;
  if (indexed) pod.ordinal = number;
  pod.object.id = {"", "Pod", workload.name_space(),
                   workload.name() + "-" + std::to_string(pod.ordinal.value_or(number))};
  pod.object.version = "v1";
  pod.object.labels = workload.pod_template.labels;
  pod.object.annotations = workload.pod_template.annotations;
  pod.object.admission = workload.object.admission;
  pod.origin = PodOrigin::derived;
  pod.name_is_stand_in = !stateful;
  pod.workload = workload_index;
  pod.labels.known = workload.pod_template.labels;
  add_known_labels(workload, pod);
  // A template that writes such a label itself is overwritten: its value is as unknown as without.
  for (std::string& key : added_labels(workload.kind)) {
    pod.labels.known.erase(key);
    pod.labels.present.push_back(std::move(key));
  }
  pod.spec = workload.pod_template.spec;
  pod.node = pod.spec->node_name;
  return pod;
}

}  // namespace gantry::kube
