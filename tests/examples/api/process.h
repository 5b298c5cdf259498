#pragma once

// A program that runs while a test does something to it: a server, or the API. Its output goes to files of the test's
// directory, so that nobody has to read along.

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kgents {

// How long a test waits for what should be at once: a busy machine may do much else first.
inline constexpr std::chrono::seconds kPatience{30};

using Variables = std::vector<std::pair<std::string, std::string>>;

class Process {
 public:
  // `output` is the absolute path of the file that its stdout and stderr are appended to. The environment is what is given and
  // nothing else.
  Process(const std::vector<std::string>& argv, const Variables& environment, const std::string& output);
  // Kills it where it still runs.
  ~Process();
  Process(Process&& other) noexcept : pid_(std::exchange(other.pid_, -1)) {}
  Process& operator=(Process&&) = delete;

  void signal(int number) const;
  // Waits for its end: the exit status, 128 + n when signal n ended it. After kPatience it is killed and the test fails.
  int wait();

 private:
  int pid_ = -1;
};

// Whether somebody came to listen there within kPatience.
bool listens(int port);

// Calls until it is true, for kPatience at most; false when it never was.
template <typename Condition>
bool becomes_true(Condition condition);

namespace detail {
void pause_a_little();
}

template <typename Condition>
bool becomes_true(Condition condition) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    detail::pause_a_little();
  }
  return true;
}

}  // namespace kgents
