#pragma once

// Starts a program, and owns it until it has been waited for: for run_command(), and for whoever talks with one while it runs.

#include "base/file_descriptor.h"
#include "base/subprocess.h"

#include <optional>
#include <string>
#include <utility>

namespace gantry::base {

// A running program at the head of a process group of its own. Kills the group and waits for the program if nobody else
// has done so, so that no error on the way can leave it behind.
class Child {
 public:
  // Our ends of its standard streams, non-blocking.
  struct Streams {
    FileDescriptor in;
    FileDescriptor out;
    FileDescriptor err;
  };

  Child(int pid, Streams streams) : pid_(pid), streams_(std::move(streams)) {}
  Child(Child&& other) noexcept : pid_(std::exchange(other.pid_, 0)), streams_(std::move(other.streams_)) {}
  Child& operator=(Child&&) = delete;
  ~Child();

  int pid() const { return pid_; }
  Streams& streams() { return streams_; }
  // To the program, and to all that it started and that has stayed in its group.
  void signal_group(int signal) const;
  // True once the program itself has ended; it then still has to be waited for.
  bool has_ended() const;
  // Waits for the end: the exit status, 128 + n when signal n ended it; nothing when the system no longer knows.
  std::optional<int> wait();

 private:
  int pid_;  // 0 once it has been waited for: the number may then be somebody else's
  Streams streams_;
};

// Errors: usage (nothing to run, a NUL byte), environment (program or directory missing, not executable).
Result<Child> spawn(const Command& command);

}  // namespace gantry::base
