#pragma once

// Scenarios in k6's words (k6 reference, §6.4).

#include "load/options/scenario.h"

#include <string>

namespace gantry::load {

// "50 looping VUs for 5m0s (gracefulStop: 30s)"
std::string describe(const Scenario& scenario);

}  // namespace gantry::load
