// An HTTP server that answers when it is told to, and knows when it did: what a load generator reports is compared with it (honesty.py).
//
//   delayed_server delays LOW_MS HIGH_MS    each answer after a time between the two, their logarithms evenly spread
//   delayed_server freeze LENGTH_MS EVERY_MS    answers at once, except in the first part of every period: then at its end
//
// Prints its port; at the end of its input, the times between having read a request and having written its answer, in milliseconds, as JSON:
// {"count": 12, "p50": 10.2, …}. Uses one core, and none while it waits.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <random>
#include <string_view>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;
using Milliseconds = std::chrono::duration<double, std::milli>;

constexpr std::string_view kAnswer =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 16\r\n\r\n{\"status\":\"ok\"}\n";

struct Pending {
  int connection;
  Clock::time_point read_at;
};

class Server {
 public:
  Server(bool freezes, double first_ms, double second_ms) : freezes_(freezes), first_(first_ms), second_(second_ms) {}

  int run() {
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{.sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
    socklen_t size = sizeof address;
    if (::bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener, 4096) != 0) return 1;
    ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
    std::printf("%d\n", ntohs(address.sin_port));
    std::fflush(stdout);
    epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
    watch(listener);
    watch(STDIN_FILENO);
    while (serve(listener)) {
    }
    tell();
    return 0;
  }

 private:
  void watch(int fd) const {
    epoll_event event{.events = EPOLLIN, .data = {.fd = fd}};
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
  }

  // False at the end of the input.
  bool serve(int listener) {
    answer_due();
    const auto left = due_.empty() ? std::chrono::nanoseconds(std::chrono::seconds(1))
                                   : std::max(due_.begin()->first - Clock::now(), std::chrono::nanoseconds(0));
    const timespec wait{.tv_sec = left.count() / 1'000'000'000, .tv_nsec = left.count() % 1'000'000'000};
    std::array<epoll_event, 256> events{};
    const int count = ::epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &wait, nullptr);
    for (int i = 0; i < count; ++i) {
      const int fd = events[static_cast<std::size_t>(i)].data.fd;
      if (fd == STDIN_FILENO) return false;
      if (fd == listener)
        accept(listener);
      else
        read(fd);
    }
    return true;
  }

  void accept(int listener) const {
    const int connection = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) return;
    const int on = 1;
    ::setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    watch(connection);
  }

  // A request is one packet here: those of a benchmark are short.
  void read(int connection) {
    std::array<char, 16384> buffer{};
    const ssize_t size = ::read(connection, buffer.data(), buffer.size());
    if (size <= 0) {
      std::erase_if(due_, [&](const auto& entry) { return entry.second.connection == connection; });
      ::close(connection);
      return;
    }
    const Clock::time_point now = Clock::now();
    due_.emplace(due_at(now), Pending{connection, now});
  }

  Clock::time_point due_at(Clock::time_point now) {
    if (!freezes_) {
      const double ms = first_ * std::pow(second_ / first_, std::uniform_real_distribution<>()(random_));
      return now + std::chrono::duration_cast<Clock::duration>(Milliseconds(ms));
    }
    const double in_period = std::fmod(Milliseconds(now - began_).count(), second_);
    if (in_period >= first_) return now;
    return now + std::chrono::duration_cast<Clock::duration>(Milliseconds(first_ - in_period));
  }

  void answer_due() {
    while (!due_.empty() && due_.begin()->first <= Clock::now()) {
      const Pending pending = due_.begin()->second;
      due_.erase(due_.begin());
      if (::write(pending.connection, kAnswer.data(), kAnswer.size()) < 0) continue;
      times_.push_back(Milliseconds(Clock::now() - pending.read_at).count());
    }
  }

  // Percentiles between neighbours in proportion, as k6 has them.
  void tell() {
    std::ranges::sort(times_);
    std::printf("{\"count\": %zu", times_.size());
    for (const double percent : {50.0, 90.0, 95.0, 99.0, 99.9}) {
      const double place = percent / 100 * static_cast<double>(times_.size() - 1);
      const auto low = static_cast<std::size_t>(place);
      const std::size_t high = std::min(low + 1, times_.size() - 1);
      const double value = times_[low] + (times_[high] - times_[low]) * (place - static_cast<double>(low));
      std::printf(", \"p%g\": %.4f", percent, value);
    }
    std::printf("}\n");
  }

  bool freezes_;
  double first_;
  double second_;
  int epoll_ = -1;
  Clock::time_point began_ = Clock::now();
  std::mt19937_64 random_{7};
  std::multimap<Clock::time_point, Pending> due_;
  std::vector<double> times_;
};

}  // namespace

int main(int argc, char** argv) {
  const std::string_view how = argc == 4 ? argv[1] : "";
  if (how != "delays" && how != "freeze") {
    std::fputs("usage: delayed_server delays LOW_MS HIGH_MS | freeze LENGTH_MS EVERY_MS\n", stderr);
    return 2;
  }
  return Server(how == "freeze", std::atof(argv[2]), std::atof(argv[3])).run();
}
