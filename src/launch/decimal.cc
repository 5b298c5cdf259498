#include "launch/decimal.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

namespace gantry::launch {

namespace {

// 999999 with nine digits behind the point is just under 10^15.
constexpr std::size_t kWholeDigitsMax = 6;

std::int64_t power_of_ten(int exponent) {
  std::int64_t power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

std::int64_t units_at(Decimal value, int digits) { return value.units * power_of_ten(digits - value.digits); }

}  // namespace

std::optional<Decimal> parse_decimal(std::string_view text) {
  const std::size_t point = std::min(text.find('.'), text.size());
  const std::string_view whole = text.substr(0, point);
  const std::string_view fraction = point < text.size() ? text.substr(point + 1) : std::string_view();
  if (whole.size() > kWholeDigitsMax || fraction.size() > static_cast<std::size_t>(kDecimalDigitsMax))
    return std::nullopt;
  if (whole.empty() && fraction.empty()) return std::nullopt;
  if (point < text.size() && fraction.empty()) return std::nullopt;
  Decimal value{.units = 0, .digits = static_cast<int>(fraction.size())};
  for (const std::string_view part : {whole, fraction}) {
    for (const char c : part) {
      if (c < '0' || c > '9') return std::nullopt;
      value.units = value.units * 10 + (c - '0');
    }
  }
  return value;
}

std::string to_string(Decimal value) {
  const std::int64_t scale = power_of_ten(value.digits);
  const std::string_view sign = value.units < 0 ? "-" : "";
  const std::int64_t magnitude = std::abs(value.units);
  if (value.digits == 0) return fmt::format("{}{}", sign, magnitude);
  return fmt::format("{}{}.{:0{}}", sign, magnitude / scale, magnitude % scale, value.digits);
}

std::strong_ordering compare(Decimal a, Decimal b) {
  const int digits = std::max(a.digits, b.digits);
  return units_at(a, digits) <=> units_at(b, digits);
}

Decimal add(Decimal a, Decimal b) {
  const int digits = std::max(a.digits, b.digits);
  return {.units = units_at(a, digits) + units_at(b, digits), .digits = digits};
}

Decimal subtract(Decimal a, Decimal b) {
  const int digits = std::max(a.digits, b.digits);
  return {.units = units_at(a, digits) - units_at(b, digits), .digits = digits};
}

Decimal shorten(Decimal value, int digits_min) {
  while (value.digits > digits_min && value.units % 10 == 0) {
    value.units /= 10;
    --value.digits;
  }
  return value;
}

}  // namespace gantry::launch
