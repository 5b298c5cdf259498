#include "api/service.h"

#include "api/nats_stream.h"
#include "api/openmeter.h"
#include "api/request.h"
#include "api/routes.h"
#include "api/status.h"
#include "api/tenant.h"
#include "http/http.h"

#include <algorithm>
#include <atomic>
#include <iterator>
#include <thread>

namespace kgents {

using gantry::base::Clock;
using gantry::base::Node;
using gantry::base::Result;
namespace http = gantry::http;

namespace {

constexpr std::chrono::seconds kRequestsGrace{10};
constexpr std::chrono::seconds kMeterFlush{3};
constexpr std::int64_t kWebhooksPerMinute = 100;
constexpr unsigned kWorkersMax = 4;  // a pod has half a CPU

// What the kubelet and Prometheus ask all day is not worth a line each.
bool is_routine(const http::AccessRecord& record) {
  return record.status < 400 && (record.route == "/health" || record.route == "/metrics");
}

LogLevel level_of(const http::AccessRecord& record) {
  if (record.status >= 500) return LogLevel::error;
  if (record.status >= 400) return LogLevel::warning;
  return is_routine(record) ? LogLevel::debug : LogLevel::info;
}

// The id in the middle of `traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01` (W3C Trace Context §3.2).
std::string_view trace_id_of(std::string_view traceparent) {
  constexpr std::size_t kBegin = 3;
  constexpr std::size_t kSize = 32;
  const std::string_view id = traceparent.substr(std::min(kBegin, traceparent.size()), kSize);
  return id.size() == kSize && is_request_id(id) ? id : std::string_view();
}

void log_request(Log& log, const http::AccessRecord& record) {
  const LogLevel level = level_of(record);
  if (!log.takes(level)) return;
  Node::Map fields;
  const auto add = [&fields](std::string_view key, Node value) {
    fields.push_back({.key = std::string(key), .value = std::move(value), .key_pos = {}});
  };
  add("request_id", record.response_headers.find("X-Request-ID").value_or(""));
  const std::string_view trace_id = trace_id_of(record.request_headers.find("traceparent").value_or(""));
  if (!trace_id.empty()) add("trace_id", trace_id);
  add("tenant", tenant_of(record.request_headers.find("Authorization").value_or("")).value_or(""));
  add("method", record.method);
  add("route", record.route);
  add("path", record.path);
  add("status", record.status);
  add("duration_ms", std::chrono::duration<double, std::milli>(record.duration).count());
  if (record.outcome != http::Outcome::answered) add("outcome", http::to_string(record.outcome));
  log.write(level, "request", fields);
}

// What becomes of the parts that this process depends on. An alert fires minutes later; this is when it was.
std::function<void(CircuitState)> log_circuit(Log& log, std::string_view part) {
  return [&log, part](CircuitState state) {
    const bool is_open = state == CircuitState::open;
    log.write(is_open ? LogLevel::warning : LogLevel::info, is_open ? "circuit opened" : "circuit closed",
              {{.key = "part", .value = part, .key_pos = {}}});
  };
}

std::function<void(RedisConnection)> log_redis(Log& log) {
  return [&log](RedisConnection change) {
    const bool is_lost = change == RedisConnection::lost;
    log.write(is_lost ? LogLevel::warning : LogLevel::info, is_lost ? "connection lost" : "connected",
              {{.key = "part", .value = "redis", .key_pos = {}}});
  };
}

}  // namespace

// In the order they are made; each may use those before it, and none those behind.
struct Service::Impl {
  Impl(const Clock& clock_used, Log& log_used) : clock(clock_used), log(log_used) {}

  Status status() const;
  Result<http::Router> router(const Settings& settings);
  http::Options server_options(const Settings& settings);

  const Clock& clock;
  Log& log;
  std::atomic<bool> stopping = false;
  Metrics metrics;

  std::unique_ptr<Redis> redis;
  std::unique_ptr<EventPublisher> stream;
  std::chrono::milliseconds stream_flush{0};
  std::unique_ptr<EventPublisher> meter;
  std::unique_ptr<IdempotencyStore> seen;
  std::unique_ptr<RateLimit> webhook_limit;
  std::unique_ptr<SessionStore> sessions;
  std::unique_ptr<Announcer> announcer;

  std::unique_ptr<http::Server> server;
};

Status Service::Impl::status() const {
  Status status{.version = KGENT_API_VERSION, .stopping = stopping};
  if (stream) status.nats = stream->status();
  if (meter) status.openmeter = meter->status();
  if (redis) status.redis_connected = redis->is_connected();
  return status;
}

Result<http::Router> Service::Impl::router(const Settings& settings) {
  Routes routes = health_routes([this] { return status(); }, metrics);
  const auto add = [&routes](Routes more) { std::ranges::move(more, std::back_inserter(routes)); };
  add(agentese_routes(*announcer));
  add(session_routes(
      {.sessions = *sessions, .announcer = *announcer, .clock = clock, .redis_budget = settings.redis_budget}));
  add(webhook_routes({.secret = settings.stripe_webhook_secret,
                      .limit = *webhook_limit,
                      .seen = *seen,
                      .announcer = *announcer,
                      .metrics = metrics,
                      .clock = clock,
                      .redis_budget = settings.redis_budget}));
  return http::Router::create(std::move(routes));
}

http::Options Service::Impl::server_options(const Settings& settings) {
  http::Options options;
  options.host = settings.host;
  options.port = settings.port;
  options.workers = std::clamp(std::thread::hardware_concurrency(), 1U, kWorkersMax);
  options.insecure = true;  // keys are verified by the gateway; who may come past it is the network policies' business
  options.hosts = settings.allowed_hosts;
  options.cors = {.origins = settings.cors_origins,
                  .headers = {"Authorization", "Content-Type", "X-Request-ID"},
                  .exposed_headers = {"X-Request-ID"}};
  options.access_log = [this](const http::AccessRecord& record) {
    // Where no route matched, method and path are a stranger's words, of which there are too many for labels.
    const bool known = !record.route.empty();
    metrics.count_request(known ? record.method : "other", known ? record.route : "none", record.status,
                          record.duration);
    log_request(log, record);
  };
  options.error_response = [](int status_code, std::string_view message) {
    return answered(http::Response::error(status_code, message), {.request_id = new_id(), .tenant = {}});
  };
  options.clock = &clock;
  return options;
}

Service::Service(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Service::~Service() {
  static_cast<void>(stop());
  // First of all parts: its thread calls back into the others.
  impl_->redis.reset();
}

Result<std::unique_ptr<Service>> Service::start(const Settings& settings, const Clock& clock, Log& log) {
  auto impl = std::make_unique<Impl>(clock, log);
  if (settings.redis) impl->redis = connect_redis(*settings.redis, log_redis(log));
  if (settings.nats) {
    impl->stream = std::make_unique<EventPublisher>(
        TRY(open_nats_stream(*settings.nats)),
        EventPublisher::Options{.circuit = {.open_time = settings.nats->circuit_open_time},
                                .on_circuit = log_circuit(log, "nats")});
    impl->stream_flush = settings.nats->flush_time;
  }
  if (settings.openmeter) {
    EventPublisher::Options options = openmeter_publisher_options();
    options.on_circuit = log_circuit(log, "openmeter");
    impl->meter = std::make_unique<EventPublisher>(open_openmeter(*settings.openmeter), std::move(options));
  }
  impl->seen = std::make_unique<IdempotencyStore>(impl->redis.get());
  impl->webhook_limit = std::make_unique<RateLimit>("stripe", kWebhooksPerMinute, impl->redis.get());
  impl->sessions = std::make_unique<SessionStore>(impl->redis.get());
  impl->announcer = std::make_unique<Announcer>(impl->stream.get(), impl->meter.get(), clock);

  http::Router router = TRY(impl->router(settings));
  impl->server = TRY(http::Server::start(impl->server_options(settings), std::move(router)));
  return std::unique_ptr<Service>(new Service(std::move(impl)));
}

std::uint16_t Service::port() const { return impl_->server->port(); }

std::size_t Service::stop() {
  if (impl_->stopping.exchange(true)) return 0;
  impl_->server->stop(kRequestsGrace);
  // From here on nothing new happens.
  const std::size_t unsent = impl_->stream ? impl_->stream->flush(impl_->stream_flush) : 0;
  const std::size_t unmetered = impl_->meter ? impl_->meter->flush(kMeterFlush) : 0;
  return unsent + unmetered;
}

}  // namespace kgents
