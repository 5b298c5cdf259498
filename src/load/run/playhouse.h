#pragma once

// All that the scripts of one run share: the isolate, the sources, what its connections have in common, the crew's first member. One is
// made for each run, and lives as long as that. Private to load.

#include "load/load.h"
#include "load/run/failure.h"
#include "load/run/watchdog.h"
#include "load/script/built_in.h"
#include "load/vu/vu.h"

#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace gantry::load {

class Playhouse {
 public:
  // The calling thread is the crew's first member from now on. What is referred to outlives this.
  // `give_up` is called by another thread, once that one stands still (WatchdogOrders).
  Playhouse(const RunRequest& asked, RunOutcome& found, Crew& crew, std::function<void()> give_up)
      : request(asked),
        outcome(found),
        secrets(asked.secrets),
        sources(asked.files, names_of(k6_modules()), asked.root),
        hands(crew, self),
        state{.crew = crew,
              .hands = hands,
              .isolate = isolate,
              .sources = sources,
              .registry = *found.registry,
              .recorder = *found.recorder,
              .resolver = resolver,
              .tls = tls,
              .checks = found.checks,
              .log = [this](LogLevel level, std::string_view text,
                            std::string_view source) { request.log(level, secrets.redact(text), source); },
              .env = asked.env},
        watchdog(crew, isolate, {asked.stop, asked.give_up_after, std::move(give_up)}) {
    if (asked.console)
      state.console = [this](LogLevel level, std::string_view text, std::string_view source) {
        request.console(level, secrets.redact(text), source);
      };
    state.secrets = &secrets;
    state.has_global_alias = asked.has_global_alias;
    crew.adopt(self);
  }
  Playhouse(const Playhouse&) = delete;
  Playhouse& operator=(const Playhouse&) = delete;

  bool is_stopped() const { return request.stop && *request.stop; }

  // Evaluates the script in a VU, within its time.
  base::Result<void> load(Vu& vu, OnStop on_stop = OnStop::ends) {
    return load_in_time(vu, request.script, request.init_time_max, watchdog, on_stop);
  }
  // What evaluating the top level comes to.
  RunResult<void> as_loaded(base::Result<void> loaded) const {
    if (!loaded && is_stopped()) return fail_stopped();
    return as(std::move(loaded), state.has_left_promise ? RunEnd::broken : RunEnd::script_failed);
  }

  const RunRequest& request;
  RunOutcome& outcome;
  Secrets secrets;
  ModuleSources sources;
  ScriptIsolate isolate;
  Resolver resolver;
  RequestPace pace;
  ProxyRules proxies;
  SharedTls tls;
  Member self;
  Hands hands;
  CrewState state;
  Watchdog watchdog;
};

// Of a script that has ended the run, and said why.
inline std::unexpected<RunFailure> fail_aborted(const CrewState& state) {
  return fail(RunEnd::test_aborted, {.kind = base::ErrorKind::input, .message = "test aborted: " + *state.aborted});
}

}  // namespace gantry::load
