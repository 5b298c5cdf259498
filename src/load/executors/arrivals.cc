#include "load/executors/arrivals.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace gantry::load {

Arrivals Arrivals::constant(const ConstantRate& plan, Stripe part) {
  Arrivals arrivals = ramping({plan.rate, plan.time_unit, {{plan.duration, plan.rate}}}, std::move(part));
  arrivals.includes_start_ = true;
  return arrivals;
}

Arrivals Arrivals::ramping(RampingRate plan, Stripe part) {
  Arrivals arrivals;
  arrivals.rate_ = plan.start_rate;
  for (const RateStage& stage : plan.stages) arrivals.duration_ += stage.duration;
  arrivals.plan_ = std::move(plan);
  arrivals.part_ = std::move(part);
  return arrivals;
}

Arrivals::Area Arrivals::stage_area() const {
  const RateStage& stage = plan_.stages[stage_];
  return (Area{rate_} + stage.target) * stage.duration.count();
}

// How far into the stage the area below it is `done`. With a = the rate at its start and c = how fast it changes, that is the root of
// a·t + c·t²/2 = done, written so that equal rates are no special case and nothing cancels.
Duration Arrivals::within_stage(Area done) const {
  using Real = long double;
  const RateStage& stage = plan_.stages[stage_];
  if (stage.target == rate_)  // exact: whole numbers only
    return Duration(static_cast<std::int64_t>(done / (Area{2} * rate_)));
  const Real length = static_cast<Real>(stage.duration.count());
  const Real a = static_cast<Real>(rate_);
  const Real change = (static_cast<Real>(stage.target) - a) / length;
  const Real area = static_cast<Real>(done) / 2;
  const Real root = std::sqrt(std::max(Real{0}, a * a + 2 * change * area));
  const Real t = 2 * area / (a + root);
  return std::clamp(Duration(static_cast<std::int64_t>(t)), Duration(0), stage.duration);
}

std::optional<Duration> Arrivals::next() {
  // The constant rate counts from 0: its first iteration is due at once.
  const std::int64_t number = part_.nth(number_) + (includes_start_ ? 0 : 1);
  const Area wanted = Area{2} * number * plan_.time_unit.count();
  while (stage_ < plan_.stages.size()) {
    const Area here = stage_area();
    if (here > 0 && wanted <= area_ + here) {
      ++number_;
      return stage_start_ + (wanted == area_ ? Duration(0) : within_stage(wanted - area_));
    }
    area_ += here;
    stage_start_ += plan_.stages[stage_].duration;
    rate_ = plan_.stages[stage_].target;
    ++stage_;
  }
  return std::nullopt;
}

}  // namespace gantry::load
