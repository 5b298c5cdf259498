#pragma once

// What the program and the library of the script engine agree on, by C's rules for names.

#include "load/script_engine.h"

namespace gantry::load {

// Says which build of this room it is in: a `const char* ()`, which is asked first. What the other gives is of C++, and means something
// to nobody but the same code, compiled alike: a version says too little of that.
inline constexpr const char* kEngineBuildName = "gantry_script_engine_build";
// Fills what it is given: a `void (ScriptEngine&)`.
inline constexpr const char* kEngineEntryName = "gantry_script_engine_entry";

// "0.1.0-5f3c09a41be7d268": the version, and a digest of this room, those that it uses, and what compiled them.
const char* engine_build();

// The engine of a library, by its path or a name that the program's own search path leads to. The library stays until the process ends.
// Errors: environment: it cannot be loaded, or is of another build than whoever asks.
base::Result<ScriptEngine> open_engine(const char* library);

}  // namespace gantry::load
