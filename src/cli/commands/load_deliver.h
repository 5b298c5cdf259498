#pragma once

// What is left of a load run when it is over: k6's summary, or what the script made of it, and the reports.

#include "base/result.h"
#include "cli/command.h"
#include "cli/commands/load_log.h"
#include "cli/commands/load_settings.h"
#include "load/load.h"
#include "report/load.h"

#include <functional>
#include <string>
#include <vector>

namespace gantry::cli {

// What cannot be written is said: the run is over, and its exit code stays.
void write_pages(const Invocation& invocation, const std::vector<std::string>& files, const load::RunOutcome& outcome,
                 const report::LoadPage& page);

// The summary, and then `hand_in`: those who merge get what was found whether it can be printed or not. Errors: the first of the two, but where
// the run did not come to a good end, which the outcome says then.
base::Result<void> deliver_outcome(const Invocation& invocation, const LoadSettings& settings, LoadLog& log,
                                   load::RunOutcome& outcome, const std::function<base::Result<void>()>& hand_in);

}  // namespace gantry::cli
