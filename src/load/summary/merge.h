#pragma once

// One run that several processes shared, as one outcome: each writes its own with make_mergeable(), whoever has all of them reads and
// merges them. Counts, rates and histograms add up, so that every percentile is that of one process which had all samples; thresholds
// are judged anew on those. docs/formats/load-merge.md.

#include "base/node.h"
#include "base/result.h"
#include "load/load.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::load {

// What tells the parts of one run from those of another, and each part from the others.
struct PartIdentity {
  std::string run = {};                               // of those that began together; "" where nobody was waited for
  std::string process = {};                           // another in each process
  std::map<std::string, std::string> files = {};      // a digest of each that was read, by path
  std::map<std::string, std::string> variables = {};  // a fingerprint of each that was given, by name
};

// Of variables, whose values may be secrets: alike where two parts of one script (by its digest) were given the same, and costly to guess a
// value by: each try takes 32 MiB and a tenth of a second, as these do. Errors: environment: there is no memory for that.
base::Result<std::map<std::string, std::string>> make_fingerprints(const std::map<std::string, std::string>& variables,
                                                                   std::string_view script);

// What setup() returned is left out: it may be a secret. Of a run that has not begun, why.
base::Node make_mergeable(const RunOutcome& outcome, const PartIdentity& identity);
// Of one that failed before there was an outcome.
base::Node make_mergeable(const base::Error& error, int exit_code, const PartIdentity& identity);

struct PartOfRun {
  std::string name;  // in messages: the file
  RunOutcome outcome;
  PartIdentity identity = {};
  int exit_code = 0;
};
// Errors: input: nothing that make_mergeable() made, or that of another version of Gantry.
base::Result<PartOfRun> read_mergeable(const base::Node& node, std::string name);
// Versions may count differently what they call alike, so that each reads its own only.
bool is_of_another_version(const base::Node& summary);

struct MergeRules {
  bool allows_missing = false;
  // Sentences of whoever collected the parts: which of them nobody handed in, which came twice.
  std::vector<std::string> missing = {};
  std::vector<std::string> twice = {};
};

struct MergedRun {
  // Of the parts that have begun; `has_begun` says whether one had.
  RunOutcome outcome;
  // What is odd about the parts, in sentences: one is missing, one is there twice, one has failed besides the first.
  std::vector<std::string> remarks = {};
  // A part is missing, has not begun, or is there twice: thresholds are not judged.
  bool is_undecided = false;
  // Of the first part that did not come to its end; else k6's of all.
  int exit_code = 0;
};
// Of one part at least. Errors: input: parts of different runs, saying what differs.
base::Result<MergedRun> merge_runs(std::vector<PartOfRun> parts, const MergeRules& rules = {});

}  // namespace gantry::load
