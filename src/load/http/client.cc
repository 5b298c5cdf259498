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

}  // namespace

std::expected<std::unique_ptr<Connection>, HttpFailure> HttpClient::connect(const HttpRequest& request,
                                                                            HttpTimes& times) {
  for (auto idle = idle_.begin(); idle != idle_.end();) {
    const bool is_alike = idle->port == request.port && idle->connection->tls().has_value() == request.is_https &&
                          idle->host == request.host;
    if (!is_alike) {
      ++idle;
      continue;
    }
    std::unique_ptr<Connection> connection = std::move(idle->connection);
    idle = idle_.erase(idle);
    if (connection->may_reuse()) return connection;
  }
  return dial(request, times);
}

std::expected<std::unique_ptr<Connection>, HttpFailure> HttpClient::dial(const HttpRequest& request, HttpTimes& times) {
  const std::string host(request.host);
  std::expected<Address, HttpFailure> address = resolver_.resolve(host, request.port);
  if (!address) return std::unexpected(std::move(address).error());
  const SteadyTime begun = steady_clock::now();
  auto connection = Connection::open(waiting_, *address, std::min(request.deadline, begun + kDialTimeout));
  const SteadyTime connected = steady_clock::now();
  times.connecting = connected - begun;
  if (!connection || !request.is_https) return connection;
  const auto context = tls_.context();
  if (!context) return std::unexpected(context.error());
  const auto started = (*connection)->start_tls(**context, host, request.deadline);
  times.tls_handshaking = steady_clock::now() - connected;
  if (!started) return std::unexpected(started.error());
  return connection;
}

void HttpClient::keep(const HttpRequest& request, std::unique_ptr<Connection> connection) {
  if (!request.keeps_connection || !connection->may_reuse()) return;
  if (idle_.size() == kIdleMax) idle_.erase(idle_.begin());
  idle_.push_back({std::string(request.host), request.port, std::move(connection)});
}

HttpOutcome HttpClient::send(const HttpRequest& request) {
  if (pace_) pace_->wait(waiting_);
  HttpOutcome outcome;
  for (bool is_second = false;; is_second = true) {
    const SteadyTime begun = steady_clock::now();
    auto connection = connect(request, outcome.times);
    outcome.times.blocked = steady_clock::now() - begun;
    if (!connection) {
      outcome.was_interrupted = connection.error().code == 0;
      outcome.failure = std::move(connection).error();
      return outcome;
    }
    const std::uint64_t sent = (*connection)->bytes_sent();
    const std::uint64_t received = (*connection)->bytes_received();
    auto exchange = (*connection)
                        ->exchange({.request = request.bytes,
                                    .body = request.body,
                                    .is_head = request.method == "HEAD",
                                    .deadline = request.deadline});
    traffic_.sent += (*connection)->bytes_sent() - sent;
    traffic_.received += (*connection)->bytes_received() - received;
    if (!exchange && exchange.error().was_stale && !is_second && is_idempotent(request.method)) continue;
    outcome.remote_ip = (*connection)->peer().ip;
    outcome.remote_port = (*connection)->peer().port;
    if (const auto& tls = (*connection)->tls()) {
      outcome.tls_version = tls->version();
      outcome.tls_cipher = tls->cipher();
    }
    outcome.times.exchange = exchange ? exchange->times : exchange.error().times;
    if (!exchange) {
      outcome.was_interrupted = exchange.error().was_interrupted;
      outcome.failure = std::move(exchange).error().failure;
      return outcome;
    }
    outcome.head = std::move(exchange->head);
    outcome.body = std::move(exchange->body);
    keep(request, *std::move(connection));
    return outcome;
  }
}

}  // namespace gantry::load
