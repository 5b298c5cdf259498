#pragma once

// Where the latency curve bends: the rate up to which the service does what it should, by several estimators, and how far they
// agree (disruption reference, §14.2). One point has no knee; the fewer estimators agree, the less is claimed.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::capacity {

// One step of a load test; rates of all replicas together.
struct LoadLevel {
  double rate = 0;                      // offered, a second
  std::optional<double> achieved = {};  // answered; as offered when absent
  std::optional<double> mean_ms = {};
  double p95_ms = 0;
  double error_percent = 0;
  std::optional<double> cpu_milli = {};  // of all replicas
  bool throttled = false;                // CPU throttling was seen
  friend bool operator==(const LoadLevel&, const LoadLevel&) = default;
};

enum class KneeMethod : std::uint8_t {
  limit,       // the first level that breaks a criterion: p95, errors, achieved, gain
  curvature,   // the point of the p95 curve farthest from its chord (Kneedle)
  scaling,     // the peak of the universal scalability law through the levels
  throttling,  // the first level with CPU throttling
};
std::string_view to_string(KneeMethod method);

struct KneeEstimate {
  KneeMethod method = KneeMethod::limit;
  double rate = 0;
  std::string reason;  // "p95 reaches 500 ms between 200/s (210 ms) and 250/s (640 ms)"
  friend bool operator==(const KneeEstimate&, const KneeEstimate&) = default;
};

enum class Confidence : std::uint8_t { none, low, medium, high };
std::string_view to_string(Confidence confidence);

struct Knee {
  // The smallest estimate, or the highest level that kept every criterion where nothing bends: then it is a lower bound.
  double rate = 0;
  bool is_lower_bound = true;
  Confidence confidence = Confidence::none;
  std::string why;     // how the confidence comes about
  std::string broken;  // the criterion that is broken first: "p95", "errors", "achieved", "gain"; "" when none is
  double spread = 0;   // (largest - smallest) / smallest estimate
  std::vector<KneeEstimate> estimates;
};

struct KneeCriteria {
  double p95_ms = 500;
  double error_percent = 1;
  double achieved_share = 0.99;  // of what was offered
  double gain_share = 0.5;       // of the initial slope of achieved over offered
};

// `levels` in any order, at least one. Nothing when the lowest level breaks a criterion already: there is no good rate in it.
std::optional<Knee> find_knee(std::vector<LoadLevel> levels, const KneeCriteria& criteria);

}  // namespace gantry::capacity
