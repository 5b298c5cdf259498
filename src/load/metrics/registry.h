#pragma once

// The metrics of a run by name: k6's own (k6 reference, §8) and those that a script declares.

#include "base/result.h"
#include "load/metrics/sink.h"

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>

namespace gantry::load {

enum class Contains : std::uint8_t { plain, time, data };  // "default", "time" (milliseconds), "data" (bytes)
std::string_view to_string(Contains contains);

struct Metric {
  std::string name = {};
  MetricType type = MetricType::counter;
  Contains contains = Contains::plain;
};

// Stands for a metric of one registry; small, from 0.
using MetricId = std::uint32_t;

// k6's own, in the order in which they are declared: their ids.
enum class BuiltInMetric : MetricId {
  vus,
  vus_max,
  iterations,
  iteration_duration,
  dropped_iterations,
  checks,
  group_duration,
  http_reqs,
  http_req_failed,
  http_req_duration,
  http_req_blocked,
  http_req_connecting,
  http_req_tls_handshaking,
  http_req_sending,
  http_req_waiting,
  http_req_receiving,
  data_sent,
  data_received,
  ws_sessions,
  ws_msgs_sent,
  ws_msgs_received,
  ws_ping,
  ws_session_duration,
  ws_connecting,
};

class MetricRegistry {
 public:
  MetricRegistry();

  // The same name again is the same metric, where type and contents agree. Errors: input: a name that is none ([a-zA-Z_] and up to 128
  // of [a-zA-Z0-9_] behind it, two in all at least), another type than before.
  base::Result<MetricId> declare(std::string_view name, MetricType type, Contains contains);

  // Nothing where no metric has that name.
  const MetricId* find(std::string_view name) const;
  const Metric& operator[](MetricId id) const { return metrics_[id]; }
  const Metric& operator[](BuiltInMetric id) const { return metrics_[static_cast<MetricId>(id)]; }
  std::size_t size() const { return metrics_.size(); }

 private:
  std::deque<Metric> metrics_;
  std::map<std::string, MetricId, std::less<>> ids_;
};

}  // namespace gantry::load
