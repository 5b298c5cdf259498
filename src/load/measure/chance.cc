#include "load/measure/chance.h"

#include <cmath>

namespace gantry::load {

namespace {

double doubt_of_normal(double z) { return std::erfc(std::abs(z) / std::sqrt(2.0)); }

}  // namespace

// Wallace's way from a t variable to a normal one, within 1 % from 3 degrees of freedom on.
double doubt_of_t(double t, double freedom) {
  return doubt_of_normal((8 * freedom + 1) / (8 * freedom + 3) * std::sqrt(freedom * std::log1p(t * t / freedom)));
}

}  // namespace gantry::load
