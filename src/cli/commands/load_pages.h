#pragma once

// The pages that a load run is asked for, under Gantry's name and k6's: a report in a file, by --out html=FILE or the dashboard's export; and
// the dashboard itself (load/dashboard/options.h), by --out web-dashboard or K6_WEB_DASHBOARD=true.

#include "base/result.h"
#include "cli/commands/load_settings.h"
#include "load/dashboard/options.h"

#include <optional>
#include <string>
#include <vector>

namespace gantry::cli {

struct LoadPages {
  std::vector<std::string> files = {};                   // of reports
  std::optional<load::DashboardOptions> dashboard = {};  // where a page is to be served
};

// What asks for them is no longer among the outputs. Errors: usage: no file; those of the dashboard's options.
base::Result<LoadPages> take_load_pages(LoadSettings& settings);

}  // namespace gantry::cli
