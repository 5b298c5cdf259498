#pragma once

// setup, teardown and handleSummary: functions of a script that run once, beside its iterations, each in a VU of its own and within its
// time (k6 reference, §2). Private to load.

#include "load/run/playhouse.h"

#include <map>
#include <optional>
#include <string>

namespace gantry::load {

// How long the options let each of them take. Errors: as what a run with such options ends.
RunResult<void> check_timeouts(const base::Node& options);

// By the member whose turn it is, on whose stack the function runs.

// What setup returned, as JSON.
RunResult<std::optional<std::string>> call_setup(Playhouse& house, Member& member);
// With what setup returned.
RunResult<void> call_teardown(Playhouse& house, Member& member);
// What it wants written, by file; nothing where it wants nothing. Its samples are not kept: what it shows is over.
RunResult<std::optional<std::map<std::string, std::string>>> call_handle_summary(Playhouse& house, Member& member,
                                                                                 const RunOutcome& shown);

}  // namespace gantry::load
