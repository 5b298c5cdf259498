#include "cli/commands/load_children.h"

#include "base/json.h"

#include <fmt/format.h>

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace gantry::cli {

namespace {

using base::Result;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t kPieceBytes = 65'536;  // what a pipe holds
constexpr int kPiecesMax = 64;  // at once, so that nobody who writes without end keeps the others from being heard

// What there is now. False at its end.
bool read_some(const base::FileDescriptor& stream, const std::function<void(std::string_view)>& take) {
  std::array<char, kPieceBytes> piece{};
  for (int pieces = 0; pieces < kPiecesMax; ++pieces) {
    const ssize_t count = ::read(stream.fd(), piece.data(), piece.size());
    if (count > 0)
      take({piece.data(), static_cast<std::size_t>(count)});
    else if (count == 0)
      return false;
    else if (errno != EINTR)
      return errno == EAGAIN;
  }
  return true;
}

std::string describe_end(const std::optional<int>& status) {
  constexpr int kSignals = 128;
  if (!status) return "is gone";
  if (*status > kSignals)
    return fmt::format("was ended by signal {} ({})", *status - kSignals, ::sigdescr_np(*status - kSignals));
  return fmt::format("ended before it was done, with {}", *status);
}

}  // namespace

LoadChildren::LoadChildren(std::function<void(std::string_view)> words, const std::stop_token& stop)
    : words_(std::move(words)),
      stopped_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      on_stop_(stop, [this] { ::eventfd_write(stopped_.fd(), 1); }) {}

Result<void> LoadChildren::start(const base::Node& task) {
  // The file that this program was started from, though another may have its name by now.
  const base::Command command{.argv = {"/proc/self/exe", "load", "process"}, .dies_with_caller = true};
  processes_.emplace_back(TRY(base::spawn(command)));
  tell(processes_.size() - 1, {load::Word::task, base::dump_json(task)});
  return {};
}

void LoadChildren::tell(std::size_t number, const load::Message& message) {
  Process& process = processes_[number];
  process.untold += load::write_message(message.word, message.bytes);
  tell_rest(process);
}

void LoadChildren::tell_rest(Process& process) {
  base::FileDescriptor& in = process.child.streams().in;
  while (in && !process.untold.empty()) {
    const ssize_t count = ::write(in.fd(), process.untold.data(), process.untold.size());
    if (count > 0) process.untold.erase(0, static_cast<std::size_t>(count));
    if (count < 0 && errno == EAGAIN) return;
    if (count < 0 && errno != EINTR) process.untold.clear();  // it is gone, which its end tells
  }
  if (process.is_dismissed) in.close();
}

void LoadChildren::dismiss(std::size_t number) {
  processes_[number].is_dismissed = true;
  tell_rest(processes_[number]);
}

void LoadChildren::wait_for_event(milliseconds time_max) {
  std::vector<pollfd> events = {{stopped_.fd(), POLLIN, 0}};
  for (Process& process : processes_) {
    base::Child::Streams& streams = process.child.streams();
    if (!process.untold.empty()) events.push_back({streams.in.fd(), POLLOUT, 0});
    events.push_back({streams.out.fd(), POLLIN, 0});  // one that is closed has a number that poll() passes over
    events.push_back({streams.err.fd(), POLLIN, 0});
  }
  ::poll(events.data(), events.size(), static_cast<int>(time_max.count()));  // failing (EINTR) is waking up for nothing
  eventfd_t ignored = 0;
  ::eventfd_read(stopped_.fd(), &ignored);
}

Result<void> LoadChildren::hear(std::size_t number, std::vector<Heard>& heard) {
  Process& process = processes_[number];
  base::Child::Streams& streams = process.child.streams();
  if (streams.err && !read_some(streams.err, words_)) streams.err.close();
  if (!streams.out) return {};
  const bool goes_on = read_some(streams.out, [&](std::string_view bytes) { process.said.feed(bytes); });
  for (;;) {
    std::optional<load::Message> message = TRY(process.said.next());
    if (!message) break;
    heard.push_back({.process = number, .message = std::move(message)});
  }
  if (goes_on) return {};
  streams.out.close();
  process.child.signal_group(SIGKILL);  // whatever it has left running
  heard.push_back({.process = number, .end = describe_end(process.child.wait())});
  return {};
}

Result<std::vector<LoadChildren::Heard>> LoadChildren::listen(milliseconds time_max) {
  wait_for_event(time_max);
  std::vector<Heard> heard;
  for (std::size_t number = 0; number < processes_.size(); ++number) {
    tell_rest(processes_[number]);
    TRY(hear(number, heard));
  }
  return heard;
}

void LoadChildren::wait_for_all(milliseconds time_max) {
  const steady_clock::time_point until = steady_clock::now() + time_max;
  const auto is_there = [](Process& process) { return static_cast<bool>(process.child.streams().out); };
  while (std::ranges::any_of(processes_, is_there) && steady_clock::now() < until)
    if (!listen(std::chrono::ceil<milliseconds>(until - steady_clock::now()))) break;
  processes_.clear();
}

}  // namespace gantry::cli
