#include "kube/kustomize/decode.h"

#include "base/text.h"

#include <fmt/format.h>

namespace gantry::kube::kustomize {

using base::Node;
using base::Result;

Place Place::field(std::string_view name) const {
  return Place(path_.empty() ? std::string(name) : fmt::format("{}.{}", path_, name));
}
Place Place::element(std::size_t index) const { return Place(fmt::format("{}[{}]", path_, index)); }

std::unexpected<base::Error> wrong_type(const Node& node, const Place& place, std::string_view wanted) {
  std::string help;
  if (wanted == "a string" && (node.is_bool() || node.is_number())) {
    help =
        "put quotes around it: a kustomization file is read as YAML 1.1, where y, n, yes, no, on, off and numbers are "
        "no strings";
  }
  return base::input_error(fmt::format("{} is a {}, and must be {}", place.path().empty() ? "the file" : place.path(),
                                       to_string(node.kind()), wanted),
                           node.pos(), std::move(help));
}

std::unexpected<base::Error> unknown_field(const Node::Member& member, const Place& place,
                                           std::span<const std::string_view> known) {
  std::string help;
  if (const std::optional<std::string_view> nearest = base::nearest_name(member.key, known)) {
    help = fmt::format("did you mean {}?", *nearest);
  } else {
    help = fmt::format("the fields here are {}", fmt::join(known, ", "));
  }
  return base::input_error(fmt::format("{} is no field of kustomize 5.5", place.field(member.key).path()),
                           member.key_pos, std::move(help));
}

Result<void> read(const Node& node, const Place& place, Text& out) {
  if (node.is_null()) return {};
  if (!node.is_string()) return wrong_type(node, place, "a string");
  out = Text{.value = node.string(), .pos = node.pos()};
  return {};
}

Result<void> read(const Node& node, const Place& place, std::string& out) {
  if (node.is_null()) return {};
  if (!node.is_string()) return wrong_type(node, place, "a string");
  out = node.string();
  return {};
}

Result<void> read(const Node& node, const Place& place, bool& out) {
  if (node.is_null()) return {};
  if (!node.is_bool()) return wrong_type(node, place, "true or false");
  out = node.boolean();
  return {};
}

Result<void> read(const Node& node, const Place& place, std::int64_t& out) {
  if (node.is_null()) return {};
  if (!node.is_integer()) return wrong_type(node, place, "a whole number");
  out = node.integer();
  return {};
}

Result<void> read(const Node& node, const Place& place, TextMap& out) {
  if (node.is_null()) return {};
  if (!node.is_map()) return wrong_type(node, place, "a map of strings");
  for (const Node::Member& member : node.map()) {
    Text text{.value = {}, .pos = member.value.pos()};
    TRY(read(member.value, place.field(member.key), text));
    out.insert_or_assign(member.key, std::move(text));
  }
  return {};
}

std::optional<std::size_t> find_field(std::string_view name, std::span<const std::string_view> known) {
  for (std::size_t i = 0; i < known.size(); ++i) {
    if (known[i] == name) return i;
  }
  const std::string lower = base::to_lower_ascii(name);
  for (std::size_t i = 0; i < known.size(); ++i) {
    if (base::to_lower_ascii(known[i]) == lower) return i;
  }
  return {};
}

}  // namespace gantry::kube::kustomize
