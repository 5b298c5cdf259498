#pragma once

// When the iterations of the two arrival-rate executors are due (k6 reference, §6.3), in closed form: each due time is computed from
// the plan and its own number, so that nothing drifts however long a run is.
//
//   Arrivals arrivals = Arrivals::constant({.rate = 50, .time_unit = 1s, .duration = 4s});
//   while (const std::optional<Duration> due = arrivals.next()) …   // 0, 20 ms, …, 4 s: 201 of them

#include "load/executors/stripe.h"
#include "load/options/duration.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace gantry::load {

struct RateStage {
  Duration duration{0};     // ≥ 0; of 0: the rate jumps
  std::int64_t target = 0;  // iterations per time unit at its end, ≥ 0
  friend bool operator==(const RateStage&, const RateStage&) = default;
};

struct ConstantRate {
  std::int64_t rate = 1;                         // iterations per time unit, > 0
  Duration time_unit = std::chrono::seconds(1);  // > 0
  Duration duration{0};
};

struct RampingRate {
  std::int64_t start_rate = 0;                   // iterations per time unit, ≥ 0
  Duration time_unit = std::chrono::seconds(1);  // > 0
  std::vector<RateStage> stages = {};
};

// The due times of one scenario, one after the other, from its start. A value: a copy goes on from where the original is.
class Arrivals {
 public:
  // Of those that are due, the ones of `part`. Iteration i is due at i × time unit / rate, while that is inside the duration, its end included.
  static Arrivals constant(const ConstantRate& plan, Stripe part = {});
  // The rate is a straight line in each stage. Iteration n (from 1) is due when the area under it is n: none at the start.
  static Arrivals ramping(RampingRate plan, Stripe part = {});

  // Never earlier than the one before; nothing once the plan is over.
  std::optional<Duration> next();
  Duration duration() const { return duration_; }

 private:
  // Areas are counted in halves of iterations times time units, where every stage's is a whole number.
  __extension__ using Area = __int128;

  Arrivals() = default;
  Area stage_area() const;
  Duration within_stage(Area done) const;

  RampingRate plan_ = {};
  Stripe part_ = {};
  bool includes_start_ = false;
  Duration duration_{0};
  std::int64_t number_ = 0;
  std::size_t stage_ = 0;
  std::int64_t rate_ = 0;  // at the start of the stage
  Duration stage_start_{0};
  Area area_ = 0;  // below the stages before this one
};

}  // namespace gantry::load
