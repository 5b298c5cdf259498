#pragma once

// What a run measures beside k6's metrics: what users would have waited, how it went second by second, and how Gantry itself fared
// (k6 reference, §19.6).

#include "load/measure/response_times.h"
#include "load/measure/time_series.h"
#include "load/metrics/sink.h"

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>

namespace gantry::load {

// Of whoever generates the load. What it adds to a latency is not the target's.
class Generator {
 public:
  std::chrono::nanoseconds played{0};  // the scenarios, from the first beginning to the last end
  std::chrono::microseconds cpu{0};    // of this process, meanwhile
  TrendSink lateness = {};             // ms: how late iterations began that were due, and how late sleepers woke
  TrendSink delays = {};               // ms: how long it waited for a processor, see generator_meter.h

  double cpu_share() const;  // of one core; of several generators, of the one that was busiest
  void merge(const Generator& other);

 private:
  double busiest_ = 0;  // of those that were merged
};

struct ScenarioTimes {
  std::string name = {};
  ResponseTimes responses;
};

// To all requests, whatever a script expects of them.
struct Answers {
  std::uint64_t all = 0;
  std::uint64_t none = 0;           // refused, cut off, timed out
  std::uint64_t server_errors = 0;  // 500 and above
};

struct Measurement {
  std::deque<ScenarioTimes> scenarios = {};  // in the order in which they began; stay where they are
  TimeSeries series = {};
  Generator generator = {};
  std::map<std::string, std::uint64_t, std::less<>> places =
      {};  // "127.0.0.1:8000" -> requests and sockets that went there

  Answers answers = {};
  std::uint64_t thrown = 0;  // iterations that an exception ended

  // Of all scenarios together.
  TrendSink corrected() const;
  TrendSink totals() const;
  std::uint64_t dropped() const;
  std::uint64_t unasked() const;
};

}  // namespace gantry::load
