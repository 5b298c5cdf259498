// What it costs to take a sample: by kind of metric, and by how many sub-metrics keep it apart.

#include "load/metrics/recorder.h"
#include "load/metrics/threshold.h"

#include <benchmark/benchmark.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>

namespace gantry::load {
namespace {

using std::chrono::milliseconds;

// A latency as a run has them: most are short, few are long.
double next_latency(std::uint64_t& state) {
  state = state * 6364136223846793005U + 1442695040888963407U;
  const double part = static_cast<double>(state >> 40) / static_cast<double>(1U << 24);
  return 0.2 + 1.0 / (part + 0.001);
}

void BM_Sample(benchmark::State& bench, BuiltInMetric metric) {
  MetricRegistry registry;
  Recorder recorder(registry);
  for (const char* selector : {"http_req_duration{scenario:baseline}", "checks{scenario:baseline}"})
    if (const auto parsed = parse_metric_selector(selector)) recorder.keep_apart(*parsed);
  const TagSetId tags = recorder.intern({{"method", "GET"}, {"scenario", "baseline"}, {"status", "200"}});
  std::uint64_t state = 1;
  for (auto _ : bench) recorder.add(metric, next_latency(state), tags, milliseconds(1));
  if (!recorder.sink(static_cast<MetricId>(metric))) bench.SkipWithError("no sample was kept");
}
BENCHMARK_CAPTURE(BM_Sample, counter, BuiltInMetric::http_reqs);
BENCHMARK_CAPTURE(BM_Sample, rate_kept_apart, BuiltInMetric::checks);
BENCHMARK_CAPTURE(BM_Sample, trend, BuiltInMetric::http_req_waiting);
BENCHMARK_CAPTURE(BM_Sample, trend_kept_apart, BuiltInMetric::http_req_duration);

}  // namespace
}  // namespace gantry::load
