#pragma once

// JSON into Node and out of it.

#include "base/node.h"
#include "base/result.h"
#include "base/yaml.h"

#include <string>
#include <string_view>

namespace gantry::base {

// One JSON value, with positions. Fast enough for `kubectl get -o json` of a whole cluster.
// Errors: input, with position: syntax, limits (those of YAML that apply), a repeated key, not UTF-8.
Result<Node> load_json(std::string_view text, std::string_view file, const YamlLimits& limits = {});

enum class JsonStyle { compact, indented };
// Keys in the order they have. Doubles in the shortest form that reads back equal; NaN and infinities as null.
std::string dump_json(const Node& node, JsonStyle style = JsonStyle::compact);
// As a JSON string, with the quotes.
std::string json_quote(std::string_view text);

}  // namespace gantry::base
