#include "base/spawn.h"

#include "base/file_errors.h"
#include "base/fork_program.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace gantry::base {

namespace {

// posix_spawn() is safe beside other threads, and tells in its own result why a program could not be started.

struct Pipe {
  FileDescriptor read;
  FileDescriptor write;
};

Result<Pipe> make_pipe(const std::string& program) {
  int ends[2] = {-1, -1};
  if (::pipe2(ends, O_CLOEXEC) != 0) return failed("make a pipe for", program, errno);
  Pipe pipe{FileDescriptor(ends[0]), FileDescriptor(ends[1])};
  // Above the standard streams, so that moving an end to its place in the child can't overwrite another end.
  for (FileDescriptor* end : {&pipe.read, &pipe.write}) {
    if (end->fd() > STDERR_FILENO) continue;
    *end = FileDescriptor(::fcntl(end->fd(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
    if (!*end) return failed("make a pipe for", program, errno);
  }
  return pipe;
}

void set_nonblocking(const FileDescriptor& file) {
  ::fcntl(file.fd(), F_SETFL, ::fcntl(file.fd(), F_GETFL) | O_NONBLOCK);
}

class SpawnActions {
 public:
  SpawnActions() { ::posix_spawn_file_actions_init(&actions_); }
  ~SpawnActions() { ::posix_spawn_file_actions_destroy(&actions_); }
  SpawnActions(const SpawnActions&) = delete;
  SpawnActions& operator=(const SpawnActions&) = delete;
  posix_spawn_file_actions_t* get() { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

// A group of its own, no signal blocked and none ignored, whatever our own state is.
class SpawnAttributes {
 public:
  SpawnAttributes() {
    ::posix_spawnattr_init(&attributes_);
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    ::posix_spawnattr_setpgroup(&attributes_, 0);
    sigset_t signals;
    ::sigemptyset(&signals);
    ::posix_spawnattr_setsigmask(&attributes_, &signals);
    ::sigfillset(&signals);
    ::posix_spawnattr_setsigdefault(&attributes_, &signals);
  }
  ~SpawnAttributes() { ::posix_spawnattr_destroy(&attributes_); }
  SpawnAttributes(const SpawnAttributes&) = delete;
  SpawnAttributes& operator=(const SpawnAttributes&) = delete;
  const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_{};
};

// Strings as exec() takes them.
std::vector<char*> pointers_to(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  pointers.reserve(strings.size() + 1);
  for (std::string& text : strings) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::string> environment_lines(const Command& command) {
  std::vector<std::string> lines;
  lines.reserve(command.environment->size());
  for (const auto& [name, value] : *command.environment) lines.push_back(fmt::format("{}={}", name, value));
  return lines;
}

// A NUL byte would silently cut what the program sees.
Result<void> check_strings(const Command& command) {
  if (command.argv.empty() || command.argv.front().empty()) return usage_error("no program to run is given");
  const auto has_nul = [](const std::string& text) { return text.contains('\0'); };
  bool bad = std::ranges::any_of(command.argv, has_nul) || has_nul(command.directory);
  if (command.environment) {
    for (const auto& [name, value] : *command.environment) {
      bad = bad || has_nul(name) || has_nul(value) || name.empty() || name.contains('=');
    }
  }
  if (bad) {
    return usage_error(
        fmt::format("{} cannot be run: a NUL byte in its arguments, or a bad variable name", command.argv.front()));
  }
  return {};
}

std::string search_path(const Command& command) {
  if (command.environment) {
    for (const auto& [name, value] : *command.environment) {
      if (name == "PATH") return value;
    }
  }
  const char* path = ::getenv("PATH");
  return path != nullptr ? path : "/usr/bin:/bin";
}

Result<std::string> locate(const Command& command) {
  const std::string& name = command.argv.front();
  if (name.contains('/')) return name;
  std::optional<std::string> found = find_program(name, search_path(command));
  if (!found) {
    return environment_error(fmt::format("program {} is not installed", name), "install it, or add its folder to PATH");
  }
  return *std::move(found);
}

std::unexpected<Error> cannot_start(const std::string& program, int code) {
  const bool is_there = ::access(program.c_str(), F_OK) == 0;
  if (code == ENOENT && !is_there) return environment_error(fmt::format("program {} does not exist", program));
  std::string help;
  if (code == ENOENT) help = "is the interpreter that its first line names installed?";
  if (code == EACCES) help = "make it executable";
  return environment_error(
      fmt::format("program {} cannot be started: {}", program, std::generic_category().message(code)), help);
}

Result<FileDescriptor> open_directory_of(const Command& command) {
  if (command.directory.empty()) return FileDescriptor();
  FileDescriptor directory(::open(command.directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!directory) return failed("run a program in", command.directory, errno);
  return directory;
}

}  // namespace

Result<Child> spawn(const Command& command) {
  TRY(check_strings(command));
  const std::string program = TRY(locate(command));
  const FileDescriptor directory = TRY(open_directory_of(command));
  Pipe in = TRY(make_pipe(program));
  Pipe out = TRY(make_pipe(program));
  Pipe err = TRY(make_pipe(program));

  SpawnActions actions;
  if (directory) ::posix_spawn_file_actions_addfchdir_np(actions.get(), directory.fd());
  ::posix_spawn_file_actions_adddup2(actions.get(), in.read.fd(), STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(actions.get(), out.write.fd(), STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(actions.get(), err.write.fd(), STDERR_FILENO);
  // Libraries that open files without O_CLOEXEC would hand them down.
  ::posix_spawn_file_actions_addclosefrom_np(actions.get(), STDERR_FILENO + 1);
  const SpawnAttributes attributes;

  std::vector<std::string> arguments = command.argv;
  std::vector<std::string> variables = command.environment ? environment_lines(command) : std::vector<std::string>();
  const std::vector<char*> environment = pointers_to(variables);
  const std::vector<char*> argv = pointers_to(arguments);
  char* const* envp = command.environment ? environment.data() : environ;
  pid_t pid = 0;
  int problem = 0;
  if (command.dies_with_caller) {
    const auto forked = fork_program({.program = program.c_str(),
                                      .arguments = argv.data(),
                                      .environment = envp,
                                      .directory = directory ? directory.fd() : -1,
                                      .streams = {in.read.fd(), out.write.fd(), err.write.fd()}});
    if (forked)
      pid = *forked;
    else
      problem = forked.error();
  } else {
    problem = ::posix_spawn(&pid, program.c_str(), actions.get(), attributes.get(), argv.data(), envp);
  }
  if (problem != 0) return cannot_start(program, problem);
  for (const FileDescriptor* end : {&in.write, &out.read, &err.read}) set_nonblocking(*end);
  return Child(pid, {.in = std::move(in.write), .out = std::move(out.read), .err = std::move(err.read)});
}

Child::~Child() {
  if (pid_ == 0) return;
  signal_group(SIGKILL);
  wait();
}

void Child::signal_group(int signal) const {
  if (pid_ != 0) ::kill(-pid_, signal);
}

bool Child::has_ended() const {
  siginfo_t info{};
  const int waited = ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT);
  if (waited != 0) return errno == ECHILD;  // whoever started us ignores SIGCHLD: the kernel has waited already
  return info.si_pid == pid_;
}

std::optional<int> Child::wait() {
  int status = 0;
  pid_t waited = 0;
  do waited = ::waitpid(pid_, &status, 0);
  while (waited < 0 && errno == EINTR);
  const bool is_known = waited == std::exchange(pid_, 0);
  if (!is_known) return std::nullopt;
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

std::optional<std::string> find_program(std::string_view name, std::string_view path_variable) {
  if (name.empty() || name.contains('/')) return std::nullopt;
  for (std::string_view rest = path_variable; !rest.empty();) {
    const std::string_view directory = rest.substr(0, rest.find(':'));
    rest.remove_prefix(std::min(directory.size() + 1, rest.size()));
    // Relative entries, "" and "." among them, would run programs out of the workspace.
    if (!directory.starts_with('/')) continue;
    std::string path = fmt::format("{}{}{}", directory, directory.ends_with('/') ? "" : "/", name);
    struct stat info {};
    if (::stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode) &&
        ::faccessat(AT_FDCWD, path.c_str(), X_OK, AT_EACCESS) == 0) {
      return path;
    }
  }
  return std::nullopt;
}

}  // namespace gantry::base
