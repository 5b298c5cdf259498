#include "load/measure/shift.h"

#include "load/measure/chance.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace gantry::load {

namespace {

constexpr double kWorthMin = 5;
constexpr double kTwoSigma = 1.96;  // 19 times in 20

// The other way of doubt_of_t().
double t_of_normal(double z, double freedom) {
  const double wide = z * (8 * freedom + 3) / (8 * freedom + 1);
  return std::sqrt(freedom * std::expm1(wide * wide / freedom));
}

// Welch and Satterthwaite: of a sum of two variances, each known from so many values.
double degrees_of_freedom(double first, double first_worth, double second, double second_worth) {
  const double sum = first + second;
  if (sum <= 0) return first_worth + second_worth - 2;
  return sum * sum / (first * first / (first_worth - 1) + second * second / (second_worth - 1));
}

// Equal values share the mean of their ranks.
std::vector<double> ranks_of(std::span<const double> values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [values](std::size_t at) { return values[at]; });
  std::vector<double> ranks(values.size());
  for (std::size_t from = 0, to = 0; from < order.size(); from = to) {
    while (to < order.size() && values[order[to]] == values[order[from]]) ++to;
    for (std::size_t i = from; i < to; ++i) ranks[order[i]] = static_cast<double>(from + to - 1) / 2;
  }
  return ranks;
}

class Autocorrelation {
 public:
  explicit Autocorrelation(std::vector<double> values) : values_(std::move(values)) {
    const double mean = std::accumulate(values_.begin(), values_.end(), 0.0) / static_cast<double>(values_.size());
    for (double& value : values_) value -= mean;
    square_ = std::inner_product(values_.begin(), values_.end(), values_.begin(), 0.0);
  }
  bool is_constant() const { return square_ <= 0; }
  double at(std::size_t lag) const {
    const auto later = values_.begin() + static_cast<std::ptrdiff_t>(lag);
    return std::inner_product(later, values_.end(), values_.begin(), 0.0) / square_;
  }

 private:
  std::vector<double> values_;
  double square_ = 0;
};

// How many values say what one independent one says, if each remembers the one before. What is estimated of a coefficient c is too small
// by (1 + 3 c) / n beside a mean (Marriott and Pope).
double memory_of_first_order(const Autocorrelation& correlation, std::size_t count) {
  constexpr double kMost = 0.98;  // beyond, no run is long enough
  const auto n = static_cast<double>(count);
  const double coefficient = std::clamp((n * correlation.at(1) + 1) / (n - 3), 0.0, kMost);
  double memory = 1;
  double power = 1;
  for (std::size_t lag = 1; lag < count; ++lag) {
    power *= coefficient;
    memory += 2 * (1 - static_cast<double>(lag) / n) * power;
  }
  return memory;
}

// Sums of neighbours fall and stay positive; what does not is noise.
double memory_of_sequence(const Autocorrelation& correlation, std::size_t count) {
  double memory = -1;
  double last = 2;
  for (std::size_t lag = 0; lag + 1 < count / 2; lag += 2) {
    last = std::min(last, correlation.at(lag) + correlation.at(lag + 1));
    if (last <= 0) break;
    memory += 2 * last;
  }
  return memory;
}

// Sum of f(size of each group of equal values): what ties take from a rank test.
double ties_of(std::vector<double> values) {
  std::ranges::sort(values);
  double sum = 0;
  for (std::size_t from = 0, to = 0; from < values.size(); from = to) {
    while (to < values.size() && values[to] == values[from]) ++to;
    const auto t = static_cast<double>(to - from);
    sum += t * t * t - t;
  }
  const auto n = static_cast<double>(values.size());
  return sum / (n * n * n - n);
}

struct Share {
  double share = 0;
  double variance = 0;
  double worth = kWorthMin;
};

Share describe(std::span<const Counted> counts) {
  Share share{.share = share_of(counts)};
  double all = 0;
  double some = 0;
  std::vector<double> off;
  for (const Counted& each : counts) {
    all += each.all;
    some += each.some;
    off.push_back(each.some - share.share * each.all);
  }
  const auto n = static_cast<double>(counts.size());
  // A burst is one event, however long; but never so few that nothing could be said.
  share.worth = std::max(independent_count(off), kWorthMin);
  const double square = std::inner_product(off.begin(), off.end(), off.begin(), 0.0);
  const double of_bursts = n / share.worth * square * n / (n - 1) / (all * all);
  const double smoothed = (some + 1) / (all + 2);
  share.variance = std::max(of_bursts, smoothed * (1 - smoothed) / all);
  return share;
}

}  // namespace

double independent_count(std::span<const double> values) {
  const auto n = static_cast<double>(values.size());
  if (n < kWorthMin) return n;
  const Autocorrelation correlation(ranks_of(values));
  if (correlation.is_constant()) return n;
  const double memory =
      std::max(memory_of_first_order(correlation, values.size()), memory_of_sequence(correlation, values.size()));
  return n / std::max(memory, 1.0);
}

std::optional<Shift> find_shift(std::span<const double> before, std::span<const double> after) {
  const double m = independent_count(before);
  const double n = independent_count(after);
  if (m < kWorthMin || n < kWorthMin) return std::nullopt;
  std::vector<double> differences;
  differences.reserve(before.size() * after.size());
  double larger = 0;
  for (const double now : after)
    for (const double then : before) {
      differences.push_back(now - then);
      larger += now > then ? 1 : now == then ? 0.5 : 0;
    }
  std::vector<double> all(before.begin(), before.end());
  all.insert(all.end(), after.begin(), after.end());
  const auto pairs = static_cast<double>(differences.size());
  // Of the share of pairs in which the later one is larger, where nothing differs.
  const double deviation = std::sqrt((m + n + 1) / (12 * m * n));
  const double tied = deviation * std::sqrt(1 - ties_of(std::move(all)));
  const double freedom = degrees_of_freedom(1 / m, m, 1 / n, n);
  const double beyond = std::max(std::abs(larger / pairs - 0.5) - 0.5 / pairs, 0.0);
  std::ranges::sort(differences);
  const double skip =
      std::clamp(std::floor(pairs * (0.5 - t_of_normal(kTwoSigma, freedom) * deviation)), 0.0, (pairs - 1) / 2);
  const auto low = static_cast<std::size_t>(skip);
  const std::size_t middle = differences.size() / 2;
  return Shift{
      .by = differences.size() % 2 == 1 ? differences[middle] : (differences[middle - 1] + differences[middle]) / 2,
      .low = differences[low],
      .high = differences[differences.size() - 1 - low],
      .doubt = tied > 0 ? doubt_of_t(beyond / tied, freedom) : 1,
      .before_worth = m,
      .after_worth = n};
}

double share_of(std::span<const Counted> counts) {
  double some = 0;
  double all = 0;
  for (const Counted& each : counts) some += each.some, all += each.all;
  return all > 0 ? some / all : 0;
}

std::optional<Shift> find_share_shift(std::span<const Counted> before, std::span<const Counted> after) {
  const auto is_something = [](std::span<const Counted> counts) {
    return static_cast<double>(counts.size()) >= kWorthMin &&
           std::ranges::any_of(counts, [](const Counted& each) { return each.all > 0; });
  };
  if (!is_something(before) || !is_something(after)) return std::nullopt;
  const Share then = describe(before);
  const Share now = describe(after);
  const double freedom = degrees_of_freedom(then.variance, then.worth, now.variance, now.worth);
  const double deviation = std::sqrt(then.variance + now.variance);
  const double by = now.share - then.share;
  const double reach = t_of_normal(kTwoSigma, freedom) * deviation;
  return Shift{.by = by,
               .low = by - reach,
               .high = by + reach,
               .doubt = deviation > 0 ? doubt_of_t(by / deviation, freedom) : 1,
               .before_worth = then.worth,
               .after_worth = now.worth};
}

}  // namespace gantry::load
