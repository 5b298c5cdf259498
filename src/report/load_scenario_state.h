#pragma once

// How far a scenario is, in words. Private to report.

#include "load/load.h"

#include <string>

namespace gantry::report {

// "2/5 VUs  3s/10s  4/20 iterations", "begins in 5s".
std::string load_scenario_state(const load::ScenarioProgress& progress);

}  // namespace gantry::report
