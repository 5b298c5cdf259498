#pragma once

// The content hash behind a generated name (reference §11.1).

#include "kube/kustomize/resource.h"

#include <string>
#include <string_view>

namespace gantry::kube::kustomize {

// A string as Go's encoding/json writes it: UTF-8, with <, >, &, U+2028 and U+2029 escaped.
std::string go_json_quote(std::string_view text);

// Ten characters. Errors: input, when the object is neither a ConfigMap nor a Secret any more.
base::Result<std::string> content_hash(const Resource& resource);

// Appends "-<hash>" to every name that is due.
base::Result<void> append_hashes(Resources& resources);

}  // namespace gantry::kube::kustomize
