#pragma once

// Runs a program without a shell, with limits on its time and output.

#include "base/result.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace gantry::base {

struct Command {
  std::vector<std::string> argv;  // argv[0] is looked up in PATH unless it holds a '/'
  std::string directory;          // working directory; "" keeps ours
  std::string input;              // given on standard input
  // The whole environment when set; inherited otherwise.
  std::optional<std::vector<std::pair<std::string, std::string>>> environment;
  std::chrono::milliseconds time_max = std::chrono::seconds(60);
  std::uint64_t output_bytes_max = 64ULL << 20;  // of stdout and of stderr, each
};

struct CommandResult {
  // The exit status; 128 + n when signal n ended it.
  int status = 0;
  std::string out;
  std::string err;
};

// Blocks until the program has ended. It runs in its own process group, which is ended (SIGTERM, then SIGKILL two seconds
// later) when time is up, output is over the limit, or `stop` is requested; each of these is an error.
// A status other than 0 is no error. Errors: environment (program missing, not startable, limits).
Result<CommandResult> run_command(const Command& command, std::stop_token stop = {});

// The full path of a program as PATH has it; nothing when there is none.
std::optional<std::string> find_program(std::string_view name, std::string_view path_variable);

}  // namespace gantry::base
