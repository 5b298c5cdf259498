#pragma once

// The cluster at one instant: where each pod is and in which state, what each budget and invariant counts, how much room each
// node has. Every change goes through here, so that all counts stay true; nothing here knows time or why something changes.
// Private to disruption.

#include "disruption/model/model.h"

#include <cstdint>
#include <span>
#include <vector>

namespace gantry::disruption {

enum class NodeState : std::uint8_t {
  open,
  cordoned,
  lost,    // nothing on it runs, and it is still registered
  absent,  // not registered: not yet there, or removed
};

struct WorldPod {
  std::uint32_t kind = 0;
  std::uint32_t node = kNone;
  std::uint32_t number = 0;  // which of its workload's pods; names those that were made during the rehearsal
  PodState state = PodState::pending;
  bool holds_room = false;     // placed here; finished pods do not
  bool useful = false;         // a member that votes; a pod of another kind is useful when Ready
  Milliseconds running_at{0};  // when the phase turns from Pending to Running
};

class World {
 public:
  // Pods as the model has them; surge nodes absent.
  explicit World(const Model& model);

  const Model& model() const { return *model_; }
  const WorldPod& pod(std::uint32_t id) const { return pods_[id]; }
  std::size_t pod_count() const { return pods_.size(); }
  const Kind& kind_of(std::uint32_t id) const { return model_->kinds[pods_[id].kind]; }
  const Shape& shape_of(std::uint32_t id) const { return model_->shapes[kind_of(id).shape]; }
  NodeState node_state(std::uint32_t node) const { return node_states_[node]; }
  std::span<const std::uint32_t> pods_on(std::uint32_t node) const { return node_pods_[node]; }
  std::span<const std::uint32_t> pods_of_workload(std::uint32_t workload) const { return workload_pods_[workload]; }
  std::span<const std::int64_t> free_on(std::uint32_t node) const {
    return std::span(free_).subspan(node * resources_, resources_);
  }
  // The shares of its cpu and memory that are requested, added up, in ten-thousandths; what has no limit counts as empty.
  std::int64_t load_on(std::uint32_t node) const { return loads_[node]; }
  // Pods on each node that the counter counts.
  std::span<const std::uint32_t> count(std::uint32_t counter) const {
    return std::span(counts_).subspan(counter * model_->node_count(), model_->node_count());
  }
  std::uint32_t pinned_to(std::uint32_t kind) const { return pins_[kind]; }
  // Another machine has taken the node's place: what was on its disk is gone.
  bool is_replaced(std::uint32_t node) const { return replaced_[node] != 0; }
  void replace_machine(std::uint32_t node) { replaced_[node] = 1; }

  BudgetNumbers budget(std::uint32_t index) const;
  // What the invariant counts now.
  std::int64_t level(std::uint32_t invariant) const { return levels_[invariant]; }
  // Invariants whose level changed since the last call; the same one may be named twice.
  std::vector<std::uint32_t> take_touched() { return std::exchange(touched_, {}); }

  // The eviction API, asked now.
  EvictionAnswer ask_eviction(std::uint32_t id, Milliseconds now) const;

  std::uint32_t add(std::uint32_t kind, std::uint32_t number);
  void place(std::uint32_t id, std::uint32_t node, Milliseconds running_at);
  void set_ready(std::uint32_t id);
  void set_useful(std::uint32_t id);
  void set_unready(std::uint32_t id);  // it stays where it is
  void begin_termination(std::uint32_t id);
  void lose(std::uint32_t id);    // its node is gone, its object is not
  void remove(std::uint32_t id);  // the object is gone
  void set_node(std::uint32_t node, NodeState state) { node_states_[node] = state; }

 private:
  void move_counts(const WorldPod& pod, std::uint32_t delta, bool alive_only);
  void move_room(const WorldPod& pod, std::int64_t sign);
  void leave_health(WorldPod& pod);
  void move_levels(const Kind& kind, Invariant::Kind which, std::int64_t delta);
  void move_healthy(const Kind& kind, std::int64_t delta);

  const Model* model_;
  std::size_t resources_;
  std::vector<WorldPod> pods_;
  std::vector<std::vector<std::uint32_t>> node_pods_;
  std::vector<std::vector<std::uint32_t>> workload_pods_;  // placed ones that are not going
  std::vector<std::int64_t> free_;
  std::vector<std::int64_t> loads_;
  std::vector<std::uint32_t> counts_;
  std::vector<NodeState> node_states_;
  std::vector<std::uint32_t> pins_;
  std::vector<char> replaced_;
  std::vector<std::int64_t> healthy_;
  std::vector<std::int64_t> matched_;
  std::vector<std::int64_t> levels_;
  std::vector<std::uint32_t> touched_;
};

}  // namespace gantry::disruption
