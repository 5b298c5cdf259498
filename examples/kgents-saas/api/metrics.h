#pragma once

// Counts requests, and writes that and the state of the parts as Prometheus text
// (https://prometheus.io/docs/instrumenting/exposition_formats/).

#include "api/status.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <tuple>

namespace kgents {

// Upper ends in seconds; a last bucket takes the rest. Around what the launch promises: p95 < 0.3 s, p95 < 0.5 s, p99 < 1 s.
inline constexpr std::array kLatencyBuckets = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                               0.2,   0.3,    0.5,   1.0,  2.5,   5.0};

// Safe from any thread.
class Metrics {
 public:
  // The route is a pattern of ours, never what a stranger wrote: each new one costs memory for ever.
  void count_request(std::string_view method, std::string_view route, int status, std::chrono::nanoseconds duration);
  // "accepted", "duplicate", "malformed", "forged", "stale", "limited", "invalid"
  void count_webhook(std::string_view result);

  std::string render(const Status& status) const;

 private:
  struct Latency {
    std::array<std::uint64_t, kLatencyBuckets.size() + 1> counts{};
    std::chrono::nanoseconds sum{};
  };
  using RequestKey = std::tuple<std::string, std::string, int>;

  mutable std::mutex mutex_;
  // Guarded by mutex_.
  std::map<RequestKey, std::uint64_t> requests_;
  std::map<std::string, Latency, std::less<>> latencies_;  // by route
  std::map<std::string, std::uint64_t, std::less<>> webhooks_;
};

}  // namespace kgents
