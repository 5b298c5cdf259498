#pragma once

// What a kustomization reads: files at or below its own directory, and texts written inside the kustomization file.

#include "base/yaml.h"
#include "kube/kustomize/kustomization.h"
#include "kube/kustomize/resource.h"

#include <string>
#include <string_view>
#include <vector>

namespace gantry::kube::kustomize {

struct SourceText {
  std::string name;  // of the file, for positions
  std::string text;
  // For a text inside another file: the place of the value, and where its lines stand when they are kept apart there.
  base::SourcePos pos;
  std::uint32_t lines_above = 0;
  std::uint32_t columns_before = 0;
  bool is_inside = false;
};

// The same result; an error without a place gets this one.
template <typename T>
base::Result<T> located(base::Result<T> result, const base::SourcePos& pos) {
  if (!result && !result.error().where) result.error().where = pos;
  return result;
}

// Whether the text names something on another machine: a URL, a Git address, "github.com/...".
bool is_remote(std::string_view path);

// Reads the file that `field` of the kustomization names. Errors: input, when it is remote, absolute, a directory or outside
// the kustomization's directory (symlinks resolved); the FileSystem's.
base::Result<SourceText> read_source(Build& build, const Kustomization& kustomization, const Text& path,
                                     const std::string& field);

// A text that is the value of a field.
SourceText inline_source(const Kustomization& kustomization, const Text& text);

// The YAML documents of a source, with positions in the file the user sees.
base::Result<std::vector<base::Node>> load_documents(const SourceText& source, base::ScalarRules rules);

// The Kubernetes objects of a source, as kustomize reads resources and strategic merge patches: lists are expanded, after
// whatever else the source has. Errors: input, an object without kind or name.
base::Result<std::vector<base::Node>> load_objects(const SourceText& source);

}  // namespace gantry::kube::kustomize
