#include "load/measure/comparison.h"

#include "load/measure/steadiness.h"

#include <algorithm>
#include <array>

namespace gantry::load {

using base::Node;
using base::Result;

namespace {

constexpr std::array kFigures = {
    ComparedFigure{"p50", "ms", true, &RunCurve::p50}, ComparedFigure{"p95", "ms", true, &RunCurve::p95},
    ComparedFigure{"p99", "ms", true, &RunCurve::p99}, ComparedFigure{"rate", "/s", false, &RunCurve::rate},
    ComparedFigure{"errors", "%", true, nullptr},
};

double number_of(const Node& interval, std::string_view name) {
  const Node* value = interval.is_map() ? interval.get(name) : nullptr;
  return value && value->is_number() ? value->number() : 0;
}

void drop_first(std::vector<double>& values, std::size_t count) {
  values.erase(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(count));
}

// It is seen in the latencies, which silent intervals have none of. `answered` are the places of the others.
void drop_warm_up(RunCurve& curve, std::span<const std::size_t> answered) {
  const std::size_t from = find_warm_up(curve.p50);
  if (from == 0) return;
  for (std::vector<double>* values : {&curve.p50, &curve.p95, &curve.p99}) drop_first(*values, from);
  for (std::vector<double>* values : {&curve.rate, &curve.p95_or_none}) drop_first(*values, answered[from]);
}

double median_of(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

// In the figure's unit: a change below it is none.
double least_of(const ComparedFigure& figure, double before, const Tolerance& tolerance) {
  constexpr double kNoiseMs = 0.2;
  constexpr double kNoisePart = 0.5;
  constexpr double kErrorsPercent = 0.1;  // one request in a thousand
  if (figure.unit == "ms") return tolerance.least.value_or(std::min(kNoiseMs, kNoisePart * before));
  return figure.unit == "%" ? kErrorsPercent : 0;
}

ComparisonResult judge(const ComparedFigure& figure, const Shift& shift, double tolerated, double doubt) {
  const double worse_by = figure.more_is_worse ? shift.by : -shift.by;
  const double worst = figure.more_is_worse ? shift.high : -shift.low;
  const bool may_be_too_much = worst > tolerated;
  if (shift.doubt > doubt) return may_be_too_much ? ComparisonResult::unclear : ComparisonResult::same;
  if (worse_by > tolerated) return ComparisonResult::worse;
  if (may_be_too_much) return ComparisonResult::open;
  return worse_by < -tolerated ? ComparisonResult::better : ComparisonResult::tolerated;
}

RunComparison compare_shares(std::span<const Counted> before, std::span<const Counted> after) {
  constexpr double kPercent = 100;
  RunComparison comparison{.before = kPercent * share_of(before),
                           .after = kPercent * share_of(after),
                           .before_count = before.size(),
                           .after_count = after.size(),
                           .shift = find_share_shift(before, after)};
  if (!comparison.shift) return comparison;
  for (double* each : {&comparison.shift->by, &comparison.shift->low, &comparison.shift->high}) *each *= kPercent;
  return comparison;
}

std::vector<Counted> stalls_of(const RunCurve& curve, double rate_least, double p95_most) {
  std::vector<Counted> stalls;
  for (std::size_t i = 0; i < curve.rate.size(); ++i)
    stalls.push_back({curve.rate[i] < rate_least || curve.p95_or_none[i] > p95_most ? 1.0 : 0.0, 1.0});
  return stalls;
}

RunComparison compare_medians(const std::vector<double>& before, const std::vector<double>& after) {
  return {.before = median_of(before),
          .after = median_of(after),
          .before_count = before.size(),
          .after_count = after.size(),
          .shift = find_shift(before, after)};
}

}  // namespace

Result<RunCurve> read_run_curve(const Node& summary) {
  const Node* series = summary.is_map() ? summary.find("gantry", "series") : nullptr;
  const Node* seconds = series && series->is_map() ? series->get("seconds") : nullptr;
  const Node* intervals = series && series->is_map() ? series->get("intervals") : nullptr;
  if (!intervals || !intervals->is_array() || !seconds || !seconds->is_integer() || seconds->integer() < 1)
    return base::input_error("the summary has no series to compare with", {},
                             "write one with `gantry load run --summary-export FILE`; k6's own have none");
  RunCurve curve{.seconds = seconds->integer(),
                 .scenarios = {},
                 .rate = {},
                 .p50 = {},
                 .p95 = {},
                 .p99 = {},
                 .p95_or_none = {},
                 .failed = {},
                 .bottleneck = {}};
  if (const Node* scenarios = summary.find("gantry", "scenarios"); scenarios && scenarios->is_map())
    for (const Node::Member& member : scenarios->map())
      curve.scenarios.emplace(member.key, member.value.is_map() ? member.value.text("model") : std::string_view());
  if (const Node* generator = summary.find("gantry", "generator"); generator && generator->is_map())
    curve.bottleneck = generator->text("bottleneck");
  for (const Node& interval : intervals->array())
    curve.failed.push_back({number_of(interval, "failed"), number_of(interval, "requests")});
  const std::size_t whole = intervals->array().empty() ? 0 : intervals->array().size() - 1;
  std::vector<std::size_t> answered;
  for (const Node& interval : std::span(intervals->array()).first(whole)) {
    const double requests = number_of(interval, "requests");
    curve.rate.push_back(requests / static_cast<double>(curve.seconds));
    curve.p95_or_none.push_back(requests > 0 ? number_of(interval, "p95") : 0);
    if (requests <= 0) continue;  // nobody was answered: the rate says so, and there is no latency
    answered.push_back(curve.rate.size() - 1);
    curve.p50.push_back(number_of(interval, "p50"));
    curve.p95.push_back(number_of(interval, "p95"));
    curve.p99.push_back(number_of(interval, "p99"));
  }
  drop_warm_up(curve, answered);
  return curve;
}

RunComparison compare_stalls(const RunCurve& before, const RunCurve& after, const Tolerance& tolerance) {
  constexpr double kPercent = 100;
  constexpr double kTwice = 2;
  const double rate_least = median_of(before.rate) / kTwice;
  const double p95_most = kTwice * median_of(before.p95) + least_of(kFigures[1], median_of(before.p95), tolerance);
  RunComparison comparison =
      compare_shares(stalls_of(before, rate_least, p95_most), stalls_of(after, rate_least, p95_most));
  comparison.tolerated = kPercent * tolerance.part;
  if (!comparison.shift) return comparison;
  const bool is_worse = comparison.shift->doubt <= tolerance.doubt && comparison.shift->by > comparison.tolerated;
  comparison.result = is_worse ? ComparisonResult::worse : ComparisonResult::same;
  return comparison;
}

std::span<const ComparedFigure> compared_figures() { return kFigures; }

RunComparison compare_figure(const ComparedFigure& figure, const RunCurve& before, const RunCurve& after,
                             const Tolerance& tolerance) {
  RunComparison comparison = figure.values ? compare_medians(before.*figure.values, after.*figure.values)
                                           : compare_shares(before.failed, after.failed);
  comparison.tolerated = std::max(tolerance.part * comparison.before, least_of(figure, comparison.before, tolerance));
  if (comparison.shift) comparison.result = judge(figure, *comparison.shift, comparison.tolerated, tolerance.doubt);
  return comparison;
}

}  // namespace gantry::load
