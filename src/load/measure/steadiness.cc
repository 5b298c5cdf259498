#include "load/measure/steadiness.h"

#include "load/measure/chance.h"
#include "load/measure/shift.h"

#include <algorithm>
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

// Sum of f(size of each group of equal values): what ties take from a rank test.
template <typename Of>
double over_ties(std::vector<double> values, Of of) {
  std::ranges::sort(values);
  double sum = 0;
  for (std::size_t from = 0, to = 0; from < values.size(); from = to) {
    while (to < values.size() && values[to] == values[from]) ++to;
    sum += of(static_cast<double>(to - from));
  }
  return sum;
}

// What is left without a line of that slope: what drifts is not for that reason like the value before.
std::vector<double> without_slope(std::span<const double> values, double slope) {
  std::vector<double> rest;
  for (std::size_t i = 0; i < values.size(); ++i) rest.push_back(values[i] - slope * static_cast<double>(i));
  return rest;
}

// Where each value is one like the others, and remembers those before for a while. How long is known from the values alone, and no better than
// that: what is estimated of a coefficient c has a variance of (1 - c^2) / n, which leaves the deviation n (1 - c^2) / 2 degrees of freedom
// (Satterthwaite). The memory is (1 + c) / (1 - c).
double doubt_of_order(std::span<const double> values, double slope, double rises) {
  const auto n = static_cast<double>(values.size());
  const double ties = over_ties({values.begin(), values.end()}, [](double t) { return t * (t - 1) * (2 * t + 5); });
  const double memory = n / independent_count(without_slope(values, slope), 2);
  const double deviation = std::sqrt((n * (n - 1) * (2 * n + 5) - ties) / 18 * memory);
  const double freedom = 2 * n * memory / ((memory + 1) * (memory + 1));
  if (deviation <= 0 || freedom < 1) return 1;
  return doubt_of_t(std::max(std::abs(rises) - 1, 0.0) / deviation, freedom);
}

// Where each value is the one before and a step, up as often as down: they remember for ever.
double doubt_of_walk(std::span<const double> values, double slope) {
  constexpr double kFurther = 1.2;  // a line fitted to a walk ends further away than the walk, by the variance
  const auto steps = static_cast<double>(values.size() - 1);
  double squares = 0;
  for (std::size_t i = 1; i < values.size(); ++i) squares += std::pow(values[i] - values[i - 1], 2);
  return squares > 0 ? doubt_of_normal(slope * steps / std::sqrt(kFurther * squares)) : 1;
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
  constexpr std::size_t kValuesMin = 8;
  if (values.size() < kValuesMin) return std::nullopt;
  const double middle = median_of({values.begin(), values.end()});
  if (middle == 0) return std::nullopt;
  std::vector<double> slopes;
  double rises = 0;  // more pairs rise than fall
  for (std::size_t i = 0; i < values.size(); ++i)
    for (std::size_t j = i + 1; j < values.size(); ++j) {
      const double by = values[j] - values[i];
      slopes.push_back(by / static_cast<double>(j - i));
      rises += by > 0 ? 1 : by < 0 ? -1 : 0;
    }
  const double slope = median_of(std::move(slopes));
  return Drift{.change = slope * static_cast<double>(values.size() - 1) / middle,
               .doubt = std::min(doubt_of_order(values, slope, rises), doubt_of_walk(values, slope))};
}

}  // namespace gantry::load
