#include "base/fork_program.h"

#include "base/file_descriptor.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

namespace gantry::base {

namespace {

// Our own handlers must not run in the child: they would write into pipes that it shares with us.
class AllSignalsBlocked {
 public:
  AllSignalsBlocked() {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~AllSignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  AllSignalsBlocked(const AllSignalsBlocked&) = delete;
  AllSignalsBlocked& operator=(const AllSignalsBlocked&) = delete;

 private:
  sigset_t before_{};
};

void reset_signals() {
  struct sigaction plain {};
  plain.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; ++number)
    ::sigaction(number, &plain, nullptr);  // two of them cannot be; they are as they are
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

// False with errno where it cannot.
bool become(const ForkedProgram& program, pid_t parent) {
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return false;
  if (::getppid() != parent) ::_exit(127);  // it was gone before we asked
  ::setpgid(0, 0);
  if (program.directory >= 0 && ::fchdir(program.directory) != 0) return false;
  for (int stream = 0; stream < 3; ++stream)
    if (::dup2(program.streams[static_cast<std::size_t>(stream)], stream) < 0) return false;
  // Libraries that open files without O_CLOEXEC would hand them down.
  ::close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
  reset_signals();
  ::execve(program.program, program.arguments, program.environment);
  return false;
}

}  // namespace

std::expected<pid_t, int> fork_program(const ForkedProgram& program) {
  int ends[2] = {-1, -1};
  if (::pipe2(ends, O_CLOEXEC) != 0) return std::unexpected(errno);
  const FileDescriptor told(ends[0]);
  FileDescriptor telling(::fcntl(ends[1], F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
  ::close(ends[1]);
  if (!telling) return std::unexpected(errno);
  const pid_t parent = ::getpid();
  pid_t pid = 0;
  {
    const AllSignalsBlocked blocked;
    pid = ::fork();
    if (pid == 0) {
      become(program, parent);
      const int code = errno;
      [[maybe_unused]] const ssize_t written = ::write(telling.fd(), &code, sizeof code);
      ::_exit(127);
    }
  }
  if (pid < 0) return std::unexpected(errno);
  telling.close();
  int code = 0;
  ssize_t count = 0;
  do count = ::read(told.fd(), &code, sizeof code);
  while (count < 0 && errno == EINTR);
  if (count != sizeof code) return pid;  // the pipe was closed by exec()
  ::waitpid(pid, nullptr, 0);
  return std::unexpected(code);
}

}  // namespace gantry::base
