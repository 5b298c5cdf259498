#include "launch/checks/load/measured.h"

#include "base/cpu_time.h"

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

CpuTimes CpuTimes::now() { return {base::cpu_time(base::CpuOf::self), base::cpu_time(base::CpuOf::children)}; }

Measured measure(const load::RunOutcome& outcome, const CpuTimes& cpu, double delay_p95) {
  using load::BuiltInMetric;
  Measured measured;
  measured.cpu = cpu;
  measured.delay_p95 = delay_p95;
  measured.seconds = to_seconds(outcome.duration);
  measured.requests = count(outcome, BuiltInMetric::http_reqs);
  measured.iterations = count(outcome, BuiltInMetric::iterations);
  measured.dropped = count(outcome, BuiltInMetric::dropped_iterations);
  if (const load::Sink* unanswered = outcome.recorder->sink(kUnanswered))
    measured.unanswered = std::get<load::CounterSink>(*unanswered).count();
  if (const auto* requests = find_sink<load::CounterSink>(outcome, BuiltInMetric::http_reqs))
    measured.rate = requests->rate(outcome.duration);
  if (const auto* failed = find_sink<load::RateSink>(outcome, BuiltInMetric::http_req_failed))
    measured.failed_share = failed->rate();
  if (const auto* latency = find_sink<load::TrendSink>(outcome, BuiltInMetric::http_req_duration)) {
    measured.p50 = latency->percentile(50);
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

double own_cpu_share(const Measured& measured) {
  return measured.seconds > 0 ? to_seconds(measured.cpu.own) / measured.seconds : 0;
}

std::vector<base::Metric> metrics_of(const Measured& measured) {
  std::vector<base::Metric> metrics = {{"duration_seconds", measured.seconds},
                                       {"requests_count", measured.requests},
                                       {"requests_per_second", measured.rate},
                                       {"requests_unanswered_count", measured.unanswered},
                                       {"iterations_count", measured.iterations},
                                       {"iterations_dropped_count", measured.dropped},
                                       {"latency_ms_p50", measured.p50},
                                       {"latency_ms_p95", measured.p95},
                                       {"latency_ms_p99", measured.p99},
                                       {"latency_ms_max", measured.max},
                                       {"generator_cpu_seconds", to_seconds(measured.cpu.own)},
                                       {"generator_cpu_percent", 100 * own_cpu_share(measured)},
                                       {"generator_delay_ms_p95", measured.delay_p95}};
  if (measured.failed_share) metrics.push_back({"requests_failed_percent", 100 * *measured.failed_share});
  if (measured.rate_ceiling) metrics.push_back({"script_rate_ceiling_per_second", *measured.rate_ceiling});
  if (measured.cpu.of_children.count() > 0)
    metrics.push_back({"target_cpu_seconds", to_seconds(measured.cpu.of_children)});
  return metrics;
}

}  // namespace gantry::launch
