// What a rehearsal ran into, as findings: one for each thing that has to be mended, however many nodes show it.

#include "disruption/catalogue/rules.h"
#include "disruption/model/model.h"
#include "disruption/proof.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <set>
#include <tuple>
#include <utility>

namespace gantry::disruption {

using base::Finding;

namespace {

class RehearsalCritic {
 public:
  explicit RehearsalCritic(const Rehearsal& rehearsal) : rehearsal_(rehearsal), model_(rehearsal.cluster.model()) {}

  std::vector<Finding> find() {
    for (const NodeOutcome& outcome : rehearsal_.nodes) {
      add_stuck(outcome);
      add_refused(outcome);
    }
    for (std::uint32_t i = 0; i < model_.invariants.size(); ++i)
      if (rehearsal_.invariants[i].broken) add_broken(i);
    add_unplaced();
    base::sort_findings(findings_);
    return std::move(findings_);
  }

 private:
  void add_stuck(const NodeOutcome& outcome);
  void add_refused(const NodeOutcome& outcome);
  void add_broken(std::uint32_t index);
  void add_unplaced();
  // Where the workload of a pod is written.
  base::SourcePos place_of(PodIndex pod) const;
  void add(std::string_view rule, std::string object, base::SourcePos where, std::string message, std::string fix) {
    // Two nodes with the same problem are one problem.
    if (!known_.insert({std::string(rule), object, message}).second) return;
    findings_.push_back(make_finding(rule, std::move(object), std::move(where), std::move(message), std::move(fix)));
  }

  const Rehearsal& rehearsal_;
  const Model& model_;
  std::vector<Finding> findings_;
  std::set<std::tuple<std::string, std::string, std::string>> known_;
};

base::SourcePos RehearsalCritic::place_of(PodIndex pod) const {
  const bool is_first = pod.value() < model_.pods.size();
  const std::uint32_t kind =
      is_first ? model_.pods[pod.value()].kind : rehearsal_.made[pod.value() - model_.pods.size()].kind;
  const std::optional<std::size_t> workload = model_.workloads[model_.kinds[kind].workload].kube_index;
  return workload ? model_.snapshot->workloads[*workload].object.pos() : base::SourcePos{};
}

void RehearsalCritic::add_stuck(const NodeOutcome& outcome) {
  if (outcome.why_stuck.empty()) return;
  std::vector<std::string_view> texts;
  for (const StuckReason& reason : outcome.why_stuck) texts.push_back(reason.text);
  const StuckReason& first = outcome.why_stuck.front();
  const base::SourcePos where = first.budget ? model_.budget(first.budget->value()).object.pos() : place_of(first.pod);
  add("drain.stuck", rehearsal_.pod(first.pod).workload, where,
      fmt::format("a node with pods of {} can never be drained: {}", rehearsal_.pod(first.pod).workload,
                  fmt::join(texts, "; and ")),
      "remove any one of these reasons");
}

void RehearsalCritic::add_refused(const NodeOutcome& outcome) {
  for (const RefusedPod& refused : outcome.refused) {
    const RehearsedPod pod = rehearsal_.pod(refused.pod);
    const std::string_view loss = refused.decision.destroys;
    add("drain.refused", pod.workload, place_of(refused.pod),
        fmt::format("kubectl refuses to drain nodes with pods of {}: {}", pod.workload,
                    to_string(refused.decision.filter)),
        loss.empty() ? fmt::format("drain with {}", refused.decision.flag)
                     : fmt::format("drain with {}, which destroys {}", refused.decision.flag, loss));
  }
  if (!outcome.destroyed.empty())
    add("drain.unsafe-flags", "", {}, fmt::format("the drain destroys {}", outcome.destroyed.front()),
        "make sure that nobody misses it");
}

void RehearsalCritic::add_broken(std::uint32_t index) {
  const Invariant& invariant = model_.invariants[index];
  const InvariantOutcome& outcome = rehearsal_.invariants[index];
  const bool quorum = invariant.kind == Invariant::Kind::quorum;
  // What nobody declared, and one replica makes unavoidable, is told once: as workload.single-replica.
  if (!quorum && invariant.origin == Invariant::Origin::inferred && invariant.of == 1) return;
  const std::string_view rule = quorum ? "drain.quorum-lost" : outcome.lowest <= 0 ? "drain.outage" : "drain.degraded";
  add(rule, invariant.subject, invariant.where,
      fmt::format("{} falls to {} of {}, and needs {} ({})", invariant.subject, outcome.lowest, invariant.of,
                  invariant.needs, invariant.reason),
      quorum ? "admit one eviction at a time, and place members apart" : "run more replicas, apart, with a budget");
}

void RehearsalCritic::add_unplaced() {
  for (const Unplaced& unplaced : rehearsal_.unplaced) {
    const RehearsedPod pod = rehearsal_.pod(unplaced.pod);
    const bool waits = unplaced.obstacles.empty();
    add("drain.unplaced", pod.workload, place_of(unplaced.pod),
        waits
            ? fmt::format("a pod of {} is missing in the end: a lower ordinal is not Ready", pod.workload)
            : fmt::format("a pod of {} has no node in the end: {}", pod.workload, describe(model_, unplaced.obstacles)),
        waits ? "bring the lower ordinal back, or write podManagementPolicy: Parallel"
              : "add room, or loosen the rule that stands in the way");
  }
}

}  // namespace

std::vector<Finding> find_drain_problems(const Rehearsal& rehearsal) { return RehearsalCritic(rehearsal).find(); }

}  // namespace gantry::disruption
