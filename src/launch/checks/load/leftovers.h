#pragma once

// What a run of Gantry that was killed has left behind: programs that it started for a load test, and their folders in .gantry. Programs are
// known by their process id and when they began, and what those started by a variable that they inherited, so that nobody else's process
// is ever ended.

#include <sys/types.h>

#include <string>

namespace gantry::launch {

// Names the folder whose test a process belongs to; in the environment of all that is started for it.
inline constexpr const char* kTestVariable = "GANTRY_LOAD_TEST";

// In a folder of its own below .gantry: that this process works in it, and that it started `pid`. What cannot be written is not: then
// nothing is cleaned up later.
void note_owner(const std::string& folder);
void note_program(const std::string& folder, pid_t pid);

// Of all folders "services-…" in `directory` whose owner is gone: ends what it started and is still there, and removes the folder.
void end_leftovers(const std::string& directory);

}  // namespace gantry::launch
