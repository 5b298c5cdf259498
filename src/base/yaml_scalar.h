#pragma once

// What one YAML scalar means under each set of rules. Private to base.

#include "base/node.h"
#include "base/result.h"
#include "base/yaml.h"

#include <string>
#include <string_view>

namespace gantry::base {

struct YamlScalar {
  std::string_view text;  // after quotes, escapes and folding are undone
  std::string_view tag;   // as resolved ("tag:yaml.org,2002:int", "!local"); empty when none is written
  bool plain = true;      // written without quotes and not as a block scalar
};

// The value. Errors: input, when a tag does not fit its text, or (core) when readers of YAML disagree about the text.
Result<Node> resolve_yaml_scalar(const YamlScalar& scalar, ScalarRules rules, const SourcePos& pos);

// The same scalar as the key of a map. Errors also when the rules have no such keys (null; for kustomize all but strings).
Result<std::string> resolve_yaml_key(const YamlScalar& scalar, ScalarRules rules, const SourcePos& pos);

// Whether the scalar is the merge key "<<".
bool is_yaml_merge_key(const YamlScalar& scalar);

// Whether every set of rules, and YAML 1.1 as well as 1.2, reads this text without quotes as a string.
bool is_plain_string_everywhere(std::string_view text);

}  // namespace gantry::base
