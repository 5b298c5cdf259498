#pragma once

// What Gantry adds to k6's summary. Private to report.

#include "load/load.h"

#include <string>

namespace gantry::report {

// Nothing for a run that sent no request and has nothing to be said about.
void add_load_users(std::string& text, const load::RunOutcome& outcome);

}  // namespace gantry::report
