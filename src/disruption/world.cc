#include "disruption/world.h"

#include <algorithm>
#include <utility>

namespace gantry::disruption {

using InvariantKind = Invariant::Kind;

namespace {

// Order does not matter in these lists.
void erase_one(std::vector<std::uint32_t>& list, std::uint32_t id) {
  const auto it = std::ranges::find(list, id);
  if (it == list.end()) return;
  *it = list.back();
  list.pop_back();
}

bool is_alive(PodState state) {
  return state == PodState::starting || state == PodState::ready || state == PodState::unready;
}

}  // namespace

World::World(const Model& model)
    : model_(&model),
      resources_(model.resources.size()),
      node_pods_(model.node_count()),
      workload_pods_(model.workloads.size()),
      free_(model.allocatable),
      loads_(model.node_count()),
      counts_(model.counters.size() * model.node_count()),
      node_states_(model.node_count(), NodeState::open),
      pins_(model.kinds.size(), kNone),
      replaced_(model.node_count()),
      healthy_(model.budgets.size()),
      matched_(model.budgets.size()),
      levels_(model.invariants.size()) {
  for (std::uint32_t node = 0; node < model.node_count(); ++node) {
    if (node >= model.old_nodes())
      node_states_[node] = NodeState::absent;
    else if (!model.nodes[node].ready())
      node_states_[node] = NodeState::lost;
    else if (model.nodes[node].unschedulable)
      node_states_[node] = NodeState::cordoned;
  }
  pods_.reserve(model.pods.size() * 2);
  std::vector<std::uint32_t> numbers(model.workloads.size());
  for (const ModelPod& source : model.pods) {
    const std::uint32_t id = add(source.kind, numbers[model.kinds[source.kind].workload]++);
    if (source.state == PodState::finished) {
      pods_[id].state = PodState::finished;
      pods_[id].node = source.node;
      if (source.node != kNone) node_pods_[source.node].push_back(id);
      continue;
    }
    if (source.node == kNone) continue;
    place(id, source.node, source.running_at);
    if (source.state == PodState::ready) {
      set_ready(id);
      set_useful(id);
    } else if (source.state == PodState::unready) {
      pods_[id].state = PodState::unready;
    } else if (source.state == PodState::terminating) {
      begin_termination(id);
    } else if (source.state == PodState::lost) {
      lose(id);
    }
  }
  touched_.clear();
}

BudgetNumbers World::budget(std::uint32_t index) const {
  const BudgetModel& budget = model_->budgets[index];
  return compute_budget(budget.bounds,
                        {.matched = matched_[index], .scaled = budget.scaled, .healthy = healthy_[index]});
}

EvictionAnswer World::ask_eviction(std::uint32_t id, Milliseconds now) const {
  const WorldPod& pod = pods_[id];
  const Kind& kind = kind_of(id);
  EvictionRequest request;
  request.pod.exists = pod.state != PodState::gone;
  request.pod.ready = pod.state == PodState::ready;
  request.pod.terminating = pod.state == PodState::terminating;
  if (pod.state == PodState::finished) request.pod.phase = kube::PodPhase::succeeded;
  const bool never_ran = (pod.state == PodState::starting || pod.state == PodState::unready) && now < pod.running_at;
  if (pod.state == PodState::pending || never_ran) request.pod.phase = kube::PodPhase::pending;
  request.budgets_matched = static_cast<std::int64_t>(kind.budgets.size());
  if (kind.budgets.size() != 1) return answer_eviction(request);
  const BudgetNumbers numbers = budget(kind.budgets.front());
  request.budget.policy = model_->budgets[kind.budgets.front()].policy;
  request.budget.desired_healthy = numbers.desired;
  request.budget.current_healthy = numbers.healthy;
  request.budget.disruptions_allowed = numbers.allowed;
  return answer_eviction(request);
}

std::uint32_t World::add(std::uint32_t kind, std::uint32_t number) {
  pods_.push_back({.kind = kind, .number = number});
  for (const std::uint32_t budget : model_->kinds[kind].budgets) ++matched_[budget];
  return static_cast<std::uint32_t>(pods_.size() - 1);
}

void World::move_counts(const WorldPod& pod, std::uint32_t delta, bool alive_only) {
  for (const std::uint32_t counter : model_->kinds[pod.kind].counts)
    if (model_->counters[counter].alive_only == alive_only) counts_[counter * model_->node_count() + pod.node] += delta;
}

void World::move_room(const WorldPod& pod, std::int64_t sign) {
  const std::vector<std::int64_t>& request = model_->shapes[model_->kinds[pod.kind].shape].request;
  const std::size_t first = pod.node * resources_;
  for (std::size_t i = 0; i < resources_; ++i) free_[first + i] -= sign * request[i];
  loads_[pod.node] = 0;
  for (std::size_t i = first; i < first + 2; ++i) {
    const std::int64_t all = model_->allocatable[i];
    if (all > 0 && all < kUnlimited) loads_[pod.node] += (all - free_[i]) * 10'000 / all;
  }
}

void World::place(std::uint32_t id, std::uint32_t node, Milliseconds running_at) {
  WorldPod& pod = pods_[id];
  pod.node = node;
  pod.state = PodState::starting;
  pod.running_at = running_at;
  pod.holds_room = true;
  move_room(pod, 1);
  move_counts(pod, 1, true);
  move_counts(pod, 1, false);
  node_pods_[node].push_back(id);
  workload_pods_[kind_of(id).workload].push_back(id);
  if (pins_[pod.kind] == kNone) pins_[pod.kind] = node;
}

void World::move_levels(const Kind& kind, InvariantKind which, std::int64_t delta) {
  for (const std::uint32_t index : kind.invariants) {
    if (model_->invariants[index].kind != which) continue;
    levels_[index] += delta;
    touched_.push_back(index);
  }
}

void World::move_healthy(const Kind& kind, std::int64_t delta) {
  for (const std::uint32_t budget : kind.budgets) healthy_[budget] += delta;
  move_levels(kind, InvariantKind::available, delta);
}

void World::set_ready(std::uint32_t id) {
  pods_[id].state = PodState::ready;
  move_healthy(kind_of(id), 1);
}

void World::set_useful(std::uint32_t id) {
  pods_[id].useful = true;
  move_levels(kind_of(id), InvariantKind::quorum, 1);
}

void World::leave_health(WorldPod& pod) {
  const Kind& kind = model_->kinds[pod.kind];
  if (pod.state == PodState::ready) move_healthy(kind, -1);
  if (std::exchange(pod.useful, false)) move_levels(kind, InvariantKind::quorum, -1);
}

void World::set_unready(std::uint32_t id) {
  leave_health(pods_[id]);
  pods_[id].state = PodState::unready;
}

void World::begin_termination(std::uint32_t id) {
  WorldPod& pod = pods_[id];
  leave_health(pod);
  if (is_alive(pod.state) || pod.state == PodState::lost) {
    move_counts(pod, static_cast<std::uint32_t>(-1), true);
    erase_one(workload_pods_[kind_of(id).workload], id);
  }
  pod.state = PodState::terminating;
}

void World::lose(std::uint32_t id) {
  leave_health(pods_[id]);
  pods_[id].state = PodState::lost;
}

void World::remove(std::uint32_t id) {
  WorldPod& pod = pods_[id];
  const PodState before = pod.state;
  if (before == PodState::gone) return;
  if (is_alive(before) || before == PodState::lost) begin_termination(id);
  if (std::exchange(pod.holds_room, false)) {
    move_room(pod, -1);
    move_counts(pod, static_cast<std::uint32_t>(-1), false);
  }
  if (pod.node != kNone) erase_one(node_pods_[pod.node], id);
  for (const std::uint32_t budget : kind_of(id).budgets) --matched_[budget];
  pod.state = PodState::gone;
}

}  // namespace gantry::disruption
