#pragma once

// The field paths of `replacements`: "spec.template.spec.containers.[name=web].image", "metadata.annotations.[a.b/c]",
// "spec.rules.0.host", "spec.containers.*.image".

#include "base/node.h"
#include "base/result.h"
#include "kube/kustomize/decode.h"

#include <string>
#include <string_view>
#include <vector>

namespace gantry::kube::kustomize {

using FieldPath = std::vector<std::string>;

// Splits at dots; "\." is a dot in a name, and so are the dots in brackets.
FieldPath split_field_path(std::string_view path);

// The one value at the path; null when a step is missing. Errors: input, a step that fits no such value, a wildcard.
base::Result<const base::Node*> find_value(const base::Node& tree, const Text& path);

// What is made when the last step is missing.
enum class Create { nothing, scalar, list, map };

// All values at the path, in order. Errors: input, a step that fits no such value, an index past the end.
base::Result<std::vector<base::Node*>> find_values(base::Node& tree, const Text& path, Create create);

}  // namespace gantry::kube::kustomize
