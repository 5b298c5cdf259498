#include "launch/checks/load/expectation.h"

#include "base/number.h"
#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace gantry::launch {

using base::Result;

namespace {

struct Unit {
  std::string_view name;
  Expected what;
  double factor;  // to what the metric counts in
};
constexpr std::array kUnits = {
    Unit{"", Expected::rate, 1},         Unit{"/s", Expected::rate, 1},       Unit{"req/s", Expected::rate, 1},
    Unit{"", Expected::latency, 1},      Unit{"ms", Expected::latency, 1},    Unit{"s", Expected::latency, 1e3},
    Unit{"us", Expected::latency, 1e-3}, Unit{"µs", Expected::latency, 1e-3}, Unit{"", Expected::errors, 1},
    Unit{"%", Expected::errors, 1e-2},
};

std::unexpected<base::Error> refuse(std::string_view text) {
  return base::input_error(fmt::format("\"{}\" is no expectation", text), {},
                           "write one like rate >= 100, p95 < 500ms or errors < 1%");
}

// The figure as k6 has it: "p95" -> "p(95)".
std::optional<Expectation> read_figure(std::string_view figure, std::string& aggregation) {
  if (figure == "rate") {
    aggregation = "rate";
    return Expectation{.text = {}, .what = Expected::rate, .metric = "http_reqs", .threshold = {}};
  }
  if (figure == "errors") {
    aggregation = "rate";
    return Expectation{.text = {}, .what = Expected::errors, .metric = "http_req_failed", .threshold = {}};
  }
  constexpr std::array<std::string_view, 4> kOthers = {"avg", "med", "min", "max"};
  const bool is_percentile = figure.starts_with('p') && base::parse_double(figure.substr(1));
  if (!is_percentile && std::ranges::find(kOthers, figure) == kOthers.end()) return std::nullopt;
  aggregation = is_percentile ? fmt::format("p({})", figure.substr(1)) : std::string(figure);
  return Expectation{.text = {}, .what = Expected::latency, .metric = "http_req_duration", .threshold = {}};
}

}  // namespace

Result<Expectation> parse_expectation(std::string_view text) {
  constexpr std::string_view kComparators = "<>=";
  const std::size_t begin = text.find_first_of(kComparators);
  if (begin == std::string_view::npos) return refuse(text);
  const std::size_t end = std::min(text.find_first_not_of(kComparators, begin), text.size());
  std::string aggregation;
  std::optional<Expectation> expectation = read_figure(base::trim(text.substr(0, begin)), aggregation);
  if (!expectation) return refuse(text);
  const std::string_view bound = base::trim(text.substr(end));
  const std::size_t digits = std::min(bound.find_first_not_of("0123456789."), bound.size());
  const std::optional<double> number = base::parse_double(bound.substr(0, digits));
  const std::string_view unit_text = base::trim(bound.substr(digits));
  const auto unit = std::ranges::find_if(
      kUnits, [&](const Unit& each) { return each.what == expectation->what && each.name == unit_text; });
  if (!number || unit == kUnits.end()) return refuse(text);
  // Without a unit it is a share; "errors < 1" is a slip for 1 %, and would hold whatever happens.
  if (expectation->what == Expected::errors && unit_text.empty() && *number >= 1) return refuse(text);
  const Result<load::Threshold> threshold = load::parse_threshold(
      fmt::format("{}{}{}", aggregation, text.substr(begin, end - begin), *number * unit->factor));
  if (!threshold) return refuse(text);
  expectation->text = text;
  expectation->threshold = *threshold;
  return *std::move(expectation);
}

}  // namespace gantry::launch
