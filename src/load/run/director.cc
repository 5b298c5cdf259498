#include "load/run/director.h"

#include <fmt/format.h>

#include <algorithm>

namespace gantry::load {

namespace {

using std::chrono::steady_clock;

constexpr auto kAbortLook = std::chrono::seconds(2);       // k6's own
constexpr auto kStopLook = std::chrono::milliseconds(50);  // how soon somebody who stops the run is heard

std::int64_t vus_needed(std::span<const Scenario> scenarios) {
  // The peak of all that are reserved at once: from a scenario's start until its grace is over.
  std::int64_t peak = 0;
  for (const Scenario& at : scenarios) {
    std::int64_t sum = 0;
    for (const Scenario& other : scenarios) {
      const Duration end = other.start_time + length_of(other.plan) + other.graceful_stop;
      if (other.start_time <= at.start_time && at.start_time < end) sum += first_vus(other);
    }
    peak = std::max(peak, sum);
  }
  return peak;
}

}  // namespace

Director::Director(CrewState& state, Member& self, Watchdog& watchdog, const RunRequest& request)
    : state_(state),
      self_(self),
      watchdog_(watchdog),
      request_(request),
      troupe_{.crew = state,
              .take = [this](std::size_t count) { return take(count); },
              .make_one = [this](Executor& executor) { make_vu_for(executor); },
              .iterate = [this](VuSlot& slot) { return iterate(slot); },
              .wake_director = [this] { state_.crew.wake_due(self_); }} {}

Director::~Director() {
  is_over_ = true;
  for (VuSlot& slot : slots_) state_.crew.interrupt(slot.member);
  while (std::ranges::any_of(slots_, [](const VuSlot& slot) { return slot.vu != nullptr; })) state_.crew.park(self_);
}

base::Result<void> Director::make_vu(Executor* executor) {
  VuSlot& slot = slots_.emplace_back();
  auto spawned = state_.crew.spawn(slot.member, [this, &slot, executor] { run_vu(slot, executor); });
  if (!spawned) {
    slots_.pop_back();
    return spawned;
  }
  const v8::Locker locker(state_.isolate.get());
  slot.vu = std::make_unique<Vu>(state_, slot.member, slots_.size());
  return {};
}

void Director::make_vu_for(Executor& executor) {
  if (const auto made = make_vu(&executor); !made) state_.log(LogLevel::error, made.error().message, "");
}

void Director::run_vu(VuSlot& slot, Executor* executor) {
  // For as long as the VU lives: whoever waits unlocks meanwhile.
  const v8::Locker locker(state_.isolate.get());
  state_.isolate.limit_stack(kScriptStackBytes);
  // One that is made while scenarios play ends with them.
  const base::Result<void> loaded = executor
                                        ? slot.vu->load(request_.script)
                                        : load_in_time(*slot.vu, request_.script, request_.init_time_max, watchdog_);
  if (loaded && setup_data_) static_cast<void>(slot.vu->keep_setup_data(*setup_data_));
  if (!loaded && !failure_) failure_ = loaded.error();
  ++ready_;
  state_.play.vus = ready_;
  if (executor && loaded && !is_over_) executor->on_ready(slot);
  state_.crew.wake(self_);
  while (!is_over_) {
    if (slot.executor)
      slot.executor->work(slot);
    else
      state_.park(slot.member);
  }
  slot.vu.reset();
  state_.crew.wake(self_);
}

base::Result<void> Director::make_vus(std::span<const Scenario> scenarios) {
  for (std::int64_t n = vus_needed(scenarios); n > 0; --n) TRY(make_vu(nullptr));
  wait_for_vus();
  if (failure_) return std::unexpected(*failure_);
  state_.isolate.settle();
  return {};
}

void Director::wait_for_vus() {
  while (ready_ < slots_.size()) state_.crew.park(self_);
}

std::vector<VuSlot*> Director::take(std::size_t count) {
  std::vector<VuSlot*> taken;
  for (VuSlot& slot : slots_) {
    if (taken.size() == count) break;
    if (!slot.executor && slot.vu && !slot.vu->is_init()) taken.push_back(&slot);
  }
  return taken;
}

bool Director::iterate(VuSlot& slot) {
  Vu& vu = *slot.vu;
  const std::expected<void, ScriptException> done = vu.iterate(slot.executor->scenario().exec);
  // A function that ends right after its wait was interrupted leaves the order to end behind, for whoever runs next.
  if (slot.member.is_interrupted() || (!done && !done.error().is_own())) state_.isolate.resume();
  const bool was_interrupted =
      slot.member.is_interrupted() || (!done && done.error().kind == ScriptException::Kind::interrupted);
  state_.crew.resume(slot.member);
  slot.ended = steady_clock::now();
  vu.record_traffic(vu.since_start(slot.ended));
  if (state_.aborted) state_.crew.wake(self_);
  if (was_interrupted) {
    ++state_.play.interrupted;
    return false;
  }
  ++state_.play.completed;
  if (!done && state_.play.measurement) ++state_.play.measurement->thrown;
  if (!done)
    state_.log(LogLevel::error, done.error().stack.empty() ? done.error().message : done.error().stack, "stacktrace");
  record_iteration(slot);
  wait_out(slot);
  return true;
}

// No part of the iteration (k6 reference, §2), and for the target as good as a sleep in it.
void Director::wait_out(VuSlot& slot) {
  const SteadyTime until = slot.begun + min_iteration_;
  if (until <= slot.ended) return;
  if (state_.sleep(slot.member, until) == Wake::interrupted) state_.crew.resume(slot.member);
  const SteadyTime now = steady_clock::now();
  state_.slept += now - std::exchange(slot.ended, now);
}

void Director::record_iteration(VuSlot& slot) {
  Vu& vu = *slot.vu;
  const TagSetId tags = vu.tags();
  const SampleTime now = vu.since_start(slot.ended);
  const std::chrono::duration<double, std::milli> took = slot.ended - slot.begun;
  vu.record(BuiltInMetric::iteration_duration, took.count(), tags, now);
  vu.record(BuiltInMetric::iterations, 1, tags, now);
}

std::size_t Director::active_vus() const {
  return static_cast<std::size_t>(std::ranges::count_if(
      slots_, [](const VuSlot& slot) { return slot.is_iterating || (slot.executor && !slot.is_called); }));
}

RunProgress Director::progress() const {
  const SteadyTime now = steady_clock::now();
  RunProgress progress{.elapsed = now - state_.play.began, .vus_active = active_vus(), .vus = slots_.size()};
  for (const std::unique_ptr<Executor>& executor : executors_) {
    const Scenario& scenario = executor->scenario();
    const IterationCounts& counts = executor->counts();
    progress.planned = std::max(progress.planned, scenario.start_time + length_of(scenario.plan));
    progress.iterations += static_cast<double>(counts.completed);
    progress.interrupted += static_cast<double>(counts.interrupted);
    progress.dropped += static_cast<double>(counts.dropped);
    progress.scenarios.push_back(
        {scenario, now - executor->start(), executor->active(), counts.completed, executor->is_over()});
  }
  const Sink* requests = state_.recorder.sink(static_cast<MetricId>(BuiltInMetric::http_reqs));
  progress.requests = requests ? std::get<CounterSink>(*requests).count() : 0;
  if (!state_.play.measurement) return progress;
  const std::vector<TimeSeries::Interval>& intervals = state_.play.measurement->series.intervals();
  if (intervals.size() >= 2) progress.lately = intervals[intervals.size() - 2];
  return progress;
}

void Director::look_at_vus(SteadyTime now) {
  if (state_.play.measurement) state_.play.measurement->series.look(now - state_.play.began, active_vus());
}

void Director::record_vus(std::size_t active, SteadyTime now) {
  const TagSetId tags = state_.recorder.intern(state_.run_tags);
  state_.recorder.add(BuiltInMetric::vus, static_cast<double>(active), tags, now - state_.started);
  state_.recorder.add(BuiltInMetric::vus_max, static_cast<double>(slots_.size()), tags, now - state_.started);
}

std::vector<ScenarioOutcome> Director::play(std::span<const Scenario> scenarios) {
  const SteadyTime begun = steady_clock::now();
  state_.play.began = begun;
  state_.play.vus_active = [this] { return active_vus(); };
  for (VuSlot& slot : slots_)
    if (setup_data_) {
      const v8::Locker locker(state_.isolate.get());
      static_cast<void>(slot.vu->keep_setup_data(*setup_data_));
    }
  for (const Scenario& scenario : scenarios)
    executors_.push_back(make_executor(troupe_, scenario, begun + scenario.start_time));
  SteadyTime look = begun;
  std::size_t active_at_first = 0;
  SteadyTime abort_look = begun + kAbortLook;
  bool is_ending = false;
  Watch watch(watchdog_);
  for (;;) {
    const SteadyTime now = steady_clock::now();
    if (now >= abort_look) {
      was_aborted_ = was_aborted_ || (is_to_abort_ && is_to_abort_());
      abort_look = now + kAbortLook;
    }
    if (((request_.stop && *request_.stop) || was_aborted_ || state_.aborted) && !is_ending) {
      is_ending = true;
      was_stopped_ = !was_aborted_ && !state_.aborted;
      for (const auto& executor : executors_) executor->stop(now);
    }
    SteadyTime next = kNever;
    for (const auto& executor : executors_) next = std::min(next, executor->handle(now));
    if (std::ranges::all_of(executors_, &Executor::is_over)) break;
    if (now >= look) {
      look_at_vus(now);
      if (look == begun)
        active_at_first = active_vus();
      else
        record_vus(active_vus(), now);  // every second from the first one's end on (k6 reference, §8)
      if (progress_) progress_(progress());
      look = now + std::chrono::seconds(1);
    }
    next = std::min({next, look, request_.stop && !is_ending ? now + kStopLook : kNever});
    // Whoever never waits keeps the director from interrupting it.
    SteadyTime end = kNever;
    for (const auto& executor : executors_)
      if (!executor->is_over()) end = std::min(end, executor->hard_end());
    watch.expect_end(end);
    state_.crew.park(self_, next);
  }
  const SteadyTime ended = steady_clock::now();
  look_at_vus(ended);
  if (look < begun + std::chrono::seconds(2)) record_vus(active_at_first, ended);  // of what is shorter, all the same
  std::vector<ScenarioOutcome> outcomes = so_far();
  executors_.clear();
  return outcomes;
}

std::vector<ScenarioOutcome> Director::so_far() const {
  std::vector<ScenarioOutcome> outcomes;
  for (const auto& executor : executors_) {
    const IterationCounts& counts = executor->counts();
    outcomes.push_back({executor->scenario(), counts.completed, counts.interrupted, counts.dropped});
  }
  return outcomes;
}

}  // namespace gantry::load
