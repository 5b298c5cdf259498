#pragma once

// YAML into Node, with the limits that untrusted input needs.

#include "base/node.h"
#include "base/result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::base {

// What plain (unquoted) scalars mean.
enum class ScalarRules {
  // As kubectl and the API machinery read manifests (sigs.k8s.io/yaml over go-yaml v2, YAML 1.1): yes/no/on/off/y/n are
  // booleans, 0777 is octal, 1_000 is 1000, 1e3 is a number, 12:30:45 is a string. Keys become text: 1 is "1", yes "true".
  // "<<" replaces the keys that stand before it.
  kubectl,
  // As kustomize reads resource and patch files: true/false only; y, yes and on stay strings (kustomize reference, §1); a
  // timestamp is rewritten (2001-01-01 is "2001-01-01T00:00:00Z"). Keys must be text. A map's own keys win over "<<".
  kustomize_resource,
  // As JSON-compatible YAML 1.2 core: for Gantry's own files and blocks. What kubectl would read differently is refused
  // rather than guessed. Keys are the words that stand there. Only here may a number be NaN or infinite.
  core,
};

struct YamlLimits {
  std::uint64_t bytes_max = 64ULL << 20;      // one file
  std::uint32_t depth_max = 200;              // nesting; the deepest real manifests (CRD schemas) stay under 60
  std::uint64_t nodes_max = 5'000'000;        // after aliases are expanded
  std::uint64_t alias_nodes_max = 1'000'000;  // nodes that exist only because aliases were expanded
};

struct YamlOptions {
  ScalarRules rules = ScalarRules::kubectl;
  YamlLimits limits;
};

// Every document of the text that is not empty, in order. Anchors, aliases and merge keys ("<<") are expanded; each use is its
// own copy. A repeated key is an error, as is a key that is not a scalar. `file` is the name for positions.
// kubectl takes a text that starts with "{" for JSON, and so should who loads what is meant for kubectl: see base/json.h.
// Errors: input, with position: syntax, limits, repeated keys, unknown aliases, not UTF-8, binary data.
Result<std::vector<Node>> load_yaml(std::string_view text, std::string_view file, const YamlOptions& options = {});

// Exactly one document. Errors as above, and when there are several; an empty text is a null node.
Result<Node> load_yaml_document(std::string_view text, std::string_view file, const YamlOptions& options = {});

// Block style, keys in the order they have, two spaces of indent; load_yaml(…, kubectl) of it gives an equal node, unless
// there are numbers that are not finite (".nan", ".inf"). Strings are quoted wherever YAML 1.1 or 1.2 would read something
// else; text of several lines is a literal block where that is exact.
std::string dump_yaml(const Node& node);

}  // namespace gantry::base
