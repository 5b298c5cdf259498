#pragma once

// The summary in the form of --new-machine-readable-summary (k6 reference, §13.4).

#include "base/node.h"
#include "base/time.h"
#include "load/load.h"

namespace gantry::load {

// `now` is when it is made.
base::Node make_new_summary(const RunOutcome& outcome, base::Timestamp now);

}  // namespace gantry::load
