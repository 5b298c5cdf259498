#pragma once

// Seconds of a run as they are: a slow one is followed by a slow one.

#include <cmath>
#include <random>
#include <vector>

namespace gantry::load::test {

// Latencies around `middle`, each of which remembers the one before by `memory` (a first-order autoregression).
inline std::vector<double> remembering(double memory, int count, std::mt19937_64& random, double middle = 10) {
  std::normal_distribution<double> normal;
  std::vector<double> values;
  double state = normal(random);
  for (int i = 0; i < count; ++i) {
    values.push_back(middle * std::exp(0.2 * state));
    state = memory * state + std::sqrt(1 - memory * memory) * normal(random);
  }
  return values;
}

}  // namespace gantry::load::test
