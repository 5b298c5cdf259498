#include "disruption/quorum.h"

#include "disruption/model/model.h"
#include "disruption/search/group.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

namespace gantry::disruption {

namespace {

// Groups that vote are small; an autoscaler of thousands is not gone through number by number.
constexpr std::int64_t kRehearsedVotersMax = 100;

// Every way to place the members one after another, by how many are on each node: members are alike here, so this is small.
class PlacementSweep {
 public:
  explicit PlacementSweep(const Group& group) : group_(group) {}

  // The most that the nodes of one mask can hold together, over all masks; with a node cordoned where one is named.
  std::int64_t most(const std::vector<NodeMask>& masks, std::uint8_t cordoned) {
    std::set<Counts> reached = {Counts{}};
    std::int64_t most = 0;
    for (std::size_t placed = 0; placed < group_.members; ++placed) {
      std::set<Counts> next;
      for (const Counts& counts : reached) extend(counts, cordoned, next);
      if (next.empty()) break;
      reached = std::move(next);
    }
    for (const Counts& counts : reached)
      for (const NodeMask mask : masks) most = std::max(most, count_in(counts, mask));
    return most;
  }

 private:
  using Counts = std::array<std::uint8_t, kSearchNodesMax>;

  void extend(const Counts& counts, std::uint8_t cordoned, std::set<Counts>& next) const {
    GroupState state;
    std::size_t slot = 0;
    for (std::uint8_t node = 0; node < group_.nodes.size(); ++node)
      for (std::uint8_t i = 0; i < counts[node]; ++i) state.slots[slot++] = {.state = SlotState::useful, .node = node};
    if (cordoned != kNowhere) state.nodes[cordoned] = NodePhase::draining;
    for (std::uint8_t node = 0; node < group_.nodes.size(); ++node) {
      if (!may_place(group_, state, 0, node)) continue;
      Counts more = counts;
      ++more[node];
      next.insert(more);
    }
  }
  static std::int64_t count_in(const Counts& counts, NodeMask mask) {
    std::int64_t sum = 0;
    for (std::size_t node = 0; node < counts.size(); ++node)
      if ((mask >> node & 1U) != 0) sum += counts[node];
    return sum;
  }

  const Group& group_;
};

class QuorumJudge {
 public:
  QuorumJudge(const Cluster& cluster, InvariantIndex index)
      : cluster_(cluster), model_(cluster.model()), invariant_(model_.invariants[index.value()]) {
    verdict_.invariant = index;
    verdict_.tolerates = invariant_.of - invariant_.needs;
  }

  QuorumVerdict judge() {
    judge_budget();
    judge_placement();
    judge_readiness();
    judge_data();
    return std::move(verdict_);
  }

 private:
  const Kind* kind() const {
    for (const Kind& each : model_.kinds)
      if (std::ranges::find(each.invariants, verdict_.invariant.value()) != each.invariants.end()) return &each;
    return nullptr;
  }
  void judge_budget();
  void judge_placement();
  void judge_readiness();
  void judge_data();

  const Cluster& cluster_;
  const Model& model_;
  const Invariant& invariant_;
  QuorumVerdict verdict_;
};

// At every scale that the workload may have, with every pod healthy: what the budget admits at once.
void QuorumJudge::judge_budget() {
  QuorumCause& cause = verdict_.budget;
  const Kind* of = kind();
  cause.where = invariant_.where;
  if (of == nullptr || of->budgets.empty()) {
    cause = {Holds::no, fmt::format("{} has no budget: a drain may take every member at once", invariant_.subject),
             invariant_.where};
    return;
  }
  const kube::PodDisruptionBudget& budget = model_.budget(of->budgets.front());
  cause.where = budget.bound_where.file ? budget.bound_where : budget.object.pos();
  if (of->budgets.size() > 1) {
    cause.holds = Holds::yes;
    cause.text = "several budgets select its members, so no eviction is ever admitted";
    return;
  }
  const kube::Workload& workload = model_.snapshot->workloads[*invariant_.workload];
  const std::int64_t highest = std::min(highest_replicas(model_.snapshot, workload), kRehearsedVotersMax);
  for (std::int64_t count = invariant_.of; count <= std::max(invariant_.of, highest); ++count) {
    const BudgetNumbers numbers =
        compute_budget(BudgetBounds::of(budget), {.matched = count, .scaled = count, .healthy = count});
    const std::int64_t tolerated = count == invariant_.of ? verdict_.tolerates : count - majority_of(count);
    if (numbers.allowed <= tolerated) continue;
    cause.holds = Holds::no;
    cause.text =
        fmt::format("{} ({}) admits {} of {} members at once, and {} tolerates {}", to_string(budget.object.id),
                    to_string(BudgetBounds::of(budget)), numbers.allowed, count, invariant_.subject, tolerated);
    return;
  }
  cause.holds = Holds::yes;
  cause.text = fmt::format("{} ({}) never admits more than {} at once", to_string(budget.object.id),
                           to_string(BudgetBounds::of(budget)), verdict_.tolerates);
}

void QuorumJudge::judge_placement() {
  QuorumCause& cause = verdict_.placement;
  cause.where = invariant_.where;
  const base::Result<Group> group = compile_group(cluster_, verdict_.invariant, {});
  if (!group) {
    cause.text = group.error().message;
    return;
  }
  std::vector<NodeMask> nodes;
  std::vector<NodeMask> zones(model_.topologies[model_.zone_topology].domains);
  for (std::size_t i = 0; i < group->nodes.size(); ++i) {
    nodes.push_back(static_cast<NodeMask>(1U << i));
    const std::uint32_t zone = model_.topologies[model_.zone_topology].domain[group->nodes[i]];
    if (zone != kNone) zones[zone] = static_cast<NodeMask>(zones[zone] | 1U << i);
  }
  PlacementSweep sweep(*group);
  verdict_.most_on_node = sweep.most(nodes, kNowhere);
  verdict_.most_on_node_draining = 0;
  for (std::uint8_t node = 0; node < group->nodes.size(); ++node)
    verdict_.most_on_node_draining = std::max(*verdict_.most_on_node_draining, sweep.most(nodes, node));
  if (zones.size() > 1) verdict_.most_in_zone = sweep.most(zones, kNowhere);
  cause.holds = *verdict_.most_on_node <= verdict_.tolerates ? Holds::yes : Holds::no;
  cause.text = cause.holds == Holds::yes
                   ? fmt::format("no node can hold more than {} of {} members", *verdict_.most_on_node, invariant_.of)
                   : fmt::format("one node can hold {} of {} members, and the group tolerates the loss of {}",
                                 *verdict_.most_on_node, invariant_.of, verdict_.tolerates);
  if (*verdict_.most_on_node_draining > *verdict_.most_on_node)
    cause.text += fmt::format("; {} while a node is drained", *verdict_.most_on_node_draining);
}

void QuorumJudge::judge_readiness() {
  using Answer = ReadinessTruth::Answer;
  const ReadinessTruth& truth = invariant_.readiness;
  QuorumCause& cause = verdict_.readiness;
  cause = {Holds::unknown, truth.reason, truth.where};
  if (truth.answer == Answer::tells) cause.holds = Holds::yes;
  if (truth.answer == Answer::too_early) cause.holds = Holds::no;
  if (!truth.liveness_kills_survivors) return;
  cause.text =
      cause.holds == Holds::no ? fmt::format("{}; {}", truth.reason, truth.liveness_reason) : truth.liveness_reason;
  cause.holds = Holds::no;
}

// A stream or partition is a group of its own: with fewer than three copies it does not outlive one member.
void QuorumJudge::judge_data() {
  constexpr std::int64_t kCopiesThatOutliveOne = 3;
  QuorumCause& cause = verdict_.data;
  cause = {Holds::unknown, invariant_.data.reason, invariant_.data.where};
  if (invariant_.data.copies) cause.holds = *invariant_.data.copies >= kCopiesThatOutliveOne ? Holds::yes : Holds::no;
}

}  // namespace

std::string_view to_string(Holds holds) {
  switch (holds) {
    case Holds::yes: return "yes";
    case Holds::no: return "no";
    case Holds::unknown: return "unknown";
  }
  return "";
}

base::Result<QuorumVerdict> judge_quorum(const Cluster& cluster, InvariantIndex invariant) {
  if (invariant.value() >= cluster.invariants().size() ||
      cluster.invariants()[invariant.value()].kind != Invariant::Kind::quorum)
    return base::usage_error("the invariant is no quorum");
  return QuorumJudge(cluster, invariant).judge();
}

}  // namespace gantry::disruption
