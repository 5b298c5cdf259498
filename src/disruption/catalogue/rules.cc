#include "disruption/catalogue/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace gantry::disruption {

using base::Severity;

namespace {

constexpr FindingRule kRules[] = {
    {"drain.degraded", Severity::high, "", "While nodes drain, fewer pods are ready than the plan asks for."},
    {"drain.outage", Severity::high, "W9",
     "While nodes drain, the Service has no ready endpoint: every request fails."},
    {"drain.quorum-lost", Severity::critical, "B9",
     "While nodes drain, the group has no majority: it takes no writes."},
    {"drain.refused", Severity::high, "W6",
     "kubectl aborts the node before its first eviction; with the flag that lifts the refusal something is lost."},
    {"drain.stuck", Severity::critical, "W13",
     "The node never becomes empty: nothing that is in flight can change what blocks it, and an upgrade waits for "
     "ever."},
    {"drain.unplaced", Severity::high, "W7",
     "An eviction that succeeds says nothing about the replacement. A pod without a node keeps its budget exhausted."},
    {"drain.unsafe-flags", Severity::medium, "W6",
     "The node only drains by destroying something, or past its budgets."},
    {"pdb.blocks-forever", Severity::high, "B1, B2, B3, B7",
     "The budget admits no eviction even with every pod healthy: each drain of a node with one of these pods waits for "
     "ever."},
    {"pdb.missing", Severity::medium, "B10", "Without a budget, a drain may take every pod of the workload at once."},
    {"pdb.old-api", Severity::medium, "B14",
     "policy/v1beta1 is no longer served, and its empty selector meant the opposite of today's."},
    {"pdb.overlap", Severity::high, "B6",
     "The eviction API answers 500 for a pod that two budgets select, so no drain can ever move it."},
    {"pdb.protects-nothing", Severity::medium, "B3",
     "A budget that admits the eviction of the only pod protects nothing."},
    {"pdb.quorum-not-covered", Severity::high, "B9, B10",
     "Evictions that the budget admits leave fewer voters than the group needs: writes stop."},
    {"pdb.quorum-unhealthy", Severity::medium, "B12",
     "A member that is catching up is not ready; AlwaysAllow lets it be evicted while the quorum hangs on it."},
    {"pdb.selects-nothing", Severity::high, "B4",
     "The budget protects nobody, and the workload that it was meant for has none."},
    {"pdb.selects-several", Severity::medium, "B5",
     "Pods of one workload lend their share of the budget to the other: all of one may go while the other stays."},
    {"pdb.stale-status", Severity::high, "B15",
     "The eviction API decides by the stored status: while it is behind or failed, every eviction answers 429."},
    {"pdb.status-differs", Severity::medium, "B15",
     "What the cluster counts is not what its objects come to: somebody's picture of the budget is wrong."},
    {"pdb.sync-fails", Severity::high, "B8",
     "The disruption controller cannot count what these pods should be and fails safe: it admits no eviction, for "
     "ever."},
    {"pdb.too-lax", Severity::medium, "B9, B13",
     "What was most of the pods at the smallest scale is few at the largest: a drain may take the rest at once."},
    {"pdb.unhealthy-blocks", Severity::low, "B11",
     "One pod that crashes uses the budget up, and its own eviction is then refused as well: the node cannot be "
     "drained."},
    {"quorum.data-copies", Severity::high, "W16",
     "The group keeps its majority, and data with too few copies is down or gone with one member."},
    {"quorum.liveness", Severity::high, "W3",
     "When the quorum is lost, healthy survivors fail the probe and are killed as well."},
    {"quorum.no-farewell", Severity::medium, "W5",
     "A member that is not asked to leave first cuts its clients off and drops the leadership of its groups."},
    {"quorum.parallel-rollout", Severity::high, "W2",
     "A rollout of a Parallel set does not wait for a lower ordinal that is down: with one member drained it takes "
     "another."},
    {"quorum.placement", Severity::medium, "W1",
     "The loss of one node takes the majority with it. Preferred rules are no promise, and no budget helps."},
    {"quorum.readiness", Severity::high, "B16, W4",
     "The budget counts Ready: the next member may be evicted while the one before it is still catching up."},
    {"workload.bypasses-budgets", Severity::medium, "W17",
     "What does not ask the eviction API tests neither the budget nor the shutdown."},
    {"workload.grace-short", Severity::high, "W5",
     "preStop counts inside the grace period: what is left of the shutdown is cut off by SIGKILL."},
    {"workload.headless-missing", Severity::medium, "W11",
     "Without it, members have no names and cannot find each other."},
    {"workload.job-labels", Severity::medium, "T5",
     "A Job takes its pods' labels only while it has none of its own: with one, such as kustomize adds, queries by the "
     "others find nothing, and say nothing."},
    {"workload.memory-at-limit", Severity::medium, "W15",
     "The store keeps as much as its container may use: with what comes on top it is killed once it is full."},
    {"workload.pinned", Severity::medium, "W10",
     "The volume is on its node: while that node is drained, the pod has no place to go."},
    {"workload.single-replica", Severity::medium, "W9",
     "Each drain of the pod's node is an outage of the Service, and a budget can only forbid the drain."},
    {"workload.spread-counts-cordoned", Severity::medium, "W8",
     "A cordoned node still counts as the emptiest domain and can make every other one ineligible: the evicted pod "
     "stays Pending."},
    {"workload.surge-shares-volume", Severity::medium, "W12",
     "The new pod of a rollout cannot attach a ReadWriteOnce volume that the old one holds on another node."},
};

const FindingRule& rule_of(std::string_view id) { return *std::ranges::find(kRules, id, &FindingRule::id); }

}  // namespace

std::span<const FindingRule> finding_rules() { return kRules; }

base::Finding make_finding(std::string_view rule, std::string object, base::SourcePos where, std::string message,
                           std::string fix) {
  const FindingRule& row = rule_of(rule);
  base::Finding finding;
  finding.rule = row.id;
  finding.severity = row.severity;
  finding.object = std::move(object);
  finding.where = std::move(where);
  finding.message = std::move(message);
  finding.explanation = row.catalogue.empty() ? std::string(row.why) : fmt::format("{} [{}]", row.why, row.catalogue);
  finding.fix = std::move(fix);
  return finding;
}

}  // namespace gantry::disruption
