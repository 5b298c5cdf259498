#pragma once

// JSON patches (RFC 6902) as kustomize 5.5 applies them (reference §6.3): `replace` of a missing member adds it, indices may
// be negative, and numbers and booleans of the patch's YAML follow YAML 1.1.

#include "base/node.h"
#include "base/result.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::kube::kustomize {

struct JsonOperation {
  std::string op;
  std::string path;
  std::string from;
  std::optional<base::Node> value;
  base::SourcePos pos;
};
using JsonPatch = std::vector<JsonOperation>;

// The operations of a parsed text. Errors: input, when it is no list of operations.
base::Result<JsonPatch> parse_json_patch(const base::Node& root);

// Applies all operations in order. On an error the tree is half patched and useless.
base::Result<void> apply_json_patch(base::Node& tree, const JsonPatch& patch);

}  // namespace gantry::kube::kustomize
