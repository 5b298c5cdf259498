#include "load/run/lifecycle.h"

#include "base/json.h"
#include "load/options/fields.h"
#include "load/run/director.h"
#include "load/summary/data.h"
#include "load/summary/new_form.h"

#include <fmt/format.h>

#include <array>
#include <expected>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace gantry::load {

namespace {

using std::chrono::steady_clock;

struct StageFunction {
  std::string_view name;
  std::string_view timeout;  // the option
  Duration usual_timeout;
  RunEnd when_late;
  bool goes_on = false;  // when the run is to stop
  bool is_group = true;  // of samples
};
constexpr StageFunction kSetup = {"setup", "setupTimeout", std::chrono::seconds(60), RunEnd::setup_timed_out};
constexpr StageFunction kTeardown = {"teardown", "teardownTimeout", std::chrono::seconds(60),
                                     RunEnd::teardown_timed_out, true};
constexpr StageFunction kHandleSummary = {.name = "handleSummary",
                                          .timeout = "handleSummaryTimeout",
                                          .usual_timeout = std::chrono::seconds(120),
                                          .when_late = RunEnd::script_failed,
                                          .is_group = false};

base::Result<Duration> timeout_of(const StageFunction& function, const base::Node& options) {
  return OptionFields(options, "options").duration(function.timeout, function.usual_timeout, Duration(1));
}

// How Vu is told to call a function, and what comes back of it.
template <typename Returned>
using Call = std::expected<Returned, ScriptException> (Vu::*)(std::string_view, std::span<const std::string>);

// While it lives, what a member waits for ends when the run is to stop. Made and destroyed by that member, which does not have V8 locked.
class StopListener {
 public:
  StopListener(Playhouse& house, Member& member) : house_(house), member_(member) {
    Crew& crew = house.state.crew;
    const base::Result<void> spawned = crew.spawn(
        listener_,
        [this, &crew] {
          while (!is_over_ && !house_.is_stopped()) crew.park(listener_, steady_clock::now() + kListenEvery);
          if (!is_over_) crew.interrupt(member_);
          has_ended_ = true;
          crew.wake(member_);
        },
        kStackBytes);
    has_ended_ = !spawned;  // a function that cannot be interrupted is no reason not to call it
  }
  ~StopListener() {
    Crew& crew = house_.state.crew;
    is_over_ = true;
    crew.wake(listener_);
    crew.resume(member_);
    while (!has_ended_) crew.park(member_);
  }
  StopListener(const StopListener&) = delete;
  StopListener& operator=(const StopListener&) = delete;

 private:
  static constexpr auto kListenEvery = std::chrono::milliseconds(50);
  static constexpr std::size_t kStackBytes = std::size_t{64} << 10;  // for next to nothing

  Playhouse& house_;
  Member& member_;
  Member listener_ = {};
  bool is_over_ = false;
  bool has_ended_ = false;
};

std::unexpected<RunFailure> fail_by_itself(const StageFunction& function, const ScriptException& exception) {
  base::Error error = to_error(exception);
  if (exception.kind == ScriptException::Kind::thrown) return fail(RunEnd::script_failed, std::move(error));
  if (exception.kind == ScriptException::Kind::no_json)
    error.message = fmt::format("{}() returned what JSON cannot hold: {}", function.name, error.message);
  return fail(RunEnd::broken, std::move(error));
}

template <typename Returned>
RunResult<Returned> value_of(std::expected<Returned, ScriptException>&& returned) {
  if constexpr (std::is_void_v<Returned>)
    return {};
  else
    return *std::move(returned);
}

template <typename Returned>
RunResult<Returned> call_in_time(Playhouse& house, CrewState& state, Member& member, const StageFunction& function,
                                 std::span<const std::string> arguments, Call<Returned> call, OnStop on_stop) {
  const Duration time = TRY(as(timeout_of(function, house.outcome.options), RunEnd::invalid_options));
  const v8::Locker locker(house.isolate.get());
  if (&member != &house.self) house.isolate.limit_stack(kScriptStackBytes);
  Vu vu(state, member, 0);
  TRY(house.as_loaded(house.load(vu, on_stop)));
  const SteadyTime deadline = steady_clock::now() + std::chrono::duration_cast<SteadyTime::duration>(time);
  vu.set_deadline(deadline);
  Watch watch(house.watchdog, on_stop);
  watch.expect_end(deadline);
  vu.start_group(function.name);  // k6 reference, §2
  auto returned = (vu.*call)(function.name, arguments);
  const bool is_late = steady_clock::now() >= deadline;
  // A function that ends right after its wait was interrupted is none the wiser.
  const bool is_stopped = on_stop == OnStop::ends && house.is_stopped() && (!returned || member.is_interrupted());
  vu.record_traffic(vu.since_start());  // of none, too: each is told once
  house.isolate.resume();
  if (state.aborted) return fail_aborted(state);
  if (returned && !is_late && !is_stopped) return value_of(std::move(returned));
  if (!returned && returned.error().is_own()) return fail_by_itself(function, returned.error());
  if (!is_late && is_stopped)
    return fail(RunEnd::stopped, {.kind = base::ErrorKind::environment,
                                  .message = fmt::format("the run was stopped during {}()", function.name)});
  return fail(is_late ? function.when_late : RunEnd::stopped,
              {.kind = base::ErrorKind::input,
               .message = fmt::format("{}() did not end within {}", function.name, format_go_duration(time)),
               .help = fmt::format("give it more with the option {}", function.timeout)});
}

template <typename Returned>
RunResult<Returned> call_once(Playhouse& house, CrewState& state, Member& member, const StageFunction& function,
                              std::span<const std::string> arguments, Call<Returned> call) {
  // A stop that came before is why it is called now; and teardown ends in its own time, as k6 has it (k6 reference, §2).
  const OnStop on_stop = function.goes_on || house.is_stopped() ? OnStop::goes_on : OnStop::ends;
  std::optional<StopListener> listener;
  if (on_stop == OnStop::ends) listener.emplace(house, member);
  return call_in_time(house, state, member, function, arguments, call, on_stop);
}

std::string summary_of(const RunOutcome& outcome, const RunRequest& request) {
  const SummaryTerminals terminals{request.stdout_is_tty, request.stderr_is_tty, request.no_color};
  return base::dump_json(request.has_new_summary
                             ? make_new_summary(outcome, request.clock ? request.clock->now() : base::Timestamp())
                             : make_summary_data(outcome, terminals));
}

}  // namespace

RunResult<void> check_timeouts(const base::Node& options) {
  for (const StageFunction* function : {&kSetup, &kTeardown, &kHandleSummary})
    TRY(as(timeout_of(*function, options), RunEnd::invalid_options));
  return {};
}

RunResult<std::optional<std::string>> call_setup(Playhouse& house, Member& member) {
  return call_once(house, house.state, member, kSetup, {}, &Vu::call);
}

RunResult<void> call_teardown(Playhouse& house, Member& member) {
  std::vector<std::string> data;
  if (house.outcome.setup_data) data = {*house.outcome.setup_data};
  // What ended the test before does not end this.
  std::optional<std::string> aborted = std::exchange(house.state.aborted, std::nullopt);
  RunResult<void> done = call_once(house, house.state, member, kTeardown, data, &Vu::call_for_nothing);
  if (aborted) house.state.aborted = std::move(aborted);
  return done;
}

RunResult<std::optional<std::map<std::string, std::string>>> call_handle_summary(Playhouse& house, Member& member,
                                                                                 const RunOutcome& shown) {
  const std::vector<std::string> data = {summary_of(shown, house.request)};
  MetricRegistry registry = *house.outcome.registry;
  Recorder recorder(registry);
  ScriptChecks checks;
  const CrewState& usual = house.state;
  CrewState state{.crew = usual.crew,
                  .hands = usual.hands,
                  .isolate = usual.isolate,
                  .sources = usual.sources,
                  .registry = registry,
                  .recorder = recorder,
                  .resolver = usual.resolver,
                  .tls = usual.tls,
                  .checks = checks,
                  .log = usual.log,
                  .console = usual.console,
                  .requests = usual.requests,
                  .pace = usual.pace,
                  .proxies = usual.proxies,
                  .local_ips = usual.local_ips,
                  .system_tags = usual.system_tags,
                  .has_global_alias = usual.has_global_alias,
                  .secrets = usual.secrets,
                  .started = usual.started,
                  .run_tags = usual.run_tags,
                  .env = usual.env,
                  .vus = usual.vus,
                  .options_json = usual.options_json,
                  .own_options_json = usual.own_options_json,
                  // They may be large, and nobody else runs any more.
                  .shared_arrays = std::move(house.state.shared_arrays)};
  return call_once(house, state, member, kHandleSummary, data, &Vu::call_for_texts);
}

}  // namespace gantry::load
