#pragma once

// What must be known about a run's figures before they are believed, each in one plain sentence: where k6's percentiles leave out who
// waited, where the generator measured itself, where the run was not one thing from start to end.

#include "load/load.h"

#include <optional>
#include <string>
#include <vector>

namespace gantry::load {

// Why the figures are Gantry's own and not the target's; nothing where they are not.
std::optional<std::string> why_bottleneck(const RunOutcome& outcome);

// None where there is nothing to say.
std::vector<std::string> make_remarks(const RunOutcome& outcome);

// Milliseconds in the unit that fits, as k6 shows them: "1.5ms", "2m3s".
std::string show_time(double ms);

}  // namespace gantry::load
