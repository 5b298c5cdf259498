#pragma once

// How far a run is while it goes on, in figures that all who show it share.

#include "load/load.h"

#include <cstdint>
#include <optional>

namespace gantry::load {

// That an executor is to do; nothing where only time ends it.
std::optional<std::int64_t> iterations_of(const ExecutorPlan& plan);

// 0 to 1: of its time or of its iterations, whichever is further.
double part_done(const ScenarioProgress& progress);

// Of the requests that ended in it; 0 where there were none.
double failed_share(const TimeSeries::Interval& interval);
// Requests that ended, a second, in the last whole interval of the series. Before there is one: so far.
double requests_per_second(const TimeSeries& series);

}  // namespace gantry::load
