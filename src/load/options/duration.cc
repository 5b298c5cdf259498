#include "load/options/duration.h"

#include "base/number.h"
#include "base/text.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>

// Sums are kept in 128 bits: each part is below 2^64 times an hour, so that a text of any length is judged before it overflows.

namespace gantry::load {

namespace {

using base::Result;

__extension__ using Wide = __int128;

constexpr Wide kMax = std::numeric_limits<std::int64_t>::max();

struct Unit {
  std::string_view name;
  std::int64_t nanoseconds;
};
// Longer names first where one begins another. Go takes both signs that people write for micro.
constexpr std::array<Unit, 8> kUnits = {{{"ns", 1},
                                         {"us", 1'000},
                                         {"µs", 1'000},
                                         {"μs", 1'000},
                                         {"ms", 1'000'000},
                                         {"s", 1'000'000'000},
                                         {"m", 60'000'000'000},
                                         {"h", 3'600'000'000'000}}};
constexpr std::int64_t kDay = 24 * 3'600'000'000'000;

std::unexpected<base::Error> refuse(std::string_view text, std::string_view why) {
  return base::input_error(fmt::format("\"{}\" is no duration: {}", text, why), {}, "write it like 300ms, 5m or 1h30m");
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The digits at the start, as one number; nothing where it passes kMax.
std::optional<Wide> take_digits(std::string_view& rest) {
  Wide number = 0;
  while (!rest.empty() && is_digit(rest.front())) {
    number = number * 10 + (rest.front() - '0');
    if (number > kMax) return std::nullopt;
    rest.remove_prefix(1);
  }
  return number;
}

// What follows the point, in nanoseconds, cut as Go cuts it.
Wide take_fraction(std::string_view& rest, std::int64_t& scale) {
  Wide number = 0;
  scale = 1;
  for (; !rest.empty() && is_digit(rest.front()); rest.remove_prefix(1)) {
    if (scale >= 1'000'000'000'000'000) continue;  // digits that no nanosecond of an hour can show
    number = number * 10 + (rest.front() - '0');
    scale *= 10;
  }
  return number;
}

const Unit* take_unit(std::string_view& rest) {
  for (const Unit& unit : kUnits) {
    // "m" is also how "ms" begins, and "ms" stands before it.
    if (!rest.starts_with(unit.name)) continue;
    rest.remove_prefix(unit.name.size());
    return &unit;
  }
  return nullptr;
}

Result<Duration> parse_unsigned(std::string_view text, std::string_view rest) {
  if (rest == "0") return Duration(0);
  if (rest.empty()) return refuse(text, "it is empty");
  Wide total = 0;
  while (!rest.empty()) {
    const std::size_t before = rest.size();
    const std::optional<Wide> whole = take_digits(rest);
    if (!whole) return refuse(text, "it is too long");
    bool has_digits = rest.size() != before;
    Wide fraction = 0;
    std::int64_t scale = 1;
    if (rest.starts_with('.')) {
      rest.remove_prefix(1);
      const std::size_t point = rest.size();
      fraction = take_fraction(rest, scale);
      has_digits |= rest.size() != point;
    }
    if (!has_digits) return refuse(text, "a number is missing");
    const Unit* unit = take_unit(rest);
    if (!unit) return refuse(text, rest.empty() ? "its unit is missing" : "its unit is unknown");
    total += *whole * unit->nanoseconds + fraction * unit->nanoseconds / scale;
    if (total > kMax) return refuse(text, "it is too long");
  }
  return Duration(static_cast<std::int64_t>(total));
}

std::string trim_zeros(std::int64_t whole, std::int64_t rest, int digits) {
  std::string text = fmt::format("{}.{:0{}}", whole, rest, digits);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

}  // namespace

Result<Duration> parse_go_duration(std::string_view text) {
  std::string_view rest = text;
  const bool is_negative = rest.starts_with('-');
  if (is_negative || rest.starts_with('+')) rest.remove_prefix(1);
  const Duration duration = TRY(parse_unsigned(text, rest));
  return is_negative ? -duration : duration;
}

Result<Duration> milliseconds_to_duration(double milliseconds) {
  const double nanoseconds = milliseconds * 1e6;
  // 2^63 is the first double that does not fit.
  if (!(std::abs(nanoseconds) < 9223372036854775808.0))
    return base::input_error(fmt::format("{} ms is no duration: it is too long", milliseconds));
  return Duration(static_cast<std::int64_t>(nanoseconds));
}

Result<Duration> parse_option_duration(std::string_view text) {
  if (const std::optional<double> number = base::parse_double(text)) return milliseconds_to_duration(*number);
  const std::size_t day = text.find('d');
  if (day == std::string_view::npos) return parse_go_duration(text);
  std::string_view days = text.substr(0, day);
  const bool is_negative = days.starts_with('-');
  if (is_negative) days.remove_prefix(1);
  std::string_view rest = days;
  const std::optional<Wide> count = take_digits(rest);
  if (days.empty() || !rest.empty()) return refuse(text, "days are a whole number");
  if (!count || *count * kDay > kMax) return refuse(text, "it is too long");
  Wide total = *count * kDay;
  if (const std::string_view after = text.substr(day + 1); !after.empty())
    total += TRY(parse_unsigned(text, after)).count();
  if (total > kMax) return refuse(text, "it is too long");
  return Duration(static_cast<std::int64_t>(is_negative ? -total : total));
}

std::string format_go_duration(Duration duration) {
  if (duration.count() == 0) return "0s";
  const std::string_view sign = duration.count() < 0 ? "-" : "";
  // The smallest number has no positive twin; unsigned arithmetic has one.
  std::uint64_t count = static_cast<std::uint64_t>(duration.count());
  if (duration.count() < 0) count = 0 - count;
  const auto part = [&](std::uint64_t unit, int digits) {
    return trim_zeros(static_cast<std::int64_t>(count / unit), static_cast<std::int64_t>(count % unit), digits);
  };
  if (count < 1'000) return fmt::format("{}{}ns", sign, count);
  if (count < 1'000'000) return fmt::format("{}{}µs", sign, part(1'000, 3));
  if (count < 1'000'000'000) return fmt::format("{}{}ms", sign, part(1'000'000, 6));
  const std::uint64_t minutes = count / 60'000'000'000;
  count %= 60'000'000'000;
  const std::string seconds = part(1'000'000'000, 9) + "s";
  if (minutes == 0) return fmt::format("{}{}", sign, seconds);
  if (minutes < 60) return fmt::format("{}{}m{}", sign, minutes, seconds);
  return fmt::format("{}{}h{}m{}", sign, minutes / 60, minutes % 60, seconds);
}

}  // namespace gantry::load
