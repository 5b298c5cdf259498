#pragma once

// How likely chance alone is so far off, on either side. Private to load.

namespace gantry::load {

// Student's t: a normal variable, from 0, in deviations that were found out from values, with so many degrees of freedom, at least 1.
double doubt_of_t(double t, double freedom);

}  // namespace gantry::load
