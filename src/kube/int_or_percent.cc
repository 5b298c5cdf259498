#include "kube/int_or_percent.h"

#include "kube/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

namespace gantry::kube {

namespace {

// Digits and '%', nothing else (API machinery: IsValidPercent); kept within int32, as the field is.
std::optional<std::int64_t> parse_percent(std::string_view text) {
  if (text.size() < 2 || text.back() != '%') return std::nullopt;
  text.remove_suffix(1);
  if (!std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; })) return std::nullopt;
  std::int32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

base::Result<IntOrPercent> IntOrPercent::parse(const base::Node& node) {
  if (node.is_string()) {
    const std::optional<std::int64_t> value = parse_percent(node.string());
    if (value) return percent(*value);
    return base::input_error(
        fmt::format("must be a whole number or a percentage, not the text {}", quoted(node.string())), node.pos(),
        "write 2 without quotes, or \"25%\"");
  }
  if (!node.is_integer()) {
    return base::input_error(fmt::format("must be a whole number or a percentage, not {}", with_article(node.kind())),
                             node.pos());
  }
  if (node.integer() < 0) return base::input_error("must not be negative", node.pos());
  if (node.integer() > std::numeric_limits<std::int32_t>::max()) return base::input_error("is too large", node.pos());
  return count(node.integer());
}

std::int64_t IntOrPercent::resolve(std::int64_t total, Rounding rounding) const {
  if (kind == Kind::count) return value;
  // Both are within int32 where they come from documents: the product fits.
  const std::int64_t product = value * total;
  return rounding == Rounding::up ? (product + 99) / 100 : product / 100;
}

std::string to_string(const IntOrPercent& value) {
  return std::to_string(value.value) + (value.is_percent() ? "%" : "");
}

}  // namespace gantry::kube
