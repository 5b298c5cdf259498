#include "load/measure/measurement.h"

#include <algorithm>
#include <numeric>

namespace gantry::load {

double Generator::cpu_share() const {
  if (busiest_ > 0) return busiest_;
  const std::chrono::duration<double> lasted = played;
  return lasted.count() > 0 ? std::chrono::duration<double>(cpu) / lasted : 0;
}

void Generator::merge(const Generator& other) {
  busiest_ = std::max(cpu_share(), other.cpu_share());
  played = std::max(played, other.played);
  cpu += other.cpu;
  lateness.merge(other.lateness);
  delays.merge(other.delays);
}

TrendSink Measurement::corrected() const {
  TrendSink all;
  for (const ScenarioTimes& scenario : scenarios) all.merge(scenario.responses.corrected());
  return all;
}

TrendSink Measurement::totals() const {
  TrendSink all;
  for (const ScenarioTimes& scenario : scenarios) all.merge(scenario.responses.totals());
  return all;
}

std::uint64_t Measurement::dropped() const {
  return std::accumulate(scenarios.begin(), scenarios.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const ScenarioTimes& each) { return sum + each.responses.dropped(); });
}

std::uint64_t Measurement::unasked() const {
  return std::accumulate(scenarios.begin(), scenarios.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const ScenarioTimes& each) { return sum + each.responses.unasked(); });
}

}  // namespace gantry::load
