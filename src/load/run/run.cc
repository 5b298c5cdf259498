#include "load/load.h"

#include "load/measure/generator_meter.h"
#include "load/options/duration.h"
#include "load/run/director.h"
#include "load/run/judging.h"
#include "load/run/lifecycle.h"
#include "load/run/output_tap.h"
#include "load/run/playhouse.h"
#include "load/run/preparation.h"
#include "load/run/standstill.h"
#include "load/run/steering.h"
#include "load/script/thread_id.h"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

// A whole run, top to bottom.

namespace gantry::load {

namespace {

using std::chrono::steady_clock;

class Run {
 public:
  // `give_up` is called by another thread, once that one stands still.
  Run(const RunRequest& request, RunOutcome& outcome, Crew& crew, std::function<void()> give_up)
      : house_(request, outcome, crew, std::move(give_up)),
        outcome_(outcome),
        tap_(request, outcome, house_.state.system_tags) {}

  void go();
  // By another thread, once that of the run stands still in a script: what was measured counts.
  void give_up();

 private:
  RunResult<void> prepare();
  // From the making of the VUs until the end of teardown.
  RunResult<void> play();
  void play_scenarios(Director& director);
  RunResult<void> end_of(RunResult<void> played, bool was_stopped) const;
  RunResult<void> wait_before(RunPhase next);
  RunHalt halt_before(RunPhase next);
  // What the outcome says of it.
  void conclude(const RunResult<void>& ended);
  // There is nothing more to measure.
  void close_measuring();
  // While there is: what close_measuring() would say now.
  RunProgress take_stock();
  // Whether a threshold that is to end the run says so now.
  bool has_to_abort();
  void summarize();

  Playhouse house_;
  RunOutcome& outcome_;
  OutputTap tap_;
  RunPlan plan_ = {};
  std::optional<Steering> steering_ = {};
  std::optional<Director> director_ = {};
  GeneratorMeter* meter_ = nullptr;  // while scenarios play
};

void Run::go() {
  // VU 0 tells what the script wants.
  if (const RunResult<void> prepared = prepare(); !prepared) return conclude(prepared);
  if (house_.request.only_reads_options) return;
  steering_.emplace(house_, plan_, [this] { return take_stock(); });
  director_.emplace(house_.state, house_.self, house_.watchdog, house_.request);
  house_.state.started = steady_clock::now();
  outcome_.has_begun = true;
  RunResult<void> played = steering_->begin();
  if (!played) return conclude(played);
  played = play();
  const bool was_stopped = house_.is_stopped();  // what comes now is no reason for anything
  steering_->set_phase(played ? RunPhase::ended : RunPhase::interrupted);
  close_measuring();
  const RunResult<void> ended = end_of(std::move(played), was_stopped);
  if (ended && house_.state.play.completed == 0)
    house_.state.log(LogLevel::warning, "No script iterations fully finished, consider making the test duration longer",
                     "");
  conclude(ended);
  if (plan_.has_summary) summarize();
  steering_->end();  // the director goes
}

RunResult<void> Run::prepare() {
  plan_ = TRY(prepare_run(house_));
  if (house_.request.only_reads_options)
    for (const Scenario& scenario : plan_.scenarios) outcome_.scenarios.push_back({.scenario = scenario});
  else if (plan_.begins_paused && !house_.request.can_resume)
    return fail(RunEnd::invalid_options, {.kind = base::ErrorKind::usage,
                                          .message = "the run is to begin paused, and nothing could resume it",
                                          .help = "add --address localhost:6565 for the REST API, which can"});
  return {};
}

void Run::close_measuring() {
  outcome_.duration = steady_clock::now() - house_.state.started;
  judge_thresholds(outcome_, outcome_.duration);
  tap_.finish();
}

RunProgress Run::take_stock() {
  if (steering_->phase() >= RunPhase::ended) return {};
  outcome_.duration = steady_clock::now() - house_.state.started;
  judge_thresholds(outcome_, outcome_.duration);
  if (!meter_) return {};
  outcome_.scenarios = director_->so_far();
  meter_->read(outcome_.measurement.generator);
  return director_->progress();
}

// The first reason to end a run is the one that counts: a teardown that fails comes after it.
RunResult<void> Run::end_of(RunResult<void> played, bool was_stopped) const {
  RunResult<void> ended = played;
  if (house_.state.aborted)
    ended = fail_aborted(house_.state);
  else if (director_->was_aborted())
    ended = fail(RunEnd::thresholds_crossed, abort_error(outcome_));
  else if (was_stopped && (played || played.error().end != RunEnd::stopped))
    ended = fail_stopped();
  if (!played && played.error().end != ended.error().end)
    house_.state.log(LogLevel::error, played.error().error.message, "");
  return ended;
}

void Run::conclude(const RunResult<void>& ended) {
  if (!ended) {
    outcome_.end = ended.error().end;
    outcome_.error = ended.error().error;
    outcome_.error->message = house_.secrets.redact(outcome_.error->message);
  } else if (house_.state.marked_failed) {
    // It went on all the same.
    outcome_.end = RunEnd::test_failed;
    outcome_.error = base::Error{.kind = base::ErrorKind::input,
                                 .message = fmt::format("test marked as failed: {}", *house_.state.marked_failed)};
  } else if (has_crossed(outcome_) && !house_.request.judges_only_aborting) {
    outcome_.end = RunEnd::thresholds_crossed;
  }
}

// What the run ends as that is given up in a phase.
RunEnd end_in(RunPhase phase) {
  if (phase == RunPhase::setup) return RunEnd::setup_timed_out;
  if (phase == RunPhase::teardown) return RunEnd::teardown_timed_out;
  return RunEnd::script_failed;
}

void Run::give_up() {
  const std::string went_on =
      fmt::format("a function of JavaScript went on for {} after it was to end, and nothing can interrupt it",
                  format_go_duration(house_.request.give_up_after));
  const RunPhase phase = steering_ ? steering_->phase() : RunPhase::created;
  // In handleSummary(): the run is over, and its end stays.
  if (phase >= RunPhase::ended) return house_.request.log(LogLevel::error, went_on, "");
  if (director_ && phase == RunPhase::running) outcome_.scenarios = director_->so_far();
  if (outcome_.has_begun) close_measuring();
  std::string help = "let the script do less at a time: sort, join or search in parts";
  if (plan_.has_teardown && phase <= RunPhase::running)
    help += "; teardown() was not called, so that what it cleans up is left";
  conclude(fail(house_.is_stopped() ? RunEnd::stopped : end_in(phase),
                {.kind = base::ErrorKind::input, .message = "the run was given up: " + went_on, .help = help}));
}

RunResult<void> Run::play() {
  Director& director = *director_;
  Steering& steering = *steering_;
  director.set_progress(house_.request.progress);
  director.set_abort([this] { return has_to_abort(); });
  director.set_min_iteration(plan_.min_iteration);
  // Before setup: it never delays the making of VUs.
  steering.set_phase(RunPhase::making_vus);
  TRY(house_.as_loaded(director.make_vus(plan_.scenarios)));
  TRY(wait_before(RunPhase::started));
  steering.set_phase(RunPhase::started);
  house_.state.started = steady_clock::now();  // anew: the making of VUs is no part of the test
  tap_.start();
  steering.set_phase(RunPhase::setup);
  if (plan_.has_setup) outcome_.setup_data = TRY(call_setup(house_, house_.self));
  TRY(wait_before(RunPhase::running));
  director.set_setup_data(outcome_.setup_data);
  steering.set_phase(RunPhase::running);
  play_scenarios(director);
  TRY(wait_before(RunPhase::teardown));
  steering.set_phase(RunPhase::teardown);
  return plan_.has_teardown ? call_teardown(house_, house_.self) : RunResult<void>();
}

RunResult<void> Run::wait_before(RunPhase next) {
  RunHalt halt = halt_before(next);
  return steering_->wait_in(halt);
}

RunHalt Run::halt_before(RunPhase next) {
  return {
      .next = next, .outcome = outcome_, .was_cut_short = house_.state.aborted.has_value() || director_->was_aborted()};
}

// And measures how well that was done.
void Run::play_scenarios(Director& director) {
  CrewState& state = house_.state;
  const std::chrono::nanoseconds slept_before = state.slept;
  state.play.measurement = &outcome_.measurement;
  GeneratorMeter meter;
  meter_ = &meter;
  outcome_.scenarios = director.play(plan_.scenarios);
  meter_ = nullptr;
  meter.stop(outcome_.measurement.generator);
  state.play.measurement = nullptr;
  outcome_.slept = state.slept - slept_before;
}

bool Run::has_to_abort() {
  const std::chrono::nanoseconds elapsed = steady_clock::now() - house_.state.started;
  judge_thresholds(outcome_, elapsed);
  return is_to_abort(outcome_, elapsed);
}

void Run::summarize() {
  RunHalt halt = halt_before(RunPhase::ended);
  if (const RunResult<void> waited = steering_->wait_in(halt); !waited)
    return house_.state.log(LogLevel::error, waited.error().error.message, "");
  auto returned = call_handle_summary(house_, house_.self, halt.whole ? *halt.whole : outcome_);
  if (returned)
    outcome_.summary_files = *std::move(returned);
  else
    house_.state.log(LogLevel::error, returned.error().error.message, "stacktrace");
}

// Whether the run's own thread has come to its end, or never will.
struct Ending {
  std::mutex mutex;
  std::condition_variable changed;
  bool is_over = false;
  bool is_given_up = false;
  Run* run = nullptr;

  void tell(bool Ending::*what) {
    const std::scoped_lock lock(mutex);
    this->*what = true;
    changed.notify_one();
  }
};

void fail_broken(RunOutcome& outcome, const base::Error& error) {
  outcome.end = RunEnd::broken;
  outcome.error = error;
}

void run_here(const RunRequest& request, RunOutcome& outcome, const std::shared_ptr<Ending>& ending) {
  base::Result<std::unique_ptr<Crew>> crew = Crew::create();
  if (!crew) return fail_broken(outcome, crew.error());
  Run run(request, outcome, **crew, [ending] { ending->tell(&Ending::is_given_up); });
  ending->run = &run;
  if (!v8_counts_fibers())
    return fail_broken(outcome, base::environment_error("this build of V8 does not let fibers take turns",
                                                        "install libnode (V8) as scripts/setup does")
                                    .error());
  run.go();
}

}  // namespace

// On a thread of its own, which is left where it is when it cannot be ended.
RunOutcome run_script(const RunRequest& request) {
  RunOutcome outcome;
  if (stands_still_in_v8()) {
    fail_broken(outcome, base::environment_error("a script before was given up, and stands where no other may begin",
                                                 "start the program anew")
                             .error());
    return outcome;
  }
  const auto ending = std::make_shared<Ending>();
  std::thread thread([&request, &outcome, ending] {
    run_here(request, outcome, ending);
    ending->tell(&Ending::is_over);
  });
  std::unique_lock lock(ending->mutex);
  ending->changed.wait(lock, [&] { return ending->is_over || ending->is_given_up; });
  lock.unlock();
  if (ending->is_over) {
    thread.join();
  } else {
    thread.detach();
    ending->run->give_up();
  }
  return outcome;
}

}  // namespace gantry::load
