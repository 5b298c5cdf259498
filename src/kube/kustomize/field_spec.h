#pragma once

// kustomize's field paths: "spec/template/metadata/labels" in objects of a kind. A step finds a member of a map; a list on
// the way is entered at every element, whether the step says so ("containers[]") or not. "\/" is a slash in a member's name.

#include "kube/kustomize/resource.h"

#include <functional>
#include <span>
#include <string_view>

namespace gantry::kube::kustomize {

struct FieldSpec {
  std::string_view path;
  bool create = false;  // maps that are missing on the way
  std::string_view kind = {};
  std::string_view group = {};
  std::string_view version = {};
};

bool applies_to(const FieldSpec& spec, const GroupVersionKind& gvk);

// What a path that may be created ends in.
enum class Leaf { none, scalar, map };

using VisitNode = std::function<base::Result<void>(base::Node&)>;

// Calls `visit` for each node that the path leads to; for none when the path is missing and may not be created.
// Errors: those of `visit`, and input when a scalar stands where the path needs a map or list.
base::Result<void> visit_field(Resource& resource, const FieldSpec& spec, Leaf leaf, const base::SourcePos& made_at,
                               const VisitNode& visit);

}  // namespace gantry::kube::kustomize
