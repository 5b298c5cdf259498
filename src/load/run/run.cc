#include "load/load.h"

#include "base/json.h"
#include "load/measure/generator_meter.h"
#include "load/options/consolidated.h"
#include "load/options/fields.h"
#include "load/options/known.h"
#include "load/options/layers.h"
#include "load/options/names.h"
#include "load/options/requests.h"
#include "load/options/segment.h"
#include "load/options/system_tags.h"
#include "load/options/tls.h"
#include "load/run/director.h"
#include "load/run/judging.h"
#include "load/run/output_tap.h"
#include "load/run/watchdog.h"
#include "load/script/built_in.h"
#include "load/script/thread_id.h"
#include "load/summary/data.h"
#include "load/summary/new_form.h"

#include <fmt/format.h>

#include <algorithm>

// A whole run, top to bottom.

namespace gantry::load {

namespace {

using base::Node;
using base::Result;
using std::chrono::steady_clock;

// A function that runs once, beside the iterations.
struct StageFunction {
  std::string_view name;
  std::string_view timeout;  // the option
  Duration usual_timeout;
  RunEnd when_late;
};
constexpr StageFunction kSetup = {"setup", "setupTimeout", std::chrono::seconds(60), RunEnd::setup_timed_out};
constexpr StageFunction kTeardown = {"teardown", "teardownTimeout", std::chrono::seconds(60),
                                     RunEnd::teardown_timed_out};
constexpr StageFunction kHandleSummary = {"handleSummary", "handleSummaryTimeout", std::chrono::seconds(120),
                                          RunEnd::script_failed};

// GODEBUG=http2client=0, as programs in Go understand it (k6 reference, §18).
bool forbids_http2(const std::map<std::string, std::string>& env) {
  const auto debug = env.find("GODEBUG");
  if (debug == env.end()) return false;
  const std::string all = "," + debug->second + ",";
  return all.contains(",http2client=0,");
}

class Run {
 public:
  Run(const RunRequest& request, RunOutcome& outcome, Crew& crew)
      : request_(request),
        outcome_(outcome),
        secrets_(request.secrets),
        sources_(request.files, names_of(k6_modules()), request.root),
        hands_(crew, self_),
        state_{.crew = crew,
               .hands = hands_,
               .isolate = isolate_,
               .sources = sources_,
               .registry = *outcome.registry,
               .recorder = *outcome.recorder,
               .resolver = resolver_,
               .tls = tls_,
               .checks = outcome.checks,
               .log = [this](LogLevel level, std::string_view text,
                             std::string_view source) { request_.log(level, secrets_.redact(text), source); },
               .env = request.env},
        watchdog_(crew, isolate_, request.stop),
        tap_(request, outcome) {
    state_.secrets = &secrets_;
    state_.has_global_alias = request.has_global_alias;
    crew.adopt(self_);
  }

  ~Run() { stop_looking(); }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  Result<void> go();
  // What the script said when it marked the run as failed; it goes on all the same.
  const std::optional<std::string>& marked_failed() const { return state_.marked_failed; }
  RunEnd end() const { return end_; }  // of a run that failed
  std::string redact(std::string_view text) const { return secrets_.redact(text); }

 private:
  // What the run ends as when this fails.
  template <typename T>
  Result<T> as(Result<T> result, RunEnd end) {
    if (!result) end_ = end;
    return result;
  }
  std::unexpected<base::Error> fail_aborted() {
    return fail(RunEnd::test_aborted,
                {.kind = base::ErrorKind::input, .message = fmt::format("test aborted: {}", *state_.aborted)});
  }
  std::unexpected<base::Error> fail(RunEnd end, base::Error error) {
    end_ = end;
    return std::unexpected(std::move(error));
  }

  Result<Duration> timeout_of(const StageFunction& function) const {
    return OptionFields(outcome_.options, "options").duration(function.timeout, function.usual_timeout, Duration(1));
  }
  bool is_set(std::string_view option) const {
    const Node* value = outcome_.options.get(option);
    return value && value->is_bool() && value->boolean();
  }

  Result<void> load(Vu& vu) {
    Result<void> loaded = load_in_time(vu, request_.script, request_.init_time_max, watchdog_);
    watchdog_.expect_end(kNever);
    return loaded;
  }
  // What evaluating the top level comes to.
  Result<void> as_loaded(Result<void> loaded) {
    if (!loaded && request_.stop && *request_.stop) return fail_stopped();
    return as(std::move(loaded), RunEnd::script_failed);
  }
  std::unexpected<base::Error> fail_stopped() {
    return fail(RunEnd::stopped, {.kind = base::ErrorKind::environment, .message = "the run was stopped"});
  }

  Result<void> read_options();
  Result<void> read_thresholds();
  Result<void> check_functions(const ScriptContext& script);
  // From the making of the VUs until the end of teardown.
  Result<void> play(Director& director);
  Result<void> tear_down();
  // One of setup, teardown and handleSummary, in a VU of its own and within its time.
  template <typename Returned>
  Result<Returned> call_once(CrewState& state, Member& member, const StageFunction& function,
                             std::span<const std::string> arguments,
                             std::expected<Returned, ScriptException> (Vu::*call)(std::string_view,
                                                                                  std::span<const std::string>));
  Result<void> call_beside(const StageFunction& function, bool is_there);
  Result<void> wait_to_begin();
  Result<void> start_looking();
  void stop_looking();
  void look();
  // Whether a threshold that is to end the run says so now.
  bool is_to_abort();
  void summarize();

  const RunRequest& request_;
  RunOutcome& outcome_;
  Secrets secrets_;
  ModuleSources sources_;
  ScriptIsolate isolate_;
  Resolver resolver_;
  RequestPace pace_;
  ProxyRules proxies_;
  SharedTls tls_;
  Member self_;
  Hands hands_;
  CrewState state_;
  Watchdog watchdog_;
  OutputTap tap_;
  std::vector<Scenario> scenarios_ = {};
  RunEnd end_ = RunEnd::broken;
  Member looker_;
  RunPhase phase_ = RunPhase::created;
  bool is_paused_ = false;
  bool is_looking_ = false;
  bool has_looked_ = false;
  bool has_setup_ = false;
  bool has_teardown_ = false;
  bool has_summary_ = false;
};

Result<void> Run::go() {
  // VU 0 tells what the script wants.
  TRY(read_options());
  if (request_.only_reads_options) {
    for (const Scenario& scenario : scenarios_) outcome_.scenarios.push_back({.scenario = scenario});
    return {};
  }
  if (is_set("paused") && !request_.look)
    return fail(RunEnd::invalid_options, {.kind = base::ErrorKind::usage,
                                          .message = "the run is to begin paused, and nothing could resume it",
                                          .help = "add --address localhost:6565 for the REST API, which can"});
  is_paused_ = is_set("paused");
  Director director(state_, self_, watchdog_, request_);
  state_.started = steady_clock::now();
  outcome_.has_begun = true;
  TRY(start_looking());
  const Result<void> played = play(director);
  phase_ = played ? RunPhase::ended : RunPhase::interrupted;
  outcome_.duration = steady_clock::now() - state_.started;
  judge_thresholds(outcome_, outcome_.duration);
  tap_.finish();
  if (has_summary_) summarize();
  stop_looking();  // the director goes
  if (!played) return played;
  if (state_.aborted) return fail_aborted();
  if (director.was_aborted()) return fail(RunEnd::thresholds_crossed, abort_error(outcome_));
  if (director.was_stopped()) return fail_stopped();
  return {};
}

Result<void> Run::play(Director& director) {
  director.set_progress(request_.progress);
  director.set_abort([this] { return is_to_abort(); });
  director.set_min_iteration(TRY(
      as(OptionFields(outcome_.options, "options").duration("minIterationDuration", {}, {}), RunEnd::invalid_options)));
  // Before setup: it never delays the making of VUs.
  phase_ = RunPhase::making_vus;
  TRY(as_loaded(director.make_vus(scenarios_)));
  TRY(wait_to_begin());
  state_.started = steady_clock::now();  // anew: the making of VUs is no part of the test
  tap_.start();
  phase_ = RunPhase::setup;
  if (has_setup_) outcome_.setup_data = TRY(call_once(state_, self_, kSetup, {}, &Vu::call));
  director.set_setup_data(outcome_.setup_data);
  phase_ = RunPhase::running;
  const std::chrono::nanoseconds slept_before = state_.slept;
  state_.play.measurement = &outcome_.measurement;
  GeneratorMeter meter;
  outcome_.scenarios = director.play(scenarios_);
  meter.stop(outcome_.measurement.generator);
  state_.play.measurement = nullptr;
  outcome_.slept = state_.slept - slept_before;
  phase_ = RunPhase::teardown;
  return has_teardown_ ? tear_down() : Result<void>();
}

// The others that begin at the same time, or whoever resumes it.
Result<void> Run::wait_to_begin() {
  constexpr auto kLook = std::chrono::milliseconds(2);
  phase_ = is_paused_ ? RunPhase::paused : RunPhase::ready;
  for (bool is_held = true; is_held || is_paused_;) {
    if (request_.stop && *request_.stop)
      return fail(RunEnd::stopped, {.kind = base::ErrorKind::environment, .message = "the run was stopped"});
    is_held = request_.is_held && TRY(as(request_.is_held(), RunEnd::broken));
    if (is_held || is_paused_) state_.crew.park(self_, steady_clock::now() + kLook);
  }
  phase_ = RunPhase::started;
  return {};
}

// A member of its own, that looks up whenever the others wait.
Result<void> Run::start_looking() {
  if (!request_.look) return {};
  static constexpr auto kEvery = std::chrono::milliseconds(20);
  is_looking_ = true;
  const Result<void> spawned = state_.crew.spawn(looker_, [this] {
    while (is_looking_) {
      look();
      state_.crew.park(looker_, steady_clock::now() + kEvery);
    }
    has_looked_ = true;
    state_.crew.wake(self_);
  });
  if (!spawned) is_looking_ = false, has_looked_ = true;
  return as(spawned, RunEnd::broken);
}

void Run::stop_looking() {
  if (!std::exchange(is_looking_, false)) return;
  state_.crew.wake(looker_);
  while (!has_looked_) state_.crew.park(self_);
}

void Run::look() {
  RunLook seen{.phase = phase_,
               .outcome = outcome_,
               .elapsed = steady_clock::now() - state_.started,
               .vus_active = state_.play.vus_active ? state_.play.vus_active() : 0,
               .vus = state_.play.vus,
               .is_paused = is_paused_,
               .is_stopped = request_.stop && *request_.stop,
               .call_setup = [this] { return call_beside(kSetup, has_setup_); },
               .call_teardown = [this] { return call_beside(kTeardown, has_teardown_); }};
  request_.look(seen);
  is_paused_ = seen.is_paused;
}

// While the run goes on, because somebody asked for it.
Result<void> Run::call_beside(const StageFunction& function, bool is_there) {
  if (!is_there) return {};
  std::vector<std::string> data;
  if (&function == &kTeardown && outcome_.setup_data) data = {*outcome_.setup_data};
  const RunEnd end = end_;
  auto returned = call_once(state_, looker_, function, data, &Vu::call);
  end_ = end;
  if (!returned) return std::unexpected(returned.error());
  if (&function == &kSetup) outcome_.setup_data = *std::move(returned);
  return {};
}

Result<void> Run::tear_down() {
  std::vector<std::string> data;
  if (outcome_.setup_data) data = {*outcome_.setup_data};
  // What ended the test before does not end this.
  std::optional<std::string> aborted = std::exchange(state_.aborted, std::nullopt);
  const auto done = call_once(state_, self_, kTeardown, data, &Vu::call);
  if (aborted) state_.aborted = std::move(aborted);
  if (!done) return std::unexpected(done.error());
  return {};
}

Result<void> Run::read_options() {
  const v8::Locker locker(isolate_.get());
  isolate_.limit_stack(std::size_t{1} << 20);
  outcome_.script = TRY(as(request_.files.read(request_.script), RunEnd::broken));
  Vu vu(state_, self_, 0);
  const Result<void> loaded = load(vu);
  if (state_.aborted) return fail_aborted();
  TRY(as_loaded(loaded));
  sources_.close();
  const auto exported = vu.script().export_as_json("options");
  if (!exported) return fail(RunEnd::script_failed, to_error(exported.error()));
  Node options = Node::empty_map();
  if (*exported) options = TRY(as(base::load_json(**exported, request_.script), RunEnd::invalid_options));
  outcome_.options = normalize_segments(merge_options(merge_options(request_.defaults, options), request_.overrides));
  for (const std::string& sentence : find_ineffective(outcome_.options)) request_.log(LogLevel::warning, sentence, "");
  const Node* vus = outcome_.options.get("vus");
  if (vus && !vus->is_null() && outcome_.options.get("scenarios"))
    request_.log(LogLevel::warning, "vus without a duration, iterations or stages replaces all scenarios", "");
  scenarios_ = TRY(as(read_scenarios(outcome_.options), RunEnd::invalid_options));
  const OptionFields fields(outcome_.options, "options");
  for (auto& tag : TRY(as(fields.texts("tags"), RunEnd::invalid_options))) state_.run_tags.push_back(tag);
  TRY(as(summary_trend_stats(outcome_.options), RunEnd::broken));
  for (const StageFunction* function : {&kSetup, &kTeardown, &kHandleSummary})
    TRY(as(timeout_of(*function), RunEnd::invalid_options));
  TlsOptions tls = TRY(as(read_tls_options(outcome_.options), RunEnd::invalid_options));
  tls.offers_http2 = !forbids_http2(request_.network);
  tls_.set_options(tls);
  state_.requests = TRY(as(read_request_options(outcome_.options), RunEnd::invalid_options));
  resolver_.set_rules(TRY(as(read_name_rules(outcome_.options), RunEnd::invalid_options)));
  pace_.set_rate(TRY(as(fields.integer("rps", 0, 0), RunEnd::invalid_options)));
  state_.pace = &pace_;
  proxies_ = TRY(as(ProxyRules::from_environment(request_.network), RunEnd::invalid_options));
  state_.proxies = &proxies_;
  outcome_.recorder->drop_tags(TRY(as(read_dropped_tags(outcome_.options), RunEnd::invalid_options)));
  TRY(check_functions(vu.script()));
  const Deal deal = TRY(as(read_deal(outcome_.options), RunEnd::invalid_options));
  state_.options_json = base::dump_json(consolidated_options(outcome_.options, scenarios_));
  scenarios_ = deal_scenarios(std::move(scenarios_), deal);
  state_.vus = deal.stripe();
  outcome_.recorder->keep_apart(*parse_metric_selector(kExpectedResponses));
  for (const MetricSelector& selector : request_.apart) outcome_.recorder->keep_apart(selector);
  TRY(read_thresholds());
  if (request_.outputs.empty()) outcome_.recorder->forget_other_tags();
  return {};
}

Result<void> Run::read_thresholds() {
  outcome_.thresholds = TRY(as(load::read_thresholds(outcome_.options, *outcome_.registry), RunEnd::invalid_options));
  if (request_.judges_only_aborting && keep_aborting(outcome_.thresholds) && request_.judges_thresholds)
    request_.log(LogLevel::warning, std::string(kAbortsAlone), "");
  for (JudgedMetric& metric : outcome_.thresholds) {
    if (!request_.judges_thresholds) metric.thresholds.clear();
    if (!metric.selector.tags.empty()) outcome_.recorder->keep_apart(metric.selector);
  }
  return {};
}

Result<void> Run::check_functions(const ScriptContext& script) {
  const std::vector<std::string> functions = script.exported_functions();
  const auto has = [&](std::string_view name) { return std::ranges::find(functions, name) != functions.end(); };
  if (functions.empty())
    return fail(RunEnd::broken, {.kind = base::ErrorKind::input, .message = "no exported functions in script"});
  for (const Scenario& scenario : scenarios_)
    if (!has(scenario.exec))
      return fail(RunEnd::invalid_options, {.kind = base::ErrorKind::input,
                                            .message = fmt::format("scenario {}: function \"{}\" is not exported",
                                                                   scenario.name, scenario.exec)});
  if (has("options"))
    return fail(RunEnd::broken, {.kind = base::ErrorKind::input, .message = "options must not be a function"});
  for (const std::string_view name : {"setup", "teardown"})
    if (script.exports(name) && !has(name))
      return fail(RunEnd::broken,
                  {.kind = base::ErrorKind::input, .message = fmt::format("{} must be a function", name)});
  has_setup_ = has("setup") && !is_set("noSetup");
  has_teardown_ = has("teardown") && !is_set("noTeardown");
  has_summary_ = has("handleSummary") && request_.has_summary;
  return {};
}

template <typename Returned>
Result<Returned> Run::call_once(CrewState& state, Member& member, const StageFunction& function,
                                std::span<const std::string> arguments,
                                std::expected<Returned, ScriptException> (Vu::*call)(std::string_view,
                                                                                     std::span<const std::string>)) {
  const Duration time = TRY(as(timeout_of(function), RunEnd::invalid_options));
  const v8::Locker locker(isolate_.get());
  if (&member != &self_) isolate_.limit_stack(kScriptStackBytes);
  Vu vu(state, member, 0);
  TRY(as_loaded(load(vu)));
  const SteadyTime deadline = steady_clock::now() + std::chrono::duration_cast<SteadyTime::duration>(time);
  vu.set_deadline(deadline);
  watchdog_.expect_end(deadline);
  vu.start_group(function.name);
  auto returned = (vu.*call)(function.name, arguments);
  watchdog_.expect_end(kNever);
  const bool is_late = steady_clock::now() >= deadline;
  vu.record_traffic(vu.since_start());  // of none, too: each is told once
  isolate_.resume();
  if (state.aborted) return fail_aborted();
  if (returned && !is_late) return *std::move(returned);
  if (!returned && returned.error().kind == ScriptException::Kind::thrown)
    return fail(RunEnd::script_failed, to_error(returned.error()));
  return fail(is_late ? function.when_late : RunEnd::stopped,
              {.kind = base::ErrorKind::input,
               .message = fmt::format("{}() did not end within {}", function.name, format_go_duration(time)),
               .help = fmt::format("give it more with the option {}", function.timeout)});
}

bool Run::is_to_abort() {
  const std::chrono::nanoseconds elapsed = steady_clock::now() - state_.started;
  judge_thresholds(outcome_, elapsed);
  return std::ranges::any_of(outcome_.thresholds, [&](const JudgedMetric& metric) {
    return std::ranges::any_of(metric.thresholds, [&](const JudgedThreshold& threshold) {
      const bool is_due = threshold.aborts_after && *threshold.aborts_after < elapsed;
      // Metrics without samples are passed over while the run lasts (k6 reference, §7.5).
      return is_due && !threshold.judgement.is_undecided && !threshold.judgement.holds;
    });
  });
}

// Its samples are not kept: what it shows is over.
void Run::summarize() {
  const SummaryTerminals terminals{request_.stdout_is_tty, request_.stderr_is_tty, request_.no_color};
  const std::vector<std::string> data = {base::dump_json(
      request_.has_new_summary ? make_new_summary(outcome_, request_.clock ? request_.clock->now() : base::Timestamp())
                               : make_summary_data(outcome_, terminals))};
  MetricRegistry registry = *outcome_.registry;
  Recorder recorder(registry);
  ScriptGroup checks;
  CrewState state{.crew = state_.crew,
                  .hands = hands_,
                  .isolate = isolate_,
                  .sources = sources_,
                  .registry = registry,
                  .recorder = recorder,
                  .resolver = resolver_,
                  .tls = tls_,
                  .checks = checks,
                  .log = state_.log,
                  .requests = state_.requests,
                  .pace = state_.pace,
                  .proxies = state_.proxies,
                  .has_global_alias = request_.has_global_alias,
                  .secrets = &secrets_,
                  .started = state_.started,
                  .env = request_.env};
  auto returned = call_once(state, self_, kHandleSummary, data, &Vu::call_for_texts);
  if (!returned) return state_.log(LogLevel::error, returned.error().message, "stacktrace");
  outcome_.summary_files = *std::move(returned);
}

}  // namespace

RunOutcome run_script(const RunRequest& request) {
  RunOutcome outcome;
  Result<std::unique_ptr<Crew>> crew = Crew::create();
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
  const Result<void> done = run.go();
  if (!done) {
    outcome.end = run.end();
    outcome.error = done.error();
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
