#pragma once

// What the drain command looks at, under which assumptions, and what it does: its options, one struct for each group of them.

#include "cli/commands/net_input.h"

#include "disruption/disruption.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gantry::cli {

// The nodes, for manifests that have no Node objects, and what must hold.
struct ClusterFlags {
  std::optional<std::int64_t> nodes;
  std::string cpu, memory;
  std::string zones;  // "3" or "a,b,c"
  std::vector<std::string> quorums, available;
  bool infer = true;
  std::string start, catch_up;

  void define(CLI::App& app);
  // What no option says is as given. Errors: usage.
  base::Result<disruption::ClusterOptions> options(disruption::ClusterOptions given) const;
};

// Those of kubectl drain that matter here, under kubectl's names.
struct KubectlFlags {
  bool force = false;
  bool ignore_daemonsets = false;
  bool delete_emptydir_data = false;
  bool disable_eviction = false;
  std::optional<std::int64_t> grace_period_seconds;
  std::string timeout;
  std::string pod_selector;

  void define(CLI::App& app);
  // What no option says is as given. Errors: usage.
  base::Result<disruption::DrainFlags> flags(disruption::DrainFlags given) const;
};

// What gantry.yaml says under `drain:`, where it is its manifests that are read; of a cluster the nodes are its own. Errors: as
// gantry.yaml's.
base::Result<disruption::GivenDrain> given_by_workspace(const NetInput& input);

}  // namespace gantry::cli
