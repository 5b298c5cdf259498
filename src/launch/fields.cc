#include "launch/fields.h"

#include "base/text.h"
#include "base/time.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace gantry::launch {

using base::Node;
using base::Result;

namespace {

bool is_text_list(const Node& node) {
  return node.is_array() && std::ranges::all_of(node.array(), [](const Node& element) { return element.is_string(); });
}

bool is_label_map(const Node& node) {
  return node.is_map() &&
         std::ranges::all_of(node.map(), [](const Node::Member& member) { return member.value.is_string(); });
}

bool has_kind(const Node& node, FieldKind kind) {
  switch (kind) {
    case FieldKind::text:
    case FieldKind::path: return node.is_string();
    case FieldKind::integer: return node.is_integer();
    case FieldKind::number: return node.is_number();
    case FieldKind::boolean: return node.is_bool();
    case FieldKind::duration: return node.is_string() && base::parse_duration(node.string()).has_value();
    case FieldKind::text_list: return is_text_list(node);
    case FieldKind::label_map: return is_label_map(node);
    case FieldKind::any: return true;
    case FieldKind::word: return node.is_string();
  }
  return false;
}

constexpr std::array<std::string_view, 10> kKindNames = {"text",
                                                         "a path",
                                                         "a whole number",
                                                         "a number",
                                                         "true or false",
                                                         "a duration such as 90s or 10m",
                                                         "a list of texts",
                                                         "a map of texts",
                                                         "anything",
                                                         "a word"};

std::string_view kind_name(FieldKind kind) { return kKindNames.at(static_cast<std::size_t>(kind)); }

std::string known_names(std::span<const Field> fields) {
  std::vector<std::string_view> names;
  for (const Field& field : fields) names.push_back(field.name);
  return fmt::format("{}", fmt::join(names, ", "));
}

Result<void> check_word(const Node& value, const Field& field, std::string_view what) {
  if (field.kind != FieldKind::word || std::ranges::find(field.words, value.string()) != field.words.end()) return {};
  const std::optional<std::string_view> nearest = base::nearest_name(value.string(), field.words);
  return base::input_error(
      fmt::format("\"{}\" of {} is \"{}\", none of {}", field.name, what, value.string(), fmt::join(field.words, ", ")),
      value.pos(), nearest ? fmt::format("did you mean \"{}\"?", *nearest) : fmt::format("it is {}", field.help));
}

Result<void> unknown_field(const Node::Member& member, std::span<const Field> fields, std::string_view what) {
  std::vector<std::string_view> names;
  for (const Field& field : fields) names.push_back(field.name);
  const std::optional<std::string_view> nearest = base::nearest_name(member.key, names);
  const std::string help =
      nearest ? fmt::format("did you mean \"{}\"?", *nearest) : fmt::format("known here: {}", known_names(fields));
  return base::input_error(fmt::format("{} has an unknown key \"{}\"", what, member.key), member.key_pos, help);
}

}  // namespace

Result<void> check_fields(const Node& node, std::span<const Field> fields, std::string_view what) {
  if (!node.is_map())
    return base::input_error(fmt::format("{} is {}, not a map", what, to_string(node.kind())), node.pos(),
                             fmt::format("write keys and values: {}", known_names(fields)));
  for (const Node::Member& member : node.map()) {
    const auto field = std::ranges::find(fields, member.key, &Field::name);
    if (field == fields.end()) return unknown_field(member, fields, what);
    if (!has_kind(member.value, field->kind))
      return base::input_error(fmt::format("\"{}\" of {} must be {}", member.key, what, kind_name(field->kind)),
                               member.value.pos(),
                               field->help.empty() ? std::string() : fmt::format("it is {}", field->help));
    TRY(check_word(member.value, *field, what));
  }
  for (const Field& field : fields)
    if (field.need == Need::required && !node.get(field.name))
      return base::input_error(
          fmt::format("{} lacks \"{}\"", what, field.name), node.pos(),
          fmt::format("add it: {}{}", field.help,
                      field.kind == FieldKind::any ? "" : fmt::format(", {}", kind_name(field.kind))));
  return {};
}

std::vector<std::string> text_list(const Node* node) {
  std::vector<std::string> texts;
  if (!node || !node->is_array()) return texts;
  for (const Node& element : node->array())
    if (element.is_string()) texts.push_back(element.string());
  return texts;
}

std::optional<std::size_t> find_word(const Node& map, const Field& field) {
  const auto found = std::ranges::find(field.words, map.text(field.name));
  if (found == field.words.end()) return std::nullopt;
  return static_cast<std::size_t>(found - field.words.begin());
}

}  // namespace gantry::launch
