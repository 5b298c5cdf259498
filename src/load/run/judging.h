#pragma once

// The thresholds of a run: read from its options, and judged on what was recorded (k6 reference, §7). Private to load.

#include "load/load.h"

#include <chrono>
#include <string_view>
#include <vector>

namespace gantry::load {

// Errors: input: a metric that there is none of, what is no threshold or does not fit its metric.
base::Result<std::vector<JudgedMetric>> read_thresholds(const base::Node& options, const MetricRegistry& registry);

// Drops those that are not to end a run early. Whether some are.
bool keep_aborting(std::vector<JudgedMetric>& thresholds);
inline constexpr std::string_view kAbortsAlone =
    "abortOnFail: each part of the load goes by its own samples alone, and ends itself, not the others";

// All of the outcome's, on its samples so far. `elapsed` since the run started.
void judge_thresholds(RunOutcome& outcome, std::chrono::nanoseconds elapsed);
bool has_crossed(const RunOutcome& outcome);
// Whether one that is to end the run says so now, as they were judged.
bool is_to_abort(const RunOutcome& outcome, std::chrono::nanoseconds elapsed);
// The names of the metrics whose thresholds do not hold, as k6 says it when one of them ends the run (k6 reference, §7.5).
base::Error abort_error(const RunOutcome& outcome);

}  // namespace gantry::load
