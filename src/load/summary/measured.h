#pragma once

// What Gantry measures beside k6's figures, for machines: docs/formats/load-summary.md.

#include "base/node.h"
#include "load/load.h"

#include <array>

namespace gantry::load {

// Those that are shown of a latency.
inline constexpr std::array<double, 6> kShownPercentiles = {50, 90, 95, 99, 99.9, 99.99};
// How many of the samples lie beyond a percentile: what it stands on.
std::uint64_t samples_beyond(const TrendSink& sink, double percent);

base::Node make_measured(const RunOutcome& outcome);
// Without what compares each moment of the run with every other, which takes milliseconds: for a run that waits meanwhile.
base::Node make_measured_so_far(const RunOutcome& outcome);

}  // namespace gantry::load
