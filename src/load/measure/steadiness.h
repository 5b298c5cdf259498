#pragma once

// Whether a curve over time is one thing: where it warms up, and whether it drifts. Both look at the values of equal intervals in order.

#include <cstddef>
#include <optional>
#include <span>

namespace gantry::load {

// How many of the first values are unlike the rest: those without which the mean of what remains is known best (White's MSER rule), where
// that also differs from the rest by a tenth and is a third of all at most. 0 where there is no warm-up, or fewer than 10 values.
std::size_t find_warm_up(std::span<const double> values);

struct Drift {
  double change = 0;  // from first to last, as part of the median: 0.2 is 20 % more
  double doubt = 1;   // how likely what does not drift does as much: 0.01 is one in a hundred
};
// Theil and Sen's slope, the median of those of all pairs, and whether there is a line that goes on. These look like one and are none:
//
// * Values that remember those before for a while (a first-order autoregression), or for ever (a random walk, also seen through noise).
//   Student's t, by generalised least squares, says for each memory how likely it does as much; the doubt is the mean of that, by how likely
//   the values make each memory (Harville's restricted likelihood). A step that stays is one of a walk. One bad
//   moment counts as three deviations at most.
// * What levels off, as a cache does that has warmed up: from the middle third to the last it went less than two fifths as far as from the
//   first to the middle. Its doubt is 1. An exponential does so that has come within 6 % of its end; a root or a logarithm does not.
//
// At a doubt of 0.01 no more than 1 in 100 is called a drift wrongly where memory fades (by 0.9 from one to the next: 2 of 15 values); of walks
// 2 or 3 in 100 of 60 values or more, and 4 of 15; of walks seen through noise of a quarter of their way 4 of 300 and 15 of 60, since so few
// may as well be a line's. What few values are to show must stand out from its noise: a line that rises by 50 % in noise of 5 % is found 80 times in
// 100 with 15 values, one that rises by 20 % 10 times with 15, 80 times with 30, and nearly always from 60 on.
//
// Nothing for fewer than 10 values, which tell nothing of their memory.
std::optional<Drift> find_drift(std::span<const double> values);

}  // namespace gantry::load
