#pragma once

// What a load test found, as k6 prints it at its end (k6 reference, §13.1): the same words and figures, so that what people grep for is
// still there. As in report.h: pure, and no name from a script leaves the line it stands on.

#include "load/load.h"
#include "report/report.h"

#include <string>

namespace gantry::report {

std::string render_load_summary(const load::RunOutcome& outcome, const RenderOptions& options);

}  // namespace gantry::report
