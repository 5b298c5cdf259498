#pragma once

// The requests of one VU over HTTP/1.1, plain or through TLS: its connections, kept alive and never shared (k6 reference, §18), and
// the times of a request from asking for a connection on. Redirects, cookies and encodings are its caller's.

#include "load/http/connection.h"
#include "load/http/pace.h"
#include "load/http/resolver.h"

#include <chrono>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gantry::load {

struct HttpRequest {
  std::string_view method;
  std::string_view host;  // of the connection
  std::uint16_t port = 80;
  bool is_https = false;
  std::string_view bytes = {};  // the whole request as it is sent
  bool keeps_connection = true;
  ResponseParser::Body body = ResponseParser::Body::keep;
  SteadyTime deadline = kNever;
};

struct HttpTimes {
  std::chrono::nanoseconds blocked{
      0};  // from asking for a connection until there is one: names, connecting and handshaking are in it
  std::chrono::nanoseconds connecting{0};
  std::chrono::nanoseconds tls_handshaking{0};
  ExchangeTimes exchange = {};
};

struct HttpOutcome {
  HttpTimes times = {};
  ResponseHead head = {};  // of status 0 where it failed
  std::string body = {};
  HttpFailure failure{.code = 0};
  bool was_interrupted = false;
  std::string remote_ip = {};
  std::uint16_t remote_port = 0;
  std::string tls_version = {};  // "tls1.3"; empty for plain
  std::string tls_cipher = {};   // IANA's name
};

class HttpClient {
 public:
  // `tls` outlives this.
  HttpClient(Waiting waiting, Resolver& resolver, SharedTls& tls) : waiting_(waiting), resolver_(resolver), tls_(tls) {}
  // What requests wait for before they are timed; null for nothing.
  void set_pace(RequestPace* pace) { pace_ = pace; }
  HttpOutcome send(const HttpRequest& request);

  // Closes what is idle: all of it.
  void close_idle() { idle_.clear(); }
  // On the wire since the last time it was asked.
  struct Traffic {
    std::uint64_t sent = 0;
    std::uint64_t received = 0;
  };
  Traffic take_traffic() { return std::exchange(traffic_, {}); }

 private:
  static constexpr std::size_t kIdleMax = 20;  // in all, k6's `batch`
  static constexpr auto kDialTimeout = std::chrono::seconds(30);

  std::expected<std::unique_ptr<Connection>, HttpFailure> connect(const HttpRequest& request, HttpTimes& times);
  std::expected<std::unique_ptr<Connection>, HttpFailure> dial(const HttpRequest& request, HttpTimes& times);
  void keep(const HttpRequest& request, std::unique_ptr<Connection> connection);

  struct Idle {
    std::string host;
    std::uint16_t port;
    std::unique_ptr<Connection> connection;
  };
  Waiting waiting_;
  Resolver& resolver_;
  SharedTls& tls_;
  RequestPace* pace_ = nullptr;
  std::vector<Idle> idle_;
  Traffic traffic_ = {};
};

}  // namespace gantry::load
