#include "load/http/client.h"

#include <fmt/format.h>
#include <netdb.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

namespace gantry::load {

namespace {

using std::chrono::steady_clock;

// What may be sent a second time without harm (RFC 9110, §9.2.2), and Go does.
bool is_idempotent(std::string_view method) {
  constexpr std::array<std::string_view, 4> kMethods = {"GET", "HEAD", "OPTIONS", "TRACE"};
  return std::ranges::find(kMethods, method) != kMethods.end();
}

std::string address_to_proxy(const HttpRequest& request, const Proxy& proxy) {
  const bool is_ipv6 = request.host.contains(':');
  const std::string port = request.port == 80 ? "" : fmt::format(":{}", request.port);
  std::string bytes(request.bytes);
  bytes.insert(request.method.size() + 1,
               fmt::format("http://{}{}{}{}", is_ipv6 ? "[" : "", request.host, is_ipv6 ? "]" : "", port));
  if (!proxy.authorization.empty())
    bytes.insert(bytes.find("\r\n") + 2, fmt::format("Proxy-Authorization: {}\r\n", proxy.authorization));
  return bytes;
}

TlsPeer::Offer offer_of(HttpRequest::Protocol protocol) {
  switch (protocol) {
    case HttpRequest::Protocol::http1: return TlsPeer::Offer::http1;
    case HttpRequest::Protocol::http2: return TlsPeer::Offer::http2;
    case HttpRequest::Protocol::agreed: break;
  }
  return TlsPeer::Offer::usual;
}

}  // namespace

std::expected<HttpClient::Way, HttpFailure> HttpClient::find_way(Waiting waiting, const HttpRequest& request,
                                                                 HttpTimes& times) {
  const bool may_share = request.is_https || request.protocol == HttpRequest::Protocol::http2;
  for (auto idle = idle_.begin(); idle != idle_.end();) {
    const bool is_alike = request.protocol != HttpRequest::Protocol::http2 && idle->port == request.port &&
                          idle->connection->tls().has_value() == request.is_https && idle->host == request.host;
    if (!is_alike) {
      ++idle;
      continue;
    }
    std::unique_ptr<Connection> connection = std::move(idle->connection);
    idle = idle_.erase(idle);
    if (!connection->may_reuse()) continue;
    connection->serve(waiting);
    return connection;
  }
  if (may_share)
    if (std::shared_ptr<Http2> shared = find_shared(request)) return shared;
  auto dialled = dial(waiting, request, request.is_https ? find_proxy(request) : nullptr, times);
  if (!dialled) return std::unexpected(std::move(dialled).error());
  const auto& tls = (*dialled)->tls();
  if (tls ? tls->speaks_http2() : may_share) return share(request, *std::move(dialled));
  if (request.protocol == HttpRequest::Protocol::http2)
    return std::unexpected(HttpFailure{1300, "tls: the server does not agree to HTTP/2"});
  return *std::move(dialled);
}

std::shared_ptr<Http2> HttpClient::find_shared(const HttpRequest& request) {
  std::erase_if(shared_, [](const Shared& each) { return each.connection->is_idle() && !each.connection->may_take(); });
  const auto found = std::ranges::find_if(shared_, [&](const Shared& each) {
    return each.port == request.port && each.host == request.host && each.connection->may_take() &&
           each.connection->connection().tls().has_value() == request.is_https;
  });
  return found == shared_.end() ? nullptr : found->connection;
}

// Whoever connected at the same time and was faster has the one that is kept.
std::expected<HttpClient::Way, HttpFailure> HttpClient::share(const HttpRequest& request,
                                                              std::unique_ptr<Connection> connection) {
  if (request.keeps_connection)
    if (std::shared_ptr<Http2> shared = find_shared(request)) return shared;
  auto started = Http2::start(std::move(connection));
  if (!started) return std::unexpected(std::move(started).error());
  std::shared_ptr<Http2> shared = *std::move(started);
  if (request.keeps_connection) shared_.push_back({std::string(request.host), request.port, shared});
  return shared;
}

std::expected<std::unique_ptr<Connection>, HttpFailure> HttpClient::dial(Waiting waiting, const HttpRequest& request,
                                                                         const Proxy* tunnel, HttpTimes& times) {
  const std::string host(request.host);
  std::expected<Address, HttpFailure> address =
      tunnel ? resolver_.resolve(tunnel->host, tunnel->port) : resolver_.resolve(host, request.port);
  if (!address) return std::unexpected(std::move(address).error());
  const SteadyTime begun = steady_clock::now();
  auto connection =
      Connection::open(waiting, {*std::move(address), local_ ? &*local_ : nullptr}, traffic_, request.deadline);
  times.connecting = steady_clock::now() - begun;
  if (!connection) return connection;
  if (tunnel)
    if (auto opened = open_tunnel(**connection, request, *tunnel); !opened)
      return std::unexpected(std::move(opened).error());
  if (!request.is_https) return connection;
  const SteadyTime connected = steady_clock::now();
  const auto context = tls_.context();
  if (!context) return std::unexpected(context.error());
  const auto started =
      (*connection)->start_tls(**context, {.host = host, .offer = offer_of(request.protocol)}, request.deadline);
  times.tls_handshaking = steady_clock::now() - connected;
  if (!started) return std::unexpected(started.error());
  return connection;
}

// RFC 9110, §9.3.6.
std::expected<void, HttpFailure> HttpClient::open_tunnel(Connection& connection, const HttpRequest& request,
                                                         const Proxy& proxy) {
  const bool is_ipv6 = request.host.contains(':');
  const std::string whom = fmt::format("{}{}{}:{}", is_ipv6 ? "[" : "", request.host, is_ipv6 ? "]" : "", request.port);
  const std::string credentials =
      proxy.authorization.empty() ? "" : fmt::format("Proxy-Authorization: {}\r\n", proxy.authorization);
  const std::string bytes = fmt::format("CONNECT {0} HTTP/1.1\r\nHost: {0}\r\n{1}\r\n", whom, credentials);
  const auto answer = connection.exchange({.request = bytes, .is_head = true, .deadline = request.deadline});
  if (!answer) return std::unexpected(answer.error().failure);
  if (answer->head.status != 200) return std::unexpected(HttpFailure{1000, answer->head.reason});
  return {};
}

void HttpClient::keep(const HttpRequest& request, std::unique_ptr<Connection> connection) {
  if (!request.keeps_connection || !connection->may_reuse()) return;
  const auto is_alike = [&](const Idle& idle) { return idle.host == request.host && idle.port == request.port; };
  if (std::ranges::count_if(idle_, is_alike) >= static_cast<std::ptrdiff_t>(idle_max_per_host_)) return;
  if (idle_.size() >= idle_max_ && !idle_.empty()) idle_.erase(idle_.begin());
  idle_.push_back({std::string(request.host), request.port, std::move(connection)});
}

HttpOutcome HttpClient::send(Waiting waiting, const HttpRequest& request) {
  if (pace_) pace_->wait(waiting);
  SteadyTime begun = pace_ || request.asked_at == SteadyTime() ? steady_clock::now() : request.asked_at;
  // Reading the authorities is Gantry's own work, and in no figure of the target.
  if (request.is_https && tls_.prepare()) begun = steady_clock::now();
  const Proxy* proxy = request.is_https ? nullptr : find_proxy(request);
  if (!proxy) return send_direct(waiting, request, begun);
  // The proxy is asked, for the whole URL (RFC 9112, §3.2.2).
  HttpRequest asked = request;
  const std::string bytes = address_to_proxy(request, *proxy);
  asked.bytes = bytes;
  asked.host = proxy->host;
  asked.port = proxy->port;
  return send_direct(waiting, asked, begun);
}

HttpOutcome HttpClient::send_direct(Waiting waiting, const HttpRequest& request, SteadyTime begun) {
  HttpOutcome outcome;
  for (bool is_second = false;; is_second = true) {
    std::expected<Way, HttpFailure> way = find_way(waiting, request, outcome.times);
    if (!way) {
      outcome.times.blocked = steady_clock::now() - begun;
      outcome.was_interrupted = way.error().code == 0;
      outcome.failure = std::move(way).error();
      return outcome;
    }
    const ExchangeOptions options{.request = request.bytes,
                                  .body = request.body,
                                  .body_bytes_max = request.body_bytes_max,
                                  .trailers = request.trailers,
                                  .is_head = request.method == "HEAD",
                                  .deadline = request.deadline};
    auto* const own = std::get_if<std::unique_ptr<Connection>>(&*way);
    auto* const shared = std::get_if<std::shared_ptr<Http2>>(&*way);
    auto exchange = own ? (*own)->exchange(options) : (*shared)->exchange(waiting, options);
    const bool may_repeat =
        !exchange && (exchange.error().was_refused || (exchange.error().was_stale && is_idempotent(request.method)));
    if (may_repeat && !is_second) continue;
    outcome.way = (own ? **own : (*shared)->connection()).link();
    outcome.times.exchange = exchange ? exchange->times : exchange.error().times;
    const SteadyTime sent = outcome.times.exchange.begun;
    outcome.times.blocked = (sent == SteadyTime() ? steady_clock::now() : sent) - begun;
    if (!exchange) {
      outcome.was_interrupted = exchange.error().was_interrupted;
      outcome.was_stale = exchange.error().was_stale;
      outcome.failure = std::move(exchange).error().failure;
      return outcome;
    }
    outcome.head = std::move(exchange->head);
    outcome.body = std::move(exchange->body);
    if (own) keep(request, std::move(*own));
    return outcome;
  }
}

}  // namespace gantry::load
