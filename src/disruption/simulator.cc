#include "disruption/simulator.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace gantry::disruption {

Simulator::Simulator(const Cluster& cluster, std::size_t events_max)
    : cluster_(cluster),
      world_(cluster.model()),
      recorder_(world_, events_max),
      next_number_(cluster.model().workloads.size()) {
  const Model& model = cluster.model();
  for (std::uint32_t id = 0; id < world_.pod_count(); ++id) {
    ++next_number_[model.kinds[world_.pod(id).kind].workload];
    const Kind& kind = world_.kind_of(id);
    switch (world_.pod(id).state) {
      case PodState::pending: pending_.push_back(id); break;
      case PodState::starting:
        set_timer(kind.ready_after, TimerKind::ready, id);
        set_timer(kind.useful_after, TimerKind::useful, id);
        break;
      case PodState::terminating: set_timer(kind.stop, TimerKind::gone, id); break;
      default: break;
    }
  }
}

std::optional<Simulator::Timer> Simulator::step() {
  const Timer timer = timers_.top();
  timers_.pop();
  now_ = timer.at;
  if (timer.kind > TimerKind::taint_eviction) return timer;
  handle(timer);
  return {};
}

// A pod that was asked to go meanwhile becomes neither Ready nor useful.
void Simulator::handle(const Timer& timer) {
  const std::uint32_t id = timer.subject;
  switch (timer.kind) {
    case TimerKind::gone: return finish_termination(id);
    case TimerKind::ready:
      if (world_.pod(id).state != PodState::starting) return;
      world_.set_ready(id);
      note_pod(EventKind::pod_ready, id);
      create_waiting(world_.kind_of(id).workload);
      return;
    case TimerKind::useful:
      if (world_.pod(id).state != PodState::ready || world_.pod(id).useful) return;
      world_.set_useful(id);
      if (world_.kind_of(id).useful_after > world_.kind_of(id).ready_after) note_pod(EventKind::pod_useful, id);
      return;
    case TimerKind::taint_eviction: return evict_by_taint(id);
    default: return;
  }
}

void Simulator::note_pod(EventKind kind, std::uint32_t pod) {
  Event event{.kind = kind, .pod = PodIndex(pod)};
  if (world_.pod(pod).node != kNone) event.node = NodeIndex(world_.pod(pod).node);
  recorder_.note(now_, event);
}

void Simulator::terminate(std::uint32_t pod, std::optional<Milliseconds> grace) {
  if (world_.pod(pod).state == PodState::terminating || world_.pod(pod).state == PodState::gone) return;
  const bool has_node = world_.pod(pod).node != kNone && world_.pod(pod).state != PodState::finished;
  const bool unreachable = has_node && world_.node_state(world_.pod(pod).node) == NodeState::lost;
  const Kind& kind = world_.kind_of(pod);
  Milliseconds stop = has_node ? kind.stop : Milliseconds(0);
  // --grace-period counts instead of the pod's own, whether it is shorter or longer (§4.3).
  if (has_node && grace) stop = kind.stop_measured ? std::min(stop, *grace) : *grace;
  const bool was_finished = world_.pod(pod).state == PodState::finished;
  world_.begin_termination(pod);
  // The kubelet of a lost node confirms nothing: the object stays until somebody removes it (§6.2).
  if (!unreachable) set_timer(now_ + stop, TimerKind::gone, pod);
  if (!was_finished) replace(pod, Recreation::at_deletion);
  schedule_pending();
}

void Simulator::finish_termination(std::uint32_t pod) {
  world_.remove(pod);
  note_pod(EventKind::pod_gone, pod);
  gone_.push_back(pod);
  std::erase(pending_, pod);
  replace(pod, Recreation::after_gone);
  schedule_pending();
}

void Simulator::replace(std::uint32_t pod, Recreation when) {
  const std::uint32_t kind = world_.pod(pod).kind;
  const std::uint32_t workload = world_.kind_of(pod).workload;
  const WorkloadModel& owner = world_.model().workloads[workload];
  if (owner.recreation != when) return;
  if (owner.stateful) {
    waiting_.push_back({kind, world_.pod(pod).number, pod});
    return create_waiting(workload);
  }
  create(kind, next_number_[workload]++, pod);
}

void Simulator::create(std::uint32_t kind, std::uint32_t number, std::uint32_t replaces) {
  const std::uint32_t id = world_.add(kind, number);
  made_.push_back({kind, number, replaces});
  recorder_.note(now_, {.kind = EventKind::pod_created, .pod = PodIndex(id), .other = PodIndex(replaces)});
  if (try_schedule(id)) return;
  note_pod(EventKind::pod_unplaced, id);
  pending_.push_back(id);
}

bool Simulator::try_schedule(std::uint32_t pod) {
  const std::optional<std::uint32_t> node = scheduler_.choose(world_, pod);
  if (!node) return false;
  const Kind& kind = world_.kind_of(pod);
  world_.place(pod, *node, now_ + kind.running_after);
  note_pod(EventKind::pod_scheduled, pod);
  set_timer(now_ + kind.ready_after, TimerKind::ready, pod);
  if (!kind.invariants.empty()) set_timer(now_ + kind.useful_after, TimerKind::useful, pod);
  return true;
}

// In the order in which they were made. Pods of one kind ask for the same: after one that fits nowhere the others need not try.
void Simulator::schedule_pending() {
  if (pending_.empty()) return;
  std::unordered_set<std::uint32_t> hopeless;
  std::erase_if(pending_, [&](std::uint32_t pod) {
    if (world_.pod(pod).state != PodState::pending) return true;
    if (hopeless.contains(world_.pod(pod).kind)) return false;
    if (try_schedule(pod)) return true;
    hopeless.insert(world_.pod(pod).kind);
    return false;
  });
}

// OrderedReady: a pod is created once every lower ordinal is there and Ready (§6.2).
bool Simulator::may_create(const Waiting& waiting) const {
  const Model& model = world_.model();
  const Kind& kind = model.kinds[waiting.kind];
  const WorkloadModel& workload = model.workloads[kind.workload];
  if (!workload.ordered || !workload.kube_index) return true;
  const auto is_ready_predecessor = [&](std::uint32_t id) {
    return world_.kind_of(id).ordinal < kind.ordinal && world_.pod(id).state == PodState::ready;
  };
  const auto ready = std::ranges::count_if(world_.pods_of_workload(kind.workload), is_ready_predecessor);
  return ready >= kind.ordinal - model.snapshot->workloads[*workload.kube_index].first_ordinal;
}

void Simulator::create_waiting(std::uint32_t workload) {
  for (std::size_t i = 0; i < waiting_.size();) {
    const Waiting waiting = waiting_[i];
    if (world_.model().kinds[waiting.kind].workload != workload || !may_create(waiting)) {
      ++i;
      continue;
    }
    waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(i));
    create(waiting.kind, waiting.number, waiting.replaces);
  }
}

void Simulator::lose_node(std::uint32_t node) {
  world_.set_node(node, NodeState::lost);
  note(EventKind::node_lost, node);
  const std::vector<std::uint32_t> pods(world_.pods_on(node).begin(), world_.pods_on(node).end());
  for (const std::uint32_t pod : pods) {
    const PodState state = world_.pod(pod).state;
    if (state == PodState::finished || state == PodState::terminating) continue;
    world_.lose(pod);
    note_pod(EventKind::pod_lost, pod);
  }
  set_timer(now_ + kTaintEviction, TimerKind::taint_eviction, node);
}

void Simulator::evict_by_taint(std::uint32_t node) {
  if (world_.node_state(node) != NodeState::lost) return;
  const std::vector<std::uint32_t> pods(world_.pods_on(node).begin(), world_.pods_on(node).end());
  for (const std::uint32_t pod : pods) {
    const Recreation recreation = world_.model().workloads[world_.kind_of(pod).workload].recreation;
    if (recreation == Recreation::stays || world_.pod(pod).state != PodState::lost) continue;
    note_pod(EventKind::deleted, pod);
    terminate(pod);
  }
}

void Simulator::remove_node(std::uint32_t node) {
  world_.set_node(node, NodeState::absent);
  world_.replace_machine(node);
  note(EventKind::node_removed, node);
  for (const std::uint32_t pod : world_.pods_on(node))
    if (world_.pod(pod).state == PodState::ready) world_.set_unready(pod);
}

void Simulator::open_node(std::uint32_t node, EventKind event) {
  const bool is_new_machine = world_.node_state(node) == NodeState::absent;
  world_.set_node(node, NodeState::open);
  note(event, node);
  const std::vector<std::uint32_t> pods(world_.pods_on(node).begin(), world_.pods_on(node).end());
  for (const std::uint32_t pod : pods)
    if (is_new_machine && world_.pod(pod).state == PodState::unready) {
      world_.set_ready(pod);
      world_.set_useful(pod);
    }
  schedule_pending();
}

Rehearsal Simulator::finish(std::string what) {
  Rehearsal rehearsal{.cluster = cluster_, .what = std::move(what)};
  recorder_.finish(now_, rehearsal);
  rehearsal.pod_count = world_.pod_count();
  rehearsal.made = std::move(made_);
  return rehearsal;
}

}  // namespace gantry::disruption
