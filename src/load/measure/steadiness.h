#pragma once

// Whether a curve over time is one thing: where it warms up, and whether it drifts. Both look at the values of equal intervals in order,
// and make no guess about how they are distributed.

#include <cstddef>
#include <optional>
#include <span>

namespace gantry::load {

// How many of the first values are unlike the rest: those without which the mean of what remains is known best (White's MSER rule), where
// that also differs from the rest by a tenth and is a third of all at most. 0 where there is no warm-up, or fewer than 10 values.
std::size_t find_warm_up(std::span<const double> values);

struct Drift {
  double change = 0;  // from first to last, as part of the median: 0.2 is 20 % more
  double doubt = 1;   // how likely chance alone does as much: 0.01 is one in a hundred
};
// Theil and Sen's slope, the median of those of all pairs, and whether there is one. There is where either of two tests says so, each of which
// takes chance for something else:
//
// * Values that remember those before for a while go up and down in long waves. The Mann-Kendall test takes as many independent values as
//   these are worth beside that slope (independent_count(), as Hamed and Rao correct it), and Student's t for how well that is known.
// * Values that remember for ever walk away, but not so far in so many steps that go up as often as down. This sees what
//   rises smoothly and is no line, which beside one looks like a long wave.
//
// Nothing for fewer than 8 values, which chance orders too easily.
std::optional<Drift> find_drift(std::span<const double> values);

}  // namespace gantry::load
