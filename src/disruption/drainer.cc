#include "disruption/drainer.h"

#include "disruption/proof.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace gantry::disruption {

using Action = DrainDecision::Action;

namespace {

constexpr Milliseconds kRetry = kEvictionRetry;

}  // namespace

Drainer::Drainer(Simulator& simulator, DrainPlan plan)
    : simulator_(simulator), plan_(std::move(plan)), queue_(plan_.nodes.begin(), plan_.nodes.end()) {}

void Drainer::run() {
  if (plan_.cordon_all_first)
    for (const std::uint32_t node : plan_.nodes) {
      simulator_.world().set_node(node, NodeState::cordoned);
      simulator_.note(EventKind::cordoned, node);
    }
  while (true) {
    start_jobs();
    if (simulator_.quiet()) {
      if (jobs_.empty()) return;
      // Nothing is in flight: what is blocked now stays blocked (§10.4).
      give_up_stuck();
      continue;
    }
    if (const std::optional<Simulator::Timer> timer = simulator_.step()) handle(*timer);
    after_step();
  }
}

void Drainer::start_jobs() {
  const auto slots = static_cast<std::size_t>(plan_.parallel);
  while (!queue_.empty() && jobs_.size() + away_ < slots) {
    const std::uint32_t node = queue_.front();
    queue_.pop_front();
    begin(node);
    after_step();
  }
}

void Drainer::begin(std::uint32_t node) {
  World& world = simulator_.world();
  Job job{.outcome = outcomes_.size(), .node = node};
  outcomes_.push_back({.node = NodeIndex(node), .begin = simulator_.now()});
  outcomes_.back().command = to_command(plan_.flags, world.model().nodes[node].name());
  if (world.node_state(node) == NodeState::open) {
    world.set_node(node, NodeState::cordoned);
    simulator_.note(EventKind::cordoned, node);
  }
  jobs_.push_back(std::move(job));
  if (refuse(jobs_.back())) return;
  std::vector<std::uint32_t> leaving;
  for (const std::uint32_t pod : world.pods_on(node)) {
    if (decide(drain_facts(world, pod, plan_.flags), plan_.flags).action != Action::evict) continue;
    leaving.push_back(pod);
    node_of_pod_[pod] = node;
  }
  std::ranges::sort(leaving);
  Job& begun = jobs_.back();
  begun.remaining = leaving.size();
  for (const std::uint32_t pod : leaving) evict(begun, pod);
  if (plan_.deadline) simulator_.set_timer(simulator_.now() + *plan_.deadline, Simulator::TimerKind::deadline, node);
}

// Any refusal aborts the node before its first eviction.
bool Drainer::refuse(Job& job) {
  const World& world = simulator_.world();
  NodeOutcome& outcome = outcomes_[job.outcome];
  for (const std::uint32_t pod : world.pods_on(job.node)) {
    const DrainDecision decision = decide(drain_facts(world, pod, plan_.flags), plan_.flags);
    if (decision.action == Action::refuse) outcome.refused.push_back({PodIndex(pod), decision});
    if (decision.action != Action::evict) continue;
    if (!decision.destroys.empty())
      outcome.destroyed.push_back(fmt::format("{} ({})", decision.destroys, name_of(world, pod)));
    if (plan_.after == DrainPlan::After::replace && world.kind_of(pod).pin == Pin::node)
      outcome.destroyed.push_back(fmt::format("the volume on the disk of its node ({})", name_of(world, pod)));
  }
  if (outcome.refused.empty()) return false;
  outcome.destroyed.clear();
  std::ranges::sort(outcome.refused, {}, &RefusedPod::pod);
  simulator_.note(EventKind::refused, job.node);
  return true;
}

void Drainer::evict(Job& job, std::uint32_t pod) {
  if (plan_.flags.disable_eviction) return force(job, pod, "what its budget would have kept");
  const World& world = simulator_.world();
  const EvictionAnswer answer = world.ask_eviction(pod, simulator_.now());
  if (answer.admitted()) return admit(job, pod, answer, 0);
  Event event{
      .kind = EventKind::evict_refused, .node = NodeIndex(job.node), .pod = PodIndex(pod), .cause = answer.cause};
  event.budget = BudgetIndex(world.kind_of(pod).budgets.front());
  simulator_.recorder().note(simulator_.now(), event);
  simulator_.recorder().note_refusal(world, event.budget->value(), 1);
  ++outcomes_[job.outcome].refusals;
  const bool hopeless = reaction_to(answer, false) == ClientReaction::give_up;
  job.blocked.push_back({.pod = pod, .first = simulator_.now(), .hopeless = hopeless});
}

void Drainer::admit(Job& job, std::uint32_t pod, const EvictionAnswer& answer, std::int64_t refused) {
  simulator_.recorder().note(simulator_.now(), {.kind = EventKind::evicted,
                                                .node = NodeIndex(job.node),
                                                .pod = PodIndex(pod),
                                                .cause = answer.cause,
                                                .count = refused});
  ++outcomes_[job.outcome].evictions;
  const std::vector<std::uint32_t>& budgets = simulator_.world().kind_of(pod).budgets;
  simulator_.terminate(pod, plan_.flags.grace_period);
  if (answer.spends()) simulator_.recorder().note_budget(simulator_.world(), budgets.front());
  note_broken();
}

void Drainer::force(Job& job, std::uint32_t pod, std::string_view why) {
  simulator_.note_pod(EventKind::deleted, pod);
  NodeOutcome& outcome = outcomes_[job.outcome];
  ++outcome.evictions;
  if (!simulator_.world().kind_of(pod).budgets.empty())
    outcome.destroyed.push_back(fmt::format("{} ({})", why, name_of(simulator_.world(), pod)));
  simulator_.terminate(pod, plan_.flags.grace_period);
  note_broken();
}

Drainer::Job* Drainer::job_of(std::uint32_t pod) {
  const auto node = node_of_pod_.find(pod);
  if (node == node_of_pod_.end()) return nullptr;
  const auto job = std::ranges::find(jobs_, node->second, &Job::node);
  return job == jobs_.end() ? nullptr : &*job;
}

void Drainer::handle(const Simulator::Timer& timer) {
  switch (timer.kind) {
    case Simulator::TimerKind::retry: return try_again(timer.subject);
    case Simulator::TimerKind::node_back: --away_; return simulator_.open_node(timer.subject, EventKind::node_joined);
    case Simulator::TimerKind::deadline: {
      const auto job = std::ranges::find(jobs_, timer.subject, &Job::node);
      if (job == jobs_.end()) return;
      for (const Blocked& each : std::exchange(job->blocked, {}))
        force(*job, each.pod, "what its budget would have kept");
      return;
    }
    default: return;
  }
}

// Somebody else may have taken what was there a moment ago.
void Drainer::try_again(std::uint32_t pod) {
  Job* job = job_of(pod);
  if (job == nullptr) return;
  const auto blocked = std::ranges::find(job->blocked, pod, &Blocked::pod);
  if (blocked == job->blocked.end()) return;
  blocked->retry_set = false;
  const EvictionAnswer answer = simulator_.world().ask_eviction(pod, simulator_.now());
  if (!answer.admitted()) return;
  const std::int64_t refused = (simulator_.now() - blocked->first) / kRetry;
  const std::vector<std::uint32_t>& budgets = simulator_.world().kind_of(pod).budgets;
  // The first refusal is counted already.
  if (!budgets.empty()) simulator_.recorder().note_refusal(simulator_.world(), budgets.front(), refused - 1);
  outcomes_[job->outcome].refusals += refused - 1;
  job->blocked.erase(blocked);
  admit(*job, pod, answer, refused);
}

void Drainer::after_step() {
  note_broken();
  for (const std::uint32_t pod : simulator_.take_gone())
    if (Job* job = job_of(pod)) --job->remaining;
  set_retries();
  finish_emptied();
}

// Tries that must fail are not played one by one: the next one that may succeed is, on its own grid of five seconds.
void Drainer::set_retries() {
  for (Job& job : jobs_)
    for (Blocked& blocked : job.blocked) {
      if (blocked.retry_set || blocked.hopeless) continue;
      if (!simulator_.world().ask_eviction(blocked.pod, simulator_.now()).admitted()) continue;
      const std::int64_t tries = (simulator_.now() - blocked.first) / kRetry + 1;
      blocked.retry_set = true;
      simulator_.set_timer(blocked.first + tries * kRetry, Simulator::TimerKind::retry, blocked.pod);
    }
}

void Drainer::finish_emptied() {
  for (std::size_t i = 0; i < jobs_.size();) {
    const bool is_refused = !outcomes_[jobs_[i].outcome].refused.empty();
    if (jobs_[i].remaining > 0 && !is_refused) {
      ++i;
      continue;
    }
    Job job = std::move(jobs_[i]);
    jobs_.erase(jobs_.begin() + static_cast<std::ptrdiff_t>(i));
    if (!is_refused) simulator_.note(EventKind::drained, job.node);
    finish(job);
    if (is_refused)
      leave(job.node);
    else if (plan_.after != DrainPlan::After::replace)
      leave(job.node);
    else {
      simulator_.remove_node(job.node);
      ++away_;
      simulator_.set_timer(simulator_.now() + plan_.node_start, Simulator::TimerKind::node_back, job.node);
    }
  }
}

// A node that is left: taken back where that is wished, also when it could not be emptied and somebody gave up.
void Drainer::leave(std::uint32_t node) {
  if (plan_.after == DrainPlan::After::leave_cordoned) return;
  if (simulator_.world().node_state(node) == NodeState::cordoned) simulator_.open_node(node, EventKind::uncordoned);
}

void Drainer::finish(Job& job) {
  NodeOutcome& outcome = outcomes_[job.outcome];
  outcome.end = simulator_.now();
  outcome.timed_out = plan_.flags.timeout && outcome.end - outcome.begin > *plan_.flags.timeout;
}

void Drainer::give_up_stuck() {
  std::vector<Job> stuck = std::exchange(jobs_, {});
  for (Job& job : stuck) {
    std::vector<std::uint32_t> pods;
    for (const Blocked& blocked : job.blocked) pods.push_back(blocked.pod);
    // Terminating pods of a lost node hold it as well.
    for (const std::uint32_t pod : simulator_.world().pods_on(job.node))
      if (simulator_.world().pod(pod).state == PodState::terminating) pods.push_back(pod);
    NodeOutcome& outcome = outcomes_[job.outcome];
    outcome.why_stuck = prove_stuck(simulator_, pods);
    outcome.timed_out = plan_.flags.timeout.has_value();
    simulator_.note(EventKind::stuck, job.node);
    finish(job);
  }
  for (const Job& job : stuck) leave(job.node);
}

// Whoever drains while an invariant falls has a part in it.
void Drainer::note_broken() {
  for (const std::uint32_t invariant : simulator_.recorder().look(simulator_.world(), simulator_.now())) {
    const auto add = [&](NodeOutcome& outcome) {
      const InvariantIndex index(invariant);
      if (std::ranges::find(outcome.broken, index) == outcome.broken.end()) outcome.broken.push_back(index);
    };
    for (const Job& job : jobs_) add(outcomes_[job.outcome]);
    if (jobs_.empty() && !outcomes_.empty()) add(outcomes_.back());
  }
}

}  // namespace gantry::disruption
