#include "load/summary/remarks.h"

#include "load/summary/course.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace gantry::load {

namespace {

// Two latencies are the same to a person where they differ by less than a tenth and a millisecond.
bool is_more(double ms, double than_ms) { return ms > 1.1 * than_ms + 1; }

const TrendSink* find_latency(const RunOutcome& outcome) {
  const Sink* sink = outcome.recorder->sink(static_cast<MetricId>(BuiltInMetric::http_req_duration));
  return sink ? std::get_if<TrendSink>(sink) : nullptr;
}

// Who waited, and is not in k6's figures.
std::vector<std::string> causes_of_omission(const RunOutcome& outcome, double percent, double k6_ms) {
  const Measurement& measured = outcome.measurement;
  std::vector<std::string> causes;
  const std::uint64_t dropped = measured.dropped();
  double iterations = static_cast<double>(dropped);
  for (const ScenarioOutcome& scenario : outcome.scenarios) iterations += static_cast<double>(scenario.completed);
  if (dropped > 0)
    causes.push_back(fmt::format("{} arrivals ({:.2g} %) found no VU free and are in none of k6's percentiles", dropped,
                                 100 * static_cast<double>(dropped) / iterations));
  if (measured.unasked() > 0)
    causes.push_back(fmt::format("while the target stood still its VUs asked nothing: about {} requests are missing",
                                 measured.unasked()));
  if (is_more(measured.totals().percentile(percent), k6_ms))
    causes.emplace_back("k6 does not count the wait for a connection");
  if (causes.empty()) causes.emplace_back("iterations began later than they were due");
  return causes;
}

std::optional<std::string> find_omission(const RunOutcome& outcome) {
  const TrendSink* latency = find_latency(outcome);
  if (!latency) return std::nullopt;
  const TrendSink corrected = outcome.measurement.corrected();
  for (const double percent : {95.0, 99.0}) {
    const double k6 = latency->percentile(percent);
    const double users = corrected.percentile(percent);
    if (is_more(users, k6))
      return fmt::format("users who come when they like would have waited {} at p({:g}), not {}: {}", show_time(users),
                         percent, show_time(k6), fmt::join(causes_of_omission(outcome, percent, k6), "; "));
  }
  return std::nullopt;
}

std::string drift_text(std::string_view what, const Drift& drift) {
  return fmt::format(
      "{} {} by {:.0f} % from the start of the run to its end, which chance does in less than 1 of {} runs", what,
      drift.change > 0 ? "rose" : "fell", 100 * std::abs(drift.change),
      drift.doubt < 1e-4 ? 10'000 : static_cast<int>(1 / drift.doubt));
}

double cut(double value) { return std::trunc(value * 100) / 100; }

std::string trimmed(double value, std::string_view unit) { return fmt::format("{:.12g}{}", cut(value), unit); }

}  // namespace

std::string show_time(double ms) {
  const double size = std::abs(ms);
  if (size >= 60'000) {
    const auto seconds = static_cast<std::int64_t>(ms / 1000);
    if (seconds < 3600) return fmt::format("{}m{}s", seconds / 60, seconds % 60);
    return fmt::format("{}h{}m{}s", seconds / 3600, seconds / 60 % 60, seconds % 60);
  }
  if (size >= 1'000) return trimmed(ms / 1000, "s");
  if (size >= 1) return trimmed(ms, "ms");
  if (size >= 0.001) return trimmed(ms * 1'000, "µs");
  if (size > 0) return trimmed(ms * 1'000'000, "ns");
  return "0s";
}

std::optional<std::string> why_bottleneck(const RunOutcome& outcome) {
  // A generator that used more than this of the one core that its scripts run on, or waited for a processor longer than this every
  // twentieth time, may have measured itself; in a run shorter than this most of that is for getting started.
  constexpr double kBusyShare = 0.85;
  constexpr double kDelayMsMax = 10;
  constexpr std::chrono::duration<double> kBusySecondsMin{2};
  constexpr double kLateShare = 0.2;  // of the 99th percentile that it is to measure
  const Generator& generator = outcome.measurement.generator;
  if (generator.played < kBusySecondsMin) return std::nullopt;
  if (generator.cpu_share() > kBusyShare)
    return fmt::format(
        "it used {:.0f} % of the one core that its scripts run on: share the load with processes on "
        "other cores (--processes N)",
        100 * generator.cpu_share());
  if (const double delay = generator.delays.percentile(95); delay > kDelayMsMax)
    return fmt::format("it waited {} or more for a processor, every twentieth time: others use this machine",
                       show_time(delay));
  const TrendSink* latency = find_latency(outcome);
  const double late = generator.lateness.percentile(99);
  if (latency && late > std::max(kLateShare * latency->percentile(99), 1.0))
    return fmt::format("one iteration in a hundred began {} late or later, beside answers of {}", show_time(late),
                       show_time(latency->percentile(99)));
  return std::nullopt;
}

std::vector<std::string> make_remarks(const RunOutcome& outcome) {
  std::vector<std::string> remarks;
  if (std::optional<std::string> omission = find_omission(outcome)) remarks.push_back(*std::move(omission));
  if (const std::optional<std::string> why = why_bottleneck(outcome))
    remarks.push_back("the generator was the bottleneck: " + *why);
  for (const JudgedMetric& metric : outcome.thresholds)
    for (const JudgedThreshold& threshold : metric.thresholds)
      if (threshold.judgement.is_undecided)
        remarks.push_back(fmt::format("the threshold {} of {} had no samples: it is undecided, though k6 lets it pass",
                                      threshold.threshold.source, metric.selector.text));
  const Course course = course_of(outcome);
  if (course.warm_up.count() > 0)
    remarks.push_back(fmt::format("the first {} s are unlike the rest: they are warm-up, and in the figures above",
                                  course.warm_up.count()));
  if (is_drift(course.median))
    remarks.push_back(drift_text("the median latency", *course.median));
  else if (is_drift(course.p95))
    remarks.push_back(drift_text("the 95th percentile of the latency", *course.p95));
  return remarks;
}

}  // namespace gantry::load
