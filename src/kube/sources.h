#pragma once

// Loading: from paths, text and clusters to a Snapshot.
//
//   const Snapshot snapshot = TRY(load_snapshot(files, {Source::path("manifests")}));

#include "base/file.h"
#include "base/finding.h"
#include "base/node.h"
#include "base/result.h"
#include "kube/snapshot.h"

#include <cstdint>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::kube {

class Kubectl;

// How a folder is read.
enum class FolderForm : std::uint8_t {
  automatic,  // rendered when it has a kustomization file, else its files as they are
  kustomize,  // `kubectl apply -k`: it must have one
  files,      // `kubectl apply -f`: the .yaml, .yml and .json files as they are, a kustomization file left out
};

// Whether folders in a folder are read too (`kubectl apply -f` does not unless -R is given). Only for folders read as files.
enum class Recursion : std::uint8_t { flat, recursive };

// Something to load. Make one with the functions below.
struct Source {
  enum class Kind : std::uint8_t { path, text, cluster };
  Kind kind = Kind::path;
  std::string name;  // the path; the name of the text for positions; the context
  std::string content;
  FolderForm form = FolderForm::automatic;
  Recursion recursion = Recursion::flat;

  // A file of YAML or JSON documents, or a folder.
  static Source path(std::string path, FolderForm form = FolderForm::automatic, Recursion recursion = Recursion::flat);
  // Documents that somebody has read already: standard input ("-"), a rendered Helm chart.
  static Source text(std::string name, std::string content);
  // The cluster that `LoadOptions::kubectl` speaks to.
  static Source cluster(std::string context);
};

struct LoadOptions {
  SnapshotOptions snapshot;
  Kubectl* kubectl = nullptr;  // only for Source::cluster; not owned
  std::stop_token stop;
};

// Documents in the order they were given, ready for build_snapshot.
struct LoadedDocuments {
  std::vector<base::Node> documents;
  std::vector<SourceRecord> sources;
  std::vector<base::Finding> findings;  // of rendering
};

// A folder without any manifest is an error: nothing would be judged.
// Errors: input with position (no YAML, limits, what kustomize refuses), environment (missing, unreadable, kubectl's).
base::Result<LoadedDocuments> load_documents(const base::FileSystem& files, const std::vector<Source>& sources,
                                             const LoadOptions& options = {});

// The whole way: read, take lists apart, build. All or nothing: an error in one document is an error.
base::Result<Snapshot> load_snapshot(const base::FileSystem& files, const std::vector<Source>& sources,
                                     const LoadOptions& options = {});

}  // namespace gantry::kube
