#pragma once

// One group of pods in few numbers, for a search that meets millions of states. Private to disruption.

#include "disruption/model/model.h"
#include "disruption/search.h"

#include <array>
#include <cstdint>
#include <vector>

namespace gantry::disruption {

// Pods of a rollout's surge and replacements of lost ones come on top of the members.
inline constexpr std::size_t kSlotsMax = 16;
inline constexpr std::uint8_t kNowhere = 15;

enum class SlotState : std::uint8_t { absent, pending, starting, ready, useful, terminating, lost };

// A set of the searched nodes.
using NodeMask = std::uint8_t;

struct PlacementRule {
  std::array<std::uint8_t, kSearchNodesMax> domain{};  // kNowhere: the node has none
  std::array<std::int64_t, kSearchNodesMax> others{};  // pods of other groups that it counts, by node
  bool spread = false;                                 // else anti-affinity
  bool honors_taints = false;
  std::int64_t max_skew = 1;
  std::int64_t min_domains = 1;
};

struct GroupBudget {
  BudgetBounds bounds = {};
  bool always_allow = false;
  bool scale_known = true;
  std::int64_t others_matched = 0;
  std::int64_t others_healthy = 0;
  std::int64_t others_scaled = 0;
};

struct Group {
  InvariantIndex invariant;
  bool quorum = false;
  std::int64_t needs = 0;
  bool stateful = false;
  bool ordered = false;
  bool readiness_tells = true;   // Ready means caught up
  std::uint8_t present = 0;      // pods that the cluster has
  std::uint8_t members = 0;      // at the start, with those that an autoscaler added before; no scale goes higher
  std::uint8_t lowest = 0;       // nor lower
  std::int64_t members_all = 0;  // at the most, were all of them searched
  // The rollout: none, or that many more and fewer pods (of a Deployment), or down to a partition (of a StatefulSet).
  enum class Rollout : std::uint8_t { none, deployment, recreate, stateful_set };
  Rollout rollout = Rollout::none;
  std::uint8_t surge = 0;
  std::uint8_t unavailable = 0;
  std::uint8_t partition = 0;

  std::vector<std::uint32_t> nodes;                   // of the model
  NodeMask open = 0;                                  // that take pods at the start
  NodeMask drained = 0;                               // that are drained
  NodeMask lost = 0;                                  // that are lost before anything happens
  std::array<std::uint8_t, kSearchNodesMax> room{};   // how many members fit at most
  std::array<std::uint8_t, kSearchNodesMax> twins{};  // class of interchangeable nodes
  std::array<NodeMask, kSlotsMax> allowed{};          // by slot
  std::array<std::uint8_t, kSlotsMax> start{};        // by slot: node, kNowhere for none
  std::array<SlotState, kSlotsMax> start_state{};
  std::vector<std::string> names;  // of members
  std::vector<PlacementRule> rules;
  std::vector<GroupBudget> budgets;
  bool alike = false;          // nothing tells the slots apart
  bool updated_alike = false;  // nor those that a rollout has been at
};

// Errors: usage, for too many members.
base::Result<Group> compile_group(const Cluster& cluster, InvariantIndex invariant, const SearchOptions& options);

// ---- States ----

struct Slot {
  SlotState state = SlotState::absent;
  std::uint8_t node = kNowhere;
  bool updated = false;
  friend auto operator<=>(const Slot&, const Slot&) = default;
};
enum class NodePhase : std::uint8_t { waiting, draining, done, lost };

struct GroupState {
  std::array<Slot, kSlotsMax> slots{};
  std::array<NodePhase, kSearchNodesMax> nodes{};
  std::uint8_t wished = 0;
  bool crashed = false;
  bool removed = false;  // the lost node: what is under way ends, and nothing else begins
  bool rolling = false;
  friend bool operator==(const GroupState&, const GroupState&) = default;
};
// The same in as few bits as it takes: a search keeps millions, and waits for memory more than for anything else.
struct PackedState {
  std::array<std::uint64_t, 3> words{};  // a byte for each slot; then the nodes' phases and the rest
  friend bool operator==(const PackedState&, const PackedState&) = default;
};
PackedState pack(const GroupState& state);
GroupState unpack(const PackedState& packed);
std::size_t hash_value(const PackedState& packed);

// One way on. `slot` and `node` are kNowhere where the step has none.
struct Move {
  StepKind kind = StepKind::drain;
  std::uint8_t slot = kNowhere;
  std::uint8_t node = kNowhere;
  std::uint8_t replicas = 0;  // of `scale`
};

GroupState initial_state(const Group& group);
std::int64_t level_of(const Group& group, const GroupState& state);

// Every move from here; those that happen by themselves first, so that `own` of them tell whether anything is in flight.
struct Moves {
  std::vector<Move> list;
  std::size_t own = 0;
};
void find_moves(const Group& group, const GroupState& state, const SearchOptions& options, Moves& moves);
GroupState apply(const Group& group, const GroupState& state, const Move& move);
// Whether the scheduler may put the pod of that slot there now.
bool may_place(const Group& group, const GroupState& state, std::uint8_t slot, std::uint8_t node);
bool drains(const GroupState& state);  // some node is to become empty and is not

// The same state for all that differ only by what nothing tells apart.
GroupState canonical(const Group& group, const GroupState& state);

}  // namespace gantry::disruption
