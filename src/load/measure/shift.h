#pragma once

// How two sets of values over time differ, with bounds. Seconds of one run are not independent of each other: a slow one is followed by a
// slow one. A test that takes them for independent finds a difference in two runs of the same thing far more often than it says (with a
// correlation of 0.8 from one second to the next in half of all cases instead of 1 in 20). So values count for what they are worth.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace gantry::load {

// How many independent values tell as much about the middle as these do, which follow each other: at most all of them. The larger of two
// answers to how long the memory of their ranks is counts: a first-order autoregression, its coefficient without the bias of a short
// series, and Geyer's initial monotone sequence.
double independent_count(std::span<const double> values);

struct Shift {
  double by = 0;
  double low = 0;  // 19 times in 20 it is between these
  double high = 0;
  double doubt = 1;                          // how likely chance alone does as much
  double before_worth = 0, after_worth = 0;  // independent values
};

// Is the second one larger (Mann and Whitney's test), and by how much (Hodges and Lehmann: the median of all differences). Nothing where
// one is worth fewer than 5 independent values, whose bounds would be none.
std::optional<Shift> find_shift(std::span<const double> before, std::span<const double> after);

// So many of so many, in each interval.
struct Counted {
  double some = 0;
  double all = 0;
};
double share_of(std::span<const Counted> counts);
// How the shares of two runs differ, as ratios of their sums; what comes in bursts counts as such, and none of n is not 0 but less than
// about 3 / n. Nothing where one has fewer than 5 intervals, or counted nothing.
std::optional<Shift> find_share_shift(std::span<const Counted> before, std::span<const Counted> after);

}  // namespace gantry::load
