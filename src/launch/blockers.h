#pragma once

// What stands between now and GO.

#include "launch/gate.h"
#include "report/report.h"

namespace gantry::launch {

// Neither failed nor undecided nor unverified.
bool is_settled(report::State state);

// Adds the smallest set of blockers that would give GO, worst first, and findings about ticks without evidence.
void collect_blockers(const GateInputs& inputs, report::Board& board);

}  // namespace gantry::launch
