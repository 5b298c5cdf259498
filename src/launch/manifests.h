#pragma once

// Manifests, loaded once in a run however many checks look at them. Each check that uses a loaded part inherits the inputs
// that loading it has read.

#include "base/file.h"
#include "base/result.h"
#include "kube/snapshot.h"
#include "launch/inputs.h"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::launch {

// How a path is read: `kubectl apply -k` renders it, `-f` takes the files as they are. `automatic` renders a folder that holds
// a kustomization.
enum class ManifestForm { automatic, kustomize, raw };

// Immutable; shared between the checks of a run.
struct Manifests {
  std::string path;
  ManifestForm form = ManifestForm::automatic;  // never automatic once loaded
  kube::Snapshot snapshot;
  std::vector<base::Finding> findings;  // of rendering
};

class ManifestCache {
 public:
  // Both must outlive the cache.
  ManifestCache(const base::FileSystem& files, InputDigests& digests) : files_(files), digests_(digests) {}

  // Inputs are added to `recorder` on failure too. Errors: those of rendering and loading.
  base::Result<std::shared_ptr<const Manifests>> load(std::string_view path, ManifestForm form,
                                                      InputRecorder& recorder);

 private:
  struct Entry {
    base::Result<std::shared_ptr<const Manifests>> manifests;
    InputRecorder inputs;
  };
  const base::FileSystem& files_;
  InputDigests& digests_;
  std::map<std::pair<std::string, ManifestForm>, Entry> entries_;
};

}  // namespace gantry::launch
