// Breadth first, so that the first break that is met is the shortest. States are kept once, in canonical form; the way back is
// played again with real names.

#include "disruption/search/group.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <utility>
#include <vector>

namespace gantry::disruption {

namespace {

constexpr std::uint32_t kNoParent = kNone;

// The states that were met, each once, in the order in which they were. Looked up in a flat table of indices: millions of small
// states in a table of nodes spend half of the search on waiting for memory.
class KnownStates {
 public:
  struct Node {
    PackedState state;
    std::uint32_t parent = kNoParent;
  };

  std::size_t size() const { return nodes_.size(); }
  const Node& operator[](std::uint32_t index) const { return nodes_[index]; }
  // False when it was met before.
  bool insert(const PackedState& state, std::uint32_t parent) {
    if ((nodes_.size() + 1) * 2 > table_.size()) grow();
    const std::size_t hash = hash_value(state);
    std::size_t at = hash & (table_.size() - 1);
    for (; table_[at].index != kNone; at = (at + 1) & (table_.size() - 1))
      if (table_[at].print == print_of(hash) && nodes_[table_[at].index].state == state) return false;
    table_[at] = {static_cast<std::uint32_t>(nodes_.size()), print_of(hash)};
    nodes_.push_back({state, parent});
    return true;
  }

 private:
  struct Entry {
    std::uint32_t index = kNone;
    std::uint32_t print = 0;  // another part of the hash, so that a state is hardly ever compared in vain
  };
  static std::uint32_t print_of(std::size_t hash) { return static_cast<std::uint32_t>(hash >> 32U); }
  void grow() {
    std::vector<Entry> larger(std::max<std::size_t>(1024, table_.size() * 2));
    for (std::uint32_t index = 0; index < nodes_.size(); ++index) {
      const std::size_t hash = hash_value(nodes_[index].state);
      std::size_t at = hash & (larger.size() - 1);
      while (larger[at].index != kNone) at = (at + 1) & (larger.size() - 1);
      larger[at] = {index, print_of(hash)};
    }
    table_ = std::move(larger);
  }

  std::vector<Node> nodes_;
  std::vector<Entry> table_;
};

class GroupSearcher {
 public:
  GroupSearcher(const Group& group, const SearchOptions& options) : group_(group), options_(options) {}

  void search(GroupSearch& result);

 private:
  GroupState reduced(const GroupState& state) const {
    return options_.reduction == SearchOptions::Reduction::symmetry ? canonical(group_, state) : state;
  }
  bool breaks(const GroupState& state) const { return level_of(group_, state) < group_.needs; }
  void expand(std::uint32_t index);
  void walk(GroupSearch& result);
  CounterExample replay(std::uint32_t index) const;
  Step describe(const GroupState& before, const Move& move, const GroupState& after) const;

  const Group& group_;
  const SearchOptions& options_;
  KnownStates states_;
  std::optional<std::uint32_t> broken_;
  std::optional<std::uint32_t> stuck_;
  Moves moves_;
};

void GroupSearcher::expand(std::uint32_t index) {
  const GroupState state = unpack(states_[index].state);
  find_moves(group_, state, options_, moves_);
  if (!stuck_ && moves_.own == 0 && drains(state)) stuck_ = index;
  for (const Move& move : moves_.list) {
    const GroupState next = reduced(apply(group_, state, move));
    if (!states_.insert(pack(next), index)) continue;
    if (!broken_ && breaks(next)) broken_ = static_cast<std::uint32_t>(states_.size() - 1);
  }
}

void GroupSearcher::search(GroupSearch& result) {
  const GroupState first = reduced(initial_state(group_));
  states_.insert(pack(first), kNoParent);
  if (breaks(first)) broken_ = 0;
  std::uint32_t next = 0;
  // Both answers are wanted; when both are there, nothing else is.
  const auto may_go_on = [&] {
    constexpr std::uint32_t kStatesBetweenLooks = 1024;
    return states_.size() < options_.states_max && (next % kStatesBetweenLooks != 0 || !options_.stop.stop_requested());
  };
  while (next < states_.size() && !(broken_ && stuck_) && may_go_on()) expand(next++);
  result.states = states_.size();
  if (broken_) result.broken = replay(*broken_);
  if (stuck_) result.stuck = replay(*stuck_);
  if (next < states_.size() && !(broken_ && stuck_)) walk(result);
}

// Seeded: the same bound meets the same walks on every machine (mt19937_64 and a plain remainder, no distribution).
void GroupSearcher::walk(GroupSearch& result) {
  result.coverage = GroupSearch::Coverage::sampled;
  std::mt19937_64 random(options_.seed);
  const auto may_go_on = [&] { return result.walks < options_.walks && !options_.stop.stop_requested(); };
  for (; may_go_on() && !(result.broken && result.stuck); ++result.walks) {
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
      if (!(pack(reduced(next)) == states_[*at].state)) continue;
      found.steps.push_back(describe(state, move, next));
      state = next;
      break;
    }
  }
  return found;
}

Step GroupSearcher::describe(const GroupState& before, const Move& move, const GroupState& after) const {
  Step step{.kind = move.kind, .level = level_of(group_, after), .replicas = move.replicas};
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
    {StepKind::drain, "drain", ""},   {StepKind::evict, "evict", "from"},
    {StepKind::gone, "gone", "from"}, {StepKind::schedule, "schedule", "to"},
    {StepKind::ready, "ready", "on"}, {StepKind::caught_up, "caught up", "on"},
    {StepKind::lose, "lose", ""},     {StepKind::replace, "replace", "of"},
    {StepKind::roll, "roll", "on"},   {StepKind::surge, "surge", ""},
    {StepKind::scale, "scale", ""},   {StepKind::shrink, "scale down", "on"},
    {StepKind::remove, "remove", ""},
};

}  // namespace

std::string_view to_string(StepKind kind) { return kSteps[static_cast<std::size_t>(kind)].name; }

std::string to_string(const Step& step, const Cluster& cluster) {
  const StepRow& row = kSteps[static_cast<std::size_t>(step.kind)];
  std::string text(row.name);
  if (step.kind == StepKind::scale) return fmt::format("scale to {}", step.replicas);
  if (!step.pod.empty()) text += " " + step.pod;
  if (!step.node) return text;
  if (!step.pod.empty()) text += fmt::format(" {}", row.joins);
  return text + " " + cluster.nodes()[step.node->value()].name();
}

std::string GroupSearch::scope() const {
  const std::string on = fmt::format("{}{} members on {} of {} nodes", members,
                                     members < members_all ? fmt::format(" of {}", members_all) : "", nodes, nodes_all);
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
  result.members_all = static_cast<std::size_t>(group.members_all);
  result.nodes = group.nodes.size();
  result.nodes_all = cluster.nodes().size() - cluster.surge_node_count();
  GroupSearcher(group, options).search(result);
  return result;
}

}  // namespace gantry::disruption
