#pragma once

// The requests of one VU over HTTP/1.1, plain or through TLS, and over HTTP/2 where a server agrees to it by TLS: its connections, kept alive and never shared (k6 reference, §18), and
// the times of a request from asking for a connection on. Redirects, cookies and encodings are its caller's.

#include "load/http/connection.h"
#include "load/http/http2.h"
#include "load/http/pace.h"
#include "load/http/proxy.h"
#include "load/http/resolver.h"

#include <chrono>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace gantry::load {

struct HttpRequest {
  // By both sides while they shake hands; no other is offered; that one, which a server without TLS is known to speak.
  enum class Protocol : std::uint8_t { agreed, http1, http2 };
  std::string_view method;
  std::string_view host;  // of the connection
  std::uint16_t port = 80;
  bool is_https = false;
  Protocol protocol = Protocol::agreed;
  std::string_view bytes = {};  // the whole request as it is sent
  bool keeps_connection = true;
  ResponseParser::Body body = ResponseParser::Body::keep;
  std::size_t body_bytes_max = KeptBody::kBytesMax;
  Headers* trailers = nullptr;  // where to put those of HTTP/2
  SteadyTime asked_at = {};     // which its times are from; never, where that is when it is sent
  SteadyTime deadline = kNever;
};

struct HttpTimes {
  // From asking for a connection until the request begins to be sent: names, connecting and handshaking are in it, an attempt that was
  // lost with a stale connection, and the turns of others that it was sent together with.
  std::chrono::nanoseconds blocked{0};
  std::chrono::nanoseconds connecting{0};
  std::chrono::nanoseconds tls_handshaking{0};
  ExchangeTimes exchange = {};
};

struct HttpOutcome {
  HttpTimes times = {};
  ResponseHead head = {};  // of status 0 where it failed
  KeptBody body = {};
  HttpFailure failure{.code = 0};
  bool was_interrupted = false;
  bool was_stale = false;                // as BrokenExchange has it
  std::shared_ptr<const Link> way = {};  // null where there was no connection

  const Link& link() const {
    static const Link none;
    return way ? *way : none;
  }
};

class HttpClient {
 public:
  // `tls` outlives this.
  HttpClient(Waiting waiting, Resolver& resolver, SharedTls& tls) : waiting_(waiting), resolver_(resolver), tls_(tls) {}
  // What requests wait for before they are timed; null for nothing.
  void set_pace(RequestPace* pace) { pace_ = pace; }
  // Whom requests go through; null for nobody. Outlives this.
  void set_proxies(const ProxyRules* proxies) { proxies_ = proxies; }
  // Which address of this machine connections come from; any at first.
  void set_local(Address local) { local_ = std::move(local); }
  HttpOutcome send(const HttpRequest& request) { return send(waiting_, request); }
  // By another member of the crew, beside the others.
  HttpOutcome send(Waiting waiting, const HttpRequest& request);

  // How many connections are kept while nobody uses them: in all, and to one host. As many as k6 sends at a time.
  void set_idle_max(std::size_t in_all, std::size_t per_host) {
    idle_max_ = in_all;
    idle_max_per_host_ = per_host;
  }
  // A connection for whoever speaks something else on it: never kept, and a tunnel where a proxy is to be gone through.
  std::expected<std::unique_ptr<Connection>, HttpFailure> dial(const HttpRequest& request, HttpTimes& times) {
    return dial(waiting_, request, find_proxy(request), times);
  }
  // Closes what is idle: all of it.
  void close_idle() {
    idle_.clear();
    std::erase_if(shared_, [](const Shared& each) { return each.connection->is_idle(); });
  }
  // Since the last time it was asked.
  Traffic take_traffic() { return std::exchange(traffic_, {}); }

 private:
  struct Idle {
    std::string host;
    std::uint16_t port;
    std::unique_ptr<Connection> connection;
  };
  struct Shared {
    std::string host;
    std::uint16_t port;
    std::shared_ptr<Http2> connection;  // of all who have a request under way on it
  };
  // What a request goes by: one of its own, or a shared one.
  using Way = std::variant<std::unique_ptr<Connection>, std::shared_ptr<Http2>>;

  HttpOutcome send_direct(Waiting waiting, const HttpRequest& request, SteadyTime begun);
  std::expected<void, HttpFailure> open_tunnel(Connection& connection, const HttpRequest& request, const Proxy& proxy);
  std::expected<Way, HttpFailure> find_way(Waiting waiting, const HttpRequest& request, HttpTimes& times);
  const Proxy* find_proxy(const HttpRequest& request) const {
    return proxies_ ? proxies_->choose(request.is_https, request.host, request.port) : nullptr;
  }
  // `tunnel` is through whom; null for nobody.
  std::expected<std::unique_ptr<Connection>, HttpFailure> dial(Waiting waiting, const HttpRequest& request,
                                                               const Proxy* tunnel, HttpTimes& times);
  std::shared_ptr<Http2> find_shared(const HttpRequest& request);
  std::expected<Way, HttpFailure> share(const HttpRequest& request, std::unique_ptr<Connection> connection);
  void keep(const HttpRequest& request, std::unique_ptr<Connection> connection);

  Waiting waiting_;
  Resolver& resolver_;
  SharedTls& tls_;
  RequestPace* pace_ = nullptr;
  const ProxyRules* proxies_ = nullptr;
  std::optional<Address> local_ = {};
  Traffic traffic_ = {};  // outlives the connections
  std::size_t idle_max_ = 20;
  std::size_t idle_max_per_host_ = 6;
  std::vector<Idle> idle_ = {};  // the longest first
  std::vector<Shared> shared_ = {};
};

}  // namespace gantry::load
