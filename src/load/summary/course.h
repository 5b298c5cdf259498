#pragma once

// How a run went from its first second to its last: how long it warmed up, whether it got slower, and its worst moment.

#include "load/load.h"
#include "load/measure/steadiness.h"

#include <chrono>
#include <cstddef>
#include <optional>

namespace gantry::load {

struct Course {
  std::chrono::seconds warm_up{0};   // unlike the rest, by the median latency
  std::optional<Drift> median = {};  // of the latency, from then on
  std::optional<Drift> p95 = {};
  std::optional<std::size_t> worst = {};  // find_worst()
};

// The interval of a series in which a request waited longest; nothing where none was answered.
std::optional<std::size_t> find_worst(const TimeSeries& series);

// Of a load that changes by itself only the worst moment is known: what else changes is what was asked for.
Course course_of(const RunOutcome& outcome);

// More than this from first to last, and not by chance: the run was not steady.
inline constexpr double kDriftMax = 0.1;
inline constexpr double kDoubtMax = 0.01;
inline bool is_drift(const std::optional<Drift>& drift) {
  return drift && drift->doubt <= kDoubtMax && (drift->change > kDriftMax || drift->change < -kDriftMax);
}

}  // namespace gantry::load
