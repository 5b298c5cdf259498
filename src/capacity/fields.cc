#include "capacity/fields.h"

#include "base/text.h"
#include "base/time.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

namespace gantry::capacity {

using base::Node;
using base::Result;

namespace {

std::string nearest_help(std::string_view word, std::span<const std::string_view> known) {
  if (const std::optional<std::string_view> nearest = base::nearest_name(word, known))
    return fmt::format("did you mean \"{}\"?", *nearest);
  return fmt::format("known here: {}", fmt::join(known, ", "));
}

}  // namespace

Result<Fields> Fields::open(const Node& node, std::string_view what, std::span<const std::string_view> known) {
  if (!node.is_map())
    return base::input_error(fmt::format("\"{}\" is {}, not a map", what, to_string(node.kind())), node.pos(),
                             fmt::format("write keys and values: {}", fmt::join(known, ", ")));
  for (const Node::Member& member : node.map())
    if (std::ranges::find(known, member.key) == known.end())
      return base::input_error(fmt::format("\"{}\" has an unknown key \"{}\"", what, member.key), member.key_pos,
                               nearest_help(member.key, known));
  return Fields(node, what);
}

const Node* Fields::node(std::string_view key) const {
  const Node* value = node_->get(key);
  return value && !value->is_null() ? value : nullptr;
}

std::unexpected<base::Error> Fields::wrong(std::string_view key, const Node& value, std::string_view must) const {
  return base::input_error(fmt::format("\"{}\" of \"{}\" must be {}", key, what_, must), value.pos(),
                           "docs/formats/capacity.md has every field");
}

std::unexpected<base::Error> Fields::missing(std::string_view key) const {
  return base::input_error(fmt::format("\"{}\" lacks \"{}\"", what_, key), pos(), "add it");
}

Result<std::optional<double>> Fields::number(std::string_view key, Range range) const {
  const Node* value = node(key);
  if (!value) return std::nullopt;
  if (!value->is_number()) return wrong(key, *value, "a number");
  const double number = value->number();
  if (number < 0 && range.min >= 0) return wrong(key, *value, fmt::format("no less than 0, and is {}", number));
  if (!(number >= range.min && number <= range.max))
    return wrong(key, *value, fmt::format("from {} to {}, and is {}", range.min, range.max, number));
  return number;
}

Result<std::optional<std::int64_t>> Fields::integer(std::string_view key, Range range) const {
  const std::optional<double> value = TRY(number(key, range));
  if (!value) return std::nullopt;
  if (!node(key)->is_integer()) return wrong(key, *node(key), "a whole number");
  return node(key)->integer();
}

Result<std::optional<std::chrono::milliseconds>> Fields::duration(std::string_view key) const {
  const Node* value = node(key);
  if (!value) return std::nullopt;
  if (!value->is_string()) return wrong(key, *value, "a duration such as 90s or 10m");
  Result<std::chrono::milliseconds> duration = base::parse_duration(value->string());
  if (duration) return *duration;
  base::Error error = std::move(duration).error();
  error.where = value->pos();
  error.context.push_back(fmt::format("while reading \"{}\" of \"{}\"", key, what_));
  return std::unexpected(std::move(error));
}

Result<std::optional<kube::Quantity>> Fields::quantity(std::string_view key) const {
  const Node* value = node(key);
  if (!value) return std::nullopt;
  const kube::Quantity quantity = TRY(kube::Quantity::parse_node(*value));
  if (quantity.is_negative()) return wrong(key, *value, fmt::format("no less than 0, and is {}", to_string(quantity)));
  return quantity;
}

Result<std::optional<std::string>> Fields::text(std::string_view key) const {
  const Node* value = node(key);
  if (!value) return std::nullopt;
  if (!value->is_string()) return wrong(key, *value, "text");
  return value->string();
}

Result<double> Fields::required_number(std::string_view key, Range range) const {
  const std::optional<double> value = TRY(number(key, range));
  if (!value) return missing(key);
  return *value;
}

Result<std::chrono::milliseconds> Fields::required_duration(std::string_view key) const {
  const std::optional<std::chrono::milliseconds> value = TRY(duration(key));
  if (!value) return missing(key);
  return *value;
}

Result<std::size_t> find_word(std::string_view word, std::span<const std::string_view> words, std::string_view what,
                              const base::SourcePos& where) {
  const auto found = std::ranges::find(words, word);
  if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
  return base::input_error(fmt::format("\"{}\" is no {}", word, what), where, nearest_help(word, words));
}

}  // namespace gantry::capacity
