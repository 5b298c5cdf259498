#pragma once

// Renders a kustomization as `kubectl kustomize` (1.32, kustomize 5.5) would, in process, from files alone: a pure function
// from a folder to objects. What is outside the supported subset is refused with file, field and reason; nothing is skipped
// silently (shared reference: kustomize). The network is never touched and no plugin is run.

#include "base/file.h"
#include "base/finding.h"
#include "base/node.h"
#include "base/result.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::kube {

struct Rendered {
  // In kustomize's output order; map keys as kustomize emits them, sorted. Every node keeps the place it was written at.
  std::vector<base::Node> objects;
  // What kubectl would warn about, and the reference's §16: dead patches, references that a prefix broke, …
  std::vector<base::Finding> findings;
};

// `directory` holds the kustomization. All reads go through `files`.
// Errors: input (with position) for whatever kustomize refuses and for what we refuse; environment for unreadable files.
base::Result<Rendered> render_kustomization(const base::FileSystem& files, std::string_view directory);

// The kustomization file of a directory; nothing when there is none, an input error when there are several.
base::Result<std::optional<std::string>> find_kustomization_file(const base::FileSystem& files,
                                                                 std::string_view directory);

// Whether kustomize would fetch this base from another machine: a URL, a Git address, "github.com/…".
bool is_remote_base(std::string_view path);

}  // namespace gantry::kube
