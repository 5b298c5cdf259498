#pragma once

// Which metrics a summary has. Private to load.

#include "load/load.h"

#include <string>
#include <vector>

namespace gantry::load {

// One metric or sub-metric that the summary shows: those with samples, and those that a threshold is about, with the metrics that they
// are parts of.
struct Shown {
  std::string name;
  const Metric* metric;
  Sink sink;
  const JudgedMetric* judged;
};

// Sorted by name.
std::vector<Shown> shown_metrics(const RunOutcome& outcome);

}  // namespace gantry::load
