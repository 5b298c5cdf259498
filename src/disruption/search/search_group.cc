// Breadth first, so that the first break that is met is the shortest. States are kept once, in canonical form; the way back is
// played again with real names.

#include "disruption/search/group.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <unordered_set>
#include <utility>

namespace gantry::disruption {

namespace {

constexpr std::uint32_t kNoParent = kNone;

class GroupSearcher {
 public:
  GroupSearcher(const Group& group, const SearchOptions& options)
      : group_(group), options_(options), known_(1024, Hash{&states_}, Equal{&states_}) {}

  void search(GroupSearch& result);

 private:
  struct Node {
    GroupState state;
    std::uint32_t parent = kNoParent;
  };
  struct Hash {
    const std::vector<Node>* nodes;
    std::size_t operator()(std::uint32_t index) const { return hash_value((*nodes)[index].state); }
  };
  struct Equal {
    const std::vector<Node>* nodes;
    bool operator()(std::uint32_t a, std::uint32_t b) const { return (*nodes)[a].state == (*nodes)[b].state; }
  };

  GroupState reduced(const GroupState& state) const {
    return options_.reduction == SearchOptions::Reduction::symmetry ? canonical(group_, state) : state;
  }
  bool remember(const GroupState& state, std::uint32_t parent);
  bool breaks(const GroupState& state) const { return level_of(group_, state) < group_.needs; }
  void expand(std::uint32_t index);
  void walk(GroupSearch& result);
  CounterExample replay(std::uint32_t index) const;
  Step describe(const GroupState& before, const Move& move, const GroupState& after) const;

  const Group& group_;
  const SearchOptions& options_;
  std::vector<Node> states_;
  std::unordered_set<std::uint32_t, Hash, Equal> known_;
  std::optional<std::uint32_t> broken_;
  std::optional<std::uint32_t> stuck_;
  Moves moves_;
};

bool GroupSearcher::remember(const GroupState& state, std::uint32_t parent) {
  states_.push_back({state, parent});
  const auto index = static_cast<std::uint32_t>(states_.size() - 1);
  if (known_.insert(index).second) return true;
  states_.pop_back();
  return false;
}

void GroupSearcher::expand(std::uint32_t index) {
  const GroupState state = states_[index].state;
  find_moves(group_, state, options_, moves_);
  if (!stuck_ && moves_.own == 0 && drains(state)) stuck_ = index;
  for (const Move& move : moves_.list) {
    const GroupState next = reduced(apply(group_, state, move));
    if (!remember(next, index)) continue;
    if (!broken_ && breaks(next)) broken_ = static_cast<std::uint32_t>(states_.size() - 1);
  }
}

void GroupSearcher::search(GroupSearch& result) {
  remember(reduced(initial_state(group_)), kNoParent);
  if (breaks(states_.front().state)) broken_ = 0;
  std::uint32_t next = 0;
  // Both answers are wanted; when both are there, nothing else is.
  while (next < states_.size() && !(broken_ && stuck_) && states_.size() < options_.states_max) expand(next++);
  result.states = states_.size();
  if (broken_) result.broken = replay(*broken_);
  if (stuck_) result.stuck = replay(*stuck_);
  if (next < states_.size() && !(broken_ && stuck_)) walk(result);
}

// Seeded: the same bound meets the same walks on every machine (mt19937_64 and a plain remainder, no distribution).
void GroupSearcher::walk(GroupSearch& result) {
  result.coverage = GroupSearch::Coverage::sampled;
  std::mt19937_64 random(options_.seed);
  for (; result.walks < options_.walks && !(result.broken && result.stuck); ++result.walks) {
    GroupState state = initial_state(group_);
    CounterExample taken;
    for (std::size_t step = 0; step < kWalkSteps; ++step) {
      find_moves(group_, state, options_, moves_);
      if (moves_.own == 0 && drains(state) && !result.stuck) result.stuck = taken;
      if (moves_.list.empty()) break;
      const Move move = moves_.list[random() % moves_.list.size()];
      const GroupState next = apply(group_, state, move);
      taken.steps.push_back(describe(state, move, next));
      state = next;
      if (!breaks(state)) continue;
      if (!result.broken) result.broken = taken;
      break;
    }
  }
}

// Kept states have lost the names of nodes and members: from the start, each time the move that leads to the next kept state.
CounterExample GroupSearcher::replay(std::uint32_t index) const {
  std::vector<std::uint32_t> way;
  for (std::uint32_t at = index; at != kNoParent; at = states_[at].parent) way.push_back(at);
  CounterExample found{.steps = {}, .shortest = true};
  GroupState state = initial_state(group_);
  Moves moves;
  for (auto at = way.rbegin() + 1; at != way.rend(); ++at) {
    find_moves(group_, state, options_, moves);
    for (const Move& move : moves.list) {
      const GroupState next = apply(group_, state, move);
      if (!(reduced(next) == states_[*at].state)) continue;
      found.steps.push_back(describe(state, move, next));
      state = next;
      break;
    }
  }
  return found;
}

Step GroupSearcher::describe(const GroupState& before, const Move& move, const GroupState& after) const {
  Step step{.kind = move.kind, .level = level_of(group_, after)};
  std::uint8_t node = move.node;
  if (move.slot != kNowhere) {
    step.pod = group_.names[move.slot];
    if (node == kNowhere) node = before.slots[move.slot].node;
  }
  if (node != kNowhere) step.node = NodeIndex(group_.nodes[node]);
  return step;
}

struct StepRow {
  StepKind kind;
  std::string_view name;
  std::string_view joins;  // between pod and node
};
constexpr StepRow kSteps[] = {
    {StepKind::drain, "drain", ""},        {StepKind::evict, "evict", "from"},
    {StepKind::gone, "gone", "from"},      {StepKind::schedule, "schedule", "to"},
    {StepKind::ready, "ready", "on"},      {StepKind::caught_up, "caught up", "on"},
    {StepKind::lose, "lose", ""},          {StepKind::replace, "replace", "of"},
    {StepKind::roll, "roll", "on"},        {StepKind::surge, "surge", ""},
    {StepKind::scale, "scale down", "on"},
};

}  // namespace

std::string_view to_string(StepKind kind) { return kSteps[static_cast<std::size_t>(kind)].name; }

std::string to_string(const Step& step, const Cluster& cluster) {
  const StepRow& row = kSteps[static_cast<std::size_t>(step.kind)];
  std::string text(row.name);
  if (!step.pod.empty()) text += " " + step.pod;
  if (!step.node) return text;
  if (!step.pod.empty()) text += fmt::format(" {}", row.joins);
  return text + " " + cluster.nodes()[step.node->value()].name();
}

std::string GroupSearch::scope() const {
  const std::string on = fmt::format("{} members on {} of {} nodes", members, nodes, nodes_all);
  if (coverage == Coverage::exhaustive) return fmt::format("exhaustive: {} states of {}", states, on);
  return fmt::format("sampled: {} states and {} random walks of {}", states, walks, on);
}

base::Result<GroupSearch> search_group(const Cluster& cluster, InvariantIndex invariant, const SearchOptions& options) {
  if (invariant.value() >= cluster.invariants().size()) return base::usage_error("there is no such invariant");
  if (options.parallel < 1)
    return base::usage_error(fmt::format("{} nodes at once drain nothing", options.parallel), "write 1 or more");
  const Group group = TRY(compile_group(cluster, invariant, options));
  GroupSearch result{.invariant = invariant};
  result.members = group.members;
  result.nodes = group.nodes.size();
  result.nodes_all = cluster.nodes().size() - cluster.surge_node_count();
  GroupSearcher(group, options).search(result);
  return result;
}

}  // namespace gantry::disruption
