// Any bytes as YAML, under each set of rules. What loads can be dumped, and reads back equal as kubectl would read it; and
// every place it names is in the text.

#include "base/yaml.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace gantry::base {
namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

// Core knows NaN and infinities; kubectl has no way to read them.
bool has_only_finite_numbers(const Node& node) {
  if (node.is_real()) return std::isfinite(node.real());
  if (node.is_array()) return std::all_of(node.array().begin(), node.array().end(), has_only_finite_numbers);
  if (!node.is_map()) return true;
  return std::all_of(node.map().begin(), node.map().end(),
                     [](const Node::Member& member) { return has_only_finite_numbers(member.value); });
}

void require_place(const SourcePos& pos, std::size_t lines) {
  require(pos.line >= 1 && pos.line <= lines);
  require(pos.column >= 1);
}

void require_places(const Node& node, std::size_t lines) {
  require_place(node.pos(), lines);
  if (node.is_array()) {
    for (const Node& item : node.array()) require_places(item, lines);
  }
  if (!node.is_map()) return;
  for (const Node::Member& member : node.map()) {
    require_place(member.key_pos, lines);
    require_places(member.value, lines);
  }
}

void load_and_dump(std::string_view text, ScalarRules rules) {
  const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) + 1;
  const Result<std::vector<Node>> documents = load_yaml(text, "fuzz.yaml", {.rules = rules, .limits = {}});
  if (!documents) {
    require(documents.error().kind == ErrorKind::input && documents.error().where.has_value());
    require(documents.error().where->line <= lines + 1);
    return;
  }
  for (const Node& document : *documents) {
    require_places(document, lines);
    if (!has_only_finite_numbers(document)) continue;
    const Result<Node> again = load_yaml_document(dump_yaml(document), "dump.yaml");
    require(again && *again == document);
  }
}

}  // namespace
}  // namespace gantry::base

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  using gantry::base::ScalarRules;
  for (const ScalarRules rules : {ScalarRules::kubectl, ScalarRules::kustomize_resource, ScalarRules::core}) {
    gantry::base::load_and_dump(text, rules);
  }
  return 0;
}
