#pragma once

// gantry.yaml: what the plan's text cannot say. It lies at the root of the workspace, and may be absent.
//
//   manifests: impl/infra/k8s/manifests/     # the whole system
//   bindings:                                # step -> blocks, beside those in the plan
//     A.4: [{check: net.only, …}]
//   criteria:                                # criterion -> the steps that decide it
//     1: [A.1, A.3, A.4]
//   commands:                                # programs that a `command` check may run
//     unit-tests: {run: [ctest, --preset, dev], time_max: 10m}
//   gate: {blocking_severity: high, waivers_max: 5, roles: [operations, security], four_eyes: true}
//   drain: {nodes: 3}                        # what every rehearsal of drains takes as given
//   load: {target: local, targets: {…}}      # what every load test takes as given (load_targets.h)
//   network: {profile: cilium}               # which network plugin every judgement of flows is by
//   entropy: {retry_cost: 0.01}              # what running a failed check again, after a change, takes from the plan's budget

#include "base/file.h"
#include "base/finding.h"
#include "base/node.h"
#include "base/result.h"
#include "launch/decimal.h"
#include "launch/load_targets.h"

#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::launch {

struct NamedCommand {
  std::vector<std::string> argv;  // never empty; no shell
  std::string directory;          // relative to the workspace
  std::chrono::milliseconds time_max = std::chrono::minutes(5);
  base::SourcePos where;
};

struct GatePolicy {
  base::Severity blocking_severity = base::Severity::high;
  int waivers_max = 5;
  std::vector<std::string> required_roles;  // sign-offs that a GO needs besides the plan's own
  std::vector<std::string> roles;           // who may sign and waive besides those; empty: any role
  bool four_eyes = false;                   // whoever alone wrote what is launched may not approve it (reference §7.1)
};

struct Config {
  std::string manifests;                                                 // "" when not given
  std::map<std::string, std::vector<base::Node>, std::less<>> bindings;  // step id -> blocks
  std::map<int, std::vector<std::string>> criteria;                      // ordinal -> step ids
  std::map<std::string, NamedCommand, std::less<>> commands;
  GatePolicy gate;
  LoadDefaults load;
  base::Node drain;    // a map of rehearsal_fields.h; null when not given
  base::Node network;  // a map of network_fields.h; null when not given
  Decimal retry_cost;  // 0: running a check again costs nothing (reference §2.4)
  std::string file;    // "gantry.yaml", or "" when there is none
};

// A usage error, with the nearest right one, for a role that is neither listed nor required, where roles are listed at all.
base::Result<void> require_known_role(const GatePolicy& policy, std::string_view role);

inline constexpr std::string_view kConfigFile = "gantry.yaml";

// Errors (input, with position): not YAML, unknown key (with the nearest right one), wrong kinds.
base::Result<Config> load_config(const base::FileSystem& workspace);

}  // namespace gantry::launch
