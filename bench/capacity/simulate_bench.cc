// 24 simulated hours of an autoscaler at syncs of 15 s: aim < 50 ms. The day has two peaks; the storm is a day that changes every
// minute and is never calm, with a queue most of the time, two metrics and every window in use.

#include "capacity/simulate.h"

#include <benchmark/benchmark.h>

#include <cstdint>
#include <utility>
#include <vector>

namespace gantry::capacity {
namespace {

using kube::ScaleMetric;
using kube::ScalePolicy;
using std::chrono::seconds;

Scenario make_scenario(std::vector<RatePoint> points) {
  kube::HorizontalPodAutoscaler hpa;
  hpa.min_replicas = 2;
  hpa.max_replicas = 200;
  ScaleMetric cpu;
  cpu.name = "cpu";
  cpu.utilization_percent = 70;
  hpa.metrics = {cpu};
  hpa.behavior_written = true;
  hpa.scale_up.stabilization_window = seconds(0);
  hpa.scale_up.policies = {{ScalePolicy::Type::pods, 4, seconds(15)}, {ScalePolicy::Type::percent, 100, seconds(15)}};
  hpa.scale_down.policies = {{ScalePolicy::Type::percent, 10, seconds(60)}};
  Scenario scenario{.autoscaler = hpa,
                    .requests_milli = {100},
                    .signals = {Signal{}},
                    .traffic = *Traffic::from_points(std::move(points)),
                    .pod = {}};
  scenario.pod.cpu_ms_per_request = 5;
  scenario.pod.cpu_max_milli = 150;
  return scenario;
}

Scenario make_day() {
  std::vector<RatePoint> points;
  for (std::int64_t hour = 0; hour <= 24; ++hour)
    points.push_back({Millis(hour * 3'600'000), hour % 12 < 6 ? 50.0 : 900.0});
  return make_scenario(std::move(points));
}

Scenario make_storm() {
  std::vector<RatePoint> points;
  std::uint32_t state = 1;
  for (std::int64_t minute = 0; minute <= 24 * 60; ++minute) {
    state = state * 1664525 + 1013904223;
    points.push_back({Millis(minute * 60'000), static_cast<double>(state >> 20)});
  }
  Scenario storm = make_scenario(std::move(points));
  storm.autoscaler.metrics.push_back(storm.autoscaler.metrics.front());
  storm.requests_milli.push_back(100);
  storm.signals.push_back(Signal{});
  storm.autoscaler.scale_up.stabilization_window = seconds(60);
  storm.autoscaler.scale_down.stabilization_window = seconds(3600);
  return storm;
}

void simulate_day(benchmark::State& state, const Scenario& scenario, bool is_saturated) {
  for (auto _ : state) {
    const base::Result<Simulation> simulation = simulate(scenario);
    if (!simulation || simulation->steps.size() != 5760 ||
        (simulation->answers.saturated > Millis(0)) != is_saturated) {
      state.SkipWithError("the answer is wrong");
      break;
    }
    state.counters["peak"] = static_cast<double>(simulation->answers.replicas_peak);
    state.counters["late"] = simulation->answers.late_share();
  }
}

void Day(benchmark::State& state) { simulate_day(state, make_day(), false); }
void Storm(benchmark::State& state) { simulate_day(state, make_storm(), true); }
BENCHMARK(Day)->Unit(benchmark::kMillisecond);
BENCHMARK(Storm)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace gantry::capacity
