#pragma once

// Servers that do what servers do: each is a thread on a free loopback port that follows a short script.

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace gantry::load {

// A listener on a free port of the loopback, which `port` tells.
inline int listen_on_loopback(std::uint16_t& port, int backlog) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  EXPECT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
  EXPECT_EQ(::listen(listener, backlog), 0);
  ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  port = ntohs(address.sin_port);
  return listener;
}

// Accepts connections one after the other and hands each to a function, until it is destroyed.
class ScriptedServer {
 public:
  using Serve = std::function<void(int fd, int number)>;
  explicit ScriptedServer(Serve serve) : serve_(std::move(serve)) {
    listener_ = listen_on_loopback(port, 16);
    thread_ = std::jthread([this] {
      for (int number = 0;; ++number) {
        const int fd = ::accept(listener_, nullptr, nullptr);
        if (fd < 0) return;
        serve_(fd, number);
        ::close(fd);
      }
    });
  }
  ~ScriptedServer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  std::uint16_t port = 0;

 private:
  Serve serve_;
  int listener_ = -1;
  std::jthread thread_;
};

// Reads from a connection until that is there: what has come; nothing where it ends before.
inline std::optional<std::string> read_until(int fd, const std::function<bool(std::string_view)>& is_whole) {
  std::string text;
  std::array<char, 4096> buffer;
  while (!is_whole(text)) {
    const ssize_t count = ::read(fd, buffer.data(), buffer.size());
    if (count <= 0) return std::nullopt;
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
  return text;
}

// Reads one request's head; false at the end.
inline bool read_request(int fd) {
  return read_until(fd, [](std::string_view text) { return text.contains("\r\n\r\n"); }).has_value();
}
inline void write_text(int fd, std::string_view text) {
  EXPECT_EQ(::send(fd, text.data(), text.size(), MSG_NOSIGNAL), std::ssize(text));
}

}  // namespace gantry::load
