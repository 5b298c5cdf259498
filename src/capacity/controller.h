#pragma once

// The HorizontalPodAutoscaler's controller, one sync at a time: what the metrics propose, what the windows and policies leave of
// it (Kubernetes, pkg/controller/podautoscaler/horizontal.go; disruption reference, §12.2 and §12.5 to §12.7).
//
//   Controller controller(autoscaler, requests, {});
//   const Decision decision = controller.sync(15s, 2, {.pods = pods, .readings = readings});
//   if (decision.desired != 2) …
//
// What it remembers (recommendations, scale events) is in memory there, too: a new Controller is one that has restarted.

#include "capacity/proposal.h"
#include "kube/policy.h"

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>
#include <vector>

namespace gantry::capacity {

struct ControllerOptions {
  ControllerRelease release = ControllerRelease::current;
  std::chrono::milliseconds sync_period{15'000};               // --horizontal-pod-autoscaler-sync-period
  double tolerance = 0.1;                                      // --horizontal-pod-autoscaler-tolerance
  std::chrono::milliseconds downscale_stabilization{300'000};  // --horizontal-pod-autoscaler-downscale-stabilization
  PodTimes times = {};
};

// Why the result is not what the metrics asked for, in the words of the object's conditions.
enum class Limit : std::uint8_t {
  none,             // DesiredWithinRange
  disabled,         // ScalingDisabled: the target has no replicas
  above_max,        // the number was above maxReplicas before the metrics were read
  below_min,        // the number was below minReplicas before the metrics were read
  metrics_failed,   // ScalingActive=False: nothing is changed
  up_stabilized,    // ScaleUpStabilized
  down_stabilized,  // ScaleDownStabilized
  up_rate,          // ScaleUpLimit
  down_rate,        // ScaleDownLimit
  too_many,         // TooManyReplicas: maxReplicas
  too_few,          // TooFewReplicas: minReplicas
};
std::string_view to_string(Limit limit);

struct Observation {
  std::vector<PodGroup> pods;
  std::vector<MetricReading> readings;  // one for each metric of the autoscaler
};

struct Decision {
  std::int64_t desired = 0;
  // What the metrics ask for, before windows, policies and bounds; nothing when they were not read or failed.
  std::optional<std::int64_t> recommendation = {};
  Limit limit = Limit::none;
  std::vector<Proposal> proposals = {};  // one for each metric, empty when they were not read
};

class Controller {
 public:
  // `requests_milli`: what a pod requests of each metric's resource, in the order of the metrics.
  Controller(kube::HorizontalPodAutoscaler autoscaler, std::vector<std::optional<std::int64_t>> requests_milli,
             const ControllerOptions& options);

  // One sync: `current` is spec.replicas of the target. The caller scales to what is desired.
  Decision sync(Moment now, std::int64_t current, const Observation& observation);

  const kube::HorizontalPodAutoscaler& autoscaler() const { return autoscaler_; }
  const ControllerOptions& options() const { return options_; }

 private:
  struct Event {
    Moment at{0};
    std::int64_t replicas = 0;  // recommended, added or removed
  };
  struct Limited {
    std::int64_t replicas = 0;
    Limit limit = Limit::none;
  };

  std::optional<std::int64_t> read_metrics(Moment now, std::int64_t current, const Observation& observation,
                                           Decision& decision) const;
  Limited normalize_plainly(Moment now, std::int64_t current, std::int64_t desired);
  Limited normalize_by_behavior(Moment now, std::int64_t current, std::int64_t desired);
  std::int64_t stabilize(Moment now, std::int64_t current, std::int64_t desired);
  Limited limit_rate(Moment now, std::int64_t current, std::int64_t desired) const;
  std::int64_t up_bound(Moment now, std::int64_t current) const;
  std::int64_t down_bound(Moment now, std::int64_t current) const;
  std::int64_t period_start(Moment now, std::int64_t current, std::chrono::milliseconds period) const;
  void remember(Moment now, std::int64_t current, std::int64_t desired);

  kube::HorizontalPodAutoscaler autoscaler_;
  std::vector<std::optional<std::int64_t>> requests_milli_;
  ControllerOptions options_;
  CalculatorOptions calculator_;
  std::chrono::milliseconds up_window_{0};
  std::chrono::milliseconds down_window_{0};
  bool has_synced_ = false;
  // Oldest first. The controller overwrites what is obsolete; what is dropped here cannot be seen any more either.
  std::deque<Event> recommendations_;
  std::deque<Event> added_;
  std::deque<Event> removed_;
};

}  // namespace gantry::capacity
