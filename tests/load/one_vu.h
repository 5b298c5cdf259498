#pragma once

#include "load/script/built_in.h"
#include "load/vu/vu.h"

#include "base/file.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::load {

// One VU in a crew of its own, on the test's thread.
class OneVu {
 public:
  explicit OneVu(std::string script) : locker_(isolate_.get()) {
    files_.write("main.js", std::move(script));
    isolate_.limit_stack(std::size_t{400} << 10);
    vu.emplace(state_, member_, 1);
    crew_->adopt(member_);
  }
  std::string load() {
    const base::Result<void> done = vu->load("main.js");
    return done ? "loaded" : base::describe(done.error());
  }
  std::string call(std::string_view function = "default") {
    const auto returned = vu->call(function, {});
    return returned ? returned->value_or("undefined") : "threw " + returned.error().message;
  }
  RequestOptions& options() { return state_.requests; }
  CrewState& state() { return state_; }
  const Sink* sink(std::string_view name) {
    const MetricId* id = registry.find(name);
    return id ? recorder.sink(*id) : nullptr;
  }
  MetricRegistry registry;
  Recorder recorder{registry};
  ScriptChecks checks;
  std::vector<std::string> log;

 private:
  base::MemoryFileSystem files_;
  ModuleSources sources_{files_, names_of(k6_modules())};
  ScriptIsolate isolate_;
  v8::Locker locker_;
  std::unique_ptr<Crew> crew_ = *Crew::create();
  Member member_;
  Resolver resolver_;
  SharedTls tls_;
  Hands hands_{*crew_, member_};
  CrewState state_{.crew = *crew_,
                   .hands = hands_,
                   .isolate = isolate_,
                   .sources = sources_,
                   .registry = registry,
                   .recorder = recorder,
                   .resolver = resolver_,
                   .tls = tls_,
                   .checks = checks,
                   .log = [this](LogLevel, std::string_view text, std::string_view) { log.emplace_back(text); },
                   .started = std::chrono::steady_clock::now()};

 public:
  std::optional<Vu> vu;
};

}  // namespace gantry::load
