#pragma once

// What one metric proposes at one sync of the HorizontalPodAutoscaler's controller: its replica calculator, exactly (Kubernetes,
// pkg/controller/podautoscaler/replica_calculator.go and metrics/utilization.go; disruption reference, §12.3 and §12.4).
//
// Pods that are alike in everything the controller looks at are one group, with the sum of their samples: a thousand pods cost
// what one costs. All amounts are integers in thousandths, as the controller has them, and become a double once.

#include "kube/policy.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::capacity {

// Since some start; may be below zero for what happened before.
using Moment = std::chrono::milliseconds;

// Which controller: they differ in what is within tolerance, and in what a missing sample counts as on the way down.
//   current   keeps while 1 - tolerance <= ratio <= 1 + tolerance (1.33 and later); missing pods use max(100 %, target)
//   older     keeps while |1 - ratio| <= tolerance; missing pods use 100 %
// In binary floating point 77 % of 70 % is within the first and outside the second.
enum class ControllerRelease : std::uint8_t { current, older };
std::string_view to_string(ControllerRelease release);

struct Tolerances {
  double up = 0.1;
  double down = 0.1;
  friend bool operator==(const Tolerances&, const Tolerances&) = default;
};
bool is_within(double ratio, const Tolerances& tolerances, ControllerRelease release);

// What the metrics API says of a group of pods.
struct PodSample {
  std::int64_t total_milli = 0;  // of all pods of the group
  Moment taken{0};
  std::chrono::milliseconds window{0};
};

struct PodGroup {
  enum class Phase : std::uint8_t { pending, running, failed };
  std::int64_t count = 1;
  Phase phase = Phase::running;
  bool terminating = false;
  bool ready = true;
  Moment started{0};        // status.startTime
  Moment ready_changed{0};  // the Ready condition's last transition
};

// How the controller sorts pods: fresh ones are told apart from those whose CPU can be believed.
struct PodTimes {
  std::chrono::milliseconds cpu_initialization{5 * 60'000};   // --horizontal-pod-autoscaler-cpu-initialization-period
  std::chrono::milliseconds initial_readiness_delay{30'000};  // --horizontal-pod-autoscaler-initial-readiness-delay
};
enum class PodClass : std::uint8_t { ready, unready, missing, ignored };
PodClass classify(const PodGroup& pods, const std::optional<PodSample>& sample, bool is_cpu, Moment now,
                  const PodTimes& times);

// What one metric reads at one sync.
struct MetricReading {
  // Per pod metrics: one for each group, nothing where there is no sample.
  std::vector<std::optional<PodSample>> samples = {};
  // Object and External metrics: the value; nothing when it cannot be had.
  std::optional<std::int64_t> value_milli = {};
  // Why nothing can be read at all: "the metrics API is not available". Empty: it can.
  std::string failure = {};
};

struct CalculatorOptions {
  ControllerRelease release = ControllerRelease::current;
  Tolerances tolerances = {};
  PodTimes times = {};
};

struct Proposal {
  std::int64_t replicas = 0;
  double ratio = 0;          // usage to target, the second one where pods were filled in
  std::int64_t reading = 0;  // percent for Utilization, else thousandths per pod or in all
  bool kept = false;         // the current number, whatever the ratio times the pods would be
  std::string failure = {};  // not empty: the metric cannot be used at this sync
};

// `request_milli` is what one pod requests of the resource, for Utilization targets; nothing when a container requests none.
Proposal propose(const kube::ScaleMetric& metric, std::optional<std::int64_t> request_milli,
                 const std::vector<PodGroup>& pods, const MetricReading& reading, std::int64_t current, Moment now,
                 const CalculatorOptions& options);

// Kubernetes counts replicas in 32 bits: more than that is as many.
inline constexpr std::int64_t kReplicasEnd = 2'147'483'647;

}  // namespace gantry::capacity
