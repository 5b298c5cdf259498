#include "launch/checks/load/measured.h"

#include <fmt/format.h>

#include <algorithm>

namespace gantry::launch {

namespace {

double to_seconds(std::chrono::nanoseconds duration) { return std::chrono::duration<double>(duration).count(); }

template <typename Kind>
const Kind* find_sink(const load::RunOutcome& outcome, load::BuiltInMetric metric) {
  const load::Sink* sink = outcome.recorder->sink(static_cast<load::MetricId>(metric));
  return sink ? std::get_if<Kind>(sink) : nullptr;
}

double count(const load::RunOutcome& outcome, load::BuiltInMetric metric) {
  const auto* sink = find_sink<load::CounterSink>(outcome, metric);
  return sink ? sink->count() : 0;
}

// A target that answers at once leaves a VU nothing to do but what it sleeps: the same time would then hold as many more iterations.
std::optional<double> rate_ceiling(const load::RunOutcome& outcome, const Measured& measured) {
  const auto* iterations = find_sink<load::TrendSink>(outcome, load::BuiltInMetric::iteration_duration);
  const double slept = to_seconds(outcome.slept);
  if (!iterations || slept <= 0 || measured.requests <= 0) return std::nullopt;
  const double lived = iterations->average() * static_cast<double>(iterations->count()) / 1000;
  return measured.rate * std::max(lived / slept, 1.0);
}

}  // namespace

Measured measure(const load::RunOutcome& outcome, std::chrono::microseconds target_cpu) {
  using load::BuiltInMetric;
  Measured measured;
  const load::Generator& generator = outcome.measurement.generator;
  measured.own_cpu = generator.cpu;
  measured.own_cpu_share = generator.cpu_share();
  measured.delay_p95 = generator.delays.percentile(95);
  measured.target_cpu = target_cpu;
  measured.seconds = to_seconds(outcome.duration);
  measured.requests = count(outcome, BuiltInMetric::http_reqs);
  measured.iterations = count(outcome, BuiltInMetric::iterations);
  measured.dropped = count(outcome, BuiltInMetric::dropped_iterations);
  measured.in_scenarios = static_cast<double>(outcome.measurement.answers.all);
  measured.unanswered = static_cast<double>(outcome.measurement.answers.none);
  measured.server_errors = static_cast<double>(outcome.measurement.answers.server_errors);
  if (const auto* requests = find_sink<load::CounterSink>(outcome, BuiltInMetric::http_reqs))
    measured.rate = requests->rate(outcome.duration);
  if (const auto* failed = find_sink<load::RateSink>(outcome, BuiltInMetric::http_req_failed))
    measured.failed_share = failed->rate();
  if (const auto* latency = find_sink<load::TrendSink>(outcome, BuiltInMetric::http_req_duration)) {
    measured.min = latency->min();
    measured.average = latency->average();
    measured.p50 = latency->percentile(50);
    measured.p90 = latency->percentile(90);
    measured.p95 = latency->percentile(95);
    measured.p99 = latency->percentile(99);
    measured.max = latency->max();
  }
  measured.is_open = !outcome.scenarios.empty() && std::ranges::all_of(outcome.scenarios, [](const auto& scenario) {
    return load::is_open(scenario.scenario.plan);
  });
  if (std::ranges::none_of(outcome.scenarios,
                           [](const auto& scenario) { return load::is_open(scenario.scenario.plan); }))
    measured.rate_ceiling = rate_ceiling(outcome, measured);
  return measured;
}

std::vector<base::Metric> metrics_of(const Measured& measured) {
  std::vector<base::Metric> metrics = {{"duration_seconds", measured.seconds},
                                       {"requests_count", measured.requests},
                                       {"requests_per_second", measured.rate},
                                       {"requests_unanswered_count", measured.unanswered},
                                       {"iterations_count", measured.iterations},
                                       {"iterations_dropped_count", measured.dropped},
                                       {"latency_ms_min", measured.min},
                                       {"latency_ms_avg", measured.average},
                                       {"latency_ms_p50", measured.p50},
                                       {"latency_ms_p90", measured.p90},
                                       {"latency_ms_p95", measured.p95},
                                       {"latency_ms_p99", measured.p99},
                                       {"latency_ms_max", measured.max},
                                       {"generator_cpu_seconds", to_seconds(measured.own_cpu)},
                                       {"generator_cpu_percent", 100 * measured.own_cpu_share},
                                       {"generator_delay_ms_p95", measured.delay_p95}};
  if (measured.failed_share) metrics.push_back({"requests_failed_percent", 100 * *measured.failed_share});
  if (measured.rate_ceiling) metrics.push_back({"script_rate_ceiling_per_second", *measured.rate_ceiling});
  if (measured.target_cpu.count() > 0) metrics.push_back({"target_cpu_seconds", to_seconds(measured.target_cpu)});
  return metrics;
}

}  // namespace gantry::launch
