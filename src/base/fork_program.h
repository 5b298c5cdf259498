#pragma once

// Starts a program that does not outlive the thread that started it. posix_spawn() cannot ask the kernel for that, so this is fork()
// and exec(), with nothing between them but what a signal handler might do too, since other threads may hold any lock.

#include <sys/types.h>

#include <array>
#include <expected>

namespace gantry::base {

struct ForkedProgram {
  const char* program;
  char* const* arguments;
  char* const* environment;
  int directory;               // -1 keeps ours
  std::array<int, 3> streams;  // each above 2
};

// At the head of a process group of its own, no signal blocked and none ignored, no other file open, as spawn() starts one. Killed when the
// calling thread is gone. Or the errno of what failed.
std::expected<pid_t, int> fork_program(const ForkedProgram& program);

}  // namespace gantry::base
