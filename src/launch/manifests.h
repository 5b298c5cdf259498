#pragma once

// Manifests, loaded once in a run however many checks look at them. Each check that uses a loaded part inherits the inputs
// that loading it has read.

#include "base/file.h"
#include "base/node.h"
#include "base/result.h"
#include "kube/snapshot.h"
#include "kube/sources.h"
#include "launch/inputs.h"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::launch {

// How a path is read: `kubectl apply -k` renders it, `-f` takes the files as they are, those of folders below only with `-R`.
// `automatic` renders a folder that holds a kustomization, and takes one that does not with all folders below it.
enum class ManifestForm { automatic, kustomize, raw, raw_recursive };
std::string_view to_string(ManifestForm form);  // "-k", "-f", "-f -R", or "" for automatic

// Which manifests, and how they are read.
struct ManifestPlace {
  std::string path;
  ManifestForm form = ManifestForm::automatic;
  std::string name_space;  // for objects that name none, as `kubectl apply -n` gives it; "": the default one
  friend auto operator<=>(const ManifestPlace&, const ManifestPlace&) = default;
};
// As a block says it: `path`, `raw: true` and `recursive: true` beside it, and `into: NAMESPACE`.
ManifestPlace place_of(const base::Node& block);
// "-f nats/pdb.yaml -n shop": what stands behind `kubectl apply`.
std::string to_string(const ManifestPlace& place);

// Manifests that the plan applies to the cluster, in the order of its steps.
struct AppliedPath {
  ManifestPlace place;
  std::string step;  // "A.2"
  base::SourcePos where;
};
// Paths and forms in one line: an input of whatever compares them.
std::string to_string(const std::vector<AppliedPath>& applied);

// What to load for a form that is settled.
kube::Source source_of(std::string_view path, ManifestForm form);

// Immutable; shared between the checks of a run.
struct Manifests {
  ManifestPlace place;  // its form is never automatic
  kube::Snapshot snapshot;
  std::vector<base::Finding> findings;  // of rendering
};

class ManifestCache {
 public:
  // Both must outlive the cache.
  ManifestCache(const base::FileSystem& files, InputDigests& digests) : files_(files), digests_(digests) {}

  // Inputs are added to `recorder` on failure too. Errors: those of rendering and loading.
  base::Result<std::shared_ptr<const Manifests>> load(const ManifestPlace& place, InputRecorder& recorder);

 private:
  struct Entry {
    base::Result<std::shared_ptr<const Manifests>> manifests;
    InputRecorder inputs;
  };
  const base::FileSystem& files_;
  InputDigests& digests_;
  std::map<ManifestPlace, Entry> entries_;
};

}  // namespace gantry::launch
