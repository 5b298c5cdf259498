// The library of the script engine: the room and V8, with one name to be found by.

#include "load/engine/entry.h"

#include "base/version.h"

#include <v8.h>

// Named as kEngineEntryName says; cmake/script_engine.map shows it to the program, and nothing else.
extern "C" __attribute__((visibility("default"))) void gantry_script_engine_entry(gantry::load::EngineEntry& entry) {
  entry = {.version = gantry::base::version().data(),
           .engine = {.run_script = gantry::load::run_script,
                      .v8_version = v8::V8::GetVersion(),
                      .read_archive = gantry::load::read_archive,
                      .write_archive = gantry::load::write_archive}};
}
