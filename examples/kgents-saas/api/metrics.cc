#include "api/metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <span>
#include <utility>

namespace kgents {

namespace {

// "kgents_nats_circuit_state" and what one sample of it is.
struct Family {
  std::string_view name;
  std::string_view type;
  std::string_view help;
};

constexpr Family kBuildInfo = {"kgents_api_build_info", "gauge", "The version that runs; always 1."};
constexpr Family kRequests = {"kgents_api_requests_total", "counter",
                              "Requests answered, by method, route and status."};
constexpr Family kLatency = {"kgents_api_request_latency_seconds", "histogram",
                             "From a request's first byte to its answer's last, by route."};
constexpr Family kWebhooks = {"kgents_api_webhooks_total", "counter", "Webhooks received, by what became of them."};

// One number of a publisher. The names of both publishers' numbers stand in two tables, because names are the contract.
struct PublisherFamily {
  Family family;
  double (*value)(const PublisherStatus& status);
};

double circuit(const PublisherStatus& s) { return static_cast<double>(s.circuit); }
double connected(const PublisherStatus& s) { return s.sink == SinkState::connected ? 1 : 0; }
double published(const PublisherStatus& s) { return static_cast<double>(s.published); }
double errors(const PublisherStatus& s) { return static_cast<double>(s.errors); }
double waiting(const PublisherStatus& s) { return static_cast<double>(s.waiting); }
double dropped(const PublisherStatus& s) { return static_cast<double>(s.dropped); }

constexpr PublisherFamily kNats[] = {
    {{"kgents_nats_connected", "gauge", "Whether there is a connection to NATS."}, connected},
    {{"kgents_nats_circuit_state", "gauge", "The circuit breaker: 0 closed, 1 open, 2 half open."}, circuit},
    {{"kgents_nats_messages_published_total", "counter", "Events that the stream has acknowledged."}, published},
    {{"kgents_nats_publish_errors_total", "counter", "Attempts to publish that failed."}, errors},
    {{"kgents_nats_fallback_queue_depth", "gauge", "Events that wait in memory."}, waiting},
    {{"kgents_nats_events_dropped_total", "counter", "Events lost because the queue was full."}, dropped},
};
constexpr PublisherFamily kOpenMeter[] = {
    {{"kgents_openmeter_events_buffered", "gauge", "Usage events that wait in memory."}, waiting},
    {{"kgents_openmeter_events_sent_total", "counter", "Usage events that OpenMeter has taken."}, published},
    {{"kgents_openmeter_flush_errors_total", "counter", "Batches that OpenMeter did not take."}, errors},
    {{"kgents_openmeter_events_dropped_total", "counter", "Usage events lost because the buffer was full."}, dropped},
};
constexpr Family kRedisConnected = {"kgents_redis_connected", "gauge", "Whether there is a connection to Redis."};

constexpr Family kMemory = {"process_resident_memory_bytes", "gauge", "Memory of the process that is not swapped out."};

class Page {
 public:
  void begin(const Family& family) {
    fmt::format_to(std::back_inserter(text_), "# HELP {0} {2}\n# TYPE {0} {1}\n", family.name, family.type,
                   family.help);
  }
  void sample(std::string_view name, std::string_view labels, auto value) {
    if (labels.empty()) {
      fmt::format_to(std::back_inserter(text_), "{} {}\n", name, value);
    } else {
      fmt::format_to(std::back_inserter(text_), "{}{{{}}} {}\n", name, labels, value);
    }
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

// All numbers are there from the first scrape on, also of parts that are not configured: an alert on a number that does
// not exist never fires.
void add_publisher(Page& page, std::span<const PublisherFamily> families,
                   const std::optional<PublisherStatus>& status) {
  for (const PublisherFamily& number : families) {
    page.begin(number.family);
    page.sample(number.family.name, "", number.value(status.value_or(PublisherStatus{})));
  }
}

}  // namespace

void Metrics::count_request(std::string_view method, std::string_view route, int status,
                            std::chrono::nanoseconds duration) {
  const double seconds = std::chrono::duration<double>(duration).count();
  const auto bucket =
      static_cast<std::size_t>(std::ranges::lower_bound(kLatencyBuckets, seconds) - kLatencyBuckets.begin());
  const std::lock_guard lock(mutex_);
  ++requests_[{std::string(method), std::string(route), status}];
  Latency& latency = latencies_[std::string(route)];
  ++latency.counts[bucket];
  latency.sum += duration;
}

void Metrics::count_webhook(std::string_view result) {
  const std::lock_guard lock(mutex_);
  ++webhooks_[std::string(result)];
}

std::string Metrics::render(const Status& status) const {
  Page page;
  page.begin(kBuildInfo);
  page.sample(kBuildInfo.name, fmt::format("version=\"{}\"", status.version), 1.0);
  add_publisher(page, kNats, status.nats);
  add_publisher(page, kOpenMeter, status.openmeter);
  page.begin(kRedisConnected);
  page.sample(kRedisConnected.name, "", status.redis_connected.value_or(false) ? 1.0 : 0.0);
  if (status.resident_bytes) {
    page.begin(kMemory);
    page.sample(kMemory.name, "", *status.resident_bytes);
  }

  const std::lock_guard lock(mutex_);
  page.begin(kRequests);
  for (const auto& [key, count] : requests_) {
    const auto& [method, route, answered] = key;
    page.sample(kRequests.name, fmt::format("method=\"{}\",route=\"{}\",status=\"{}\"", method, route, answered),
                count);
  }
  page.begin(kLatency);
  for (const auto& [route, latency] : latencies_) {
    const std::string bucket_name = fmt::format("{}_bucket", kLatency.name);
    std::uint64_t below = 0;
    for (std::size_t i = 0; i < latency.counts.size(); ++i) {
      below += latency.counts[i];
      const std::string end = i < kLatencyBuckets.size() ? fmt::format("{}", kLatencyBuckets[i]) : "+Inf";
      page.sample(bucket_name, fmt::format("route=\"{}\",le=\"{}\"", route, end), below);
    }
    const std::string labels = fmt::format("route=\"{}\"", route);
    page.sample(fmt::format("{}_sum", kLatency.name), labels, std::chrono::duration<double>(latency.sum).count());
    page.sample(fmt::format("{}_count", kLatency.name), labels, below);
  }
  page.begin(kWebhooks);
  for (const auto& [result, count] : webhooks_)
    page.sample(kWebhooks.name, fmt::format("result=\"{}\"", result), count);
  return page.take();
}

}  // namespace kgents
