#pragma once

#include "report/drain_lanes.h"
#include "report/page.h"

namespace gantry::report {

// The lanes as lines of characters, with an axis above and below it what the characters mean. A character stands for a stretch of
// time, and shows the worst that happened in it: nothing bad is too short to be seen.
void write_chart(Page& page, const disruption::Rehearsal& rehearsal, const Lanes& lanes);

}  // namespace gantry::report
