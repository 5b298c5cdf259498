#pragma once

// How many VUs the ramping-vus executor wants, and since when (k6 reference, §6.3): a straight line in each stage, taken at its whole
// numbers. Going up, VU k starts when the line reaches k; going down, it stays until the line reaches k - 1.

#include "load/executors/stripe.h"
#include "load/options/duration.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace gantry::load {

struct VuStage {
  Duration duration{0};     // ≥ 0; of 0: the number jumps
  std::int64_t target = 0;  // ≥ 0
  friend bool operator==(const VuStage&, const VuStage&) = default;
};

struct VuStep {
  Duration at{0};  // from the scenario's start
  std::int64_t vus = 0;
  friend bool operator==(const VuStep&, const VuStep&) = default;
};

// One step after the other: the number at the start, then each change, exactly when the line crosses it. A generator, since a plan
// may have a hundred million steps. Of all VUs only those of `part` are counted.
class VuRamp {
 public:
  VuRamp(std::int64_t start_vus, std::vector<VuStage> stages, Stripe part = {});
  std::optional<VuStep> next();
  Duration duration() const { return duration_; }
  std::int64_t most_vus() const { return part_.scale(most_); }

 private:
  std::optional<VuStep> next_of_all();

  Stripe part_;
  std::vector<VuStage> stages_;
  Duration duration_{0};
  std::int64_t most_ = 0;
  bool is_started_ = false;
  std::size_t stage_ = 0;
  Duration stage_start_{0};
  std::int64_t from_ = 0;  // at the start of the stage
  std::int64_t vus_ = 0;   // now, of all parts
};

}  // namespace gantry::load
