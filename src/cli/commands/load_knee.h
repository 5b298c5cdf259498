#pragma once

// gantry load run --find-knee: the script again and again, at rates of arrivals that close in on the highest that its thresholds hold at.

#include "cli/command.h"
#include "load/load.h"

#include <functional>

namespace gantry::cli {

// `run` plays the script with these overrides on top of the caller's; `length` is that of each trial. The exit code: 0 where a rate was
// found, 99 where none holds, that of a run that did not come to its end. Errors: usage: a script without thresholds.
base::Result<int> find_knee(const Invocation& invocation, load::Duration length,
                            const std::function<load::RunOutcome(const base::Node& overrides)>& run);

}  // namespace gantry::cli
