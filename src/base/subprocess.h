#pragma once

// Runs a program without a shell, with limits on its time and output.
//
//   Command command{.argv = {"kubectl", "get", "pods", "-o", "json"}};
//   const CommandResult result = TRY(run_command(command, stop));
//   if (result.status != 0) return environment_error("kubectl failed: " + result.err);

#include "base/result.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gantry::base {

struct Command {
  // The program sees them as they are. argv[0] is looked up in PATH (that of `environment` if it has one) unless it holds a
  // '/'; a relative path then starts in `directory`.
  std::vector<std::string> argv = {};
  std::string directory = {};  // working directory; "" keeps ours
  std::string input = {};      // given on standard input
  // The whole environment when set; inherited otherwise.
  using Environment = std::vector<std::pair<std::string, std::string>>;
  std::optional<Environment> environment = {};
  std::chrono::milliseconds time_max = std::chrono::seconds(60);
  // Between SIGTERM and SIGKILL: enough for a program to put away what it holds.
  std::chrono::milliseconds grace_time = std::chrono::seconds(2);
  std::uint64_t output_bytes_max = 64ULL << 20;  // of stdout and of stderr, each
  // What becomes of a program that writes more: it is ended, or it may write on, and the last of it is kept.
  enum class Overflow : std::uint8_t { ends, keeps_tail };
  Overflow overflow = Overflow::ends;
  // Killed by the kernel once the thread of the call is gone, even where we are killed; what it has started itself is not.
  bool dies_with_caller = false;
  // Told its process id as soon as it runs.
  std::function<void(int process_id)> on_start = {};
};

struct CommandResult {
  // The exit status; 128 + n when signal n ended it.
  int status = 0;
  std::string out;
  std::string err;
};

// Blocks until the program has ended. It runs in its own process group, without a terminal and with no open file but its
// standard streams. The group is ended (SIGTERM, then SIGKILL) when time is up, output is over the limit (unless its tail is kept),
// or `stop` is requested; each of these is an error. When the program ends by itself, what it has left running in the group
// is killed, so nothing it started outlives the call unless it made a session of its own. A program that does not read its
// input is fine. Safe to call from several threads at once.
// A status other than 0 is no error. Errors: environment (program missing, not startable, limits, stop), usage (argv empty,
// a NUL byte, a bad variable name).
Result<CommandResult> run_command(const Command& command, const std::stop_token& stop = {});

// The full path of a program as PATH has it; nothing when there is none. Entries of PATH that are not absolute are passed
// over: they would find programs in the workspace, which is not trusted.
std::optional<std::string> find_program(std::string_view name, std::string_view path_variable);

}  // namespace gantry::base
