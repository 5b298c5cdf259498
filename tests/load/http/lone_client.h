#pragma once

#include "load/crew/hands.h"
#include "load/http/client.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace gantry::load {

// The client of a VU that is alone in its crew, on the test's own thread.
class LoneClient {
 public:
  explicit LoneClient(const TlsOptions& options = {}) {
    tls_.set_options(options);
    crew_->adopt(member_);
  }
  ~LoneClient() { client.close_idle(); }
  // Another fiber of the crew, whose work has ended when this is destroyed.
  void beside(std::function<void(Crew&, Member&)> work) {
    EXPECT_TRUE(hands_.lend([this, work = std::move(work)](Member& self) { work(*crew_, self); }));
  }
  // Until the socket has something to read, or for 20 s.
  Wake wait(Socket& socket) {
    return crew_->wait(member_, socket, Socket::readable, std::chrono::steady_clock::now() + std::chrono::seconds(20));
  }
  // "200 body", or the code and text of what went wrong.
  std::string get(std::uint16_t port, std::chrono::milliseconds timeout = std::chrono::seconds(5),
                  std::string_view method = "GET", std::string_view host = "127.0.0.1") {
    return send({.method = method, .host = host, .port = port}, "", timeout);
  }
  std::string send(HttpRequest request, const std::string& body, std::chrono::milliseconds timeout,
                   std::string_view path = "/") {
    const std::string length = body.empty() ? "" : fmt::format("Content-Length: {}\r\n", body.size());
    const std::string bytes =
        fmt::format("{} {} HTTP/1.1\r\nHost: localhost\r\n{}\r\n{}", request.method, path, length, body);
    request.bytes = bytes;
    request.deadline = std::chrono::steady_clock::now() + timeout;
    last = client.send(request);
    if (last.failure.code != 0) return fmt::format("{} {}", last.failure.code, last.failure.text);
    return fmt::format("{} {}", last.head.status, last.body.text());
  }

 private:
  std::unique_ptr<Crew> crew_ = *Crew::create();
  Member member_;
  Hands hands_{*crew_, member_};
  Resolver resolver_;
  SharedTls tls_;

 public:
  HttpClient client{{*crew_, member_}, resolver_, tls_};
  HttpOutcome last;
};

}  // namespace gantry::load
