#include "load/executors/vu_ramp.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace gantry::load {

VuRamp::VuRamp(std::int64_t start_vus, std::vector<VuStage> stages, Stripe part)
    : part_(std::move(part)), stages_(std::move(stages)), most_(start_vus), from_(start_vus), vus_(start_vus) {
  for (const VuStage& stage : stages_) {
    duration_ += stage.duration;
    most_ = std::max(most_, stage.target);
  }
}

std::optional<VuStep> VuRamp::next() {
  const bool is_first = !is_started_;
  const std::int64_t before = part_.scale(vus_);
  while (std::optional<VuStep> step = next_of_all()) {
    step->vus = part_.scale(step->vus);
    if (is_first || step->vus != before) return step;
  }
  return std::nullopt;
}

std::optional<VuStep> VuRamp::next_of_all() {
  if (!std::exchange(is_started_, true)) return VuStep{Duration(0), vus_};
  while (stage_ < stages_.size()) {
    const VuStage& stage = stages_[stage_];
    if (vus_ != stage.target) {
      const bool jumps = stage.duration.count() == 0;
      vus_ = jumps ? stage.target : vus_ + (stage.target > vus_ ? 1 : -1);
      __extension__ using Wide = __int128;
      const std::int64_t whole = jumps ? 1 : std::abs(stage.target - from_);
      const std::int64_t part = jumps ? 0 : std::abs(vus_ - from_);
      return VuStep{stage_start_ + Duration(static_cast<std::int64_t>(Wide{stage.duration.count()} * part / whole)),
                    vus_};
    }
    stage_start_ += stage.duration;
    from_ = stage.target;
    ++stage_;
  }
  return std::nullopt;
}

}  // namespace gantry::load
