#pragma once

// What scripts see of the options that are in force: exec.test.options (k6 reference, §11.3). Private to load.

#include "base/node.h"
#include "load/options/scenario.h"

#include <span>

namespace gantry::load {

// Every option that k6 has, in its order, null where nobody set it; the shorthand as the scenario that it means.
base::Node consolidated_options(const base::Node& options, std::span<const Scenario> scenarios);

}  // namespace gantry::load
