#include "load/measure/measurement.h"

#include <numeric>

namespace gantry::load {

double Generator::cpu_share() const {
  const std::chrono::duration<double> lasted = played;
  return lasted.count() > 0 ? std::chrono::duration<double>(cpu) / lasted : 0;
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
