// What can happen next to a group: the rules of Kubernetes once more (disruption reference, §2, §3, §6 and §7), on few numbers.

#include "disruption/search/group.h"

#include <algorithm>

namespace gantry::disruption {

namespace {

bool is_healthy(const Slot& slot) { return slot.state == SlotState::ready || slot.state == SlotState::useful; }
bool is_there(const Slot& slot) { return slot.state != SlotState::absent; }
// What a controller counts as one of its pods: terminating ones are not.
bool is_active(const Slot& slot) { return is_there(slot) && slot.state != SlotState::terminating; }
bool holds_room(const Slot& slot) { return slot.node != kNowhere; }

bool in(NodeMask mask, std::size_t node) { return (mask >> node & 1U) != 0; }

class Finder {
 public:
  Finder(const Group& group, const GroupState& state, const SearchOptions& options, Moves& moves)
      : group_(group), state_(state), options_(options), moves_(moves) {
    for (std::size_t i = 0; i < kSlotsMax; ++i) {
      healthy_ += is_healthy(state.slots[i]);
      active_ += is_active(state.slots[i]);
      matched_ += is_there(state.slots[i]);
    }
  }

  bool may_place(std::uint8_t slot, std::uint8_t node) const {
    return in(group_.allowed[slot], node) && is_open(node) && fits(node);
  }
  void find() {
    for (std::uint8_t slot = 0; slot < kSlotsMax; ++slot) find_own(slot);
    find_surplus();
    if (state_.rolling) find_rollout();
    if (moves_.list.empty() && state_.crashed && drains(state_)) find_removals();
    moves_.own = moves_.list.size();
    if (state_.removed) return;
    if (!state_.rolling && options_.rollout) find_rollout();
    find_drains();
    if (options_.scale_down) find_scaling();
    if (options_.crash && !state_.crashed)
      for (std::uint8_t node = 0; node < group_.nodes.size(); ++node) add(StepKind::lose, kNowhere, node);
  }

 private:
  void add(StepKind kind, std::uint8_t slot, std::uint8_t node = kNowhere) {
    moves_.list.push_back({kind, slot, node});
  }
  void find_own(std::uint8_t slot);
  void find_places(std::uint8_t slot);
  void find_rollout();
  void roll_stateful_set();
  void roll_deployment();
  void find_drains();
  void find_scaling();
  void find_surplus();
  void find_removals();
  bool admits(const Slot& slot) const;
  bool may_create(std::uint8_t slot) const;
  bool fits(std::uint8_t node) const;
  bool respects(const PlacementRule& rule, std::uint8_t node) const;
  bool is_open(std::size_t node) const;

  const Group& group_;
  const GroupState& state_;
  const SearchOptions& options_;
  Moves& moves_;
  std::int64_t healthy_ = 0;
  std::int64_t active_ = 0;
  std::int64_t matched_ = 0;
};

bool Finder::is_open(std::size_t node) const {
  switch (state_.nodes[node]) {
    case NodePhase::waiting: return in(group_.open, node);
    case NodePhase::done: return options_.after == SearchOptions::After::uncordon;
    case NodePhase::draining:
    case NodePhase::lost: return false;
  }
  return false;
}

bool Finder::admits(const Slot& slot) const {
  EvictionRequest request;
  request.pod.ready = is_healthy(slot);
  request.budgets_matched = static_cast<std::int64_t>(group_.budgets.size());
  if (group_.budgets.size() == 1) {
    const GroupBudget& budget = group_.budgets.front();
    std::optional<std::int64_t> scaled;
    if (budget.scale_known) scaled = budget.others_scaled + state_.wished;
    const BudgetNumbers numbers = compute_budget(
        budget.bounds,
        {.matched = matched_ + budget.others_matched, .scaled = scaled, .healthy = healthy_ + budget.others_healthy});
    request.budget.policy = budget.always_allow ? kube::UnhealthyPodEvictionPolicy::always_allow
                                                : kube::UnhealthyPodEvictionPolicy::if_healthy_budget;
    request.budget.desired_healthy = numbers.desired;
    request.budget.current_healthy = numbers.healthy;
    request.budget.disruptions_allowed = numbers.allowed;
  }
  return answer_eviction(request).admitted();
}

bool Finder::respects(const PlacementRule& rule, std::uint8_t node) const {
  std::array<std::int64_t, kSearchNodesMax> counts{};
  std::array<bool, kSearchNodesMax> eligible{};
  if (rule.domain[node] == kNowhere) return !rule.spread;
  for (std::size_t each = 0; each < group_.nodes.size(); ++each) {
    if (rule.domain[each] == kNowhere || (rule.spread && rule.honors_taints && !is_open(each))) continue;
    eligible[rule.domain[each]] = true;
    counts[rule.domain[each]] += rule.others[each];
  }
  for (const Slot& slot : state_.slots) {
    if (slot.node == kNowhere || rule.domain[slot.node] == kNowhere) continue;
    if (rule.spread && slot.state == SlotState::terminating) continue;
    if (eligible[rule.domain[slot.node]]) ++counts[rule.domain[slot.node]];
  }
  const std::int64_t here = counts[rule.domain[node]];
  if (!rule.spread) return here == 0;
  std::int64_t lowest = here;
  std::int64_t domains = 0;
  for (std::size_t each = 0; each < kSearchNodesMax; ++each) {
    if (!eligible[each]) continue;
    ++domains;
    lowest = std::min(lowest, counts[each]);
  }
  if (domains < rule.min_domains) lowest = 0;
  return here + 1 - lowest <= rule.max_skew;
}

bool Finder::fits(std::uint8_t node) const {
  const auto there =
      std::ranges::count_if(state_.slots, [&](const Slot& slot) { return holds_room(slot) && slot.node == node; });
  if (there >= group_.room[node]) return false;
  return std::ranges::all_of(group_.rules, [&](const PlacementRule& rule) { return respects(rule, node); });
}

// OrderedReady creates a member once every lower one is Ready.
bool Finder::may_create(std::uint8_t slot) const {
  if (!group_.stateful || !group_.ordered) return true;
  for (std::size_t lower = 0; lower < slot; ++lower)
    if (!is_healthy(state_.slots[lower])) return false;
  return true;
}

void Finder::find_places(std::uint8_t slot) {
  for (std::uint8_t node = 0; node < group_.nodes.size(); ++node)
    if (may_place(slot, node)) add(StepKind::schedule, slot, node);
}

// What happens to a pod without anybody's doing, and the evictions of drains that are under way.
void Finder::find_own(std::uint8_t slot) {
  const Slot& it = state_.slots[slot];
  const bool leaving = it.node != kNowhere && state_.nodes[it.node] == NodePhase::draining;
  const bool unstarted = it.state == SlotState::starting;  // still Pending to the API, or Running and not Ready
  switch (it.state) {
    case SlotState::absent:
      // A StatefulSet's place in its object's absence.
      if (group_.stateful && slot < state_.wished && may_create(slot)) find_places(slot);
      return;
    case SlotState::pending: return find_places(slot);
    case SlotState::starting: add(StepKind::ready, slot); break;
    case SlotState::ready: add(StepKind::caught_up, slot); break;
    case SlotState::terminating:
      if (state_.nodes[it.node] != NodePhase::lost) add(StepKind::gone, slot);
      return;
    case SlotState::lost:
      if (!group_.stateful) add(StepKind::replace, slot);
      return;
    case SlotState::useful: break;
  }
  if (leaving && (unstarted || admits(it))) add(StepKind::evict, slot);
}

// From the highest ordinal down to the partition; only those that were updated are waited for, unless the set is ordered (§6.2).
void Finder::roll_stateful_set() {
  if (group_.ordered)
    for (std::size_t slot = 0; slot < state_.wished; ++slot)
      if (!is_healthy(state_.slots[slot])) return;
  for (int slot = state_.wished - 1; slot >= group_.partition; --slot) {
    const Slot& it = state_.slots[static_cast<std::size_t>(slot)];
    if (!it.updated) {
      if (is_active(it)) add(StepKind::roll, static_cast<std::uint8_t>(slot));
      return;
    }
    if (!is_healthy(it)) return;
  }
}

void Finder::roll_deployment() {
  const auto is_old = [](const Slot& slot) { return is_active(slot) && !slot.updated; };
  const bool any_old = std::ranges::any_of(state_.slots, is_old);
  const bool recreate = group_.rollout == Group::Rollout::recreate;
  // What was deleted is made anew from the new template.
  if (!recreate && (any_old || state_.rolling) && active_ < state_.wished + (any_old ? group_.surge : 0))
    add(StepKind::surge, kNowhere);
  for (std::uint8_t slot = 0; slot < kSlotsMax; ++slot) {
    const Slot& it = state_.slots[slot];
    if (!is_old(it) || it.state == SlotState::lost) continue;
    // Old pods that are not healthy go first and cost nothing.
    if (recreate || !is_healthy(it) || healthy_ > state_.wished - group_.unavailable) add(StepKind::roll, slot);
  }
}

void Finder::find_rollout() {
  if (group_.rollout == Group::Rollout::stateful_set) return roll_stateful_set();
  if (group_.rollout != Group::Rollout::none) roll_deployment();
}

void Finder::find_drains() {
  const auto draining = std::ranges::count(state_.nodes, NodePhase::draining);
  if (draining >= options_.parallel) return;
  for (std::uint8_t node = 0; node < group_.nodes.size(); ++node) {
    if (state_.nodes[node] != NodePhase::waiting || !in(group_.drained, node)) continue;
    const bool hosts = std::ranges::any_of(state_.slots, [&](const Slot& slot) { return slot.node == node; });
    // An empty node that takes pods again afterwards may as well be drained later.
    const bool matters = hosts || options_.reduction == SearchOptions::Reduction::none ||
                         options_.after == SearchOptions::After::leave_cordoned;
    if (matters) add(StepKind::drain, kNowhere, node);
  }
}

// The autoscaler writes a lower number; from then on budgets count by it, whatever is there.
void Finder::find_scaling() {
  for (std::uint8_t replicas = group_.lowest; replicas < state_.wished; ++replicas)
    moves_.list.push_back({.kind = StepKind::scale, .slot = kNowhere, .node = kNowhere, .replicas = replicas});
}

// Pods that are too many: a StatefulSet's from the top, one after another where it is ordered (§6.2); a ReplicaSet's that are not
// Ready first (§13).
void Finder::find_surplus() {
  if (group_.stateful) {
    const bool healthy = std::ranges::all_of(state_.slots.begin(), state_.slots.begin() + state_.wished, is_healthy);
    if (group_.ordered && !healthy) return;
    for (std::uint8_t slot = kSlotsMax; slot-- > state_.wished;) {
      if (is_active(state_.slots[slot])) add(StepKind::shrink, slot);
      if (group_.ordered && is_there(state_.slots[slot])) return;
    }
    return;
  }
  if (active_ <= state_.wished + (state_.rolling ? group_.surge : 0)) return;
  const auto is_unready = [](const Slot& slot) { return is_active(slot) && !is_healthy(slot); };
  const bool unready_first = std::ranges::any_of(state_.slots, is_unready);
  for (std::uint8_t slot = 0; slot < kSlotsMax; ++slot)
    if (unready_first ? is_unready(state_.slots[slot]) : is_healthy(state_.slots[slot])) add(StepKind::shrink, slot);
}

// kubectl would try for ever; whoever waits for it looks, and removes the node that was lost meanwhile. Not one that was lost
// before: that its pods stand in the way is what the rehearsal is to say.
void Finder::find_removals() {
  for (std::uint8_t node = 0; node < group_.nodes.size(); ++node) {
    const auto is_on_it = [&](const Slot& slot) { return slot.node == node; };
    const bool lost_now = state_.nodes[node] == NodePhase::lost && !in(group_.lost, node);
    if (lost_now && std::ranges::any_of(state_.slots, is_on_it)) add(StepKind::remove, kNowhere, node);
  }
}

std::uint8_t free_slot(const GroupState& state) {
  const auto it = std::ranges::find(state.slots, SlotState::absent, &Slot::state);
  return it == state.slots.end() ? kNowhere : static_cast<std::uint8_t>(it - state.slots.begin());
}

// A ReplicaSet makes another as soon as one is terminating. Without a free slot it is made later, by fill_up().
void add_replacement(GroupState& state, bool updated) {
  const std::uint8_t slot = free_slot(state);
  if (slot != kNowhere) state.slots[slot] = {.state = SlotState::pending, .node = kNowhere, .updated = updated};
}

std::int64_t count_active(const GroupState& state) { return std::ranges::count_if(state.slots, is_active); }

// As many as are wished for, once a slot is free again.
void fill_up(const Group& group, GroupState& state) {
  if (group.stateful || state.rolling) return;
  while (count_active(state) < state.wished && free_slot(state) != kNowhere) add_replacement(state, false);
}

void terminate(const Group& group, GroupState& state, std::uint8_t slot, bool replaced) {
  Slot& it = state.slots[slot];
  const bool updated = it.updated;
  if (it.node == kNowhere)
    it = {};
  else
    it.state = SlotState::terminating;
  // Of more than are wished for none is made again.
  const std::int64_t most = state.wished + (state.rolling ? group.surge : 0);
  if (replaced && !group.stateful && count_active(state) < most)
    add_replacement(state, updated || (state.rolling && group.rollout != Group::Rollout::none));
}

// A node is done as soon as nothing that has to go is on it.
void finish_drains(const Group& group, GroupState& state) {
  for (std::uint8_t node = 0; node < group.nodes.size(); ++node) {
    if (state.nodes[node] != NodePhase::draining) continue;
    if (std::ranges::none_of(state.slots, [&](const Slot& slot) { return slot.node == node; }))
      state.nodes[node] = NodePhase::done;
  }
}

// A pod's object is gone; of a StatefulSet's, its revision stays known.
void vacate(const Group& group, Slot& slot) { slot = {.updated = group.stateful && slot.updated}; }

void lose(GroupState& state, std::uint8_t node) {
  state.crashed = true;
  state.nodes[node] = NodePhase::lost;
  for (Slot& slot : state.slots)
    if (slot.node == node && slot.state != SlotState::terminating) slot.state = SlotState::lost;
}

}  // namespace

void find_moves(const Group& group, const GroupState& state, const SearchOptions& options, Moves& moves) {
  moves.list.clear();
  Finder(group, state, options, moves).find();
}

bool may_place(const Group& group, const GroupState& state, std::uint8_t slot, std::uint8_t node) {
  const SearchOptions options;
  Moves none;
  return Finder(group, state, options, none).may_place(slot, node);
}

GroupState apply(const Group& group, const GroupState& before, const Move& move) {
  GroupState state = before;
  Slot* slot = move.slot == kNowhere ? nullptr : &state.slots[move.slot];
  switch (move.kind) {
    case StepKind::drain: state.nodes[move.node] = NodePhase::draining; break;
    case StepKind::evict: terminate(group, state, move.slot, true); break;
    case StepKind::gone: vacate(group, *slot); break;
    case StepKind::schedule:
      slot->state = SlotState::starting;
      slot->node = move.node;
      break;
    case StepKind::ready: slot->state = group.readiness_tells ? SlotState::useful : SlotState::ready; break;
    case StepKind::caught_up: slot->state = SlotState::useful; break;
    case StepKind::lose: lose(state, move.node); break;
    case StepKind::replace: terminate(group, state, move.slot, true); break;
    case StepKind::roll:
      state.rolling = true;
      if (group.stateful) slot->updated = true;
      terminate(group, state, move.slot, group.rollout == Group::Rollout::recreate);
      break;
    case StepKind::surge:
      state.rolling = true;
      add_replacement(state, true);
      break;
    case StepKind::scale: state.wished = move.replicas; break;
    case StepKind::shrink: terminate(group, state, move.slot, false); break;
    case StepKind::remove:
      state.removed = true;
      for (Slot& each : state.slots)
        if (each.node == move.node) vacate(group, each);
      break;
  }
  fill_up(group, state);
  finish_drains(group, state);
  return state;
}

bool drains(const GroupState& state) {
  return std::ranges::find(state.nodes, NodePhase::draining) != state.nodes.end();
}

GroupState initial_state(const Group& group) {
  GroupState state;
  state.wished = group.members;
  for (std::size_t slot = 0; slot < group.members; ++slot)
    state.slots[slot] = {.state = group.start_state[slot], .node = group.start[slot]};
  for (std::size_t node = 0; node < group.nodes.size(); ++node)
    if (in(group.lost, node)) state.nodes[node] = NodePhase::lost;
  // Those that an autoscaler added have come long since, where they have a place.
  for (std::uint8_t slot = group.present; slot < group.members; ++slot)
    for (std::uint8_t node = 0; node < group.nodes.size() && state.slots[slot].node == kNowhere; ++node)
      if (may_place(group, state, slot, node)) state.slots[slot] = {.state = SlotState::useful, .node = node};
  return state;
}

std::int64_t level_of(const Group& group, const GroupState& state) {
  return std::ranges::count_if(state.slots, [&](const Slot& slot) {
    return slot.state == SlotState::useful || (!group.quorum && slot.state == SlotState::ready);
  });
}

}  // namespace gantry::disruption
