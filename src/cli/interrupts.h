#pragma once

// Ctrl-C: the first asks the work to stop and says so, the second ends the program at once.

#include <optional>
#include <stop_token>
#include <thread>

namespace gantry::cli {

// From here on, writing to a reader that has gone away (`| head`) is an error code, not the end of the program.
void ignore_broken_pipes();

// What the interrupts of a command's work mean, where that is not a check's: what the first one says, a literal, and the exit code of the
// second, which is the signal's own where there is none. Before the work begins.
void explain_interrupts(const char* first, std::optional<int> status_of_second);

// One per process, made by main before any work begins. SIGINT, SIGTERM and SIGHUP (unless it is ignored) are caught for as long as it lives.
class Interrupts {
 public:
  Interrupts();
  ~Interrupts();
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;

  std::stop_token token() const { return stop_.get_token(); }

 private:
  std::stop_source stop_;
  std::thread watcher_;
};

}  // namespace gantry::cli
