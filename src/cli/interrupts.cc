// A signal handler may do next to nothing, so it writes one byte into a pipe, and a thread that waits on the pipe does the rest.

#include "cli/interrupts.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>

namespace gantry::cli {

namespace {

// A handler has no other way to know it; written before the handler is installed, never after.
int g_wake_fd = -1;
std::atomic<const char*> g_first_words =
    "interrupted: ending the check that runs now, keeping what was found (again to quit at once)";
constexpr int kOwnOfSignal = -1;
std::atomic<int> g_status_of_second = kOwnOfSignal;
std::atomic<bool> g_is_second = false;
constexpr char kInterrupt = 'i';
constexpr char kQuit = 'q';

void on_signal(int signal_number) {
  const int status = g_status_of_second;
  if (g_is_second.exchange(true) && status != kOwnOfSignal) _exit(status);
  const int saved = errno;
  [[maybe_unused]] const ssize_t written = write(g_wake_fd, &kInterrupt, 1);
  if (status == kOwnOfSignal) {
    // The second one is nobody's to handle: the program ends as the system has it.
    struct sigaction plain {};
    plain.sa_handler = SIG_DFL;
    sigaction(signal_number, &plain, nullptr);
  }
  errno = saved;
}

void handle(int signal_number, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  sigaction(signal_number, &action, nullptr);
}

// As nohup(1) has it, which must stay so.
bool is_ignored(int signal_number) {
  struct sigaction action {};
  return sigaction(signal_number, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

}  // namespace

void ignore_broken_pipes() { handle(SIGPIPE, SIG_IGN); }

void explain_interrupts(const char* first, std::optional<int> status_of_second) {
  g_first_words = first;
  g_status_of_second = status_of_second.value_or(kOwnOfSignal);
}

Interrupts::Interrupts() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return;
  g_wake_fd = ends[1];
  watcher_ = std::thread([this, fd = ends[0]] {
    char byte = 0;
    while (read(fd, &byte, 1) == 1 && byte == kInterrupt) {
      std::fprintf(stderr, "\n%s\n", g_first_words.load());
      stop_.request_stop();
    }
    close(fd);
  });
  handle(SIGINT, on_signal);
  handle(SIGTERM, on_signal);
  if (!is_ignored(SIGHUP)) handle(SIGHUP, on_signal);
}

Interrupts::~Interrupts() {
  handle(SIGINT, SIG_DFL);
  handle(SIGTERM, SIG_DFL);
  if (!is_ignored(SIGHUP)) handle(SIGHUP, SIG_DFL);
  if (!watcher_.joinable()) return;
  [[maybe_unused]] const ssize_t written = write(g_wake_fd, &kQuit, 1);
  watcher_.join();
  close(g_wake_fd);
}

}  // namespace gantry::cli
