#pragma once

// What K6_OTEL_* say, and those of OpenTelemetry's own variables that k6 obeys as well (k6 reference, §14): where samples go, over which
// protocol, and what is said of the run. Private to load.

#include "load/output/kinds.h"
#include "load/output/remote.h"

#include <cstdint>
#include <map>
#include <string>

namespace gantry::load {

// What figures of counters, rates and trends are of: the time since the last, or the whole run. The numbers are the protocol's.
enum class Temporality : std::uint8_t { delta = 1, cumulative = 2 };

struct OtelSettings {
  RemoteEndpoint endpoint = {};
  std::map<std::string, std::string> resource = {};  // attributes of what sends: "service.name"
  std::string prefix = {};                           // of metrics' names
  Temporality temporality = Temporality::cumulative;
};

// Errors: usage: what cannot be understood, or is not there yet; those of reading certificates.
base::Result<OtelSettings> read_otel_settings(const OutputSetup& setup);

}  // namespace gantry::load
