#include "api/status.h"

#include <algorithm>

namespace kgents {

using gantry::base::Node;

namespace {

std::string_view redis_status(const Status& status) {
  if (!status.redis_connected) return "disabled";
  return *status.redis_connected ? "healthy" : "disconnected";
}

bool is_degraded(const Status& status) {
  const auto is_well = [](std::string_view part) { return part == "healthy" || part == "disabled"; };
  return !is_well(publisher_status(status.nats)) || !is_well(publisher_status(status.openmeter)) ||
         !is_well(redis_status(status));
}

bool has_started(const Status& status) { return !status.nats || status.nats->sink != SinkState::not_started; }

std::string_view saas_status(const Status& status) {
  if (!status.nats && !status.openmeter) return "not_configured";
  if (!has_started(status)) return "not_started";
  return is_degraded(status) ? "degraded" : "ok";
}

Node count(std::uint64_t number) { return static_cast<std::int64_t>(number); }

}  // namespace

std::string_view publisher_status(const std::optional<PublisherStatus>& publisher) {
  if (!publisher) return "disabled";
  if (publisher->circuit != CircuitState::closed) return "circuit_open";
  return publisher->sink == SinkState::connected ? "healthy" : "disconnected";
}

Node health(const Status& status) {
  Node components = Node::empty_map();
  components.set("api", status.stopping ? "stopping" : "healthy");
  components.set("nats", publisher_status(status.nats));
  components.set("redis", redis_status(status));
  components.set("openmeter", publisher_status(status.openmeter));
  Node node = Node::empty_map();
  node.set("status", status.stopping ? "error" : is_degraded(status) ? "degraded" : "ok");
  node.set("version", status.version);
  node.set("components", std::move(components));
  return node;
}

Node saas_health(const Status& status) {
  const PublisherStatus metered = status.openmeter.value_or(PublisherStatus{});
  Node metrics = Node::empty_map();
  metrics.set("events_buffered", count(metered.waiting));
  metrics.set("events_sent", count(metered.published));
  metrics.set("events_dropped", count(metered.dropped));
  metrics.set("errors", count(metered.errors));
  Node openmeter = Node::empty_map();
  openmeter.set("configured", status.openmeter.has_value());
  openmeter.set("status", publisher_status(status.openmeter));
  openmeter.set("metrics", std::move(metrics));

  const std::string_view nats_status = publisher_status(status.nats);
  Node nats = Node::empty_map();
  nats.set("configured", status.nats.has_value());
  nats.set("status", nats_status);
  nats.set("mode", nats_status == "healthy" ? "jetstream" : "fallback");

  Node redis = Node::empty_map();
  redis.set("configured", status.redis_connected.has_value());
  redis.set("status", redis_status(status));

  Node node = Node::empty_map();
  node.set("status", saas_status(status));
  node.set("started", has_started(status));
  node.set("openmeter", std::move(openmeter));
  node.set("nats", std::move(nats));
  node.set("redis", std::move(redis));
  return node;
}

}  // namespace kgents
