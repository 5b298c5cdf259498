#pragma once

// The HTML reports that a load run is asked for, under Gantry's name and k6's: --out html=FILE, --out web-dashboard=export=FILE, and
// K6_WEB_DASHBOARD=true with K6_WEB_DASHBOARD_EXPORT=FILE.

#include "base/result.h"
#include "load/options/run_flags.h"

#include <map>
#include <string>
#include <vector>

namespace gantry::cli {

// Their files; what asks for them is no longer among the outputs. Errors: usage: no file.
base::Result<std::vector<std::string>> take_load_pages(load::RunSettings& run,
                                                       const std::map<std::string, std::string>& environment);

}  // namespace gantry::cli
