#pragma once

// Decimal numbers as people write them in documents. Never binary floats: 0.10 - 0.02 is 0.08, and 0.10 stays 0.10.

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gantry::launch {

// value = units / 10^digits. Remembers how many digits it was written with.
struct Decimal {
  std::int64_t units = 0;  // at most 10^15 either way, so that sums of equal digits can't overflow
  int digits = 0;          // 0 to kDecimalDigitsMax
  // The same text; 0.1 and 0.10 differ here and are equal to compare().
  friend bool operator==(const Decimal&, const Decimal&) = default;
};

inline constexpr int kDecimalDigitsMax = 9;

// "0.10", ".5", "7". Nothing for anything else: signs, exponents, more than 6 digits before the point or
// kDecimalDigitsMax behind it.
std::optional<Decimal> parse_decimal(std::string_view text);
std::string to_string(Decimal value);

std::strong_ordering compare(Decimal a, Decimal b);
// As many digits as the longer of both.
Decimal add(Decimal a, Decimal b);
Decimal subtract(Decimal a, Decimal b);
// The same value without zeros at its end, but with at least `digits_min` digits if it has them.
Decimal shorten(Decimal value, int digits_min);

}  // namespace gantry::launch
