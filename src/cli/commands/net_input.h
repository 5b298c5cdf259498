#pragma once

// What the commands about reachability look at, and under which assumptions: the options that they share.

#include "cli/command.h"

#include "base/file.h"
#include "kube/snapshot.h"
#include "netpol/netpol.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace gantry::cli {

// Manifests as they were loaded.
struct LoadedManifests {
  kube::Snapshot snapshot;
  std::string root;    // of the files that positions name; "" when nothing was read from files
  std::string folder;  // that the first path is or lies in, relative to the root
  std::shared_ptr<const base::FileSystem> files;
};

// Assumptions about the cluster and its network plugin.
struct NetAssumptions {
  std::string name_space = "default";
  std::string profile;
  std::vector<std::string> differs;
  std::vector<std::string> pod_ranges, service_ranges, node_ranges;

  void define(CLI::App& app);
  // Errors: usage.
  base::Result<netpol::PluginChoice> plugin() const;
  base::Result<netpol::AnalysisOptions> options(const netpol::PluginChoice& plugin) const;
};

// What to read. Without a path or a cluster, the `manifests` of the workspace's gantry.yaml.
struct NetInput {
  std::vector<std::string> paths;
  std::string context;

  void define(CLI::App& app);
  base::Result<LoadedManifests> load(const Invocation& invocation, const NetAssumptions& assumptions) const;
  // What is assumed of the network plugin, else what that workspace says of it. Errors: usage; input.
  base::Result<netpol::PluginChoice> plugin(const NetAssumptions& assumptions) const;
  // The assumptions, with that plugin. Errors: usage; input.
  base::Result<netpol::AnalysisOptions> options(const NetAssumptions& assumptions) const;
};

// Files, folders and `-` for standard input.
base::Result<LoadedManifests> load_manifests(const Invocation& invocation, const std::vector<std::string>& paths,
                                             const std::string& context, const std::string& name_space);

// Who tells of policies that the API server refuses: a note, or what the command itself prints.
enum class Refused : std::uint8_t { in_a_note, in_the_answer };
// Whether there is anybody to judge; what verdicts about these manifests leave out is said on stderr. Errors: input.
base::Result<void> check_manifests(const Invocation& invocation, const LoadedManifests& loaded,
                                   Refused refused = Refused::in_a_note);
// That, and the analysis.
base::Result<netpol::Reachability> analyse_manifests(const Invocation& invocation, const LoadedManifests& loaded,
                                                     const netpol::AnalysisOptions& options,
                                                     Refused refused = Refused::in_a_note);

// "-" is stdin.
base::Result<std::string> read_text(const std::string& path);

}  // namespace gantry::cli
