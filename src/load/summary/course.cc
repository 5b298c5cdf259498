#include "load/summary/course.h"

#include <algorithm>
#include <vector>

namespace gantry::load {

namespace {

bool is_constant(const ScenarioOutcome& outcome) {
  const ExecutorPlan& plan = outcome.scenario.plan;
  const bool ramps = std::holds_alternative<RampingVus>(plan) || std::holds_alternative<RampingArrivalRate>(plan);
  return !ramps && outcome.scenario.start_time == Duration(0);
}

// The places of the intervals that have a latency. The last interval is only part of one.
std::vector<std::size_t> find_answered(const TimeSeries& series) {
  std::vector<std::size_t> places;
  const std::size_t whole = series.intervals().empty() ? 0 : series.intervals().size() - 1;
  for (std::size_t i = 0; i < whole; ++i)
    if (series.intervals()[i].latency.count() > 0) places.push_back(i);
  return places;
}

std::vector<double> percentiles(const TimeSeries& series, const std::vector<std::size_t>& places, double percent) {
  std::vector<double> values;
  for (const std::size_t i : places) values.push_back(series.intervals()[i].latency.percentile(percent));
  return values;
}

}  // namespace

std::optional<std::size_t> find_worst(const TimeSeries& series) {
  const auto worst = std::ranges::max_element(
      series.intervals(), {}, [](const TimeSeries::Interval& interval) { return interval.latency.max(); });
  if (worst == series.intervals().end() || worst->latency.count() == 0) return std::nullopt;
  return static_cast<std::size_t>(worst - series.intervals().begin());
}

Course course_of(const RunOutcome& outcome) {
  const TimeSeries& series = outcome.measurement.series;
  Course course{.worst = find_worst(series)};
  if (!std::ranges::all_of(outcome.scenarios, is_constant)) return course;
  const std::vector<std::size_t> answered = find_answered(series);
  const std::vector<double> medians = percentiles(series, answered, 50);
  const std::vector<double> tails = percentiles(series, answered, 95);
  const std::size_t from = find_warm_up(medians);
  if (from > 0) course.warm_up = series.width() * static_cast<std::int64_t>(answered[from]);
  course.median = find_drift(std::span(medians).subspan(from));
  course.p95 = find_drift(std::span(tails).subspan(from));
  return course;
}

}  // namespace gantry::load
