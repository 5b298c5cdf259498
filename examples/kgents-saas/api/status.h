#pragma once

// The state of the process and its parts at one moment, and what the two health pages say of it.

#include "api/event_publisher.h"
#include "base/node.h"

#include <cstdint>
#include <optional>
#include <string>

namespace kgents {

struct Status {
  std::string version = {};
  // Nothing: not configured.
  std::optional<PublisherStatus> nats = {};
  std::optional<PublisherStatus> openmeter = {};
  std::optional<bool> redis_connected = {};
  // Of this process; nothing where the system does not say.
  std::optional<std::uint64_t> resident_bytes = {};
  bool stopping = false;
};

// "disabled", "circuit_open", "disconnected" or "healthy"
std::string_view publisher_status(const std::optional<PublisherStatus>& publisher);

// GET /health: {status: ok | degraded | error, version, components}. It is an error to be asked while stopping: all else can
// be served around.
gantry::base::Node health(const Status& status);

// GET /health/saas: {status: ok | degraded | not_started | not_configured, started, openmeter, nats, redis}.
gantry::base::Node saas_health(const Status& status);

}  // namespace kgents
