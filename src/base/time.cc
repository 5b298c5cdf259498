#include "base/time.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <iterator>
#include <optional>
#include <ranges>

// Written by hand because libstdc++ 12 has neither chrono formatting nor chrono parsing. The calendar itself is <chrono>'s.

namespace gantry::base {

namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using std::chrono::sys_days;
using std::chrono::year_month_day;

// RFC 3339 §5.6 writes a year with four digits; what lies outside cannot be written.
constexpr Timestamp kFirst = sys_days(year_month_day(std::chrono::year(0), std::chrono::January, std::chrono::day(1)));
constexpr Timestamp kLast =
    sys_days(year_month_day(std::chrono::year(10'000), std::chrono::January, std::chrono::day(1))) - 1ms;

// Takes characters from the front of a text.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }

  // One character of `any_of`, or nothing is taken.
  std::optional<char> take(std::string_view any_of) {
    if (rest_.empty() || !any_of.contains(rest_.front())) return std::nullopt;
    const char taken = rest_.front();
    rest_.remove_prefix(1);
    return taken;
  }

  std::string_view take_digits() {
    const std::size_t count = std::min(rest_.find_first_not_of("0123456789"), rest_.size());
    const std::string_view digits = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return digits;
  }

  // Exactly `width` digits, with no further digit behind them.
  std::optional<int> take_number(std::size_t width) {
    const std::string_view digits = take_digits();
    if (digits.size() != width) return std::nullopt;
    int number = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return number;
  }

 private:
  std::string_view rest_;
};

struct TimeOfDay {
  milliseconds since_midnight{};
  bool leap_second = false;  // the second was written as 60; counted as 59 here
};

std::optional<year_month_day> take_date(Cursor& in) {
  const std::optional<int> year = in.take_number(4);
  if (!year || !in.take("-")) return std::nullopt;
  const std::optional<int> month = in.take_number(2);
  if (!month || !in.take("-")) return std::nullopt;
  const std::optional<int> day = in.take_number(2);
  if (!day) return std::nullopt;
  return year_month_day(std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                        std::chrono::day(static_cast<unsigned>(*day)));
}

// ".5" as 500 ms. Digits past the third are dropped, more than nine are refused.
std::optional<milliseconds> take_fraction(Cursor& in) {
  if (!in.take(".")) return 0ms;
  const std::string_view digits = in.take_digits();
  if (digits.empty() || digits.size() > 9) return std::nullopt;
  int thousandths = 0;
  for (std::size_t i = 0; i < 3; ++i) thousandths = thousandths * 10 + (i < digits.size() ? digits[i] - '0' : 0);
  return milliseconds(thousandths);
}

std::optional<TimeOfDay> take_time(Cursor& in) {
  const std::optional<int> hour = in.take_number(2);
  if (!hour || *hour > 23 || !in.take(":")) return std::nullopt;
  const std::optional<int> minute = in.take_number(2);
  if (!minute || *minute > 59 || !in.take(":")) return std::nullopt;
  const std::optional<int> second = in.take_number(2);
  if (!second || *second > 60) return std::nullopt;
  const std::optional<milliseconds> fraction = take_fraction(in);
  if (!fraction) return std::nullopt;
  const bool leap = *second == 60;
  return TimeOfDay{
      std::chrono::hours(*hour) + std::chrono::minutes(*minute) + std::chrono::seconds(leap ? 59 : *second) + *fraction,
      leap};
}

// "Z", "+01:00", "-23:59".
std::optional<std::chrono::minutes> take_offset(Cursor& in) {
  if (in.take("Zz")) return 0min;
  const std::optional<char> sign = in.take("+-");
  if (!sign) return std::nullopt;
  const std::optional<int> hour = in.take_number(2);
  if (!hour || *hour > 23 || !in.take(":")) return std::nullopt;
  const std::optional<int> minute = in.take_number(2);
  if (!minute || *minute > 59) return std::nullopt;
  const std::chrono::minutes offset = std::chrono::hours(*hour) + std::chrono::minutes(*minute);
  return *sign == '-' ? -offset : offset;
}

// RFC 3339 §5.7: a second 60 exists only as the last of a month in UTC.
bool ends_month(Timestamp time) {
  const Timestamp next = std::chrono::ceil<std::chrono::seconds>(time + 1ms);
  const sys_days day = std::chrono::floor<std::chrono::days>(next);
  return next == day && year_month_day(day).day() == std::chrono::day(1);
}

std::unexpected<Error> bad_time(std::string_view text, std::string_view why) {
  constexpr std::size_t kShown = 64;  // twice the longest good one: enough to recognise it
  return input_error(fmt::format("\"{}\" is not a time: {}", text.substr(0, kShown), why), {},
                     "write it as RFC 3339 does, for example 2026-11-24T01:50:00Z or 2026-11-24");
}

Timestamp writable(Timestamp time) { return std::clamp(time, kFirst, kLast); }

}  // namespace

std::string format_date(Timestamp time) {
  const year_month_day date(std::chrono::floor<std::chrono::days>(writable(time)));
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()));
}

std::string format_rfc3339(Timestamp time) {
  const Timestamp shown = writable(time);
  const std::chrono::hh_mm_ss<milliseconds> clock(shown - std::chrono::floor<std::chrono::days>(shown));
  return fmt::format("{}T{:02}:{:02}:{:02}.{:03}Z", format_date(shown), clock.hours().count(), clock.minutes().count(),
                     clock.seconds().count(), clock.subseconds().count());
}

Result<Timestamp> parse_rfc3339(std::string_view text) {
  constexpr std::string_view kShape = "it does not have the form of one";
  Cursor in(text);
  const std::optional<year_month_day> date = take_date(in);
  if (!date) return bad_time(text, kShape);
  if (!date->ok()) return bad_time(text, "there is no such day");
  const Timestamp midnight = sys_days(*date);
  if (in.at_end()) return midnight;

  // §5.6 allows lower case, and a space for readability.
  if (!in.take("Tt ")) return bad_time(text, kShape);
  const std::optional<TimeOfDay> time = take_time(in);
  if (!time) return bad_time(text, "the time of day is not hh:mm:ss, with at most nine digits after the second");
  const std::optional<std::chrono::minutes> offset = take_offset(in);
  if (!offset || !in.at_end()) return bad_time(text, "it does not end in Z or an offset such as +01:00");

  Timestamp instant = midnight + time->since_midnight - *offset;
  if (time->leap_second) {
    if (!ends_month(instant)) return bad_time(text, "a leap second ends the last day of a month, in UTC");
    instant += 1s;  // as POSIX counts it: the same as the first second of the next day
  }
  if (instant < kFirst || instant > kLast) return bad_time(text, "in UTC it lies outside the years 0000 to 9999");
  return instant;
}

namespace {

struct DurationUnit {
  std::string_view name;
  std::int64_t milliseconds;
};

// Largest first, the order in which they are written.
constexpr std::array<DurationUnit, 5> kDurationUnits = {
    {{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};
static_assert(std::ranges::is_sorted(kDurationUnits, std::ranges::greater(), &DurationUnit::milliseconds));

std::unexpected<Error> bad_duration(std::string_view text, std::string_view why) {
  constexpr std::size_t kShown = 64;
  return input_error(fmt::format("\"{}\" is not a duration: {}", text.substr(0, kShown), why), {},
                     "write whole numbers with a unit, largest first: 500ms, 90s, 15m, 2h30m, 30d");
}

}  // namespace

Result<milliseconds> parse_duration(std::string_view text) {
  if (text.empty()) return bad_duration(text, "it is empty");
  std::int64_t total = 0;
  auto next_unit = kDurationUnits.begin();  // units before it are used up: each stands at most once, in order
  for (std::string_view rest = text; !rest.empty();) {
    std::int64_t count = 0;
    if (rest.front() == '-') return bad_duration(text, "it is negative, or has a stray \"-\"");
    const auto [end, problem] = std::from_chars(rest.data(), rest.data() + rest.size(), count);
    if (problem == std::errc::result_out_of_range) return bad_duration(text, "it is too long");
    if (problem != std::errc()) return bad_duration(text, "a number is missing");
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));

    const std::string_view name = rest.substr(0, rest.find_first_of("0123456789"));
    if (name.empty()) return bad_duration(text, "the unit is missing");
    const auto unit =
        std::find_if(next_unit, kDurationUnits.end(), [&](const DurationUnit& u) { return u.name == name; });
    if (unit == kDurationUnits.end()) return bad_duration(text, "a unit is unknown, repeated or out of order");
    rest.remove_prefix(name.size());
    next_unit = std::next(unit);

    std::int64_t part = 0;
    if (__builtin_mul_overflow(count, unit->milliseconds, &part) || __builtin_add_overflow(total, part, &total)) {
      return bad_duration(text, "it is too long");
    }
  }
  return milliseconds(total);
}

std::string format_duration(milliseconds duration) {
  if (duration == 0ms) return "0s";
  std::string text = duration < 0ms ? "-" : "";
  // Unsigned, because the most negative count has no positive twin.
  std::uint64_t rest = static_cast<std::uint64_t>(duration.count());
  if (duration < 0ms) rest = 0 - rest;
  for (const DurationUnit& unit : kDurationUnits) {
    const auto size = static_cast<std::uint64_t>(unit.milliseconds);
    if (rest >= size) text += fmt::format("{}{}", rest / size, unit.name);
    rest %= size;
  }
  return text;
}

std::chrono::steady_clock::time_point to_steady(std::chrono::system_clock::time_point instant) {
  const auto ago = std::chrono::system_clock::now() - instant;
  return std::chrono::steady_clock::now() - ago;
}

Timestamp SystemClock::now() const { return std::chrono::floor<milliseconds>(std::chrono::system_clock::now()); }

}  // namespace gantry::base
