#pragma once

// `configMapGenerator` and `secretGenerator` (reference §11). Their names get a hash only at the very end (hash.h).

#include "kube/kustomize/kustomization.h"
#include "kube/kustomize/resource.h"

#include <string>
#include <string_view>
#include <vector>

namespace gantry::kube::kustomize {

struct KeyValue {
  std::string key;
  std::string value;
  base::SourcePos pos;  // of what names the key
  // Where the value itself is written, when that is a file of its own: as a whole, so that its line 3 is line 3 there.
  base::SourcePos file = {};
};

// The lines of an environment file. A line without "=" is a key with an empty value. Errors: input, a line that is no UTF-8.
base::Result<std::vector<KeyValue>> parse_env_file(std::string_view text, const base::SourcePos& file);

// "key=value", with one pair of quotes around the value removed. Errors: input.
base::Result<KeyValue> parse_literal(const Text& literal);

// RFC 4648 §4; what is longer than a line is broken after every 70 characters, as kustomize does.
std::string encode_base64_lines(std::string_view bytes);

// Adds the generated objects to those there are, or merges them into those.
base::Result<void> run_generators(Build& build, Resources& resources, const Kustomization& kustomization);

}  // namespace gantry::kube::kustomize
