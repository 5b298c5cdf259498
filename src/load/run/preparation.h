#pragma once

// What a script wants, found out by evaluating it once as VU 0: its options, merged with those of the command line, and its functions
// (k6 reference, §2 and §5). Private to load.

#include "load/run/playhouse.h"

#include <vector>

namespace gantry::load {

// Beyond this point the options are known to be right.
struct RunPlan {
  std::vector<Scenario> scenarios = {};  // this process's part of them
  Duration min_iteration{0};
  bool begins_paused = false;
  bool has_setup = false;
  bool has_teardown = false;
  bool has_summary = false;
};

// The outcome gets the script's text, the options in force and the thresholds; the house, what follows from options.
RunResult<RunPlan> prepare_run(Playhouse& house);

}  // namespace gantry::load
