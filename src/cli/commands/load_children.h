#pragma once

// The processes of gantry load run --processes as the one that started them sees them: what they say, what they are told, and when one is
// gone. Each is this program again (load_process.cc). None outlives this, however this ends.

#include "base/file_descriptor.h"
#include "base/node.h"
#include "base/result.h"
#include "base/spawn.h"
#include "load/processes/messages.h"

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::cli {

class LoadChildren {
 public:
  // Something that a process has said, or what became of it: "was ended by signal 9 (Killed)".
  struct Heard {
    std::size_t process = 0;
    std::optional<load::Message> message = {};
    std::string end = {};
  };

  // `words` is told what they write to stderr. Listening ends early once `stop` is requested.
  explicit LoadChildren(std::function<void(std::string_view)> words, const std::stop_token& stop);
  LoadChildren(const LoadChildren&) = delete;
  LoadChildren& operator=(const LoadChildren&) = delete;

  // Errors: environment: the program cannot be started.
  base::Result<void> start(const base::Node& task);

  void tell(std::size_t process, const load::Message& message);
  // It has nothing more to hear, and ends.
  void dismiss(std::size_t process);
  // What they said meanwhile, of one that is gone as the last. Errors: input: what none of them says.
  base::Result<std::vector<Heard>> listen(std::chrono::milliseconds time_max);
  // Waits for the end of those that were dismissed; who takes longer is killed.
  void wait_for_all(std::chrono::milliseconds time_max);

 private:
  struct Process {
    explicit Process(base::Child started) : child(std::move(started)) {}
    base::Child child;
    load::MessageReader said = {};
    std::string untold = {};
    bool is_dismissed = false;
  };
  void wait_for_event(std::chrono::milliseconds time_max);
  void tell_rest(Process& process);
  base::Result<void> hear(std::size_t number, std::vector<Heard>& heard);

  std::function<void(std::string_view)> words_;
  base::FileDescriptor stopped_;  // readable once a stop is requested
  std::stop_callback<std::function<void()>> on_stop_;
  std::deque<Process> processes_ = {};
};

}  // namespace gantry::cli
