#include "capacity/knee.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace gantry::capacity {

namespace {

constexpr std::size_t kCurvatureLevelsMin = 4;  // fewer points have no bend that could be told from noise
constexpr std::size_t kScalingLevelsMin = 6;    // the law has three parameters (disruption reference, §14.2)
constexpr double kBendMin = 0.1;                // of the unit square: a flatter curve does not bend
constexpr double kAgreeHigh = 0.15;             // spread up to which estimates agree well
constexpr double kAgreeMedium = 0.35;

double achieved_of(const LoadLevel& level) { return level.achieved.value_or(level.rate); }

// The share of the way from `low` to `high` at which a line between both crosses `limit`.
double crossing(double low, double high, double limit) {
  return high > low ? std::clamp((limit - low) / (high - low), 0.0, 1.0) : 0;
}

// ---- The first criterion that is broken

struct Broken {
  std::string_view criterion;
  double share = 0;  // of the way from the level before
  std::string reason;
};

std::optional<Broken> broken_between(const LoadLevel& before, const LoadLevel& level, double first_slope,
                                     const KneeCriteria& criteria) {
  std::optional<Broken> first;
  const auto consider = [&](std::string_view name, double share, std::string reason) {
    if (!first || share < first->share) first = Broken{name, share, std::move(reason)};
  };
  if (level.p95_ms > criteria.p95_ms)
    consider("p95", crossing(before.p95_ms, level.p95_ms, criteria.p95_ms),
             fmt::format("p95 passes {:g} ms between {:g}/s ({:g} ms) and {:g}/s ({:g} ms)", criteria.p95_ms,
                         before.rate, before.p95_ms, level.rate, level.p95_ms));
  if (level.error_percent > criteria.error_percent)
    consider("errors", crossing(before.error_percent, level.error_percent, criteria.error_percent),
             fmt::format("errors pass {:g} % between {:g}/s ({:g} %) and {:g}/s ({:g} %)", criteria.error_percent,
                         before.rate, before.error_percent, level.rate, level.error_percent));
  const double gap_before = 1 - achieved_of(before) / before.rate;
  const double gap = 1 - achieved_of(level) / level.rate;
  if (gap > 1 - criteria.achieved_share)
    consider("achieved", crossing(gap_before, gap, 1 - criteria.achieved_share),
             fmt::format("of {:g}/s offered only {:g}/s were answered", level.rate, achieved_of(level)));
  const double slope = (achieved_of(level) - achieved_of(before)) / (level.rate - before.rate);
  if (slope < criteria.gain_share * first_slope)
    consider("gain", 0,
             fmt::format("from {:g}/s to {:g}/s each request more brings {:.2f} of what it brought at first",
                         before.rate, level.rate, slope / first_slope));
  return first;
}

bool keeps(const LoadLevel& level, const KneeCriteria& criteria) {
  return level.p95_ms <= criteria.p95_ms && level.error_percent <= criteria.error_percent &&
         achieved_of(level) >= criteria.achieved_share * level.rate;
}

std::optional<KneeEstimate> by_limit(const std::vector<LoadLevel>& levels, const KneeCriteria& criteria,
                                     std::string& broken) {
  const double first_slope = achieved_of(levels.front()) / levels.front().rate;
  for (std::size_t i = 1; i < levels.size(); ++i) {
    std::optional<Broken> first = broken_between(levels[i - 1], levels[i], first_slope, criteria);
    if (!first) continue;
    broken = first->criterion;
    const double rate = levels[i - 1].rate + first->share * (levels[i].rate - levels[i - 1].rate);
    return KneeEstimate{KneeMethod::limit, rate, std::move(first->reason)};
  }
  return std::nullopt;
}

// ---- Curvature: Kneedle without smoothing, on a curve that rises ever faster

std::optional<KneeEstimate> by_curvature(const std::vector<LoadLevel>& levels) {
  if (levels.size() < kCurvatureLevelsMin) return std::nullopt;
  const auto [low, high] = std::ranges::minmax(levels, {}, &LoadLevel::p95_ms);
  const double width = levels.back().rate - levels.front().rate;
  const double height = high.p95_ms - low.p95_ms;
  if (!(height > 0) || !(levels.back().p95_ms > levels.front().p95_ms)) return std::nullopt;
  double farthest = 0;
  const LoadLevel* bend = nullptr;
  for (const LoadLevel& level : levels) {
    const double x = (level.rate - levels.front().rate) / width;
    const double y = (level.p95_ms - low.p95_ms) / height;
    if (x - y > farthest) {
      farthest = x - y;
      bend = &level;
    }
  }
  if (!bend || farthest < kBendMin) return std::nullopt;
  return KneeEstimate{KneeMethod::curvature, bend->rate,
                      fmt::format("the p95 curve bends most at {:g}/s ({:g} ms): {:.2f} below its chord", bend->rate,
                                  bend->p95_ms, farthest)};
}

// ---- Universal scalability law: X(N) = λN / (1 + σ(N−1) + κN(N−1)), with N = X·R (Little)

// Solves three linear equations by Cramer's rule; nothing when they are not independent.
std::optional<std::array<double, 3>> solve(const std::array<std::array<double, 3>, 3>& a,
                                           const std::array<double, 3>& b) {
  const auto determinant = [](const std::array<std::array<double, 3>, 3>& m) {
    return m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) - m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0]) +
           m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0]);
  };
  const double whole = determinant(a);
  double scale = 0;
  for (const auto& row : a)
    for (const double value : row) scale = std::max(scale, std::abs(value));
  if (!(std::abs(whole) > 1e-12 * scale * scale * scale)) return std::nullopt;
  std::array<double, 3> x{};
  for (std::size_t column = 0; column < 3; ++column) {
    std::array<std::array<double, 3>, 3> with = a;
    for (std::size_t row = 0; row < 3; ++row) with[row][column] = b[row];
    x[column] = determinant(with) / whole;
  }
  return x;
}

std::optional<KneeEstimate> by_scaling(const std::vector<LoadLevel>& levels) {
  std::array<std::array<double, 3>, 3> normal{};
  std::array<double, 3> right{};
  std::size_t count = 0;
  // N/X = (1 + σ(N−1) + κN(N−1)) / λ is linear in 1/λ, σ/λ and κ/λ: least squares.
  for (const LoadLevel& level : levels) {
    if (!level.mean_ms || *level.mean_ms <= 0 || achieved_of(level) <= 0) continue;
    const double in_flight = achieved_of(level) * *level.mean_ms / 1000;
    const std::array<double, 3> row = {1, in_flight - 1, in_flight * (in_flight - 1)};
    for (std::size_t i = 0; i < 3; ++i) {
      for (std::size_t j = 0; j < 3; ++j) normal[i][j] += row[i] * row[j];
      right[i] += row[i] * in_flight / achieved_of(level);
    }
    ++count;
  }
  if (count < kScalingLevelsMin) return std::nullopt;
  const std::optional<std::array<double, 3>> fitted = solve(normal, right);
  if (!fitted || !((*fitted)[0] > 0)) return std::nullopt;
  const double lambda = 1 / (*fitted)[0];
  const double sigma = (*fitted)[1] * lambda;
  const double kappa = (*fitted)[2] * lambda;
  if (!(kappa > 0) || !(sigma < 1)) return std::nullopt;  // no peak: throughput only flattens
  const double peak_at = std::sqrt((1 - sigma) / kappa);
  const double peak = lambda * peak_at / (1 + sigma * (peak_at - 1) + kappa * peak_at * (peak_at - 1));
  if (!std::isfinite(peak) || peak <= 0) return std::nullopt;
  return KneeEstimate{KneeMethod::scaling, peak,
                      fmt::format("the scalability law through {} levels (σ {:.3g}, κ {:.3g}) peaks at {:.1f}/s with "
                                  "{:.1f} in flight",
                                  count, sigma, kappa, peak, peak_at)};
}

std::optional<KneeEstimate> by_throttling(const std::vector<LoadLevel>& levels) {
  const auto first = std::ranges::find_if(levels, &LoadLevel::throttled);
  if (first == levels.end()) return std::nullopt;
  return KneeEstimate{KneeMethod::throttling, first->rate,
                      fmt::format("the CPU is throttled from {:g}/s on", first->rate)};
}

void judge_confidence(Knee& knee, std::size_t levels) {
  const std::size_t count = knee.estimates.size();
  if (count == 0) {
    knee.confidence = levels < 2 ? Confidence::none : Confidence::low;
    knee.why = levels < 2 ? "one level shows no knee: the rate is a lower bound, nothing more"
                          : fmt::format("{} levels and no bend: the knee is beyond the highest", levels);
    return;
  }
  const auto [low, high] = std::ranges::minmax(knee.estimates, {}, &KneeEstimate::rate);
  knee.spread = (high.rate - low.rate) / low.rate;
  if (count >= 3 && knee.spread <= kAgreeHigh) {
    knee.confidence = Confidence::high;
  } else if (count >= 2 && knee.spread <= kAgreeMedium) {
    knee.confidence = Confidence::medium;
  } else {
    knee.confidence = Confidence::low;
  }
  knee.why = count == 1 ? fmt::format("one estimator over {} levels", levels)
                        : fmt::format("{} estimators over {} levels, {:.0f} % apart", count, levels, knee.spread * 100);
}

}  // namespace

std::string_view to_string(KneeMethod method) {
  constexpr std::array<std::string_view, 4> kNames = {"limit", "curvature", "scaling", "throttling"};
  return kNames.at(static_cast<std::size_t>(method));
}

std::string_view to_string(Confidence confidence) {
  constexpr std::array<std::string_view, 4> kNames = {"none", "low", "medium", "high"};
  return kNames.at(static_cast<std::size_t>(confidence));
}

std::optional<Knee> find_knee(std::vector<LoadLevel> levels, const KneeCriteria& criteria) {
  std::ranges::stable_sort(levels, {}, &LoadLevel::rate);
  const auto [first_same, last] = std::ranges::unique(levels, {}, &LoadLevel::rate);
  levels.erase(first_same, last);
  if (levels.empty() || !(levels.front().rate > 0) || !keeps(levels.front(), criteria)) return std::nullopt;

  Knee knee;
  for (std::optional<KneeEstimate> estimate :
       {by_limit(levels, criteria, knee.broken), by_curvature(levels), by_scaling(levels), by_throttling(levels)})
    if (estimate && estimate->rate > 0) knee.estimates.push_back(*std::move(estimate));
  for (const LoadLevel& level : levels)
    if (keeps(level, criteria)) knee.rate = std::max(knee.rate, level.rate);
  knee.is_lower_bound = knee.estimates.empty();
  if (!knee.estimates.empty()) knee.rate = std::ranges::min(knee.estimates, {}, &KneeEstimate::rate).rate;
  judge_confidence(knee, levels.size());
  return knee;
}

}  // namespace gantry::capacity
