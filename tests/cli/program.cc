#include "cli/program.h"

#include "base/subprocess.h"
#include "support/golden.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <ostream>
#include <sstream>
#include <system_error>

namespace gantry::cli {

namespace fs = std::filesystem;
using test::TempDir;

nlohmann::json Ran::json() const {
  nlohmann::json parsed = nlohmann::json::parse(out, nullptr, false);
  if (parsed.is_discarded()) ADD_FAILURE() << "stdout is no JSON\n" << *this;
  return parsed;
}

std::ostream& operator<<(std::ostream& stream, const Ran& ran) {
  return stream << "exit status " << ran.status << "\n--- stdout ---\n"
                << ran.out << "--- stderr ---\n"
                << ran.err << "--- end ---\n";
}

std::string program_path() { return GANTRY_PROGRAM; }

Ran run(std::vector<std::string> argv, const std::string& directory, const Environment& added) {
  const char* path = std::getenv("PATH");
  Environment environment = added;
  if (std::ranges::find(added, "PATH", &Environment::value_type::first) == added.end())
    environment.emplace_back("PATH", path ? path : "/usr/bin:/bin");
  const base::Result<base::CommandResult> result = base::run_command(
      {.argv = std::move(argv), .directory = directory, .input = {}, .environment = std::move(environment)});
  if (!result) {
    ADD_FAILURE() << describe(result.error());
    return {.status = -1, .out = {}, .err = {}};
  }
  return {.status = result->status, .out = result->out, .err = result->err};
}

Ran gantry(std::vector<std::string> arguments, const std::string& directory, const Environment& added) {
  arguments.insert(arguments.begin(), program_path());
  return run(std::move(arguments), directory, added);
}

Ran gantry(std::vector<std::string> arguments, const TempDir& directory, const Environment& added) {
  return gantry(std::move(arguments), directory.path(), added);
}

void expect_failure(const Ran& ran, int status, const std::vector<std::string>& on_stderr) {
  EXPECT_EQ(ran.status, status) << ran;
  for (const std::string& text : on_stderr)
    EXPECT_TRUE(ran.err.contains(text)) << "stderr lacks: " << text << "\n" << ran;
  EXPECT_TRUE(ran.err.contains("help: ")) << "stderr does not say what to do next\n" << ran;
  EXPECT_FALSE(ran.err.contains("bug in Gantry")) << ran;
}

namespace {

struct Pipe {
  Pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe2");
    read = ends[0];
    write = ends[1];
  }
  int read = -1;
  int write = -1;
};

// Both streams, until that is said, or they end, or the time is over; a program that fills one while we wait for the other would
// wait for ever. False where it is not said.
bool drain(int out_fd, int err_fd, Ran& ran, const std::function<bool()>& until = {},
           std::chrono::steady_clock::time_point end = std::chrono::steady_clock::time_point::max()) {
  using std::chrono::milliseconds;
  std::array<pollfd, 2> ends = {{{out_fd, POLLIN, 0}, {err_fd, POLLIN, 0}}};
  std::array<std::string*, 2> texts = {&ran.out, &ran.err};
  std::array<char, 4096> buffer;
  const auto is_said = [&] { return until && until(); };
  while (!is_said() && (ends[0].fd >= 0 || ends[1].fd >= 0)) {
    const auto left = std::chrono::ceil<milliseconds>(end - std::chrono::steady_clock::now());
    const int wait = until ? static_cast<int>(std::max(left, milliseconds(0)).count()) : -1;
    if (::poll(ends.data(), ends.size(), wait) <= 0) break;
    for (std::size_t i = 0; i < ends.size(); ++i) {
      if (ends[i].fd < 0 || ends[i].revents == 0) continue;
      const ssize_t count = ::read(ends[i].fd, buffer.data(), buffer.size());
      if (count > 0) {
        texts[i]->append(buffer.data(), static_cast<std::size_t>(count));
      } else {
        ends[i].fd = -1;  // poll passes over it
      }
    }
  }
  return is_said();
}

}  // namespace

RunningProgram::RunningProgram(std::vector<std::string> arguments, const std::string& directory, Output output) {
  const Pipe out;
  const Pipe err;
  arguments.insert(arguments.begin(), program_path());
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addchdir_np(&actions, directory.c_str());
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, out.write, STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, err.write, STDERR_FILENO);
  // The reader is gone before the program starts, so there is no race about what it still gets to write.
  if (output == Output::reader_gone) ::close(out.read);
  const int failure = ::posix_spawn(&pid_, argv[0], &actions, nullptr, argv.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(out.write);
  ::close(err.write);
  if (failure != 0) throw std::system_error(failure, std::generic_category(), argv[0]);
  out_fd_ = output == Output::reader_gone ? -1 : out.read;
  err_fd_ = err.read;
  pid_fd_ = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
  if (pid_fd_ < 0) throw std::system_error(errno, std::generic_category(), "pidfd_open");
}

RunningProgram::~RunningProgram() {
  if (pid_ > 0) {
    signal(SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  for (const int fd : {pid_fd_, out_fd_, err_fd_})
    if (fd >= 0) ::close(fd);
}

void RunningProgram::signal(int number) const { ::kill(pid_, number); }

bool RunningProgram::ends_within(std::chrono::nanoseconds time_max) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time_max);
  const timespec time = {.tv_sec = seconds.count(), .tv_nsec = (time_max - seconds).count()};
  pollfd end = {pid_fd_, POLLIN, 0};
  if (::ppoll(&end, 1, &time, nullptr) == 1) return true;
  signal(SIGKILL);
  return false;
}

bool RunningProgram::says(std::string_view text, std::chrono::milliseconds time_max) {
  const auto is_said = [&] { return said_.out.contains(text) || said_.err.contains(text); };
  return drain(out_fd_, err_fd_, said_, is_said, std::chrono::steady_clock::now() + time_max);
}

std::optional<std::string> RunningProgram::says_after(std::string_view text, std::chrono::milliseconds time_max) {
  std::optional<std::string> rest;
  const auto is_said = [&] {
    const std::size_t at = said_.err.find(text);
    const std::size_t end = at == std::string::npos ? at : said_.err.find('\n', at);
    if (end != std::string::npos) rest = said_.err.substr(at + text.size(), end - at - text.size());
    return rest.has_value();
  };
  drain(out_fd_, err_fd_, said_, is_said, std::chrono::steady_clock::now() + time_max);
  return rest;
}

Ran RunningProgram::wait() {
  Ran ran = std::move(said_);
  drain(out_fd_, err_fd_, ran);
  int status = 0;
  ::waitpid(pid_, &status, 0);
  pid_ = -1;
  ran.status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return ran;
}

void copy_folder(const std::string& from, const std::string& to) {
  fs::create_directories(to);
  fs::copy(from, to,
           fs::copy_options::recursive | fs::copy_options::copy_symlinks | fs::copy_options::overwrite_existing);
}

void copy_workspace(std::string_view name, const TempDir& directory) {
  constexpr std::string_view kBase = "nothing-is-wrong";
  const std::string all = test::test_path("fixtures/workspaces/");
  copy_folder(all + std::string(kBase), directory.path());
  if (name != kBase) copy_folder(all + std::string(name), directory.path());
  fs::remove(directory.path("expected.txt"));
}

void copy_example(const TempDir& directory) {
  copy_folder(test::repository_path("examples/kgents-saas"), directory.path());
  fs::remove_all(directory.path(".gantry"));
}

std::map<std::string, std::string> files_outside_store(const TempDir& directory) {
  std::map<std::string, std::string> files;
  for (const std::string& name : directory.names()) {
    if (name == ".gantry" || name.starts_with(".gantry/")) continue;
    const fs::path path = directory.path(name);
    files[name] = fs::is_symlink(path)  ? "-> " + fs::read_symlink(path).string()
                  : name.ends_with('/') ? ""
                                        : directory.read(name);
  }
  return files;
}

}  // namespace gantry::cli
