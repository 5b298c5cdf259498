#include "load/summary/progress.h"

#include <algorithm>
#include <chrono>

namespace gantry::load {

std::optional<std::int64_t> iterations_of(const ExecutorPlan& plan) {
  if (const auto* shared = std::get_if<SharedIterations>(&plan)) return shared->iterations;
  if (const auto* each = std::get_if<PerVuIterations>(&plan)) return each->iterations * each->vus;
  return std::nullopt;
}

double part_done(const ScenarioProgress& progress) {
  if (progress.is_over) return 1;
  const auto part = [](double done, double all) { return all > 0 ? std::clamp(done / all, 0.0, 1.0) : 0.0; };
  const double of_time = part(static_cast<double>(progress.elapsed.count()),
                              static_cast<double>(length_of(progress.scenario.plan).count()));
  const std::optional<std::int64_t> iterations = iterations_of(progress.scenario.plan);
  return iterations ? std::max(of_time, part(static_cast<double>(progress.completed), static_cast<double>(*iterations)))
                    : of_time;
}

double failed_share(const TimeSeries::Interval& interval) {
  const std::uint64_t all = interval.latency.count();
  return all > 0 ? static_cast<double>(interval.failed) / static_cast<double>(all) : 0;
}

double requests_per_second(const TimeSeries& series) {
  const auto& intervals = series.intervals();
  if (intervals.empty()) return 0;
  const TimeSeries::Interval& last = intervals[intervals.size() < 2 ? 0 : intervals.size() - 2];
  return static_cast<double>(last.latency.count()) / static_cast<double>(series.width().count());
}

}  // namespace gantry::load
