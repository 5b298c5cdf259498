#include "load/run/steering.h"

#include <utility>

namespace gantry::load {

using std::chrono::steady_clock;

RunResult<void> Steering::begin() {
  if (!house_.request.look) return {};
  static constexpr auto kEvery = std::chrono::milliseconds(20);
  Crew& crew = house_.state.crew;
  is_looking_ = true;
  const base::Result<void> spawned = crew.spawn(looker_, [this, &crew] {
    while (is_looking_) {
      look();
      crew.park(looker_, steady_clock::now() + kEvery);
    }
    has_looked_ = true;
    crew.wake_due(house_.self);
  });
  if (!spawned) is_looking_ = false, has_looked_ = true;
  return as(spawned, RunEnd::broken);
}

void Steering::end() {
  if (!std::exchange(is_looking_, false)) return;
  house_.state.crew.wake(looker_);
  while (!has_looked_) house_.state.crew.park(house_.self);
}

RunResult<void> Steering::wait_in(RunHalt& halt) {
  constexpr auto kLook = std::chrono::milliseconds(2);
  const RunRequest& request = house_.request;
  const bool is_start = halt.next == RunPhase::started;
  // A stop is why the run has come to what follows.
  const bool heeds_stop = halt.next < RunPhase::teardown;
  if (is_start) phase_ = is_paused_ ? RunPhase::paused : RunPhase::ready;
  for (bool is_held = true; is_held;) {
    if (heeds_stop && house_.is_stopped()) return fail_stopped();
    is_held = request.is_held && TRY(as(request.is_held(halt), RunEnd::broken));
    is_held |= is_start && is_paused_;
    if (is_held) house_.state.crew.park(house_.self, steady_clock::now() + kLook);
  }
  return {};
}

namespace {

// What becomes of a function that somebody asked for while the run goes on is no end of the run.
base::Result<void> to_result(const RunResult<void>& done) {
  if (!done) return std::unexpected(done.error().error);
  return {};
}

}  // namespace

void Steering::look() {
  const PlayState& play = house_.state.play;
  RunLook seen{
      .phase = phase_,
      .outcome = house_.outcome,
      .elapsed = steady_clock::now() - house_.state.started,
      .vus_active = play.vus_active ? play.vus_active() : 0,
      .vus = play.vus,
      .is_paused = is_paused_,
      .is_stopped = house_.is_stopped(),
      .call_setup = [this] { return to_result(call_setup_beside()); },
      .call_teardown =
          [this] { return to_result(plan_.has_teardown ? call_teardown(house_, looker_) : RunResult<void>()); },
      .take_stock = take_stock_};
  house_.request.look(seen);
  is_paused_ = seen.is_paused;
}

RunResult<void> Steering::call_setup_beside() {
  if (plan_.has_setup) house_.outcome.setup_data = TRY(call_setup(house_, looker_));
  return {};
}

}  // namespace gantry::load
