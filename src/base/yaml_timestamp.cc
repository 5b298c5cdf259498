// go-yaml tries four layouts of Go's time.Parse: date only, date and time with T or t and a zone, and with a space and no
// zone. Single-digit months, days, hours, minutes and seconds are accepted; the year has four digits. The result is
// printed as RFC 3339 with the fraction's trailing zeros dropped, which is how Go marshals a time into JSON.

#include "base/yaml_timestamp.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace gantry::base {

namespace {

// Takes pieces off the front of a text; once one is not there, the rest fails too.
class Pieces {
 public:
  explicit Pieces(std::string_view text) : rest_(text) {}

  bool failed() const { return failed_; }
  bool at_end() const { return rest_.empty(); }
  bool next_is(char c) const { return rest_.starts_with(c); }

  bool skip(char c) {
    if (!next_is(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void require(char c) { failed_ |= !skip(c); }

  // A number of `digits_min` to `digits_max` digits that is at most `value_max`.
  unsigned number(std::size_t digits_min, std::size_t digits_max, unsigned value_max) {
    unsigned value = 0;
    const std::string_view digits = take_digits(digits_max);
    for (const char c : digits) value = value * 10 + static_cast<unsigned>(c - '0');
    failed_ |= digits.size() < digits_min || value > value_max;
    return value;
  }

  std::string_view take_digits(std::size_t count_max = std::string_view::npos) {
    const std::size_t count = std::min({rest_.find_first_not_of("0123456789"), rest_.size(), count_max});
    const std::string_view digits = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return digits;
  }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

// ".5" for ".500"; at most nanoseconds, as Go keeps no more.
std::string take_fraction(Pieces& pieces) {
  if (!pieces.skip('.') && !pieces.skip(',')) return {};
  std::string_view digits = pieces.take_digits();
  if (digits.empty()) pieces.require('0');
  digits = digits.substr(0, 9);
  while (digits.ends_with('0')) digits.remove_suffix(1);
  return digits.empty() ? std::string() : fmt::format(".{}", digits);
}

std::string take_zone(Pieces& pieces) {
  if (pieces.skip('Z')) return "Z";
  const char sign = pieces.next_is('-') ? '-' : '+';
  pieces.require(sign);
  const unsigned hours = pieces.number(2, 2, 24);
  pieces.require(':');
  const unsigned minutes = pieces.number(2, 2, 60);
  return hours + minutes == 0 ? "Z" : fmt::format("{}{:02}:{:02}", sign, hours, minutes);
}

}  // namespace

std::optional<std::string> canonical_yaml_timestamp(std::string_view text) {
  using std::chrono::day, std::chrono::month, std::chrono::year, std::chrono::year_month_day;
  Pieces pieces(text);
  const unsigned y = pieces.number(4, 4, 9999);
  pieces.require('-');
  const unsigned m = pieces.number(1, 2, 12);
  pieces.require('-');
  const unsigned d = pieces.number(1, 2, 31);
  if (pieces.failed() || !year_month_day(year(static_cast<int>(y)), month(m), day(d)).ok()) return {};
  const std::string date = fmt::format("{:04}-{:02}-{:02}", y, m, d);
  if (pieces.at_end()) return date + "T00:00:00Z";

  const bool has_zone = !pieces.skip(' ');
  if (has_zone && !pieces.skip('T')) pieces.require('t');
  const unsigned hour = pieces.number(1, 2, 23);
  pieces.require(':');
  const unsigned minute = pieces.number(1, 2, 59);
  pieces.require(':');
  const unsigned second = pieces.number(1, 2, 59);
  const std::string fraction = take_fraction(pieces);
  const std::string zone = has_zone ? take_zone(pieces) : "Z";
  if (pieces.failed() || !pieces.at_end()) return {};
  return fmt::format("{}T{:02}:{:02}:{:02}{}{}", date, hour, minute, second, fraction, zone);
}

}  // namespace gantry::base
