#include "launch/checks/load/page.h"

#include "base/number.h"

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <utility>

namespace gantry::launch {

using base::Result;

namespace {

class Socket {
 public:
  explicit Socket(int family) : fd_(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}
  Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Socket& operator=(Socket&&) = delete;
  ~Socket() {
    if (fd_ >= 0) ::close(fd_);
  }
  explicit operator bool() const { return fd_ >= 0; }
  int fd() const { return fd_; }

 private:
  int fd_;
};

constexpr timeval kAnswerWithin{1, 0};
constexpr std::size_t kBytesMax = 1 << 20;  // a page of metrics has some hundred lines

std::optional<Socket> connect_to(const Place& place) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(place.host.c_str(), place.port.c_str(), &hints, &found) != 0) return std::nullopt;
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses(found, ::freeaddrinfo);
  for (const addrinfo* each = found; each; each = each->ai_next) {
    Socket socket(each->ai_family);
    ::setsockopt(socket.fd(), SOL_SOCKET, SO_RCVTIMEO, &kAnswerWithin, sizeof kAnswerWithin);
    ::setsockopt(socket.fd(), SOL_SOCKET, SO_SNDTIMEO, &kAnswerWithin, sizeof kAnswerWithin);
    if (socket && ::connect(socket.fd(), each->ai_addr, each->ai_addrlen) == 0) return socket;
  }
  return std::nullopt;
}

// Until the other side ends it, as it was asked to, or until it is enough.
std::string receive_all(const Socket& socket) {
  std::string text;
  std::array<char, 16 << 10> part{};
  while (text.size() < kBytesMax) {
    const ssize_t count = ::recv(socket.fd(), part.data(), part.size(), 0);
    if (count <= 0) break;
    text.append(part.data(), static_cast<std::size_t>(count));
  }
  return text;
}

}  // namespace

Place place_of_url(std::string_view url) {
  if (const std::size_t scheme = url.find("://"); scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  url = url.substr(0, url.find('/'));
  const std::size_t colon = url.rfind(':');
  return {std::string(url.substr(0, colon)),
          colon == std::string_view::npos ? std::string("80") : std::string(url.substr(colon + 1))};
}

Result<Page> get_page(const Place& place, const std::string& path) {
  const auto refuse = [&](std::string_view why) {
    return base::environment_error(fmt::format("http://{}:{}{} {}", place.host, place.port, path, why));
  };
  const std::optional<Socket> socket = connect_to(place);
  if (!socket) return refuse("cannot be connected to");
  // HTTP/1.0: the answer comes in one piece, and ends with the connection.
  const std::string request =
      fmt::format("GET {} HTTP/1.0\r\nHost: {}:{}\r\nConnection: close\r\n\r\n", path, place.host, place.port);
  if (::send(socket->fd(), request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size()))
    return refuse("did not take the question");
  std::string answer = receive_all(*socket);
  constexpr std::string_view kBegin = "HTTP/1.";  // and "0 200 OK"
  const std::optional<double> status =
      answer.starts_with(kBegin) ? base::parse_double(std::string_view(answer).substr(0, 12).substr(9)) : std::nullopt;
  if (!status) return refuse("did not answer in HTTP");
  constexpr std::string_view kBlank = "\r\n\r\n";
  const std::size_t head = answer.find(kBlank);
  answer.erase(0, head == std::string::npos ? answer.size() : head + kBlank.size());
  return Page{static_cast<int>(*status), std::move(answer)};
}

bool is_taken(const Place& place) { return connect_to(place).has_value(); }

Result<std::string> find_free_port() {
  const Socket socket(AF_INET);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  // The sockets API takes every address as a sockaddr.
  auto* any = reinterpret_cast<sockaddr*>(&address);
  const bool is_found = socket && ::bind(socket.fd(), any, size) == 0 && ::getsockname(socket.fd(), any, &size) == 0;
  if (!is_found) return base::environment_error("no port is free on this machine");
  return fmt::format("{}", ntohs(address.sin_port));
}

}  // namespace gantry::launch
