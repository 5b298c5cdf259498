// Each rule below was observed, not derived: tests/base/yaml_scalar_test.cc has the table of what `kubectl` 1.32 (go-yaml 2
// behind sigs.k8s.io/yaml) and its kustomize 5.5 (go-yaml 3) make of each text. Both read numbers alike; they differ in
// booleans and timestamps.

#include "base/yaml_plain.h"

#include "base/number.h"
#include "base/yaml_timestamp.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>
#include <optional>

namespace gantry::base {

namespace {

using Kind = PlainScalar::Kind;

bool is_any_of(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Null, boolean and special floats: the words both versions share, and the booleans of YAML 1.1 for kubectl.
std::optional<PlainScalar> resolve_word(std::string_view text, ScalarRules rules) {
  if (is_any_of(text, {"", "~", "null", "Null", "NULL"})) return PlainScalar{.kind = Kind::null};
  if (is_any_of(text, {"true", "True", "TRUE"})) return PlainScalar{.kind = Kind::boolean, .boolean = true};
  if (is_any_of(text, {"false", "False", "FALSE"})) return PlainScalar{.kind = Kind::boolean, .boolean = false};
  if (is_any_of(text, {".nan", ".NaN", ".NAN"})) return PlainScalar{.kind = Kind::real, .real = std::nan("")};
  if (is_any_of(text, {".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"}))
    return PlainScalar{.kind = Kind::real, .real = INFINITY};
  if (is_any_of(text, {"-.inf", "-.Inf", "-.INF"})) return PlainScalar{.kind = Kind::real, .real = -INFINITY};
  if (rules != ScalarRules::kubectl) return {};
  if (is_any_of(text, {"y", "Y", "yes", "Yes", "YES", "on", "On", "ON"}))
    return PlainScalar{.kind = Kind::boolean, .boolean = true};
  if (is_any_of(text, {"n", "N", "no", "No", "NO", "off", "Off", "OFF"}))
    return PlainScalar{.kind = Kind::boolean, .boolean = false};
  return {};
}

// [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?, which is both the float of YAML 1.2 core and of go-yaml.
bool is_decimal_number(std::string_view text) {
  const auto skip_digits = [&text] {
    const std::size_t count = std::min(text.find_first_not_of("0123456789"), text.size());
    text.remove_prefix(count);
    return count;
  };
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  const std::size_t whole = skip_digits();
  std::size_t fraction = 0;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    fraction = skip_digits();
  }
  if (whole + fraction == 0) return false;
  if (!text.starts_with('e') && !text.starts_with('E')) return text.empty();
  text.remove_prefix(1);
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  return skip_digits() > 0 && text.empty();
}

std::optional<PlainScalar> resolve_decimal(std::string_view text) {
  if (!is_decimal_number(text)) return {};
  const std::optional<double> value = parse_double(text);
  if (!value) return {};
  return PlainScalar{.kind = Kind::real, .real = *value};
}

// Digits of one base after an optional sign. Beyond int64 Kubernetes keeps the value as a float64, up to uint64.
std::optional<PlainScalar> resolve_digits(std::string_view digits, int base, bool negative) {
  std::uint64_t magnitude = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stopped, error] = std::from_chars(digits.data(), end, magnitude, base);
  if (digits.empty() || stopped != end || error != std::errc()) return {};
  constexpr std::uint64_t kInt64Min = std::uint64_t{1} << 63;
  if (magnitude < kInt64Min || (negative && magnitude == kInt64Min)) {
    return PlainScalar{.kind = Kind::integer,
                       .integer = static_cast<std::int64_t>(negative ? 0 - magnitude : magnitude)};
  }
  if (negative) return {};
  return PlainScalar{.kind = Kind::real, .real = static_cast<double>(magnitude)};
}

// Integers as Go's strconv.ParseInt reads them with base 0: 0x, 0o, 0b, and a leading 0 for octal.
std::optional<PlainScalar> resolve_go_integer(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text.size() > 1 && text.front() == '0') {
    const char letter = static_cast<char>(text[1] | 0x20);
    const int base = letter == 'x' ? 16 : letter == 'o' ? 8 : letter == 'b' ? 2 : 0;
    return base == 0 ? resolve_digits(text.substr(1), 8, negative) : resolve_digits(text.substr(2), base, negative);
  }
  return resolve_digits(text, 10, negative);
}

// go-yaml, versions 2 and 3: what starts with a digit or a sign may be a number, with underscores anywhere after it.
std::optional<PlainScalar> resolve_go_number(std::string_view text) {
  if (text.starts_with('.')) return resolve_decimal(text);
  if (!is_digit(text.front()) && text.front() != '-' && text.front() != '+') return {};
  std::string plain;
  std::copy_if(text.begin(), text.end(), std::back_inserter(plain), [](char c) { return c != '_'; });
  if (const auto integer = resolve_go_integer(plain)) return integer;
  return resolve_decimal(plain);
}

// YAML 1.2.2, §10.3.2 (core schema).
std::optional<PlainScalar> resolve_core_number(std::string_view text) {
  if (text.starts_with("0o")) return resolve_digits(text.substr(2), 8, false);
  if (text.starts_with("0x")) return resolve_digits(text.substr(2), 16, false);
  const bool is_signed = text.starts_with('-') || text.starts_with('+');
  if (const auto integer = resolve_digits(text.substr(is_signed ? 1 : 0), 10, text.starts_with('-'))) return integer;
  return resolve_decimal(text);
}

}  // namespace

PlainScalar resolve_plain_scalar(std::string_view text, ScalarRules rules) {
  if (const auto word = resolve_word(text, rules)) return *word;
  const auto number = rules == ScalarRules::core ? resolve_core_number(text) : resolve_go_number(text);
  if (number) return *number;
  return PlainScalar{.kind = canonical_yaml_timestamp(text) ? Kind::timestamp : Kind::string};
}

bool same_meaning(const PlainScalar& a, const PlainScalar& b) {
  if (a.is_text() && b.is_text()) return true;
  if (a.is_number() && b.is_number()) return a.number() == b.number() || (std::isnan(a.real) && std::isnan(b.real));
  return a.kind == b.kind && a.boolean == b.boolean;
}

std::string describe(const PlainScalar& scalar) {
  switch (scalar.kind) {
    case Kind::null: return "null";
    case Kind::boolean: return scalar.boolean ? "true" : "false";
    case Kind::integer: return fmt::format("the number {}", scalar.integer);
    case Kind::real: return fmt::format("the number {}", scalar.real);
    case Kind::string: return "text";
    case Kind::timestamp: return "a timestamp";
  }
  return {};
}

}  // namespace gantry::base
