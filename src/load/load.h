#pragma once

// Runs a k6 script: loads it, makes its VUs, lets its scenarios play, judges its thresholds (k6 reference, §2).
//
//   const RunOutcome outcome = run_script({.files = files, .script = "load/health.js"});
//   outcome.end == RunEnd::thresholds_crossed …

#include "base/file.h"
#include "base/node.h"
#include "base/result.h"
#include "base/time.h"
#include "load/measure/measurement.h"
#include "load/metrics/recorder.h"
#include "load/metrics/registry.h"
#include "load/metrics/script_checks.h"
#include "load/metrics/threshold.h"
#include "load/options/scenario.h"
#include "load/options/secrets.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::load {

class SampleOutput;  // output/output.h

enum class LogLevel : std::uint8_t { debug, info, warning, error };
// `source` is "console" for what a script prints, "stacktrace" for what it threw, "" else.
using Log = std::function<void(LogLevel level, std::string_view message, std::string_view source)>;

// How far one scenario of a run is.
struct ScenarioProgress {
  const Scenario& scenario;
  std::chrono::nanoseconds elapsed{0};  // of it; negative where it has not begun
  std::size_t vus_active = 0;
  std::uint64_t completed = 0;
  bool is_over = false;
};

// How far a run is, told about once a second while its scenarios play.
struct RunProgress {
  std::chrono::nanoseconds elapsed{0};  // since the first scenario began
  std::chrono::nanoseconds planned{0};  // until the last one ends, without its grace
  std::size_t vus_active = 0;
  std::size_t vus = 0;
  double iterations = 0;
  double interrupted = 0;
  double dropped = 0;
  double requests = 0;
  TimeSeries::Interval lately = {};  // the last whole one of the time series; summary/progress.h has figures of it
  std::vector<ScenarioProgress> scenarios = {};
};

struct RunHalt;
struct RunLook;

struct RunRequest {
  const base::FileSystem& files;  // the script and all that it imports lie in it
  std::string script;             // its path
  std::string root = {};          // where `files` lies on the disk, for paths that are absolute
  // Options that win over the script's, as a script would write them.
  base::Node overrides = {};
  // Options that the script's win over: those of a configuration file.
  base::Node defaults = {};
  std::map<std::string, std::string> env = {};
  // Of the environment: proxies, as HTTP_PROXY, and GODEBUG, as programs in Go understand them.
  std::map<std::string, std::string> network = {};
  bool has_global_alias = true;  // `global`, for globalThis
  // What k6/secrets gives. What of it a script has asked for is in no line of the log, and not in the error of the outcome.
  SecretSources secrets = {};
  Log log = [](LogLevel, std::string_view, std::string_view) {};
  // Is told what the script's functions print, instead of `log`. What its top level prints goes there anyway.
  Log console = {};
  std::function<void(const RunProgress&)> progress = [](const RunProgress&) {};
  // Without, thresholds are read, and shown as parts of their metrics, and nothing more.
  bool judges_thresholds = true;
  // Only those that are to end the run before its time: whoever merges this part of a run with the others judges all.
  bool judges_only_aborting = false;
  // Nothing is run: the outcome has the options, and the scenarios that they mean.
  bool only_reads_options = false;
  // Without, handleSummary() is not called.
  bool has_summary = true;
  // Where samples go besides. They are started and finished by the run.
  std::span<SampleOutput* const> outputs = {};
  // How long one evaluation of the script's top level may take; k6 would wait for ever.
  std::chrono::nanoseconds init_time_max = std::chrono::minutes(5);
  // How long a function of JavaScript itself may go on that was to end and cannot be interrupted (run/standstill.h), such as a sort of
  // millions. Then the run is given up, with what was measured so far. Garbage of gigabytes is collected in less.
  std::chrono::nanoseconds give_up_after = std::chrono::seconds(10);
  bool stdout_is_tty = false;
  bool stderr_is_tty = false;
  bool no_color = false;  // that the summary is to have none was said
  // handleSummary() gets the other form (summary/new_form.h).
  bool has_new_summary = false;
  // For the others that share the run: asked every few milliseconds where it is about to go on (RunHalt), until it says no. An error ends the
  // run, or leaves handleSummary() out.
  std::function<base::Result<bool>(RunHalt&)> is_held = {};
  // How many processes on this machine share it as one run, which leave what a script has once to one of them: setup(), teardown() and
  // handleSummary(). `rps` is of all together.
  std::size_t processes = 1;
  bool calls_once = true;
  // Told how the run is about 50 times a second, from its beginning to its end, whatever its VUs wait for; on the thread of the run.
  std::function<void(RunLook&)> look = {};
  // That whoever looks can resume a run that is to begin paused. Where nobody can, it fails.
  bool can_resume = false;
  // What time it is, for reports that say so.
  const base::Clock* clock = nullptr;
  // Set from anywhere, a signal handler too: the run ends as if its scenarios were over, iterations under way are interrupted.
  const std::atomic<bool>* stop = nullptr;
};

// Why a run ended as it did, in the order of k6's exit codes (k6 reference, §15.2).
enum class RunEnd : std::uint8_t {
  passed,              // 0
  thresholds_crossed,  // 99
  setup_timed_out,     // 100
  teardown_timed_out,  // 101
  invalid_options,     // 104
  stopped,             // 105
  script_failed,       // 107
  test_aborted,        // 108: by the script
  test_failed,         // 110: the script said so
  broken,              // 255: there is no such file, no exported function
};
int exit_code(RunEnd end);

struct JudgedThreshold {
  Threshold threshold = {};
  Judgement judgement = {};
  // Ends the run once it does not hold after so long.
  std::optional<std::chrono::nanoseconds> aborts_after = {};
};
struct JudgedMetric {
  MetricSelector selector = {};
  std::vector<JudgedThreshold> thresholds = {};
};

struct ScenarioOutcome {
  Scenario scenario = {};
  std::uint64_t completed = 0;
  std::uint64_t interrupted = 0;
  std::uint64_t dropped = 0;
};

// Everything that a report needs. Whole even where the run failed: as far as it came.
struct RunOutcome {
  RunEnd end = RunEnd::passed;
  std::optional<base::Error> error = {};  // of an end that is one
  std::string script = {};                // its text
  base::Node options = {};                // as they were in force
  std::unique_ptr<MetricRegistry> registry = std::make_unique<MetricRegistry>();
  std::unique_ptr<Recorder> recorder = std::make_unique<Recorder>(*registry);
  std::vector<JudgedMetric> thresholds = {};
  std::vector<ScenarioOutcome> scenarios = {};
  ScriptChecks checks = {};
  bool has_begun = false;                      // far enough for a summary
  Measurement measurement = {};                // while the scenarios played
  std::chrono::nanoseconds duration{0};        // from setup to the end of teardown
  std::chrono::nanoseconds slept{0};           // in sleep(), by all VUs together, while the scenarios played
  std::optional<std::string> setup_data = {};  // JSON
  // What handleSummary() wants written: by file, "stdout" and "stderr" among them. Nothing where there is none, or it threw.
  std::optional<std::map<std::string, std::string>> summary_files = {};
};

// Where a run is, with k6's numbers (k6 reference, §16).
enum class RunPhase : std::uint8_t {
  created,
  making_vus,
  making_executors,
  ready,
  paused,
  started,
  setup,
  running,
  teardown,
  ended,
  interrupted,
  marked_failed
};

// Where a run may have to wait for others: before setup ("started"), its scenarios ("running"), teardown, and handleSummary() ("ended").
struct RunHalt {
  RunPhase next;
  RunOutcome& outcome;                     // as far as it has come; setup data may be set before the scenarios
  bool was_cut_short = false;              // the scenarios, by the script or a threshold
  std::unique_ptr<RunOutcome> whole = {};  // what handleSummary() is to show instead
};

// A run under way, to look at and to say what is to happen.
struct RunLook {
  RunPhase phase = RunPhase::created;
  RunOutcome& outcome;  // as far as it has come; its setup data may be set before the scenarios begin
  std::chrono::nanoseconds elapsed{0};
  std::size_t vus_active = 0;
  std::size_t vus = 0;
  bool is_paused = false;   // set to false, the run begins
  bool is_stopped = false;  // set to true, whoever looks stops it by RunRequest::stop
  // Call the script's function, where there is one, and keep what setup() returns.
  std::function<base::Result<void>()> call_setup = {};
  std::function<base::Result<void>()> call_teardown = {};
  // Makes the outcome say all that a report shows, by what there is so far: how long it took, what became of each scenario, what thresholds say,
  // how the generator fares. And how far the scenarios are: none where they do not play.
  std::function<RunProgress()> take_stock = {};
};

// Blocks until the run is over: VUs are fibers of one thread, which is the run's own, and which all that the request holds is called by. A
// program that calls it is linked with V8; script_engine.h is for one that is not. After a run that was given up there is no other: it fails.
RunOutcome run_script(const RunRequest& request);

}  // namespace gantry::load
