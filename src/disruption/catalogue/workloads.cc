// What is wrong with workloads and where they may be placed (disruption reference, §11.3).

#include "disruption/catalogue/rules.h"
#include "disruption/model/model.h"
#include "disruption/quorum.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

namespace gantry::disruption {

using base::Finding;
using kube::Workload;
using kube::WorkloadKind;

namespace {

class WorkloadCritic {
 public:
  explicit WorkloadCritic(const Cluster& cluster)
      : cluster_(cluster), model_(cluster.model()), snapshot_(model_.snapshot) {}

  std::vector<Finding> find() {
    for (const Workload& workload : snapshot_->workloads) {
      // A ReplicaSet's template is its Deployment's.
      if (workload.object.rejected() || snapshot_.controller_of(workload) != nullptr) continue;
      judge_spread(workload);
      judge_set(workload);
      judge_volumes(workload);
      judge_memory(snapshot_, workload, findings_);
      judge_shutdown(snapshot_, workload, findings_);
    }
    judge_scripts(snapshot_, findings_);
    judge_job_labels(snapshot_, findings_);
    judge_pins();
    judge_services();
    for (std::uint32_t i = 0; i < model_.invariants.size(); ++i)
      if (model_.invariants[i].kind == Invariant::Kind::quorum) judge_quorum_group(InvariantIndex(i));
    base::sort_findings(findings_);
    return std::move(findings_);
  }

 private:
  void judge_spread(const Workload& workload);
  void judge_set(const Workload& workload);
  void judge_volumes(const Workload& workload);
  void judge_pins();
  void judge_services();
  void judge_quorum_group(InvariantIndex index);
  void add(std::string_view rule, const Workload& workload, const base::SourcePos& where, std::string message,
           std::string fix) {
    findings_.push_back(make_finding(rule, to_string(workload.object.id), where.file ? where : workload.object.pos(),
                                     std::move(message), std::move(fix)));
  }

  const Cluster& cluster_;
  const Model& model_;
  const kube::Snapshot& snapshot_;
  std::vector<Finding> findings_;
};

void WorkloadCritic::judge_spread(const Workload& workload) {
  for (const kube::TopologySpread& spread : workload.pod_template.spec->topology_spread) {
    const bool counts_cordoned = spread.do_not_schedule && spread.node_taints_policy == kube::NodeInclusion::ignore;
    if (!counts_cordoned || spread.topology_key != "kubernetes.io/hostname" || lowest_replicas(snapshot_, workload) < 2)
      continue;
    add("workload.spread-counts-cordoned", workload, spread.where,
        fmt::format("the topology spread of {} over {} must hold, and counts cordoned nodes",
                    to_string(workload.object.id), spread.topology_key),
        "write nodeTaintsPolicy: Honor");
  }
}

void WorkloadCritic::judge_set(const Workload& workload) {
  if (workload.kind != WorkloadKind::stateful_set) return;
  const kube::Service* service = kube::find_named(snapshot_->services, workload.name_space(), workload.service_name);
  if (!workload.service_name.empty() && service != nullptr && service->headless) return;
  const std::string problem = workload.service_name.empty() ? "names no Service"
                              : service == nullptr
                                  ? fmt::format("names the Service {}, which is not there", workload.service_name)
                                  : fmt::format("names the Service {}, which is not headless", workload.service_name);
  add("workload.headless-missing", workload, workload.object.pos(),
      fmt::format("{} {}", to_string(workload.object.id), problem),
      "add a Service with clusterIP: None and name it in serviceName");
}

void WorkloadCritic::judge_volumes(const Workload& workload) {
  using Strategy = kube::UpdateStrategy::Kind;
  if (workload.kind != WorkloadKind::deployment || workload.strategy.kind != Strategy::rolling_update) return;
  if (kube::rolling_bounds(workload.strategy, workload.replicas()).surge == 0) return;
  for (const kube::Volume& volume : workload.pod_template.spec->volumes) {
    if (volume.source.kind != kube::VolumeKind::persistent_volume_claim) continue;
    const kube::PersistentVolumeClaim* claim =
        kube::find_named(snapshot_->volume_claims, workload.name_space(), volume.source.name);
    if (claim == nullptr || std::ranges::find(claim->access_modes, "ReadWriteMany") != claim->access_modes.end())
      continue;
    add("workload.surge-shares-volume", workload, volume.source.where,
        fmt::format("a rollout of {} starts a second pod on the volume {} before the first is gone",
                    to_string(workload.object.id), volume.source.name),
        "write strategy: {type: Recreate}, or use a StatefulSet");
  }
}

void WorkloadCritic::judge_pins() {
  std::set<std::uint32_t> known;
  for (const Kind& kind : model_.kinds) {
    const WorkloadModel& workload = model_.workloads[kind.workload];
    if (kind.pin != Pin::node || !workload.kube_index || !known.insert(kind.workload).second) continue;
    const Workload& owner = snapshot_->workloads[*workload.kube_index];
    add("workload.pinned", owner, owner.object.pos(), fmt::format("volumes of {} live on single nodes", workload.name),
        "use a storage class whose volumes can move, or plan the outage");
  }
}

void WorkloadCritic::judge_services() {
  for (const Invariant& invariant : model_.invariants) {
    if (invariant.kind != Invariant::Kind::available || !invariant.service || invariant.of != 1) continue;
    const kube::Service& service = snapshot_->services[*invariant.service];
    findings_.push_back(make_finding("workload.single-replica", invariant.subject, service.object.pos(),
                                     fmt::format("one pod is all that {} has", invariant.subject),
                                     "run two replicas and spread them, or accept the outage"));
  }
}

void WorkloadCritic::judge_quorum_group(InvariantIndex index) {
  const base::Result<QuorumVerdict> verdict = judge_quorum(cluster_, index);
  const Invariant& invariant = model_.invariants[index.value()];
  const Workload& workload = snapshot_->workloads[*invariant.workload];
  if (!verdict) return;
  const std::string& name = invariant.subject;
  const bool rolls = workload.kind == WorkloadKind::stateful_set && workload.parallel &&
                     workload.strategy.kind == kube::UpdateStrategy::Kind::rolling_update &&
                     workload.strategy.partition < workload.replicas();
  if (rolls)
    add("quorum.parallel-rollout", workload, workload.object.pos(),
        fmt::format("{} is Parallel and rolls out by itself", name),
        "write updateStrategy: {type: OnDelete} and replace members one at a time");
  if (verdict->placement.holds == Holds::no)
    add("quorum.placement", workload, workload.object.pos(), fmt::format("{}: {}", name, verdict->placement.text),
        "require podAntiAffinity over kubernetes.io/hostname, or a topology spread that must hold");
  if (invariant.readiness.answer == ReadinessTruth::Answer::too_early)
    add("quorum.readiness", workload, invariant.readiness.where,
        fmt::format("{}: {}", name, invariant.readiness.reason),
        "let the readiness probe wait until the member has caught up");
  if (invariant.readiness.liveness_kills_survivors)
    add("quorum.liveness", workload, invariant.readiness.where,
        fmt::format("{}: {}", name, invariant.readiness.liveness_reason), "ask the member about itself only");
  if (verdict->data.holds == Holds::yes) return;
  add("quorum.data-copies", workload, invariant.data.where, fmt::format("{}: {}", name, verdict->data.text),
      "keep three copies, and let something that is reviewed say so");
  if (verdict->data.holds == Holds::unknown) findings_.back().severity = base::Severity::medium;
}

}  // namespace

std::vector<Finding> find_workload_mistakes(const Cluster& cluster) { return WorkloadCritic(cluster).find(); }

}  // namespace gantry::disruption
