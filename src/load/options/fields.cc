#include "load/options/fields.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace gantry::load {

using base::Node;
using base::Result;

std::unexpected<base::Error> OptionFields::refuse(std::string_view key, std::string_view why, std::string help) const {
  const Node* node = node_.get(key);
  return base::input_error(fmt::format("{}: {} {}", what_, key, why),
                           node && node->pos().file ? std::optional(node->pos()) : std::nullopt, std::move(help));
}

Result<void> OptionFields::require_known(std::span<const std::string_view> known) const {
  if (!node_.is_map())
    return base::input_error(fmt::format("{} must be an object, not a {}", what_, to_string(node_.kind())));
  for (const Node::Member& member : node_.map()) {
    if (std::ranges::find(known, member.key) != known.end()) continue;
    const std::optional<std::string_view> nearest = base::nearest_name(member.key, known);
    return refuse(member.key, "is no option here", nearest ? fmt::format("did you mean {}?", *nearest) : std::string());
  }
  return {};
}

bool OptionFields::has(std::string_view key) const {
  const Node* node = node_.get(key);
  return node && !node->is_null();
}

Result<void> OptionFields::require(std::string_view key) const {
  if (has(key)) return {};
  return base::input_error(fmt::format("{}: {} is missing", what_, key));
}

Result<std::int64_t> OptionFields::integer(std::string_view key, std::int64_t otherwise, std::int64_t least) const {
  const Node* node = get(key);
  if (!node) return otherwise;
  if (!node->is_integer()) return refuse(key, fmt::format("must be a whole number, not a {}", to_string(node->kind())));
  if (node->integer() < least) return refuse(key, fmt::format("must be {} or more, it is {}", least, node->integer()));
  return node->integer();
}

Result<Duration> OptionFields::duration(std::string_view key, Duration otherwise, Duration least) const {
  const Node* node = get(key);
  if (!node) return otherwise;
  if (!node->is_string() && !node->is_number())
    return refuse(key, fmt::format("must be a duration, not a {}", to_string(node->kind())), "write it like \"30s\"");
  Result<Duration> read =
      node->is_string() ? parse_option_duration(node->string()) : milliseconds_to_duration(node->number());
  if (!read) return refuse(key, fmt::format("cannot be read: {}", read.error().message), read.error().help);
  if (*read < least) return refuse(key, fmt::format("must be {} or more", format_go_duration(least)));
  return *read;
}

Result<bool> OptionFields::boolean(std::string_view key, bool otherwise) const {
  const Node* node = get(key);
  if (!node) return otherwise;
  if (!node->is_bool()) return refuse(key, fmt::format("must be true or false, not a {}", to_string(node->kind())));
  return node->boolean();
}

Result<std::string> OptionFields::text(std::string_view key, std::string_view otherwise) const {
  const Node* node = get(key);
  if (!node) return std::string(otherwise);
  if (!node->is_string()) return refuse(key, fmt::format("must be a string, not a {}", to_string(node->kind())));
  return node->string();
}

Result<std::map<std::string, std::string>> OptionFields::texts(std::string_view key) const {
  std::map<std::string, std::string> texts;
  const Node* node = get(key);
  if (!node) return texts;
  if (!node->is_map()) return refuse(key, fmt::format("must be an object, not a {}", to_string(node->kind())));
  for (const Node::Member& member : node->map()) {
    if (!member.value.is_string()) return refuse(key, fmt::format("must hold strings: {} is none", member.key));
    texts[member.key] = member.value.string();
  }
  return texts;
}

Result<std::int64_t> OptionFields::required_integer(std::string_view key, std::int64_t least) const {
  TRY(require(key));
  return integer(key, 0, least);
}

Result<Duration> OptionFields::required_duration(std::string_view key, Duration least) const {
  TRY(require(key));
  return duration(key, {}, least);
}

}  // namespace gantry::load
