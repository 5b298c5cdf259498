// From the cluster to one group in few numbers: its members, the nodes that matter to them, the rules and budgets among them.

#include "disruption/proof.h"
#include "disruption/search/group.h"
#include "disruption/world.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

namespace gantry::disruption {

namespace {

// What is not Ready yet is taken to become so; a rehearsal says what it waits for.
SlotState start_of(PodState state) {
  switch (state) {
    case PodState::ready: return SlotState::useful;
    case PodState::starting:
    case PodState::unready: return SlotState::starting;
    case PodState::lost: return SlotState::lost;
    case PodState::terminating: return SlotState::terminating;
    case PodState::pending:
    case PodState::finished:
    case PodState::gone: break;
  }
  return SlotState::pending;
}

class Compiler {
 public:
  Compiler(const Cluster& cluster, InvariantIndex invariant, const SearchOptions& options)
      : model_(cluster.model()), world_(model_), options_(options), invariant_(invariant.value()) {
    group_.invariant = invariant;
  }

  base::Result<Group> compile() {
    TRY(find_members());
    choose_nodes();
    describe_workload();
    describe_slots();
    describe_room();
    for (const AffinityRule& rule : shape().anti) add_rule(rule.counter, false, nullptr);
    for (const std::uint32_t counter : kind().rejected_by) add_rule(counter, false, nullptr);
    for (const SpreadRule& rule : shape().spread)
      if (rule.hard) add_rule(rule.counter, true, &rule);
    describe_budgets();
    find_twins();
    return std::move(group_);
  }

 private:
  const Kind& kind() const { return world_.kind_of(members_.front()); }
  const Shape& shape() const { return model_.shapes[kind().shape]; }
  bool is_member(std::uint32_t pod) const {
    const std::vector<std::uint32_t>& counted = world_.kind_of(pod).invariants;
    return std::ranges::find(counted, invariant_) != counted.end();
  }
  base::Result<void> find_members();
  void choose_nodes();
  void describe_workload();
  void describe_slots();
  void describe_room();
  void add_rule(std::uint32_t counter, bool spread, const SpreadRule* rule);
  void describe_budgets();
  void find_twins();

  const Model& model_;
  World world_;
  const SearchOptions& options_;
  std::uint32_t invariant_;
  std::vector<std::uint32_t> members_;
  Group group_;
};

base::Result<void> Compiler::find_members() {
  for (std::uint32_t pod = 0; pod < world_.pod_count(); ++pod)
    if (is_member(pod) && world_.pod(pod).state != PodState::finished) members_.push_back(pod);
  if (members_.empty())
    return base::usage_error(fmt::format("{} counts no pod", model_.invariants[invariant_].subject));
  if (members_.size() > kSearchMembersMax)
    return base::usage_error(fmt::format("{} has {} pods: more than the {} that are searched",
                                         model_.invariants[invariant_].subject, members_.size(), kSearchMembersMax),
                             "rehearse it in many orders instead");
  const auto differs = [&](std::uint32_t pod) {
    const Kind& other = world_.kind_of(pod);
    return other.workload != kind().workload || other.shape != kind().shape || other.budgets != kind().budgets;
  };
  if (std::ranges::any_of(members_, differs))
    return base::usage_error(fmt::format("the pods of {} are of several workloads, or under different budgets",
                                         model_.invariants[invariant_].subject),
                             "rehearse it in many orders instead");
  const auto by_ordinal = [&](std::uint32_t pod) { return std::pair(world_.kind_of(pod).ordinal, pod); };
  std::ranges::sort(members_, {}, by_ordinal);
  return {};
}

// Hosts of members, then nodes that may become one; of those, each zone in turn.
void Compiler::choose_nodes() {
  std::vector<std::uint32_t>& nodes = group_.nodes;
  const auto add = [&](std::uint32_t node) {
    if (nodes.size() < kSearchNodesMax && std::ranges::find(nodes, node) == nodes.end()) nodes.push_back(node);
  };
  for (const std::uint32_t pod : members_)
    if (world_.pod(pod).node != kNone) add(world_.pod(pod).node);
  std::vector<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>> spare;  // turn, zone, node
  std::map<std::uint32_t, std::uint32_t> turns;
  for (std::uint32_t node = 0; node < model_.old_nodes(); ++node) {
    if (world_.node_state(node) != NodeState::open || !contains(model_.node_sets[kind().allowed], node)) continue;
    const std::uint32_t zone = model_.topologies[model_.zone_topology].domain[node];
    spare.emplace_back(turns[zone]++, zone, node);
  }
  std::ranges::sort(spare);
  for (const auto& [turn, zone, node] : spare) add(node);
  std::ranges::sort(nodes);
}

void Compiler::describe_workload() {
  const Invariant& invariant = model_.invariants[invariant_];
  const WorkloadModel& workload = model_.workloads[kind().workload];
  group_.quorum = invariant.kind == Invariant::Kind::quorum;
  group_.needs = invariant.needs;
  group_.readiness_tells = !group_.quorum || invariant.readiness.answer == ReadinessTruth::Answer::tells;
  group_.stateful = workload.recreation == Recreation::after_gone;
  group_.ordered = workload.ordered;
  group_.present = static_cast<std::uint8_t>(members_.size());
  group_.members = group_.present;
  group_.lowest = group_.members;
  group_.members_all = group_.members;
  if (!workload.kube_index) return;
  const kube::Workload& kube_workload = model_.snapshot->workloads[*workload.kube_index];
  if (options_.scale_down) {
    // What is modelled is the quietest scale; the search starts above it, as far as it may.
    const std::int64_t highest = highest_replicas(model_.snapshot, kube_workload);
    group_.lowest = static_cast<std::uint8_t>(
        std::min<std::int64_t>(group_.members, lowest_replicas(model_.snapshot, kube_workload)));
    group_.members_all = std::max<std::int64_t>(group_.members, highest);
    group_.members = static_cast<std::uint8_t>(
        std::clamp<std::int64_t>(highest, group_.members, static_cast<std::int64_t>(kSearchMembersMax)));
    // Members that leave without being taken out of the group still count among its voters.
    if (group_.quorum && group_.members > group_.lowest)
      group_.needs = std::max(group_.needs, majority_of(group_.members));
  }
  using Strategy = kube::UpdateStrategy::Kind;
  const kube::RollingBounds bounds = kube::rolling_bounds(kube_workload.strategy, group_.members);
  if (kube_workload.strategy.kind == Strategy::recreate) group_.rollout = Group::Rollout::recreate;
  if (kube_workload.strategy.kind == Strategy::rolling_update)
    group_.rollout = workload.stateful ? Group::Rollout::stateful_set : Group::Rollout::deployment;
  group_.surge = static_cast<std::uint8_t>(std::min<std::int64_t>(bounds.surge, kSlotsMax - kSearchMembersMax));
  group_.unavailable = static_cast<std::uint8_t>(std::min<std::int64_t>(bounds.unavailable, kSlotsMax));
  group_.partition = static_cast<std::uint8_t>(std::min<std::int64_t>(kube_workload.strategy.partition, kSlotsMax));
}

void Compiler::describe_slots() {
  group_.start.fill(kNowhere);
  const std::vector<std::uint32_t>& zones = model_.topologies[model_.zone_topology].domain;
  const std::string& base_name = model_.workloads[kind().workload].base_name;
  for (std::size_t slot = 0; slot < kSlotsMax; ++slot) {
    const bool exists = slot < members_.size();
    const Kind& of = world_.kind_of(members_[exists ? slot : 0]);
    const std::uint32_t home = exists ? world_.pod(members_[slot]).node : kNone;
    group_.start_state[slot] = exists ? start_of(world_.pod(members_[slot]).state) : SlotState::pending;
    for (std::size_t i = 0; i < group_.nodes.size(); ++i) {
      const std::uint32_t node = group_.nodes[i];
      if (home == node) group_.start[slot] = static_cast<std::uint8_t>(i);
      const bool pinned = home != kNone && ((of.pin == Pin::node && node != home) ||
                                            (of.pin == Pin::zone && zones[node] != zones[home]));
      if (contains(model_.node_sets[of.allowed], node) && !pinned)
        group_.allowed[slot] = static_cast<NodeMask>(group_.allowed[slot] | 1U << i);
    }
    group_.names.push_back(
        exists ? name_of(world_, members_[slot])
               : fmt::format("{}/{}-{}", model_.workloads[kind().workload].name_space, base_name, slot));
  }
}

void Compiler::describe_room() {
  for (std::size_t i = 0; i < group_.nodes.size(); ++i) {
    const std::uint32_t node = group_.nodes[i];
    std::int64_t here = 0;
    for (const std::uint32_t pod : members_) here += world_.pod(pod).node == node;
    std::int64_t more = kSlotsMax;
    const std::span<const std::int64_t> free = world_.free_on(node);
    for (std::size_t resource = 0; resource < free.size(); ++resource)
      if (shape().request[resource] > 0)
        more = std::min(more, std::max<std::int64_t>(0, free[resource]) / shape().request[resource]);
    group_.room[i] = static_cast<std::uint8_t>(std::min<std::int64_t>(here + more, kSlotsMax));
    if (world_.node_state(node) == NodeState::open || shape().tolerates_cordon)
      group_.open = static_cast<NodeMask>(group_.open | 1U << i);
    if (world_.node_state(node) == NodeState::lost)
      group_.lost = static_cast<NodeMask>(group_.lost | 1U << i);
    else if (node < model_.old_nodes())
      group_.drained = static_cast<NodeMask>(group_.drained | 1U << i);
  }
}

void Compiler::add_rule(std::uint32_t counter, bool spread, const SpreadRule* rule) {
  PlacementRule made{.spread = spread};
  const Topology& topology = model_.topologies[model_.counters[counter].topology];
  const std::span<const std::uint32_t> counted = world_.count(counter);
  const bool counts_members = std::ranges::binary_search(kind().counts, counter);
  made.domain.fill(kNowhere);
  std::map<std::uint32_t, std::uint8_t> names;
  for (std::size_t i = 0; i < group_.nodes.size(); ++i) {
    const std::uint32_t node = group_.nodes[i];
    if (topology.domain[node] != kNone)
      made.domain[i] = names.emplace(topology.domain[node], static_cast<std::uint8_t>(names.size())).first->second;
    made.others[i] = counted[node];
    for (const std::uint32_t pod : members_) made.others[i] -= counts_members && world_.pod(pod).node == node;
  }
  if (rule != nullptr) {
    made.honors_taints = rule->honors_taints;
    made.max_skew = rule->max_skew;
    made.min_domains = rule->min_domains;
  }
  // A rule that does not count the members is a fixed fact about each node.
  if (counts_members)
    group_.rules.push_back(made);
  else if (!spread)
    for (NodeMask& allowed : group_.allowed)
      for (std::size_t i = 0; i < group_.nodes.size(); ++i)
        if (made.others[i] > 0) allowed = static_cast<NodeMask>(allowed & ~(1U << i));
}

void Compiler::describe_budgets() {
  std::int64_t own_healthy = 0;
  for (const std::uint32_t pod : members_) own_healthy += world_.pod(pod).state == PodState::ready;
  for (const std::uint32_t index : kind().budgets) {
    const BudgetModel& budget = model_.budgets[index];
    const BudgetNumbers numbers = world_.budget(index);
    GroupBudget made{.bounds = budget.bounds};
    made.always_allow = budget.policy == kube::UnhealthyPodEvictionPolicy::always_allow;
    made.scale_known = budget.scaled.has_value();
    std::int64_t matched = 0;
    for (std::uint32_t pod = 0; pod < world_.pod_count(); ++pod) {
      const std::vector<std::uint32_t>& counted = world_.kind_of(pod).budgets;
      matched += !is_member(pod) && std::ranges::find(counted, index) != counted.end();
    }
    made.others_matched = matched;
    made.others_healthy = numbers.healthy - own_healthy;
    made.others_scaled = budget.scaled.value_or(0) - model_.workloads[kind().workload].replicas;
    group_.budgets.push_back(made);
  }
}

void Compiler::find_twins() {
  std::vector<std::vector<std::int64_t>> signatures;
  for (std::size_t i = 0; i < group_.nodes.size(); ++i) {
    std::vector<std::int64_t> signature = {group_.room[i], group_.open >> i & 1, group_.drained >> i & 1};
    for (const NodeMask allowed : group_.allowed) signature.push_back(allowed >> i & 1);
    for (const PlacementRule& rule : group_.rules) {
      // A domain of one node has a name of its own, as every other such domain.
      const bool alone = std::ranges::count(rule.domain, rule.domain[i]) == 1;
      signature.push_back(alone || rule.domain[i] == kNowhere ? -1 : rule.domain[i]);
      signature.push_back(rule.domain[i] == kNowhere);
      signature.push_back(rule.others[i]);
    }
    const auto known = std::ranges::find(signatures, signature);
    group_.twins[i] = static_cast<std::uint8_t>(known - signatures.begin());
    if (known == signatures.end()) signatures.push_back(std::move(signature));
  }
  const bool same_places =
      std::ranges::all_of(group_.allowed, [&](NodeMask mask) { return mask == group_.allowed[0]; });
  const bool told_apart = group_.stateful && (group_.ordered || options_.rollout || options_.scale_down);
  const bool may_reduce = same_places && options_.reduction == SearchOptions::Reduction::symmetry;
  group_.alike = may_reduce && !told_apart;
  group_.updated_alike = may_reduce && !group_.ordered && !options_.scale_down;
}

}  // namespace

base::Result<Group> compile_group(const Cluster& cluster, InvariantIndex invariant, const SearchOptions& options) {
  return Compiler(cluster, invariant, options).compile();
}

}  // namespace gantry::disruption
