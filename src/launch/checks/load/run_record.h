#pragma once

// What is kept of a load test beside its summary: what was run against what, and what was asked of it. The artifact `run.json` of a
// load.run check; a baseline document and a comparison are written from it.

#include "base/node.h"
#include "base/result.h"
#include "launch/checks/load/dependencies.h"
#include "load/load.h"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::launch {

// What a threshold or an expectation said of the run.
struct AskedOf {
  std::string text;  // "http_req_duration: p(95)<500", "rate >= 100"
  std::optional<double> value = {};
  std::optional<std::uint64_t> samples = {};  // nothing where k6 counts none: a gauge
  std::string result = {};                    // one of the three below
  friend bool operator==(const AskedOf&, const AskedOf&) = default;
};
inline constexpr std::string_view kHolds = "holds";
inline constexpr std::string_view kMissed = "missed";
inline constexpr std::string_view kUndecided = "undecided";

struct LoadRecord {
  std::string script, script_digest;
  std::map<std::string, std::string, std::less<>> files;  // by path: the digest of all that was read, modules and data
  std::string machine;  // that generated the load: "2 processors, Example CPU"; "" in older records
  std::map<std::string, std::uint64_t, std::less<>> asked;  // "127.0.0.1:8000" -> requests that went there
  std::string command;                                      // "gantry load run --vus=50 load.js"
  TargetRecord target;
  std::vector<AskedOf> thresholds, expectations;
  std::vector<std::string> scenarios;  // "baseline: constant-vus, 50 VUs for 5m0s"
  base::Node options;                  // in force
  friend bool operator==(const LoadRecord&, const LoadRecord&) = default;
};

inline constexpr std::string_view kRunFile = "run.json";
inline constexpr std::string_view kSummaryFile = "summary.json";

// As LoadRecord has it.
std::string describe_machine();
std::vector<std::string> describe_scenarios(const load::RunOutcome& outcome);

base::Node to_node(const TargetRecord& target);
base::Node to_node(const LoadRecord& record);
// Errors: input: not such a record, or of a later form.
base::Result<LoadRecord> read_load_record(const base::Node& node);

}  // namespace gantry::launch
