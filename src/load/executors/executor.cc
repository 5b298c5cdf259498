#include "load/executors/executor.h"

#include "load/executors/kinds.h"

#include <algorithm>
#include <array>

namespace gantry::load {

namespace {

ResponseTimes::Model model_of(const ExecutorPlan& plan) {
  return is_open(plan) ? ResponseTimes::Model::open : ResponseTimes::Model::closed;
}

SteadyTime later(SteadyTime time, Duration by) { return time + std::chrono::duration_cast<SteadyTime::duration>(by); }

}  // namespace

Executor::Executor(Troupe& troupe, const Scenario& scenario, SteadyTime start)
    : troupe_(troupe),
      scenario_(scenario),
      start_(start),
      end_(later(start, length_of(scenario.plan))),
      responses_(troupe.crew.play.measurement->scenarios
                     .emplace_back(ScenarioTimes{scenario.name, ResponseTimes(model_of(scenario.plan))})
                     .responses) {}

SteadyTime Executor::handle(SteadyTime now) {
  if (is_over_) return kNever;
  if (now < start_ && !is_stopped_) return start_;
  if (!is_started_) {
    is_started_ = true;
    for (VuSlot* slot : is_stopped_ ? std::vector<VuSlot*>() : troupe_.take(vus_at_start())) engage(*slot);
  }
  SteadyTime next = is_stopped_ ? now : std::min(schedule(std::min(now, end_)), end_);
  if (has_ended(now)) next = hard_end();
  if (has_ended(now)) {
    for (VuSlot* slot : slots_) slot->stop_by = std::min(slot->stop_by, next);
    // Those that rest find out that there is nothing more to do.
    for (VuSlot* slot : slots_)
      if (slot->executor == this && !slot->is_iterating) troupe_.crew.crew.wake(slot->member);
  }
  interrupt_late(now);
  for (const VuSlot* slot : slots_)
    if (slot->executor == this && slot->is_iterating && slot->stop_by > now) next = std::min(next, slot->stop_by);
  if (has_ended(now) && active_ == 0) {
    is_over_ = true;
    finish();
    return kNever;
  }
  return next > now ? next : kNever;
}

SteadyTime Executor::hard_end() const { return later(end_, scenario_.graceful_stop); }

void Executor::interrupt_late(SteadyTime now) {
  for (VuSlot* slot : slots_)
    if (slot->executor == this && slot->is_iterating && slot->stop_by <= now) troupe_.crew.crew.interrupt(slot->member);
}

void Executor::stop(SteadyTime now) {
  is_stopped_ = true;
  for (VuSlot* slot : slots_) slot->stop_by = now;
}

void Executor::engage(VuSlot& slot) {
  slot.executor = this;
  slot.place = slots_.size();
  slot.iterations = 0;
  slot.is_called = false;
  slot.stop_by = kNever;
  slots_.push_back(&slot);
  ++active_;
  on_engage(slot);
  slot.vu->enter_scenario(scenario_, responses_);
  troupe_.crew.crew.wake_due(slot.member);
}

bool Executor::iterate(VuSlot& slot, SteadyTime begun) {
  slot.is_iterating = true;
  Measurement& measurement = *troupe_.crew.play.measurement;
  ResponseTimes::Turn& turn = slot.vu->turn();
  slot.begun = begun;
  const bool is_open = responses_.model() == ResponseTimes::Model::open;
  responses_.begin(turn, since_began(is_open ? slot.due : begun), since_began(begun));
  measurement.series.begin(since_began(begun));
  if (is_open) measurement.generator.lateness.add(std::chrono::duration<double, std::milli>(begun - slot.due).count());
  const bool is_complete = troupe_.iterate(slot);
  responses_.end(turn, since_began(slot.ended), active_,
                 is_complete ? ResponseTimes::Ended::whole : ResponseTimes::Ended::cut_off);
  slot.is_iterating = false;
  ++slot.iterations;
  ++(is_complete ? counts_.completed : counts_.interrupted);
  give_way(slot);
  return is_complete;
}

// Who waits for nothing lets others, the director among them, have their turn between two iterations.
void Executor::give_way(VuSlot& slot) {
  constexpr auto kTurnMax = std::chrono::microseconds(200);
  if (slot.ended - troupe_.crew.crew.turn_began() < kTurnMax) return;
  troupe_.crew.give_way(slot.member);
  slot.ended = std::chrono::steady_clock::now();
}

void Executor::drop(std::uint64_t count) {
  if (count == 0) return;
  counts_.dropped += count;
  // k6 has no tags of the scenario's own there.
  Tags tags = troupe_.crew.run_tags;
  troupe_.crew.system_tags.set(tags, SystemTag::scenario, scenario_.name);
  troupe_.crew.recorder.add(BuiltInMetric::dropped_iterations, static_cast<double>(count),
                            troupe_.crew.recorder.intern(std::move(tags)),
                            std::chrono::steady_clock::now() - troupe_.crew.started);
}

void Executor::drop_arrival(SteadyTime due) {
  drop(1);
  responses_.drop(since_began(due));
  troupe_.crew.play.measurement->series.drop(since_began(due));
}

void Executor::note_free() { responses_.free(since_began(std::chrono::steady_clock::now())); }

void Executor::leave(VuSlot& slot) {
  slot.executor = nullptr;
  if (--active_ == 0) troupe_.wake_director();
}

std::unique_ptr<Executor> make_executor(Troupe& troupe, const Scenario& scenario, SteadyTime start) {
  using Make = std::unique_ptr<Executor> (*)(Troupe&, const Scenario&, SteadyTime);
  // In the order of ExecutorPlan.
  constexpr std::array<Make, std::variant_size_v<ExecutorPlan>> kMakers = {
      make_constant_vus,      make_ramping_vus,  make_shared_iterations,
      make_per_vu_iterations, make_arrival_rate, make_arrival_rate};
  return kMakers[scenario.plan.index()](troupe, scenario, start);
}

}  // namespace gantry::load
