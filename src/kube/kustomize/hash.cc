#include "kube/kustomize/hash.h"

#include "base/digest.h"
#include "kube/kustomize/lint.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace gantry::kube::kustomize {

using base::Node;
using base::Result;

namespace {

struct Escape {
  std::string_view text;
  std::string_view escaped;
};
constexpr Escape kEscapes[] = {
    {"\"", "\\\""}, {"\\", "\\\\"},   {"\b", "\\b"},    {"\f", "\\f"},    {"\n", "\\n"},         {"\r", "\\r"},
    {"\t", "\\t"},  {"<", "\\u003c"}, {">", "\\u003e"}, {"&", "\\u0026"}, {"\u2028", "\\u2028"}, {"\u2029", "\\u2029"},
};

// As Go's encoding/json writes what it has read from YAML: keys sorted.
void append_json(const Node& node, std::string& out) {
  switch (node.kind()) {
    case Node::Kind::null: out += "null"; return;
    case Node::Kind::string: out += go_json_quote(node.string()); return;
    case Node::Kind::array:
      out += '[';
      for (std::size_t i = 0; i < node.array().size(); ++i) {
        if (i > 0) out += ',';
        append_json(node.array()[i], out);
      }
      out += ']';
      return;
    case Node::Kind::map: {
      std::vector<const Node::Member*> members;
      for (const Node::Member& member : node.map()) members.push_back(&member);
      std::ranges::sort(members, {}, [](const Node::Member* member) -> const std::string& { return member->key; });
      out += '{';
      for (const Node::Member* member : members) {
        if (out.back() != '{') out += ',';
        out += go_json_quote(member->key) + ":";
        append_json(member->value, out);
      }
      out += '}';
      return;
    }
    default: out += scalar_text(node);
  }
}

// A field that is missing counts as an empty string.
std::string field_json(const Node& tree, std::string_view field) {
  const Node* value = tree.get(field);
  if (!value) return "\"\"";
  if (!value->is_map() && !value->is_array()) return go_json_quote(scalar_text(*value));
  std::string json;
  append_json(*value, json);
  return json;
}

// Unlike the others, left out when it is no map.
std::string optional_map_json(const Node& tree, std::string_view field) {
  const Node* value = tree.get(field);
  return value && value->is_map() ? field_json(tree, field) : std::string();
}

// The name is looked up under a path that never exists, and so is always empty.
Result<std::string> hashed_json(const Resource& resource) {
  const Node& tree = resource.tree;
  if (kind_of(resource) == "ConfigMap") {
    const std::string binary = optional_map_json(tree, "binaryData");
    return fmt::format(R"({{{}"data":{},"kind":"ConfigMap","name":""}})",
                       binary.empty() ? "" : R"("binaryData":)" + binary + ",", field_json(tree, "data"));
  }
  if (kind_of(resource) == "Secret") {
    const std::string strings = optional_map_json(tree, "stringData");
    return fmt::format(R"({{"data":{},"kind":"Secret","name":"",{}"type":{}}})", field_json(tree, "data"),
                       strings.empty() ? "" : R"("stringData":)" + strings + ",", field_json(tree, "type"));
  }
  return base::input_error(
      fmt::format("{} was generated as a ConfigMap or Secret, and its name still needs a hash", describe(resource)),
      resource.tree.pos(), "set disableNameSuffixHash for it, or do not change its kind");
}

}  // namespace

std::string go_json_quote(std::string_view text) {
  std::string quoted = "\"";
  while (!text.empty()) {
    const auto* const escape =
        std::ranges::find_if(kEscapes, [text](const Escape& e) { return text.starts_with(e.text); });
    if (escape != std::end(kEscapes)) {
      quoted += escape->escaped;
      text.remove_prefix(escape->text.size());
      continue;
    }
    const char c = text.front();
    quoted += static_cast<unsigned char>(c) < 0x20 ? fmt::format("\\u{:04x}", static_cast<int>(c)) : std::string(1, c);
    text.remove_prefix(1);
  }
  return quoted + "\"";
}

Result<std::string> content_hash(const Resource& resource) {
  constexpr std::size_t kLength = 10;
  // Letters and digits that could spell something are replaced (kubectl's hash).
  constexpr std::string_view kFrom = "013ae";
  constexpr std::string_view kTo = "ghkmt";
  std::string hash = base::sha256_hex(TRY(hashed_json(resource))).substr(0, kLength);
  for (char& c : hash) {
    const std::size_t i = kFrom.find(c);
    if (i != std::string_view::npos) c = kTo[i];
  }
  return hash;
}

Result<void> append_hashes(Resources& resources) {
  for (Resource& resource : resources) {
    if (!resource.needs_hash) continue;
    const std::string hash = TRY(content_hash(resource));
    store_identity(resource);
    set_metadata(resource, "name", fmt::format("{}-{}", name_of(resource), hash));
  }
  return {};
}

}  // namespace gantry::kube::kustomize
