#include "base/subprocess.h"

#include "base/file_errors.h"
#include "base/spawn.h"
#include "base/time.h"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

// One loop waits for everything that can happen: the program takes input, writes output or ends, a stop is requested, a
// deadline passes. The steady clock is read here although base has a Clock: a time limit is no fact that anybody records.

namespace gantry::base {

namespace {

using SteadyTime = std::chrono::steady_clock::time_point;
using std::chrono::milliseconds;

// Adding any longer limit to the clock could overflow it.
constexpr milliseconds kTimeMax = std::chrono::hours(24 * 365);
// Kernels before 5.3 and some sandboxes have no pidfd: the end is then looked for this often.
constexpr milliseconds kTick{10};
constexpr milliseconds kPollMax = std::chrono::hours(24);  // poll() counts in an int

// Writing to a program that has closed its input raises SIGPIPE in the writing thread. It is blocked here, and taken away
// if it came from us, because the disposition of the signal belongs to main.
class SigpipeBlock {
 public:
  SigpipeBlock() {
    ::sigemptyset(&sigpipe_);
    ::sigaddset(&sigpipe_, SIGPIPE);
    sigset_t pending;
    ::sigpending(&pending);
    was_pending_ = ::sigismember(&pending, SIGPIPE) == 1;
    ::pthread_sigmask(SIG_BLOCK, &sigpipe_, &before_);
  }
  ~SigpipeBlock() {
    const timespec now{};
    if (!was_pending_) ::sigtimedwait(&sigpipe_, nullptr, &now);
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  SigpipeBlock(const SigpipeBlock&) = delete;
  SigpipeBlock& operator=(const SigpipeBlock&) = delete;

 private:
  sigset_t sigpipe_{};
  sigset_t before_{};
  bool was_pending_ = false;
};

// "kubectl get": enough to know which command is meant, without arguments that may hold secrets.
std::string name_of(const Command& command) {
  if (command.argv.empty()) return "a program";
  const std::string_view program = std::string_view(command.argv.front()).substr(command.argv.front().rfind('/') + 1);
  if (command.argv.size() < 2 || command.argv[1].empty() || command.argv[1].starts_with('-'))
    return std::string(program);
  return fmt::format("{} {}", program, shown_path(command.argv[1]));
}

// What the program wrote last to stderr often says why it did not end: "dial tcp 10.0.0.1:6443: i/o timeout".
std::string last_words(std::string_view err) {
  constexpr std::size_t kShown = 300;
  while (err.ends_with('\n') || err.ends_with('\r')) err.remove_suffix(1);
  const std::string_view line = err.substr(err.rfind('\n') + 1).substr(0, kShown);
  return line.empty() ? "" : fmt::format("its last words: {}", line);
}

std::unexpected<Error> interrupted(const Command& command) {
  return environment_error(fmt::format("{} was interrupted", name_of(command)));
}

// By number, because <sys/pidfd.h> of glibc 2.36 declares pidfd_open() without extern "C", so that C++ can't link it.
FileDescriptor open_pidfd(pid_t pid) { return FileDescriptor(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))); }

enum class EndedBy { itself, time_limit, output_limit, stop };

// One program being run.
class Supervisor {
 public:
  // `wakeup` becomes readable when a stop is requested; it and `command` are the caller's.
  Supervisor(const Command& command, Child child, const FileDescriptor& wakeup)
      : command_(command),
        child_(std::move(child)),
        wakeup_(wakeup),
        exit_(open_pidfd(child_.pid())),
        deadline_(std::chrono::steady_clock::now() + std::clamp(command.time_max, milliseconds(0), kTimeMax)),
        input_(command.input) {}

  Result<CommandResult> run(const std::stop_token& stop) {
    while (!child_.has_ended()) {
      give_input();
      wait_for_event();
      take_output(streams_.out, result_.out);
      take_output(streams_.err, result_.err);
      if (ended_by_ == EndedBy::itself && stop.stop_requested()) end_it(EndedBy::stop);
      if (std::chrono::steady_clock::now() >= deadline_) pass_deadline();
    }
    // It has ended, so all that it wrote is in the pipes. What it left running may hold them open and write on for ever.
    child_.signal_group(SIGKILL);
    take_rest(streams_.out, result_.out);
    take_rest(streams_.err, result_.err);
    return conclude();
  }

 private:
  void give_input() {
    while (streams_.in && !input_.empty()) {
      const ssize_t count = ::write(streams_.in.fd(), input_.data(), input_.size());
      if (count >= 0) {
        input_.remove_prefix(static_cast<std::size_t>(count));
      } else if (errno == EAGAIN) {
        return;
      } else if (errno != EINTR) {
        input_ = {};  // EPIPE: it does not want the rest, which is its own business
      }
    }
    streams_.in.close();
  }

  void wait_for_event() {
    // An eventfd that has fired stays readable: watched any longer, it would make this a busy loop.
    const int stop_fd = ended_by_ == EndedBy::itself ? wakeup_.fd() : -1;
    std::array<pollfd, 5> events = {{{streams_.in.fd(), POLLOUT, 0},
                                     {streams_.out.fd(), POLLIN, 0},
                                     {streams_.err.fd(), POLLIN, 0},
                                     {exit_.fd(), POLLIN, 0},
                                     {stop_fd, POLLIN, 0}}};
    milliseconds left = std::chrono::ceil<milliseconds>(deadline_ - std::chrono::steady_clock::now());
    left = std::clamp(left, milliseconds(0), exit_ ? kPollMax : kTick);
    ::poll(events.data(), events.size(), static_cast<int>(left.count()));  // failing (EINTR) is waking up for nothing
  }

  // One buffer's worth, so that a program which writes faster than we read can't keep us from looking at the clock.
  void take_output(FileDescriptor& stream, std::string& text) {
    if (!stream) return;
    std::array<char, 65'536> buffer;  // what a pipe holds
    const ssize_t count = ::read(stream.fd(), buffer.data(), buffer.size());
    if (count > 0) keep({buffer.data(), static_cast<std::size_t>(count)}, text);
    if (count == 0) stream.close();
  }

  // What is in the pipe now, and nothing that is added while we read.
  void take_rest(FileDescriptor& stream, std::string& text) {
    int available = 0;
    if (!stream || ::ioctl(stream.fd(), FIONREAD, &available) != 0 || available <= 0) return;
    std::string rest(static_cast<std::size_t>(available), '\0');
    const ssize_t count = ::read(stream.fd(), rest.data(), rest.size());
    if (count > 0) keep(std::string_view(rest).substr(0, static_cast<std::size_t>(count)), text);
  }

  void keep(std::string_view bytes, std::string& text) {
    if (command_.overflow == Command::Overflow::keeps_tail) return keep_tail(bytes, text);
    const std::uint64_t room = command_.output_bytes_max - text.size();
    text += bytes.substr(0, room);
    if (bytes.size() > room && ended_by_ == EndedBy::itself) end_it(EndedBy::output_limit);
  }

  // Cut only once twice as much is there, so that each byte is moved once at most.
  void keep_tail(std::string_view bytes, std::string& text) const {
    text += bytes;
    if (text.size() > 2 * command_.output_bytes_max) cut_to_tail(text);
  }

  void cut_to_tail(std::string& text) const {
    if (text.size() > command_.output_bytes_max) text.erase(0, text.size() - command_.output_bytes_max);
  }

  void end_it(EndedBy reason) {
    ended_by_ = reason;
    deadline_ = std::chrono::steady_clock::now() + std::clamp(command_.grace_time, milliseconds(0), kTimeMax);
    input_ = {};
    child_.signal_group(SIGTERM);
    child_.signal_group(SIGCONT);  // a stopped program would not notice
  }

  void pass_deadline() {
    if (ended_by_ == EndedBy::itself) {
      end_it(EndedBy::time_limit);
    } else {
      child_.signal_group(SIGKILL);
      deadline_ += kTimeMax;  // nothing more can be done
    }
  }

  Result<CommandResult> conclude() {
    const std::optional<int> status = child_.wait();
    const std::string name = name_of(command_);
    switch (ended_by_) {
      case EndedBy::time_limit:
        return environment_error(
            fmt::format("{} took longer than {} and was ended", name, format_duration(command_.time_max)),
            last_words(result_.err));
      case EndedBy::output_limit:
        return environment_error(
            fmt::format("{} wrote more than {} bytes and was ended", name, command_.output_bytes_max),
            last_words(result_.err));
      case EndedBy::stop: return interrupted(command_);
      case EndedBy::itself: break;
    }
    if (!status) {
      return environment_error(fmt::format("cannot learn how {} ended", name),
                               "run Gantry where SIGCHLD is not ignored");
    }
    result_.status = *status;
    for (std::string* text : {&result_.out, &result_.err}) cut_to_tail(*text);
    return std::move(result_);
  }

  const Command& command_;
  Child child_;
  Child::Streams& streams_ = child_.streams();
  const FileDescriptor& wakeup_;
  FileDescriptor exit_;     // a pidfd, readable once the program has ended; none where the system has none
  SteadyTime deadline_;     // of the program; once it is being ended, of the grace time
  std::string_view input_;  // not written yet
  EndedBy ended_by_ = EndedBy::itself;
  CommandResult result_;
};

}  // namespace

Result<CommandResult> run_command(const Command& command, const std::stop_token& stop) {
  if (stop.stop_requested()) return interrupted(command);
  const FileDescriptor wakeup(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wakeup) return failed("run", name_of(command), errno);
  Child child = TRY(spawn(command));
  if (command.on_start) command.on_start(child.pid());
  const SigpipeBlock no_sigpipe;
  const std::stop_callback on_stop(stop, [&wakeup] { ::eventfd_write(wakeup.fd(), 1); });
  return Supervisor(command, std::move(child), wakeup).run(stop);
}

}  // namespace gantry::base
