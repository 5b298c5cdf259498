// Which proxy is chosen, and what it is told.

#include "load/http/proxy.h"

#include "http/http.h"
#include "load/http/lone_client.h"
#include "load/http/websocket.h"
#include "support/certificate.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <tuple>

namespace gantry::load {
namespace {

using Environment = std::map<std::string, std::string>;

struct Case {
  Environment environment;
  bool is_https;
  std::string_view host;
  std::uint16_t port;
  std::string_view proxy;  // "host:port authorization"; empty for none
};

TEST(Proxy, IsChosenAsProgramsInGoDo) {
  const Environment both = {{"HTTP_PROXY", "http://plain:3128"}, {"https_proxy", "secure"}};
  const auto with = [&](const std::string& direct) {
    Environment environment = both;
    environment["NO_PROXY"] = direct;
    return environment;
  };
  const Case cases[] = {
      {{}, false, "shop.example", 80, ""},
      {both, false, "shop.example", 80, "plain:3128 "},
      {both, true, "shop.example", 443, "secure:80 "},
      {{{"http_proxy", "http://me:s%40cret@[::1]:81"}}, false, "shop.example", 80, "::1:81 Basic bWU6c0BjcmV0"},
      {{{"http_proxy", "http://me@p"}}, false, "shop.example", 80, "p:80 Basic bWU6"},
      {{{"HTTP_PROXY", "http://upper"}, {"http_proxy", "http://lower"}}, false, "x", 80, "upper:80 "},
      {both, false, "localhost", 80, ""},
      {both, false, "127.1.2.3", 80, ""},
      {both, true, "::1", 443, ""},
      {with("*"), false, "shop.example", 80, ""},
      {with("shop.example"), false, "shop.example", 80, ""},
      {with("shop.example"), false, "a.shop.example", 80, ""},
      {with("shop.example"), false, "workshop.example", 80, "plain:3128 "},
      {with(".shop.example"), false, "shop.example", 80, "plain:3128 "},
      {with("*.Shop.Example"), false, "a.shop.example", 80, ""},
      {with("other, shop.example:8080"), false, "shop.example", 8080, ""},
      {with("other, shop.example:8080"), false, "shop.example", 80, "plain:3128 "},
      {with("10.0.0.0/8"), false, "10.1.2.3", 80, ""},
      {with("10.0.0.0/8,10.1.2.3"), false, "11.1.2.3", 80, "plain:3128 "},
      {with("11.1.2.3"), false, "11.1.2.3", 80, ""},
      {with("fd00::1"), false, "fd00:0::1", 80, ""},
  };
  for (const Case& c : cases) {
    const base::Result<ProxyRules> rules = ProxyRules::from_environment(c.environment);
    ASSERT_TRUE(rules);
    const Proxy* proxy = rules->choose(c.is_https, c.host, c.port);
    EXPECT_EQ(proxy ? fmt::format("{}:{} {}", proxy->host, proxy->port, proxy->authorization) : "", c.proxy) << c.host;
  }
}

TEST(Proxy, SaysWhatItCannotSpeakTo) {
  for (const auto* const text : {"socks5://p:1080", "https://p", "http://", "http://p:port"}) {
    const base::Result<ProxyRules> rules = ProxyRules::from_environment({{"HTTPS_PROXY", text}});
    ASSERT_FALSE(rules) << text;
    EXPECT_TRUE(rules.error().message.starts_with("HTTPS_PROXY ")) << rules.error().message;
  }
}

// Reads one head; to CONNECT it answers with a status, and from then on passes all on to a port of this machine.
class ProxyServer {
 public:
  ProxyServer(std::string answer, std::uint16_t target) : answer_(std::move(answer)), target_(target) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(listener_, 4), 0);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port = ntohs(address.sin_port);
    thread_ = std::jthread([this] { serve(); });
  }
  ~ProxyServer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  std::uint16_t port = 0;
  std::string head = {};  // that it got; once the client is gone

 private:
  static sockaddr_in loopback(std::uint16_t port) {
    return {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
  }
  static bool copy(int from, int to) {
    std::array<char, 16384> buffer;
    const ssize_t count = ::read(from, buffer.data(), buffer.size());
    return count > 0 && ::send(to, buffer.data(), static_cast<std::size_t>(count), MSG_NOSIGNAL) == count;
  }
  void serve() {
    const int fd = ::accept(listener_, nullptr, nullptr);
    if (fd < 0) return;
    std::array<char, 4096> buffer;
    while (!head.contains("\r\n\r\n")) {
      const ssize_t count = ::read(fd, buffer.data(), buffer.size());
      if (count <= 0) break;
      head.append(buffer.data(), static_cast<std::size_t>(count));
    }
    EXPECT_EQ(::send(fd, answer_.data(), answer_.size(), MSG_NOSIGNAL), std::ssize(answer_));
    if (target_ != 0) relay(fd);
    ::close(fd);
  }
  void relay(int fd) const {
    const int other = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = loopback(target_);
    EXPECT_EQ(::connect(other, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    std::array<pollfd, 2> both = {
        {{.fd = fd, .events = POLLIN, .revents = 0}, {.fd = other, .events = POLLIN, .revents = 0}}};
    while (::poll(both.data(), both.size(), -1) > 0) {
      if (both[0].revents != 0 && !copy(fd, other)) break;
      if (both[1].revents != 0 && !copy(other, fd)) break;
    }
    ::close(other);
  }

  std::string answer_;
  std::uint16_t target_;
  int listener_ = -1;
  std::jthread thread_;
};

using std::chrono::seconds;

TEST(Proxy, IsAskedForTheWholeUrl) {
  std::string head;
  {
    ProxyServer proxy("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 0);
    const auto rules =
        ProxyRules::from_environment({{"http_proxy", fmt::format("http://me:x@127.0.0.1:{}", proxy.port)}});
    ASSERT_TRUE(rules);
    {
      LoneClient vu;
      vu.client.set_proxies(&*rules);
      EXPECT_EQ(vu.send({.method = "GET", .host = "shop.test", .port = 8080}, "", seconds(20), "/a?b"), "200 hello");
    }
    head = proxy.head;
  }
  EXPECT_EQ(head,
            "GET http://shop.test:8080/a?b HTTP/1.1\r\nProxy-Authorization: Basic bWU6eA==\r\nHost: localhost\r\n\r\n");
}

TEST(Proxy, OpensATunnelForTls) {
  const test::Certificate certificate = test::make_certificate("shop.test");
  http::Options options;
  options.tls = http::Tls{.certificate_chain = certificate.chain, .private_key = certificate.key};
  const auto target = http::Server::start(
      std::move(options), *http::Router::create({{.method = "GET", .pattern = "/", .handler = [](const http::Request&) {
                                                    return http::Response::text("through");
                                                  }}}));
  ASSERT_TRUE(target);
  ProxyServer proxy("HTTP/1.1 200 Connection established\r\n\r\n", (*target)->port());
  const auto rules = ProxyRules::from_environment({{"HTTPS_PROXY", fmt::format("127.0.0.1:{}", proxy.port)}});
  ASSERT_TRUE(rules);
  {
    LoneClient vu({.verifies_peer = false});
    vu.client.set_proxies(&*rules);
    EXPECT_EQ(vu.send({.method = "GET", .host = "shop.test", .port = 443, .is_https = true}, "", seconds(20)),
              "200 through");
  }
  EXPECT_TRUE(proxy.head.starts_with("CONNECT shop.test:443 HTTP/1.1\r\nHost: shop.test:443\r\n\r\n")) << proxy.head;
}

TEST(Proxy, MayRefuseATunnel) {
  ProxyServer proxy("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n", 0);
  const auto rules = ProxyRules::from_environment({{"HTTPS_PROXY", fmt::format("127.0.0.1:{}", proxy.port)}});
  ASSERT_TRUE(rules);
  LoneClient vu;
  vu.client.set_proxies(&*rules);
  EXPECT_EQ(vu.send({.method = "GET", .host = "shop.test", .port = 443, .is_https = true}, "", seconds(20)),
            "1000 Proxy Authentication Required");
}

// As with TLS: a tunnel, also to a plain server.
TEST(Proxy, OpensATunnelForWebSockets) {
  const test::Certificate certificate = test::make_certificate("shop.test");
  for (const bool is_secure : {false, true}) {
    http::Options options{.hosts = {"*"}};
    if (is_secure) options.tls = http::Tls{.certificate_chain = certificate.chain, .private_key = certificate.key};
    const auto greet = [](const http::Request& request, http::WebSocket socket) {
      std::ignore = socket.send("to " + std::string(request.header("Host").value_or("")), http::MessageKind::text);
      return http::WebSocketEvents{};
    };
    const auto target = http::Server::start(
        std::move(options),
        *http::Router::create({{.method = "GET", .pattern = "/", .handler = http::WebSocketHandler(greet)}}));
    ASSERT_TRUE(target);
    ProxyServer proxy("HTTP/1.1 200 Connection established\r\n\r\n", (*target)->port());
    const auto rules = ProxyRules::from_environment(
        {{is_secure ? "HTTPS_PROXY" : "HTTP_PROXY", fmt::format("http://me:x@127.0.0.1:{}", proxy.port)},
         {"NO_PROXY", "shop.example"}});
    ASSERT_TRUE(rules);
    {
      LoneClient vu({.verifies_peer = false});
      vu.client.set_proxies(&*rules);
      const WebSocketOutcome opened =
          open_websocket(vu.client, {.host = "shop.test",
                                     .port = 8080,
                                     .is_secure = is_secure,
                                     .authority = "shop.test:8080",
                                     .deadline = std::chrono::steady_clock::now() + seconds(20)});
      ASSERT_TRUE(opened.socket) << opened.failure;
      std::optional<WebSocketEvent> event;
      while (!(event = opened.socket->next())) ASSERT_EQ(vu.wait(opened.socket->socket()), Wake::ready);
      EXPECT_EQ(event->data, "to shop.test:8080");
      EXPECT_EQ(opened.remote_ip, "127.0.0.1");
    }
    EXPECT_TRUE(
        proxy.head.starts_with("CONNECT shop.test:8080 HTTP/1.1\r\nHost: shop.test:8080\r\n"
                               "Proxy-Authorization: Basic bWU6eA==\r\n\r\n"))
        << proxy.head;
  }
}

TEST(Proxy, MayRefuseAWebSocket) {
  ProxyServer proxy("HTTP/1.1 403 Not there\r\nContent-Length: 0\r\n\r\n", 0);
  const auto rules =
      ProxyRules::from_environment({{"HTTP_PROXY", fmt::format("127.0.0.1:{}", proxy.port)}, {"NO_PROXY", ".invalid"}});
  ASSERT_TRUE(rules);
  LoneClient vu;
  vu.client.set_proxies(&*rules);
  const auto why = [&](std::string_view host) {
    return open_websocket(vu.client, {.host = host,
                                      .port = 80,
                                      .authority = host,
                                      .deadline = std::chrono::steady_clock::now() + seconds(20)})
        .failure;
  };
  EXPECT_EQ(why("shop.test"), "Not there");
  EXPECT_EQ(why("shop.invalid"), "lookup shop.invalid: no such host");
}

}  // namespace
}  // namespace gantry::load
