#include "load/script_engine.h"

#include "base/version.h"
#include "load/engine/entry.h"

#include <fmt/format.h>

#include <dlfcn.h>

namespace gantry::load {

namespace {

using base::Result;

constexpr const char* kLibrary = "gantry-script-engine.so";

std::unexpected<base::Error> unavailable(std::string_view why) {
  return base::environment_error(
      fmt::format("the script engine cannot be loaded: {}", why),
      fmt::format("keep {} beside the program, and install libnode (V8) as scripts/setup does", kLibrary));
}

Result<ScriptEngine> open_library() {
  // Found beside the program: that is where the program's own search path leads.
  void* const library = ::dlopen(kLibrary, RTLD_NOW | RTLD_LOCAL);
  if (!library) return unavailable(::dlerror());
  const auto fill = reinterpret_cast<void (*)(EngineEntry&)>(::dlsym(library, kEngineEntryName));
  if (!fill) return unavailable(::dlerror());
  EngineEntry entry = {};
  fill(entry);
  if (entry.version != base::version())
    return unavailable(fmt::format("it is of Gantry {}, and this is {}", entry.version, base::version()));
  return entry.engine;
}

}  // namespace

Result<ScriptEngine> load_script_engine() {
  static const Result<ScriptEngine> engine = open_library();
  return engine;
}

}  // namespace gantry::load
