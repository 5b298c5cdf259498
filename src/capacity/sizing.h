#pragma once

// From what was measured to what should be written: requests and limits, replicas, the autoscaler (disruption reference, §14.3).
// Every figure carries the arithmetic that led to it, so that a reviewer can redo it by hand.
//
//   const Sizing sizing = TRY(size(input));
//   for (const Figure& figure : sizing.figures) …   // "cpu request: 180m = 22.4/s × 5.6 ms ÷ 0.70"

#include "base/finding.h"
#include "base/result.h"
#include "capacity/baseline.h"
#include "capacity/knee.h"
#include "capacity/scaled_workload.h"
#include "capacity/traffic.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::capacity {

// What must go on working.
struct Survival {
  std::int64_t zones = 3;   // pods are spread evenly over them, and one may be lost; 1: none can be
  std::int64_t absent = 1;  // pods away at the same time: a drain, a rollout
};

struct SizingInput {
  Baseline baseline;
  std::vector<LoadLevel> levels;             // of the same replicas; the baseline itself when empty
  std::optional<double> cpu_ms_per_request;  // when measured apart; else from the baseline's or the levels' CPU
  std::optional<double> idle_memory_bytes;
  std::optional<double> memory_bytes_per_request;  // in flight
  std::optional<double> cpu_peak_milli;            // the highest burst of one replica
  Millis start_up{30'000};                         // from creation to Ready
  Target target;
  Survival survival;
  double headroom_percent = 80;            // of the knee that is used
  double utilization_percent = 70;         // of the request that is wished for
  std::optional<ScaledWorkload> workload;  // as it is written; nothing when it is sized from nothing
};

struct Figure {
  std::string id;     // "cpu_request"
  std::string label;  // "CPU request"
  double value = 0;
  std::string unit;        // "milli", "bytes", "per_second", "replicas", "percent", "seconds", "ms", "none"
  std::string shown;       // "180m"
  std::string arithmetic;  // "22.4/s × 5.6 ms ÷ 0.70 = 179.2m, rounded up to 10m"
  std::string why;         // the law or the rule behind it
  friend bool operator==(const Figure&, const Figure&) = default;
};

struct Sizing {
  std::vector<Figure> figures;          // in the order in which each follows from those before
  Knee knee;                            // of one replica
  std::vector<base::Finding> findings;  // about the baseline, and about the workload as it is written
  std::string autoscaler_yaml;          // the object that the figures make

  // Null when the inputs did not allow it (no CPU was measured, no rate was good).
  const Figure* find(std::string_view id) const;
};

// Where no measured rate is good there are no figures, and a finding says why. Errors: input: a target that needs more replicas
// than any cluster has.
base::Result<Sizing> size(const SizingInput& input);

// How many replicas must be there so that `needed` are left when one zone is lost and `absent` more are away.
std::int64_t replicas_to_survive(std::int64_t needed, const Survival& survival);

}  // namespace gantry::capacity
