#include "http/client.h"

#include "http/gzip.h"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <thread>

namespace gantry::http {

namespace {

constexpr timeval kPatience{.tv_sec = 30, .tv_usec = 0};

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

}  // namespace

Client::Client(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int on = 1;
  ::setsockopt(socket_.fd(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::setsockopt(socket_.fd(), SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
  ::setsockopt(socket_.fd(), SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof kPatience);
  EXPECT_EQ(::connect(socket_.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
}

bool Client::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_.fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void Client::finish_writing() { ::shutdown(socket_.fd(), SHUT_WR); }

void Client::shrink_buffers() {
  const int bytes = 4096;
  ::setsockopt(socket_.fd(), SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}

void Client::vanish() {
  sock_filter drop = BPF_STMT(BPF_RET | BPF_K, 0);
  const sock_fprog program = {.len = 1, .filter = &drop};
  EXPECT_EQ(::setsockopt(socket_.fd(), SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program), 0);
}

void Client::reset() {
  const linger at_once = {.l_onoff = 1, .l_linger = 0};
  ::setsockopt(socket_.fd(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  socket_ = {};
}

bool Client::fill() {
  std::array<char, 64 << 10> bytes;
  const ssize_t size = ::recv(socket_.fd(), bytes.data(), bytes.size(), 0);
  if (size < 0) {
    EXPECT_NE(errno, EAGAIN) << "waited in vain";
  }
  if (size <= 0) return false;
  buffer_.append(bytes.data(), static_cast<std::size_t>(size));
  return true;
}

std::string Client::read_to_end() {
  while (fill()) {
  }
  return std::exchange(buffer_, {});
}

std::string Client::read_bytes(std::size_t count) {
  while (buffer_.size() < count && fill()) {
  }
  const std::string bytes = buffer_.substr(0, count);
  buffer_.erase(0, bytes.size());
  return bytes;
}

std::string Client::read_line() {
  std::size_t end = buffer_.find("\r\n");
  while (end == std::string::npos && fill()) end = buffer_.find("\r\n");
  if (end == std::string::npos) return "";
  std::string line = buffer_.substr(0, end);
  buffer_.erase(0, end + 2);
  return line;
}

Reply Client::read(bool has_body) {
  Reply reply;
  const std::string status_line = read_line();
  if (status_line.size() < 12) return reply;
  reply.status = std::stoi(status_line.substr(9, 3));
  for (std::string line = read_line(); !line.empty(); line = read_line()) {
    const std::size_t colon = line.find(": ");
    reply.headers[lower(line.substr(0, colon))] = line.substr(colon + 2);
  }
  if (!has_body || reply.status < 200 || reply.status == 204 || reply.status == 304) return reply;
  if (reply.header("transfer-encoding") == "chunked") {
    for (std::size_t size = std::stoul("0" + read_line(), nullptr, 16); size > 0;
         size = std::stoul("0" + read_line(), nullptr, 16)) {
      reply.body += read_bytes(size);
      read_line();
    }
    read_line();
  } else if (reply.headers.contains("content-length")) {
    reply.body = read_bytes(std::stoul(reply.header("content-length")));
  } else {
    reply.body = read_to_end();
  }
  return reply;
}

std::string get(std::string_view path, std::string_view lines) {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: h\r\n" + std::string(lines) + "\r\n";
}

std::string post(std::string_view path, std::string_view body, std::string_view lines) {
  return "POST " + std::string(path) + " HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n" + std::string(lines) + "\r\n" + std::string(body);
}

std::string gzip(std::string_view text) { return GzipWriter().feed(text, Flush::end); }

std::string gunzip(std::string_view bytes) {
  std::string text;
  GzipReader reader(1 << 30);
  EXPECT_TRUE(reader.feed(bytes, [&](std::string_view piece) { text += piece; }));
  EXPECT_TRUE(reader.finish());
  return text;
}

std::unique_ptr<Server> start(std::vector<Route> routes, Options options) {
  options.hosts.push_back("h");
  base::Result<Router> router = Router::create(std::move(routes));
  if (!router) ADD_FAILURE() << describe(router.error());
  if (!router) return nullptr;
  base::Result<std::unique_ptr<Server>> server = Server::start(std::move(options), *std::move(router));
  if (!server) ADD_FAILURE() << describe(server.error());
  return server ? *std::move(server) : nullptr;
}

bool eventually(const std::function<bool()>& holds) {
  for (int i = 0; i < 6000; ++i) {
    if (holds()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return false;
}

}  // namespace gantry::http
