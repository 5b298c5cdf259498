// The library of the script engine: the room and V8, with two names to be found by.

#include "load/engine/entry.h"

#include "load/run/standstill.h"

#include <v8.h>

// Named as entry.h says; cmake/script_engine.map shows them to the program, and nothing else.
extern "C" __attribute__((visibility("default"))) const char* gantry_script_engine_build() {
  return gantry::load::engine_build();
}
extern "C" __attribute__((visibility("default"))) void gantry_script_engine_entry(gantry::load::ScriptEngine& engine) {
  engine = {.run_script = gantry::load::run_script,
            .v8_version = v8::V8::GetVersion(),
            .read_archive = gantry::load::read_archive,
            .write_archive = gantry::load::write_archive,
            .stands_still = gantry::load::stands_still_in_v8};
}
