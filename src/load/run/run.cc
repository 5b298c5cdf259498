#include "load/load.h"

#include "load/measure/generator_meter.h"
#include "load/run/director.h"
#include "load/run/judging.h"
#include "load/run/lifecycle.h"
#include "load/run/output_tap.h"
#include "load/run/playhouse.h"
#include "load/run/preparation.h"
#include "load/run/steering.h"
#include "load/script/thread_id.h"

#include <fmt/format.h>

#include <algorithm>

// A whole run, top to bottom.

namespace gantry::load {

namespace {

using std::chrono::steady_clock;

class Run {
 public:
  Run(const RunRequest& request, RunOutcome& outcome, Crew& crew)
      : house_(request, outcome, crew), outcome_(outcome), tap_(request, outcome) {}

  RunResult<void> go();
  // What the script said when it marked the run as failed; it goes on all the same.
  const std::optional<std::string>& marked_failed() const { return house_.state.marked_failed; }
  std::string redact(std::string_view text) const { return house_.secrets.redact(text); }

 private:
  // From the making of the VUs until the end of teardown.
  RunResult<void> play(Director& director, Steering& steering);
  void play_scenarios(Director& director);
  // Whether a threshold that is to end the run says so now.
  bool is_to_abort();
  void summarize();

  Playhouse house_;
  RunOutcome& outcome_;
  OutputTap tap_;
  RunPlan plan_ = {};
};

RunResult<void> Run::go() {
  // VU 0 tells what the script wants.
  plan_ = TRY(prepare_run(house_));
  if (house_.request.only_reads_options) {
    for (const Scenario& scenario : plan_.scenarios) outcome_.scenarios.push_back({.scenario = scenario});
    return {};
  }
  if (plan_.begins_paused && !house_.request.look)
    return fail(RunEnd::invalid_options, {.kind = base::ErrorKind::usage,
                                          .message = "the run is to begin paused, and nothing could resume it",
                                          .help = "add --address localhost:6565 for the REST API, which can"});
  Steering steering(house_, plan_);
  Director director(house_.state, house_.self, house_.watchdog, house_.request);
  house_.state.started = steady_clock::now();
  outcome_.has_begun = true;
  TRY(steering.begin());
  const RunResult<void> played = play(director, steering);
  const bool was_stopped = house_.is_stopped();  // whatever comes now is heard by nobody
  steering.set_phase(played ? RunPhase::ended : RunPhase::interrupted);
  outcome_.duration = steady_clock::now() - house_.state.started;
  judge_thresholds(outcome_, outcome_.duration);
  tap_.finish();
  if (plan_.has_summary) summarize();
  steering.end();  // the director goes
  // The first reason to end a run is the one that counts: a teardown that fails comes after it.
  RunResult<void> ended = played;
  if (house_.state.aborted)
    ended = fail_aborted(house_.state);
  else if (director.was_aborted())
    ended = fail(RunEnd::thresholds_crossed, abort_error(outcome_));
  else if (was_stopped && (played || played.error().end != RunEnd::stopped))
    ended = fail_stopped();
  if (!played && played.error().end != ended.error().end)
    house_.state.log(LogLevel::error, played.error().error.message, "");
  return ended;
}

RunResult<void> Run::play(Director& director, Steering& steering) {
  director.set_progress(house_.request.progress);
  director.set_abort([this] { return is_to_abort(); });
  director.set_min_iteration(plan_.min_iteration);
  // Before setup: it never delays the making of VUs.
  steering.set_phase(RunPhase::making_vus);
  TRY(house_.as_loaded(director.make_vus(plan_.scenarios)));
  TRY(steering.wait_to_begin());
  house_.state.started = steady_clock::now();  // anew: the making of VUs is no part of the test
  tap_.start();
  steering.set_phase(RunPhase::setup);
  if (plan_.has_setup) outcome_.setup_data = TRY(call_setup(house_, house_.self));
  director.set_setup_data(outcome_.setup_data);
  steering.set_phase(RunPhase::running);
  play_scenarios(director);
  steering.set_phase(RunPhase::teardown);
  return plan_.has_teardown ? call_teardown(house_, house_.self) : RunResult<void>();
}

// And measures how well that was done.
void Run::play_scenarios(Director& director) {
  CrewState& state = house_.state;
  const std::chrono::nanoseconds slept_before = state.slept;
  state.play.measurement = &outcome_.measurement;
  GeneratorMeter meter;
  outcome_.scenarios = director.play(plan_.scenarios);
  meter.stop(outcome_.measurement.generator);
  state.play.measurement = nullptr;
  outcome_.slept = state.slept - slept_before;
}

bool Run::is_to_abort() {
  const std::chrono::nanoseconds elapsed = steady_clock::now() - house_.state.started;
  judge_thresholds(outcome_, elapsed);
  return std::ranges::any_of(outcome_.thresholds, [&](const JudgedMetric& metric) {
    return std::ranges::any_of(metric.thresholds, [&](const JudgedThreshold& threshold) {
      const bool is_due = threshold.aborts_after && *threshold.aborts_after < elapsed;
      // Metrics without samples are passed over while the run lasts (k6 reference, §7.5).
      return is_due && !threshold.judgement.is_undecided && !threshold.judgement.holds;
    });
  });
}

void Run::summarize() {
  auto returned = call_handle_summary(house_, house_.self);
  if (returned)
    outcome_.summary_files = *std::move(returned);
  else
    house_.state.log(LogLevel::error, returned.error().error.message, "stacktrace");
}

}  // namespace

RunOutcome run_script(const RunRequest& request) {
  RunOutcome outcome;
  base::Result<std::unique_ptr<Crew>> crew = Crew::create();
  if (!crew) {
    outcome.end = RunEnd::broken;
    outcome.error = crew.error();
    return outcome;
  }
  Run run(request, outcome, **crew);
  if (!v8_counts_fibers()) {
    outcome.end = RunEnd::broken;
    outcome.error = base::environment_error("this build of V8 does not let fibers take turns",
                                            "install libnode (V8) as scripts/setup does")
                        .error();
    return outcome;
  }
  const RunResult<void> done = run.go();
  if (!done) {
    outcome.end = done.error().end;
    outcome.error = done.error().error;
    outcome.error->message = run.redact(outcome.error->message);
  } else if (run.marked_failed()) {
    outcome.end = RunEnd::test_failed;
    outcome.error = base::Error{.kind = base::ErrorKind::input,
                                .message = fmt::format("test marked as failed: {}", *run.marked_failed())};
  } else if (has_crossed(outcome) && !request.judges_only_aborting) {
    outcome.end = RunEnd::thresholds_crossed;
  }
  return outcome;
}

}  // namespace gantry::load
