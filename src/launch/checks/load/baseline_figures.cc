#include "launch/checks/load/baseline_figures.h"

#include "base/number.h"
#include "base/text.h"
#include "launch/markdown_inline.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <vector>

namespace gantry::launch {

namespace {

struct Name {
  std::string_view name;
  std::string_view metric;
  std::string_view label;
  Quantity quantity;
};
constexpr std::array kNames = {
    Name{"request rate", "requests_per_second", "Request rate", Quantity::rate},
    Name{"rate", "requests_per_second", "Request rate", Quantity::rate},
    Name{"throughput", "requests_per_second", "Request rate", Quantity::rate},
    Name{"req/s", "requests_per_second", "Request rate", Quantity::rate},
    Name{"rps", "requests_per_second", "Request rate", Quantity::rate},
    Name{"requests/s", "requests_per_second", "Request rate", Quantity::rate},
    Name{"requests per second", "requests_per_second", "Request rate", Quantity::rate},
    Name{"median", "latency_ms_p50", "p50", Quantity::latency},
    Name{"med", "latency_ms_p50", "p50", Quantity::latency},
    Name{"avg", "latency_ms_avg", "Average", Quantity::latency},
    Name{"average", "latency_ms_avg", "Average", Quantity::latency},
    Name{"mean", "latency_ms_avg", "Average", Quantity::latency},
    Name{"min", "latency_ms_min", "Min", Quantity::latency},
    Name{"max", "latency_ms_max", "Max", Quantity::latency},
    Name{"maximum", "latency_ms_max", "Max", Quantity::latency},
    Name{"error rate", "requests_failed_percent", "Error rate", Quantity::share},
    Name{"errors", "requests_failed_percent", "Error rate", Quantity::share},
    Name{"failure rate", "requests_failed_percent", "Error rate", Quantity::share},
    Name{"failed requests", "requests_failed_percent", "Error rate", Quantity::share},
    Name{"failed", "requests_failed_percent", "Error rate", Quantity::share},
    Name{"requests", "requests_count", "Requests", Quantity::count},
    Name{"total requests", "requests_count", "Requests", Quantity::count},
    Name{"iterations", "iterations_count", "Iterations", Quantity::count},
    Name{"dropped iterations", "iterations_dropped_count", "Dropped iterations", Quantity::count},
    Name{"duration", "duration_seconds", "Duration", Quantity::span},
    Name{"test duration", "duration_seconds", "Duration", Quantity::span},
};

// What people write around a percentile.
constexpr std::array<std::string_view, 8> kDecoration = {"latency",           "response", "time",       "times",
                                                         "http_req_duration", "request",  "percentile", "http"};

struct Unit {
  std::string_view name;
  Quantity quantity;
  double factor;
};
constexpr std::array kUnits = {
    Unit{"ms", Quantity::latency, 1},
    Unit{"milliseconds", Quantity::latency, 1},
    Unit{"s", Quantity::latency, 1e3},
    Unit{"seconds", Quantity::latency, 1e3},
    Unit{"us", Quantity::latency, 1e-3},
    Unit{"µs", Quantity::latency, 1e-3},
    Unit{"req/s", Quantity::rate, 1},
    Unit{"requests/s", Quantity::rate, 1},
    Unit{"reqs/s", Quantity::rate, 1},
    Unit{"rps", Quantity::rate, 1},
    Unit{"requests/second", Quantity::rate, 1},
    Unit{"requests/sec", Quantity::rate, 1},
    Unit{"req/sec", Quantity::rate, 1},
    Unit{"/s", Quantity::rate, 1},
    Unit{"%", Quantity::share, 1},
    Unit{"percent", Quantity::share, 1},
    Unit{"s", Quantity::span, 1},
    Unit{"seconds", Quantity::span, 1},
    Unit{"m", Quantity::span, 60},
    Unit{"min", Quantity::span, 60},
    Unit{"minutes", Quantity::span, 60},
    Unit{"h", Quantity::span, 3600},
    Unit{"hours", Quantity::span, 3600},
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// "p(95)" -> "p95", and no "(ms)" behind it.
std::string without_parentheses(std::string_view label) {
  std::string text;
  for (std::size_t i = 0; i < label.size(); ++i) {
    if (label[i] != '(') {
      text += label[i];
      continue;
    }
    const std::size_t close = std::min(label.find(')', i), label.size());
    if (i > 0 && label[i - 1] == 'p') text += label.substr(i + 1, close - i - 1);
    i = close;
  }
  return text;
}

// "95th" -> "p95": so many of a hundred.
std::string as_percentile(std::string_view word) {
  for (const std::string_view ending : {"th", "st", "nd", "rd"})
    if (word.size() > ending.size() && word.ends_with(ending) && base::parse_double(word.substr(0, word.size() - 2)))
      return fmt::format("p{}", word.substr(0, word.size() - 2));
  return std::string(word);
}

// From the digits on: "1,234.50 ms" -> the number's own text.
std::string_view digits_at(std::string_view text, std::size_t begin) {
  std::size_t end = begin;
  const auto is_separator = [&](std::size_t at) {  // of thousands
    return text[at] == ',' && at + 3 < text.size() && is_digit(text[at + 1]) && is_digit(text[at + 2]) &&
           is_digit(text[at + 3]);
  };
  while (end < text.size() && (is_digit(text[end]) || is_separator(end))) ++end;
  if (end + 1 < text.size() && text[end] == '.' && is_digit(text[end + 1]))
    for (++end; end < text.size() && is_digit(text[end]);) ++end;
  return text.substr(begin, end - begin);
}

// "12k": thousands. Nothing where it begins a word.
bool is_thousands(std::string_view text, std::size_t at) {
  const bool is_k = at < text.size() && (text[at] == 'k' || text[at] == 'K');
  return is_k && (at + 1 == text.size() || std::isalpha(static_cast<unsigned char>(text[at + 1])) == 0);
}

Bound bound_of(std::string_view before) {
  for (const std::string_view sign : {"<", "<=", "≤"})
    if (before.ends_with(sign)) return Bound::at_most;
  for (const std::string_view sign : {">", ">=", "≥"})
    if (before.ends_with(sign)) return Bound::at_least;
  return Bound::exact;
}

std::string_view unit_at(std::string_view text, std::size_t begin) {
  while (begin < text.size() && (text[begin] == ' ' || text[begin] == '`' || text[begin] == '*')) ++begin;
  const std::size_t end = std::min(text.find_first_of(" `*,;)|", begin), text.size());
  std::string_view unit = text.substr(begin, end - begin);
  while (unit.ends_with('.')) unit.remove_suffix(1);
  return unit;
}

}  // namespace

std::optional<Figure> find_figure(std::string_view label) {
  const std::string plain = without_parentheses(text_identity(label));
  std::string text;
  for (const std::string_view word : base::split(plain, ' ')) {
    if (word.empty() || std::ranges::find(kDecoration, word) != kDecoration.end()) continue;
    text += (text.empty() ? "" : " ") + as_percentile(word);
  }
  if (text.starts_with('p') && base::parse_double(std::string_view(text).substr(1)))
    return Figure{"latency_ms_" + text, text, Quantity::latency};
  for (const std::string& candidate : {plain, text}) {
    const auto name = std::ranges::find(kNames, base::trim(candidate), &Name::name);
    if (name != kNames.end()) return Figure{std::string(name->metric), std::string(name->label), name->quantity};
  }
  return std::nullopt;
}

std::optional<Quantity> quantity_of_unit(std::string_view unit) {
  const auto found = std::ranges::find(kUnits, unit, &Unit::name);
  return found == kUnits.end() ? std::nullopt : std::optional(found->quantity);
}

bool WrittenNumber::is_so(double measured) const {
  switch (bound) {
    case Bound::exact: return std::abs(measured - value) <= tolerance;
    // What is rounded may be either; what is under something is under it.
    case Bound::at_most: return measured <= value;
    case Bound::at_least: return measured >= value;
  }
  return false;
}

std::optional<WrittenNumber> read_number(std::string_view text, Quantity quantity) {
  const std::optional<WrittenNumber> number = read_bounded_number(text, quantity);
  return number && number->bound == Bound::exact ? number : std::nullopt;
}

std::optional<WrittenNumber> read_bounded_number(std::string_view text, Quantity quantity) {
  constexpr std::string_view kDigits = "0123456789";
  const std::size_t begin = text.find_first_of(kDigits);
  if (begin == std::string_view::npos) return std::nullopt;
  const std::string_view before = base::trim(text.substr(0, begin));
  const std::string_view digits = digits_at(text, begin);
  std::string bare(digits);
  std::erase(bare, ',');
  const std::optional<double> number = base::parse_double(bare);
  if (!number) return std::nullopt;
  WrittenNumber written{.offset = begin, .length = digits.size(), .bound = bound_of(before)};
  const bool is_k = is_thousands(text, begin + digits.size());
  const double scale = is_k ? 1e3 : 1;
  const std::string_view unit = unit_at(text, begin + digits.size() + (is_k ? 1 : 0));
  const auto known =
      std::ranges::find_if(kUnits, [&](const Unit& each) { return each.quantity == quantity && each.name == unit; });
  if (known != kUnits.end()) written.factor = known->factor;
  if (known == kUnits.end() && quantity_of_unit(unit)) return std::nullopt;
  const std::size_t point = bare.find('.');
  written.decimals = point == std::string::npos ? 0 : static_cast<int>(bare.size() - point - 1);
  double step = std::pow(10.0, -written.decimals);
  const bool is_rough = before.ends_with('~') || before.ends_with("≈") || before.ends_with("about");
  if (is_rough && written.decimals == 0)
    for (std::size_t at = bare.size(); at > 2 && bare[at - 1] == '0'; --at) step *= 10;  // two digits stay
  constexpr double kHalf = 0.5 + 1e-9;                                                   // 2.5 may have become 2 or 3
  written.value = *number * scale * written.factor;
  written.tolerance = kHalf * step * scale * written.factor;
  return written;
}

std::string show(Quantity quantity, double value) {
  switch (quantity) {
    case Quantity::latency: return fmt::format("{:.2f} ms", value);
    case Quantity::rate: return fmt::format("{:.2f} req/s", value);
    case Quantity::share: return fmt::format("{:.2f} %", value);
    case Quantity::count: return fmt::format("{:.0f}", value);
    case Quantity::span: return fmt::format("{:.1f} s", value);
  }
  return {};
}

}  // namespace gantry::launch
