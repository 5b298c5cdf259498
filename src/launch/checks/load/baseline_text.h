#pragma once

// The results of a load test as a baseline document states them (launch reference, §4.1), and how they get into one: between two lines of
// their own. Everything else stays what people wrote.

#include "base/evidence.h"
#include "base/result.h"
#include "launch/checks/load/baseline_figures.h"
#include "launch/checks/load/run_record.h"

#include <string>
#include <string_view>
#include <vector>

namespace gantry::launch {

// One run, as its evidence has it.
struct MeasuredRun {
  base::Evidence evidence;
  LoadRecord record;
  Figures figures;
};

// The figures of a run: the metrics of its evidence, and the rarer percentiles of its summary.
Figures figures_of(const base::Evidence& evidence, const base::Node& summary);

// Between kResultsBegin and kResultsEnd, both included, without an end of line.
std::string render_results(const MeasuredRun& run);

struct RewrittenBaseline {
  std::string text;
  std::vector<std::string> changes;  // none: nothing differs
};
// `text` is the document as it is; "" makes a new one.
// Errors: as find_results().
base::Result<RewrittenBaseline> rewrite_baseline(std::string_view text, std::string_view path, const MeasuredRun& run);

}  // namespace gantry::launch
