#pragma once

// What scripts see of the options that are in force: exec.test.options (k6 reference, §11.3). And all of them as they were
// written: what `k6 inspect` prints (§15.1).

#include "base/node.h"
#include "load/options/scenario.h"

#include <span>

namespace gantry::load {

// Every option that k6 has, in its order, null where nobody set it.
base::Node complete_options(const base::Node& options);
// The same with the shorthand as the scenario that it means, and k6's own lists where nobody said others.
base::Node consolidated_options(const base::Node& options, std::span<const Scenario> scenarios);

// What it takes to play the scenarios: until the last grace is over, and the most VUs at once.
struct ExecutionRequirements {
  Duration duration{0};
  std::int64_t vus = 0;
};
ExecutionRequirements execution_requirements(std::span<const Scenario> scenarios);

}  // namespace gantry::load
