#include "base/number.h"

#include <array>
#include <charconv>
#include <cmath>

namespace gantry::base {

namespace {

// The shortest digits that read back as `value`, which is finite, in the form d.ddde±xx.
std::string_view scientific(double value, std::array<char, 32>& buffer) {
  const auto [end, error] =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::scientific);
  return {buffer.data(), error == std::errc() ? static_cast<std::size_t>(end - buffer.data()) : 0};
}

// A whole number of 2^53 or more, as Go prints it: shortest digits, then zeros (1152921504606846976.0 is
// 1152921504606847000). Nothing when that does not fit.
std::optional<std::int64_t> padded_integer(double value) {
  std::array<char, 32> buffer;
  std::string digits;
  int exponent = 0;
  const std::string_view text = scientific(value, buffer);
  const std::size_t e = text.find('e');
  for (const char c : text.substr(0, e)) {
    if (c != '.') digits += c;
  }
  const std::size_t sign = digits.starts_with('-') ? 1 : 0;
  const std::string_view power = text.substr(e + 2);  // "e+18": a number this large has a positive exponent
  std::from_chars(power.data(), power.data() + power.size(), exponent);
  digits.resize(sign + static_cast<std::size_t>(exponent) + 1, '0');

  std::int64_t integer = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), integer);
  if (error != std::errc()) return {};
  return integer;
}

}  // namespace

Node number_node(double value, SourcePos pos) {
  constexpr double kExactMax = 9007199254740992.0;       // 2^53: below, every whole double is the integer it looks like
  constexpr double kInt64Bound = 9223372036854775808.0;  // 2^63
  if (!std::isfinite(value) || value != std::trunc(value) || std::abs(value) > kInt64Bound)
    return Node(value, std::move(pos));
  if (std::abs(value) < kExactMax) return Node(static_cast<std::int64_t>(value), std::move(pos));
  if (const std::optional<std::int64_t> integer = padded_integer(value)) return Node(*integer, std::move(pos));
  return Node(value, std::move(pos));
}

std::optional<double> parse_double(std::string_view text) {
  const bool has_plus = text.starts_with('+');
  if (has_plus) text.remove_prefix(1);
  // from_chars takes names too ("inf", "nan"), and would take the second of two signs.
  const std::string_view digits = text.substr(!has_plus && text.starts_with('-') ? 1 : 0);
  if (digits.find_first_of("0123456789.") != 0) return {};
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size()) return {};
  if (error == std::errc()) return value;
  if (error != std::errc::result_out_of_range) return {};
  // from_chars reports too small and too large alike; only a negative exponent can make a number too small.
  const std::size_t exponent = text.find_first_of("eE");
  const bool too_small = exponent == std::string_view::npos
                             ? text.starts_with("0") || text.starts_with("-0") || text.starts_with(".")
                             : text.substr(exponent + 1).starts_with('-');
  return too_small ? std::optional(0.0) : std::nullopt;
}

std::string format_double(double value) {
  if (std::isnan(value)) return ".nan";
  if (std::isinf(value)) return value < 0 ? "-.inf" : ".inf";
  std::array<char, 32> buffer;
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  std::string text(buffer.data(), error == std::errc() ? end : buffer.data());
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

}  // namespace gantry::base
