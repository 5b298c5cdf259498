#include "kube/quantity.h"

#include "kube/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <optional>

namespace gantry::kube {

namespace {

__extension__ using Int128 = __int128;

constexpr Int128 kNanoPerUnit = 1'000'000'000;
constexpr int kNanoDigits = 9;

constexpr Int128 power_of_ten(int exponent) {
  Int128 value = 1;
  for (int i = 0; i < exponent; ++i) value *= 10;
  return value;
}

// 10^28 units: leaves room in 128 bits to multiply a mantissa of the largest kind by 1000 without overflow.
constexpr Int128 kBound = power_of_ten(28) * kNanoPerUnit;

struct Suffix {
  std::string_view text;
  int base;
  int exponent;
};

// apimachinery, pkg/api/resource/suffix.go.
constexpr Suffix kDecimalSuffixes[] = {
    {"n", 10, -9}, {"u", 10, -6}, {"m", 10, -3}, {"", 10, 0},   {"k", 10, 3},
    {"M", 10, 6},  {"G", 10, 9},  {"T", 10, 12}, {"P", 10, 15}, {"E", 10, 18},
};
constexpr Suffix kBinarySuffixes[] = {
    {"Ki", 2, 10}, {"Mi", 2, 20}, {"Gi", 2, 30}, {"Ti", 2, 40}, {"Pi", 2, 50}, {"Ei", 2, 60},
};

// A decimal number as it was written: digits without point, and how many of them stand after it.
struct Digits {
  std::string_view before;
  std::string_view after;
  bool negative = false;
  std::string_view rest;  // the suffix
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view take_digits(std::string_view& text) {
  const auto end = std::ranges::find_if_not(text, is_digit);
  const auto count = static_cast<std::size_t>(end - text.begin());
  const std::string_view digits = text.substr(0, count);
  text.remove_prefix(count);
  return digits;
}

std::optional<Digits> split_number(std::string_view text) {
  Digits digits;
  if (!text.empty() && (text.front() == '+' || text.front() == '-')) {
    digits.negative = text.front() == '-';
    text.remove_prefix(1);
  }
  digits.before = take_digits(text);
  if (!text.empty() && text.front() == '.') {
    text.remove_prefix(1);
    digits.after = take_digits(text);
  }
  if (digits.before.empty() && digits.after.empty()) return std::nullopt;
  digits.rest = text;
  return digits;
}

// Exponents past this either are out of bounds or vanish into the smallest amount.
constexpr int kExponentMax = 64;

std::optional<int> parse_exponent(std::string_view text) {
  bool negative = false;
  if (!text.empty() && (text.front() == '+' || text.front() == '-')) {
    negative = text.front() == '-';
    text.remove_prefix(1);
  }
  if (text.empty() || !std::ranges::all_of(text, is_digit)) return std::nullopt;
  int value = 0;
  for (const char c : text) value = std::min(value * 10 + (c - '0'), kExponentMax);
  return negative ? -value : value;
}

struct Scale {
  int base = 10;
  int exponent = 0;
  Quantity::Format format = Quantity::Format::decimal_si;
};

std::optional<Scale> find_scale(std::string_view suffix) {
  for (const Suffix& s : kDecimalSuffixes) {
    if (s.text == suffix) return Scale{s.base, s.exponent, Quantity::Format::decimal_si};
  }
  for (const Suffix& s : kBinarySuffixes) {
    if (s.text == suffix) return Scale{s.base, s.exponent, Quantity::Format::binary_si};
  }
  if (suffix.size() > 1 && (suffix.front() == 'e' || suffix.front() == 'E')) {
    const std::optional<int> exponent = parse_exponent(suffix.substr(1));
    if (exponent) return Scale{10, *exponent, Quantity::Format::decimal_exponent};
  }
  return std::nullopt;
}

// Collects decimal digits into a number of bounded size.
struct Collector {
  Int128 weight = 1;  // of one digit: 2^exponent for binary suffixes
  int exponent = 0;   // the power of ten that `value` has to be multiplied with
  Int128 value = 0;
  bool remainder = false;  // something below the last place was left out

  // False when the number passes the bound.
  bool add_before_point(char digit) {
    value = value * 10 + (digit - '0') * weight;
    return value <= kBound;
  }
  // Past 18 places below a nano nothing counts but that there was something: a digit is worth at most 2^60.
  void add_after_point(char digit) {
    if (exponent <= -18 || value > kBound / 10 - 10 * weight) {
      remainder = remainder || digit != '0';
      return;
    }
    value = value * 10 + (digit - '0') * weight;
    --exponent;
  }
};

// In nanos, any remainder counting as one nano more, as Kubernetes rounds; nothing when it passes the bound.
std::optional<Int128> scale_digits(const Digits& digits, const Scale& scale) {
  Collector number;
  number.weight = scale.base == 2 ? Int128{1} << scale.exponent : Int128{1};
  number.exponent = kNanoDigits + (scale.base == 10 ? scale.exponent : 0);
  for (const char c : digits.before) {
    if (!number.add_before_point(c)) return std::nullopt;
  }
  for (const char c : digits.after) number.add_after_point(c);
  for (; number.exponent > 0 && number.value != 0; --number.exponent) {
    number.value *= 10;
    if (number.value > kBound) return std::nullopt;
  }
  for (; number.exponent < 0 && number.value != 0; ++number.exponent) {
    number.remainder = number.remainder || number.value % 10 != 0;
    number.value /= 10;
  }
  return number.remainder ? number.value + 1 : number.value;
}

std::string to_decimal(Int128 value) {
  if (value == 0) return "0";
  std::string text;
  const bool negative = value < 0;
  for (; value != 0; value /= 10) {
    const int digit = static_cast<int>(value % 10);
    text.push_back(static_cast<char>('0' + (digit < 0 ? -digit : digit)));
  }
  if (negative) text.push_back('-');
  std::ranges::reverse(text);
  return text;
}

std::int64_t rounded_away(Int128 nano, Int128 unit) {
  Int128 value = nano / unit;
  if (nano % unit != 0) value += nano > 0 ? 1 : -1;
  const Int128 max = std::numeric_limits<std::int64_t>::max();
  const Int128 min = std::numeric_limits<std::int64_t>::min();
  return static_cast<std::int64_t>(std::clamp(value, min, max));
}

// The mantissa without trailing zeros and a power of ten that is a multiple of three; there is no suffix past 10^18.
std::string print_decimal(Int128 nano, Quantity::Format format) {
  const int exponent_max = format == Quantity::Format::decimal_exponent ? kExponentMax : 18;
  int exponent = -kNanoDigits;
  for (; nano % 10 == 0 && exponent < exponent_max; ++exponent) nano /= 10;
  for (; exponent % 3 != 0; --exponent) nano *= 10;
  if (format == Quantity::Format::decimal_exponent) {
    return exponent == 0 ? to_decimal(nano) : to_decimal(nano) + "e" + std::to_string(exponent);
  }
  const auto suffix = std::ranges::find(kDecimalSuffixes, exponent, &Suffix::exponent);
  return to_decimal(nano) + std::string(suffix->text);
}

std::string print_binary(Int128 units) {
  std::size_t power = 0;
  for (; units % 1024 == 0 && power < std::size(kBinarySuffixes); ++power) units /= 1024;
  return power == 0 ? to_decimal(units) : to_decimal(units) + std::string(kBinarySuffixes[power - 1].text);
}

}  // namespace

Quantity Quantity::from_integer(std::int64_t value, Format format) {
  return Quantity(Int128{value} * kNanoPerUnit, format);
}

Quantity Quantity::from_milli(std::int64_t value) {
  return Quantity(Int128{value} * (kNanoPerUnit / 1000), Format::decimal_si);
}

base::Result<Quantity> Quantity::parse(std::string_view text) {
  const auto refuse = [&](std::string_view why) {
    return base::input_error(fmt::format("{} is no quantity: {}", quoted(text), why), {},
                             "write a number with a suffix such as 250m, 1.5, 512Mi or 2G");
  };
  const std::optional<Digits> digits = split_number(text);
  if (!digits) return refuse("it has no digits");
  const std::optional<Scale> scale = find_scale(digits->rest);
  if (!scale) return refuse(fmt::format("{} is no suffix that Kubernetes knows", quoted(digits->rest)));
  const std::optional<Int128> nano = scale_digits(*digits, *scale);
  if (!nano) return refuse("it is larger than any cluster");
  Format format = scale->format;
  // A fraction in binary suffixes is printed in decimals ("0.5Ki" stays 512, "0.1Ki" is 102400m), as upstream does.
  if (format == Format::binary_si && *nano > 0 && *nano < kNanoPerUnit) format = Format::decimal_si;
  return Quantity(digits->negative ? -*nano : *nano, format);
}

base::Result<Quantity> Quantity::parse_node(const base::Node& node) {
  if (node.is_integer()) return from_integer(node.integer());
  if (!node.is_real() && !node.is_string()) {
    return base::input_error(fmt::format("must be a quantity, not {}", with_article(node.kind())), node.pos());
  }
  base::Result<Quantity> quantity = parse(node.is_string() ? node.string() : fmt::format("{}", node.real()));
  if (!quantity) quantity.error().where = node.pos();
  return quantity;
}

std::int64_t Quantity::value() const { return rounded_away(nano_, kNanoPerUnit); }

std::int64_t Quantity::milli() const { return rounded_away(nano_, kNanoPerUnit / 1000); }

double Quantity::as_double() const { return static_cast<double>(nano_) / 1e9; }

Quantity::Int128 Quantity::bounded(Int128 nano) { return std::clamp(nano, -kBound, kBound); }

// The sum is written as its first part is, unless that is nothing (quantity.go, Add).
Quantity& Quantity::operator+=(const Quantity& other) {
  if (is_zero()) format_ = other.format_;
  nano_ = bounded(nano_ + other.nano_);
  return *this;
}

Quantity& Quantity::operator-=(const Quantity& other) { return *this += -other; }

Quantity Quantity::operator-() const { return Quantity(-nano_, format_); }

Quantity Quantity::times(std::int64_t factor) const {
  Int128 product = 0;
  const bool overflows = __builtin_mul_overflow(nano_, Int128{factor}, &product);
  const bool negative = (nano_ < 0) != (factor < 0);
  return Quantity(overflows ? (negative ? -kBound : kBound) : bounded(product), format_);
}

std::string to_string(const Quantity& quantity) {
  const Int128 nano = quantity.nano_;
  if (nano == 0) return "0";
  const bool whole = nano % kNanoPerUnit == 0;
  const bool small = nano > -1024 * kNanoPerUnit && nano < 1024 * kNanoPerUnit;
  if (quantity.format_ == Quantity::Format::binary_si && whole && !small) return print_binary(nano / kNanoPerUnit);
  const bool exponent = quantity.format_ == Quantity::Format::decimal_exponent;
  return print_decimal(nano, exponent ? Quantity::Format::decimal_exponent : Quantity::Format::decimal_si);
}

}  // namespace gantry::kube
