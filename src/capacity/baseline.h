#pragma once

// What a load test measured, and what may be concluded from it (disruption reference, §14.1).
//
//   const Baseline baseline = TRY(parse_summary(document));   // a summary of k6 or of Gantry
//   judge_baseline(baseline, target, findings);                // closed loop? percentiles? long enough?

#include "base/finding.h"
#include "base/node.h"
#include "base/result.h"
#include "capacity/traffic.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::capacity {

struct Threshold {
  std::string metric;  // "http_req_duration{scenario:baseline}"
  std::string expression;
  bool ok = false;
  bool measured = true;  // false: its metric has no sample, and so it decided nothing
};

// Nothing where the summary or the block does not say.
struct Baseline {
  base::SourcePos where;
  std::string format;  // "k6 handleSummary data", …
  double rate = 0;     // requests a second that were answered
  std::optional<double> requests;
  std::optional<Millis> duration;
  std::optional<double> offered_rate;
  std::optional<double> dropped_iterations;
  std::map<std::string, double, std::less<>>
      latency_ms;  // "avg", "p50", "p90", "p95", "p99", "max", as far as reported
  std::optional<double> error_share;
  std::optional<double> vus;       // of a closed loop
  std::optional<double> think_ms;  // between an answer and the next request
  std::vector<Threshold> thresholds;
  // The rest is in no summary: it was measured beside the test.
  std::int64_t replicas = 1;
  std::optional<double> cpu_milli;     // of all replicas, at that rate
  std::optional<double> memory_bytes;  // the most that a replica used

  std::optional<double> latency(std::string_view name) const;
};

// What a launch demands of the service.
struct Target {
  double rate = 0;   // requests a second at the planned peak
  double burst = 1;  // above it, for moments
  double p95_ms = 500;
  double error_percent = 1;
  std::optional<double> now = {};  // requests a second at launch; the peak when absent
  double growth_per_minute = 0;    // how fast traffic grows until scaling has reacted
};

// A summary as JSON: what handleSummary gets (`data`), what --summary-export writes, the newer machine-readable form, and the flat
// form {requests, requests_per_second, duration_seconds, error_rate, http_req_duration_ms: {p95, …}, thresholds}.
// Gantry's own load summaries have the first two forms. Errors: input: none of these, or no rate in it.
base::Result<Baseline> parse_summary(const base::Node& document);

// What keeps the baseline from meaning what it seems to: findings capacity.*.
void judge_baseline(const Baseline& baseline, const Target& target, std::vector<base::Finding>& findings);

}  // namespace gantry::capacity
