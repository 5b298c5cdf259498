// Which pods there are, and what they have in common (disruption reference, §10.1).

#include "disruption/model/build.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <unordered_map>
#include <utility>

namespace gantry::disruption {

using kube::Pod;
using kube::PodOrigin;
using kube::Workload;
using kube::WorkloadKind;

namespace {

Recreation recreation_of(WorkloadKind kind) {
  switch (kind) {
    case WorkloadKind::deployment:
    case WorkloadKind::replica_set:
    case WorkloadKind::replication_controller:
    case WorkloadKind::job:
    case WorkloadKind::cron_job: return Recreation::at_deletion;
    case WorkloadKind::stateful_set: return Recreation::after_gone;
    case WorkloadKind::daemon_set: return Recreation::stays;
    case WorkloadKind::pod: return Recreation::never;
  }
  return Recreation::never;
}

WorkloadModel describe(const kube::Snapshot& snapshot, std::size_t index) {
  const Workload& workload = snapshot->workloads[index];
  const bool stateful = workload.kind == WorkloadKind::stateful_set;
  return {.name = to_string(workload.object.id),
          .name_space = workload.name_space(),
          .base_name = workload.name(),
          .kube_index = index,
          .replicas = starting_replicas(snapshot, workload),
          .has_scale = has_scale(workload.kind),
          .recreation = recreation_of(workload.kind),
          .ordered = stateful && !workload.parallel,
          .stateful = stateful};
}

class PodCollector {
 public:
  explicit PodCollector(Model& model) : model_(model), snapshot_(model.snapshot) {
    for (std::size_t i = 0; i < snapshot_->workloads.size(); ++i) model_.workloads.push_back(describe(snapshot_, i));
  }

  base::Result<PodSources> collect() {
    for (const Pod& pod : snapshot_->pods)
      if (pod.origin != PodOrigin::derived && !pod.object.rejected()) add(pod);
    for (std::size_t i = 0; i < snapshot_->workloads.size(); ++i) TRY(derive(i));
    return std::move(sources_);
  }

 private:
  void add(const Pod& pod) {
    if (pod.origin == PodOrigin::live && !pod.workload && !pod.object.controller()) return;
    sources_.pods.push_back({&pod, pod.workload ? static_cast<std::uint32_t>(*pod.workload) : stranger(pod)});
  }
  std::uint32_t stranger(const Pod& pod);
  base::Result<void> derive(std::size_t index);
  void own(Pod pod, std::size_t workload) {
    sources_.owned.push_back(std::make_unique<Pod>(std::move(pod)));
    sources_.pods.push_back({sources_.owned.back().get(), static_cast<std::uint32_t>(workload)});
  }

  Model& model_;
  const kube::Snapshot& snapshot_;
  PodSources sources_;
  std::map<std::string, std::uint32_t> strangers_;
};

// The controller is a custom resource, or was not given: it makes the pod again once the old one is gone, as far as anybody knows.
std::uint32_t PodCollector::stranger(const Pod& pod) {
  const kube::OwnerRef* owner = pod.object.controller();
  const std::string kind = owner ? owner->kind : "Pod";
  const std::string base_name = owner ? owner->name : pod.name();
  std::string name = fmt::format("{} {}/{}", kind, pod.name_space(), base_name);
  const auto [it, is_new] = strangers_.emplace(name, static_cast<std::uint32_t>(model_.workloads.size()));
  if (is_new) {
    const bool stays = kind == "DaemonSet" || kind == "Node";
    // A custom resource is taken to have a scale, and to be at it: most that run pods do, and an object that was left out says
    // nothing about what the controller would find.
    model_.workloads.push_back({.name = std::move(name),
                                .name_space = pod.name_space(),
                                .base_name = base_name,
                                .kube_index = {},
                                .replicas = 0,
                                .has_scale = owner && !stays && kind != "Job",
                                .recreation = !owner  ? Recreation::never
                                              : stays ? Recreation::stays
                                                      : Recreation::after_gone});
  }
  ++model_.workloads[it->second].replicas;
  return it->second;
}

// Jobs and CronJobs come and go: from manifests they are taken as not running.
base::Result<void> PodCollector::derive(std::size_t index) {
  const Workload& workload = snapshot_->workloads[index];
  const std::span<const std::size_t> known = snapshot_.pods_of(workload);
  const bool is_derived = !known.empty() && snapshot_->pods[known.front()].origin == PodOrigin::derived;
  if (!is_derived || workload.object.rejected()) return {};
  if (workload.kind == WorkloadKind::job || workload.kind == WorkloadKind::cron_job) return {};
  if (workload.kind == WorkloadKind::daemon_set) {
    for (std::size_t node = 0; node < model_.nodes.size(); ++node) {
      if (!kube::daemon_runs_on(*workload.pod_template.spec, model_.nodes[node])) continue;
      Pod pod = kube::derive_pod(workload, index, static_cast<std::int64_t>(node));
      pod.node = model_.nodes[node].name();
      own(std::move(pod), index);
    }
    return {};
  }
  const std::int64_t count = model_.workloads[index].replicas;
  if (count + static_cast<std::int64_t>(sources_.pods.size()) > kRehearsedPodsMax)
    return base::input_error(fmt::format("{} wants {} replicas: more pods than the {} that are rehearsed",
                                         to_string(workload.object.id), count, kRehearsedPodsMax),
                             workload.object.pos(), "check the number of replicas");
  for (std::int64_t number = 0; number < count; ++number) own(kube::derive_pod(workload, index, number), index);
  return {};
}

// What a kind is: pods of one workload with the same labels, and the same ordinal where ordinals matter.
struct KindKey {
  std::uint32_t workload;
  std::int64_t ordinal;
  std::string name_space;
  const kube::LabelKnowledge* labels;
  const kube::PodSpec* own_spec;  // of pods that are not made from a template here

  friend bool operator==(const KindKey& a, const KindKey& b) {
    return a.workload == b.workload && a.ordinal == b.ordinal && a.own_spec == b.own_spec && *a.labels == *b.labels;
  }
};
struct KindHash {
  std::size_t operator()(const KindKey& key) const {
    std::size_t hash = key.workload * 0x9E3779B97F4A7C15ULL + static_cast<std::size_t>(key.ordinal);
    for (const auto& [name, value] : key.labels->known)
      hash = hash * 31 + std::hash<std::string>{}(name)*7 + std::hash<std::string>{}(value);
    return hash ^ std::hash<const void*>{}(key.own_spec);
  }
};

PodState initial_state(const Model& model, const Pod& pod, std::uint32_t node) {
  if (pod.terminal()) return PodState::finished;
  if (node == kNone) return PodState::pending;
  if (!model.nodes[node].ready()) return PodState::lost;
  if (pod.terminating()) return PodState::terminating;
  if (pod.ready) return PodState::ready;
  // Waiting for something that the kubelet has a name for (CrashLoopBackOff, ImagePullBackOff): nothing says that it will pass.
  return pod.waiting_reason.empty() ? PodState::starting : PodState::unready;
}

class KindMaker {
 public:
  explicit KindMaker(Model& model) : model_(model) {
    for (std::uint32_t node = 0; node < model.nodes.size(); ++node) nodes_.emplace(model.nodes[node].name(), node);
  }

  void add(const PodSource& source) {
    const Pod& pod = *source.pod;
    const auto node = nodes_.find(pod.node);
    ModelPod made{.kind = kind_of(source), .node = node == nodes_.end() ? kNone : node->second, .name = pod.name()};
    made.state = initial_state(model_, pod, made.node);
    if (pod.phase == kube::PodPhase::pending)
      made.running_at = made.state == PodState::unready ? kNeverRuns : model_.options.times.start;
    model_.pods.push_back(std::move(made));
  }
  void finish();

 private:
  std::uint32_t kind_of(const PodSource& source);
  std::uint32_t shape_of(const PodSource& source, const kube::PodSpec& spec, bool of_template);

  Model& model_;
  std::unordered_map<std::string, std::uint32_t> nodes_;
  std::unordered_map<KindKey, std::uint32_t, KindHash> known_;
  std::unordered_map<const void*, std::uint32_t> shapes_;  // by workload, or by spec
  std::vector<const kube::PodSpec*> specs_;
};

std::uint32_t KindMaker::shape_of(const PodSource& source, const kube::PodSpec& spec, bool of_template) {
  const void* key =
      of_template ? static_cast<const void*>(&model_.snapshot->workloads[*model_.workloads[source.workload].kube_index])
                  : static_cast<const void*>(&spec);
  const auto [it, is_new] = shapes_.emplace(key, static_cast<std::uint32_t>(model_.shapes.size()));
  if (is_new) model_.shapes.push_back(compile_shape(model_, spec, source.pod->name_space(), source.pod->labels));
  return it->second;
}

std::uint32_t KindMaker::kind_of(const PodSource& source) {
  const Pod& pod = *source.pod;
  const WorkloadModel& workload = model_.workloads[source.workload];
  const bool of_template = workload.kube_index && workload.recreation != Recreation::never;
  const std::int64_t ordinal = workload.stateful ? pod.ordinal.value_or(-1) : -1;
  const KindKey key{source.workload, ordinal, pod.name_space(), &pod.labels, of_template ? nullptr : pod.spec.get()};
  const auto [it, is_new] = known_.emplace(key, static_cast<std::uint32_t>(model_.kinds.size()));
  if (!is_new) return it->second;
  const kube::PodSpec& spec =
      of_template ? *model_.snapshot->workloads[*workload.kube_index].pod_template.spec : *pod.spec;
  Kind kind{.workload = source.workload, .ordinal = ordinal};
  kind.shape = shape_of(source, spec, of_template);
  kind.allowed = model_.shapes[kind.shape].allowed;
  compile_volumes(model_, pod, spec, kind);
  kind.drain = drain_pod(model_.snapshot, pod, {});
  kind.mirror = pod.mirror;
  kind.labels = pod.labels;
  model_.kinds.push_back(std::move(kind));
  specs_.push_back(&spec);
  return it->second;
}

void KindMaker::finish() {
  add_counters(model_);
  add_budgets(model_);
  join_invariants(model_);
  add_times(model_, specs_);
}

}  // namespace

base::Result<PodSources> collect_pods(Model& model) { return PodCollector(model).collect(); }

void add_kinds(Model& model, const PodSources& sources) {
  KindMaker maker(model);
  for (const PodSource& source : sources.pods) maker.add(source);
  maker.finish();
}

}  // namespace gantry::disruption
