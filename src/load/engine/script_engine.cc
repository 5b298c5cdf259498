#include "load/script_engine.h"

#include "base/version.h"
#include "load/engine/entry.h"

#include <fmt/format.h>
#include <gantry_load_build.h>  // kSources, written by cmake/write_build.cmake

#include <dlfcn.h>
#include <atomic>
#include <string>

namespace gantry::load {

namespace {

using base::Result;

constexpr const char* kLibrary = "gantry-script-engine.so";

// Of this process, once it is loaded.
std::atomic<const ScriptEngine*> g_loaded = nullptr;

std::unexpected<base::Error> unavailable(std::string_view why) {
  return base::environment_error(
      fmt::format("the script engine cannot be loaded: {}", why),
      fmt::format("keep {} beside the program, and install libnode (V8) as scripts/setup does", kLibrary));
}

std::unexpected<base::Error> of_another_build(std::string_view library, std::string_view build) {
  return base::environment_error(
      fmt::format("the script engine cannot be used: {} is of another build of Gantry ({}) than this program ({})",
                  library, build, engine_build()),
      fmt::format("put the {} beside the program that was built with it", kLibrary));
}

// Found beside the program: that is where the program's own search path leads.
Result<ScriptEngine> open_own() {
  const Result<ScriptEngine> engine = open_engine(kLibrary);
  static ScriptEngine kept;
  if (engine) kept = *engine, g_loaded = &kept;
  return engine;
}

}  // namespace

const char* engine_build() {
  static const std::string build = fmt::format("{}-{}", base::version(), build::kSources);
  return build.c_str();
}

Result<ScriptEngine> open_engine(const char* library) {
  void* const opened = ::dlopen(library, RTLD_NOW | RTLD_LOCAL);
  if (!opened) return unavailable(::dlerror());
  const auto tell_build = reinterpret_cast<const char* (*)()>(::dlsym(opened, kEngineBuildName));
  if (!tell_build) return of_another_build(library, "one that does not say which");
  if (const std::string_view build = tell_build(); build != engine_build()) return of_another_build(library, build);
  const auto fill = reinterpret_cast<void (*)(ScriptEngine&)>(::dlsym(opened, kEngineEntryName));
  if (!fill) return unavailable(::dlerror());
  ScriptEngine engine = {};
  fill(engine);
  return engine;
}

Result<ScriptEngine> load_script_engine() {
  static const Result<ScriptEngine> engine = open_own();
  return engine;
}

bool script_engine_stands_still() {
  const ScriptEngine* const engine = g_loaded;
  return engine && engine->stands_still();
}

}  // namespace gantry::load
