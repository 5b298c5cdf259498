#pragma once

// What a run of Gantry that was killed has left behind: programs that it started for a load test, and their folders in .gantry. A run that goes
// on holds a lock in its folder, which the kernel takes back with the process: process ids say nothing to who works on the same folders in a
// container of its own. Programs are known by their process id and when they began, and what those started by a variable that they
// inherited, so that nobody else's process is ever ended.

#include <sys/types.h>

#include <memory>
#include <string>

namespace gantry::launch {

// Names the folder whose test a process belongs to; in the environment of all that is started for it.
inline constexpr const char* kTestVariable = "GANTRY_LOAD_TEST";

// An open file that is locked, until it is closed with this. Null: nobody holds anything.
struct CloseFile {
  void operator()(const int* file) const;
};
using FolderLock = std::unique_ptr<const int, CloseFile>;

// That this process works in a folder of its own below .gantry, for as long as the lock that is returned lives; and that it started `pid`.
// What cannot be written is not: then nothing is cleaned up later.
[[nodiscard]] FolderLock note_owner(const std::string& folder);
void note_program(const std::string& folder, pid_t pid);

// Of all folders "services-…" in `directory` whose lock nobody holds: ends what its owner started and is still there, and removes the folder.
void end_leftovers(const std::string& directory);

}  // namespace gantry::launch
