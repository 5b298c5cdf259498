#pragma once

// The flags of `k6 run` (k6 reference, §5.3 and §15), one table for everybody who reads them: the command line, and the checks of plans
// that quote a command.
//
//   RunSettings settings;
//   TRY(apply_run_flag("vus", "50", settings));      // settings.overrides: {"vus": 50}

#include "base/node.h"
#include "base/result.h"

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::load {

// What becomes of a flag.
enum class FlagUse : std::uint8_t {
  integer,        // an option of this kind
  text,           // …
  yes,            // an option that is set to true
  stages,         // 30s:10, collected
  tags,           // NAME=VALUE, collected
  list,           // a,b, collected
  dns,            // ttl=5m,select=first: an object of these members alone
  time_unit,      // s, ms or us
  json,           //
  environment,    // NAME=VALUE for __ENV
  no_thresholds,  //
  by_caller,      // whoever runs the script reads it from `of_caller`
  output,         // collected in `outputs`
  secret_source,  // collected in `secret_sources`
  no_effect,      // makes no sense here: accepted, and said so
  not_yet,        // does nothing yet: accepted, and said so
};

struct RunFlag {
  std::string_view name;        // "vus"
  char letter = 0;              // 'u'; 0 for none
  std::string_view value = {};  // what stands for its value in help; "" takes none
  std::string_view help = {};   // what it does, or why it does nothing
  FlagUse use = FlagUse::text;
  std::string_view option = {};    // that it sets
  std::string_view variable = {};  // of the environment, that says the same: "K6_VUS"
  std::string_view bare = {};      // what it says where it has no value, of one that may have: --http-debug[=full]
};

// Sorted as help shows them.
std::span<const RunFlag> run_flags();

struct RunSettings {
  base::Node overrides = base::Node::empty_map();
  std::map<std::string, std::string> env = {};
  bool judges_thresholds = true;
  std::map<std::string, std::string, std::less<>> of_caller =
      {};                                        // "summary-export" -> "x.json"; "" of those without a value
  std::vector<std::string> outputs = {};         // of --out, in order: "json=x.json"
  std::vector<std::string> secret_sources = {};  // of --secret-source: "file=a.env"; options/secrets.h reads them
  std::vector<std::string> warnings = {};        // one sentence each
};

// `value` is "" for a flag that takes none. A later flag wins over an earlier one, except where they are collected. Errors: usage: no such
// flag (with the nearest), a value that is none.
base::Result<void> apply_run_flag(std::string_view name, std::string_view value, RunSettings& settings);

// What the K6_* variables of an environment say, those of no flag too. Whoever gives flags merges their overrides over these
// (merge_options). Errors: usage, naming the variable.
base::Result<RunSettings> read_run_variables(const std::map<std::string, std::string>& environment);

// "--vus=50", "--quiet".
base::Result<void> apply_run_flag(std::string_view flag, RunSettings& settings);

}  // namespace gantry::load
