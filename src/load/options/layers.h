#pragma once

// Options are said in layers (k6 reference, §5.1): a configuration file, the script, the environment, flags.

#include "base/node.h"

namespace gantry::load {

// What `higher` says wins, key by key. A way to say how long in it (duration, iterations, stages, scenarios) replaces all those below.
base::Node merge_options(base::Node lower, const base::Node& higher);

}  // namespace gantry::load
