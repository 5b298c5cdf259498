#include "load/measure/steadiness.h"

#include "load/measure/chance.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

namespace gantry::load {

namespace {

double median_of(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  if (values.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

double mean_of(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// The median of the slopes of all pairs.
double slope_of(std::span<const double> values) {
  std::vector<double> slopes;
  slopes.reserve(values.size() * (values.size() - 1) / 2);
  for (std::size_t i = 0; i < values.size(); ++i)
    for (std::size_t j = i + 1; j < values.size(); ++j)
      slopes.push_back((values[j] - values[i]) / static_cast<double>(j - i));
  return median_of(std::move(slopes));
}

// The values from their middle, with none as far from the line as an exception is: one bad moment says nothing of what remembers.
std::vector<double> without_spikes(std::span<const double> values, double slope) {
  constexpr double kFar = 3 * 1.4826;  // three deviations, in median absolute ones of a normal variable
  std::vector<double> off;
  for (std::size_t i = 0; i < values.size(); ++i) off.push_back(values[i] - slope * static_cast<double>(i));
  const double middle = median_of(off);
  for (double& each : off) each -= middle;
  std::vector<double> sizes;
  for (const double each : off) sizes.push_back(std::abs(each));
  const double far = kFar * median_of(std::move(sizes));
  for (std::size_t i = 0; i < off.size(); ++i)
    off[i] = (far > 0 ? std::clamp(off[i], -far, far) : off[i]) + slope * static_cast<double>(i);
  return off;
}

// How values may follow each other: a level that keeps so much of itself from one to the next, seen through noise of that variance. The level's
// own is 1; where it keeps all of itself, which is a walk, that of a step is.
struct Memory {
  double keeps = 0;
  double noise = 0;
  double weight = 1;
};

// Their weights are what errs seldom with values of each kind and still finds lines (steadiness_test.cc). Few values tell nothing of their
// memory, and may be a walk's; the more there are, and the shorter it is, the sooner it is believed.
std::vector<Memory> memories(std::size_t count) {
  const auto n = static_cast<double>(count);
  std::vector<Memory> all;
  for (const double keeps : {0.0, 0.3, 0.5, 0.7, 0.8, 0.9})
    all.push_back({.keeps = keeps, .weight = n * (1 - keeps) * (1 - keeps)});
  all.push_back({.keeps = 1, .weight = 8});
  // Noise whose deviation is a tenth, and three, of how far such a walk goes.
  for (const double noise : {0.01, 0.09}) all.push_back({.keeps = 1, .noise = noise * n, .weight = 1});
  return all;
}

// A line beside what remembers, by generalised least squares.
struct Line {
  double t = 0;               // its slope, in deviations of what is known of it
  double log_likelihood = 0;  // of the memory: the restricted one, which does not depend on the line
};

// What is new in each value, which is independent of all before, and the same of the line's two parts, by a Kalman filter. A line fits the one to
// the other (Harvey, "Forecasting, Structural Time Series Models and the Kalman Filter", §3.4). Beside one it does not matter where a walk begins.
Line fit_line(std::span<const double> values, const Memory& memory) {
  constexpr double kRounding = 1e-12;  // values on a line leave nothing else
  const auto n = static_cast<double>(values.size());
  const double step = memory.keeps < 1 ? 1 - memory.keeps * memory.keeps : 1;
  double variance = 1;  // of the level, before the next value is known
  double log_variances = 0;
  std::array<double, 3> expected = {};  // of 1, time and value
  std::array<std::array<double, 3>, 3> sums = {};
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::array<double, 3> seen = {1, static_cast<double>(i), values[i]};
    const double seen_variance = variance + memory.noise;
    const double gain = variance / seen_variance;
    std::array<double, 3> news = {};
    for (std::size_t k = 0; k < 3; ++k) {
      news[k] = (seen[k] - expected[k]) / std::sqrt(seen_variance);
      expected[k] = memory.keeps * (expected[k] + gain * (seen[k] - expected[k]));
    }
    for (std::size_t k = 0; k < 3; ++k)
      for (std::size_t l = 0; l < 3; ++l) sums[k][l] += news[k] * news[l];
    log_variances += std::log(seen_variance);
    variance = memory.keeps * memory.keeps * (1 - gain) * variance + step;
  }
  const double determinant = sums[0][0] * sums[1][1] - sums[0][1] * sums[0][1];
  const double slope = (sums[0][0] * sums[1][2] - sums[0][1] * sums[0][2]) / determinant;
  const double origin = (sums[1][1] * sums[0][2] - sums[0][1] * sums[1][2]) / determinant;
  const double squares = std::max(sums[2][2] - origin * sums[0][2] - slope * sums[1][2], kRounding * sums[2][2]);
  return {.t = slope / std::sqrt(squares / (n - 2) * sums[0][0] / determinant),
          .log_likelihood = -(log_variances + std::log(determinant) + (n - 2) * std::log(squares)) / 2};
}

// The mean over all memories, each by how likely the values make it.
double doubt_of_line(std::span<const double> values, double slope) {
  const auto freedom = static_cast<double>(values.size() - 2);
  const std::vector<Memory> all = memories(values.size());
  std::vector<Line> lines;
  for (const Memory& memory : all) lines.push_back(fit_line(values, memory));
  const double most = std::ranges::max(lines, {}, &Line::log_likelihood).log_likelihood;
  double doubt = 0;
  double weights = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const double weight = all[i].weight * std::exp(lines[i].log_likelihood - most);
    const bool is_same_way = lines[i].t * slope > 0;
    doubt += weight * (is_same_way ? doubt_of_t(lines[i].t, freedom) : 1);
    weights += weight;
  }
  return doubt / weights;
}

// From the middle third to the last not much less far than from the first to the middle.
bool goes_on(std::span<const double> values, double slope) {
  constexpr double kPaceMin = 0.4;
  const std::size_t third = values.size() / 3;
  const double first = mean_of(values.first(third));
  const double middle = mean_of(values.subspan(third, values.size() - 2 * third));
  const double last = mean_of(values.last(third));
  const double way = slope > 0 ? 1 : -1;
  return way * (last - middle) > kPaceMin * std::max(way * (middle - first), 0.0);
}

}  // namespace

std::size_t find_warm_up(std::span<const double> values) {
  constexpr std::size_t kValuesMin = 10;
  constexpr double kUnlike = 0.1;
  if (values.size() < kValuesMin) return 0;
  std::size_t best = 0;
  double least = std::numeric_limits<double>::infinity();
  // Beyond the half there is nothing left to compare it with.
  for (std::size_t cut = 0; cut <= values.size() / 2; ++cut) {
    const std::span<const double> rest = values.subspan(cut);
    const double mean = mean_of(rest);
    const double spread = std::accumulate(rest.begin(), rest.end(), 0.0, [mean](double sum, double value) {
      return sum + (value - mean) * (value - mean);
    });
    const double error = spread / std::pow(static_cast<double>(rest.size()), 2);
    if (error < least) least = error, best = cut;
  }
  // What takes a third of the run to settle has not settled.
  if (best == 0 || best > values.size() / 3) return 0;
  const double rest = mean_of(values.subspan(best));
  return std::abs(mean_of(values.first(best)) - rest) > kUnlike * std::abs(rest) ? best : 0;
}

std::optional<Drift> find_drift(std::span<const double> values) {
  constexpr std::size_t kValuesMin = 10;
  if (values.size() < kValuesMin) return std::nullopt;
  const double middle = median_of({values.begin(), values.end()});
  if (middle == 0) return std::nullopt;
  const double slope = slope_of(values);
  Drift drift{.change = slope * static_cast<double>(values.size() - 1) / middle};
  if (slope == 0) return drift;
  const std::vector<double> tame = without_spikes(values, slope);
  if (goes_on(tame, slope)) drift.doubt = doubt_of_line(tame, slope);
  return drift;
}

}  // namespace gantry::load
