#pragma once

// The two runs of a comparison: where the baseline comes from, and whether they are two runs of one thing. A run that was found to be
// worse never becomes the baseline by itself, nor does a slow decline move it: it stays the first one that passed, until a person accepts
// another, in the block or in a file that is committed.

#include "launch/check.h"
#include "launch/checks/load/run_record.h"
#include "load/measure/comparison.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::launch {

struct ComparedRun {
  std::string evidence;  // its id
  std::string what;      // "the run of 2026-11-30T07:00:00Z", "base.json"
  load::RunCurve curve;
  LoadRecord record;
};

// Errors: input: its artifacts are of another version.
base::Result<ComparedRun> read_compared_run(const CheckContext& context, const base::Evidence& evidence);

// A run as a file that is committed. What is read is what was written; a summary by itself does not say what was run against what.
base::Result<std::string> render_baseline_file(const CheckContext& context, const base::Evidence& evidence);
base::Result<ComparedRun> read_baseline_file(std::string_view text, const std::string& path);

// What keeps two runs from being compared, in sentences: another script, other options, another target, … Not that the target's program
// is another: that is what is compared. None: they are two runs of one thing.
std::vector<std::string> find_differences(const ComparedRun& before, const ComparedRun& now);

}  // namespace gantry::launch
