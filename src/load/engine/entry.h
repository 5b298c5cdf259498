#pragma once

// What the program and the library of the script engine agree on, by C's rules for names.

#include "load/script_engine.h"

namespace gantry::load {

struct EngineEntry {
  const char* version;  // as base::version() of the library
  ScriptEngine engine;
};

inline constexpr const char* kEngineEntryName = "gantry_script_engine_entry";

}  // namespace gantry::load
