#pragma once

// What handleSummary() gets, in the form that every released k6 passes by default (k6 reference, §13.3), and the file of
// --summary-export (§13.5).

#include "base/node.h"
#include "load/load.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::load {

// A statistic of trends: "avg", "min", "med", "max", "count", "p(95)". Nothing for what is none.
std::optional<double> trend_stat(const TrendSink& sink, std::string_view stat);

// Of the options, or k6's own: avg, min, med, max, p(90), p(95). Errors: input: a name that is none.
base::Result<std::vector<std::string>> summary_trend_stats(const base::Node& options);

// What k6 tells groups and checks apart by: the MD5 of the path, in hexadecimal digits.
std::string script_id(const std::string& path);

// Those of all groups together, or of one: name, passes and fails of each.
base::Node make_check_list(const ScriptCheckList& checks);

struct SummaryTerminals {
  bool stdout_is_tty = false;
  bool stderr_is_tty = false;
  bool no_color = false;
};
base::Node make_summary_data(const RunOutcome& outcome, SummaryTerminals terminals);

// In the export a threshold is true where it has failed, and groups and checks are keyed by their names. What Gantry measures beside
// that is under "gantry".
base::Node make_summary_export(const RunOutcome& outcome);

}  // namespace gantry::load
