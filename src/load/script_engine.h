#pragma once

// The script engine: run_script() in a shared library of its own, beside the program. V8 takes longer to load than most commands
// take to run, so that only those that run a script load it; the same holds for what reads archives of scripts.

#include "base/result.h"
#include "base/time.h"
#include "load/archive/archive.h"
#include "load/load.h"

#include <string>
#include <string_view>

namespace gantry::load {

struct ScriptEngine {
  RunOutcome (*run_script)(const RunRequest& request);            // see load.h
  const char* v8_version;                                         // "10.2.154.26-node.26"
  base::Result<Archive> (*read_archive)(std::string_view bytes);  // see archive/archive.h
  base::Result<std::string> (*write_archive)(const Archive& archive, base::Timestamp now);
  bool (*stands_still)();  // see script_engine_stands_still()
};

// Loads the library, once; it stays until the process ends. From any thread. An error says why V8 cannot be had here, or that the library
// is of another build than the program.
base::Result<ScriptEngine> load_script_engine();

// Whether a thread of this process stands in V8 for good, since a run was given up (RunRequest::give_up_after). It never gives back what
// it holds there, so that the process should end without what libraries do at an end: by _exit().
bool script_engine_stands_still();

}  // namespace gantry::load
