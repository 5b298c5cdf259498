#include "cli/browser.h"

#include "base/subprocess.h"

#include <fmt/format.h>

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>
#include <array>
#include <cstring>
#include <memory>
#include <optional>

namespace gantry::cli {

namespace {

using base::Result;

// With no stream of ours, at the head of a session of its own, no signal blocked, and ended by a broken pipe as usual, which we are not.
Result<void> start_alone(std::string program, std::string argument) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  const std::unique_ptr<posix_spawn_file_actions_t, int (*)(posix_spawn_file_actions_t*)> ends_actions(
      &actions, posix_spawn_file_actions_destroy);
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    posix_spawn_file_actions_addopen(&actions, stream, "/dev/null", O_RDWR, 0);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  const std::unique_ptr<posix_spawnattr_t, int (*)(posix_spawnattr_t*)> ends_attributes(&attributes,
                                                                                        posix_spawnattr_destroy);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  sigset_t broken_pipe;
  sigemptyset(&broken_pipe);
  sigaddset(&broken_pipe, SIGPIPE);
  posix_spawnattr_setsigdefault(&attributes, &broken_pipe);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  const std::array<char*, 3> argv = {program.data(), argument.data(), nullptr};
  pid_t ignored = 0;
  if (const int failed = ::posix_spawn(&ignored, program.c_str(), &actions, &attributes, argv.data(), ::environ))
    return base::environment_error(fmt::format("{} cannot be started: {}", program, std::strerror(failed)));
  return {};
}

}  // namespace

Result<void> open_browser(const std::string& url, std::string_view path) {
  for (const std::string_view name : {"xdg-open", "x-www-browser", "www-browser"})
    if (const std::optional<std::string> program = base::find_program(name, path)) return start_alone(*program, url);
  return base::environment_error("no browser is known here: there is no xdg-open, x-www-browser or www-browser",
                                 fmt::format("open {}", url));
}

}  // namespace gantry::cli
