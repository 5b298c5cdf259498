#pragma once

// One run that several processes shared, as one outcome: each writes its own with make_mergeable(), whoever has all of them reads and
// merges them. Counts, rates and histograms add up, so that every percentile is that of one process which had all samples; thresholds
// are judged anew on those. docs/formats/load-merge.md.

#include "base/node.h"
#include "base/result.h"
#include "load/load.h"

#include <string>
#include <vector>

namespace gantry::load {

// What setup() returned is left out: it may be a secret.
base::Node make_mergeable(const RunOutcome& outcome);

struct PartOfRun {
  std::string name;  // in messages: the file
  RunOutcome outcome;
};
// Errors: input: nothing that make_mergeable() made.
base::Result<PartOfRun> read_mergeable(const base::Node& node, std::string name);

struct MergedRun {
  RunOutcome outcome;
  // What is odd about the parts, in sentences: one is missing, one is there twice.
  std::vector<std::string> remarks = {};
};
// Of one part at least. It ended as the first of those did that did not come to their end. Errors: input: parts of different scripts.
base::Result<MergedRun> merge_runs(std::vector<PartOfRun> parts);

}  // namespace gantry::load
