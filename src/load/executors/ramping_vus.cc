#include "load/executors/kinds.h"

#include <algorithm>

namespace gantry::load {

namespace {

// As many VUs iterate as the line says. Those that it no longer wants may finish what they are at, within gracefulRampDown; when the
// line rises again meanwhile, they simply go on.
class RampingVusExecutor final : public Executor {
 public:
  RampingVusExecutor(Troupe& troupe, const Scenario& scenario, SteadyTime start)
      : Executor(troupe, scenario, start),
        plan_(std::get<RampingVus>(scenario.plan)),
        ramp_(plan_.start_vus, plan_.stages, scenario.part),
        step_(ramp_.next()) {}

  void work(VuSlot& slot) override {
    while (!has_ended(std::chrono::steady_clock::now())) {
      if (slot.place >= wanted_)
        troupe_.crew.park(slot.member);
      else
        iterate(slot);
    }
    leave(slot);
  }

 private:
  SteadyTime schedule(SteadyTime now) override {
    while (step_ && start_ + step_->at <= now) {
      follow(static_cast<std::size_t>(step_->vus), start_ + step_->at);
      step_ = ramp_.next();
    }
    return step_ ? start_ + step_->at : kNever;
  }

  void follow(std::size_t vus, SteadyTime at) {
    for (std::size_t place = wanted_; place < std::min(vus, slots_.size()); ++place) {
      slots_[place]->stop_by = kNever;
      if (!slots_[place]->is_iterating) troupe_.crew.crew.wake(slots_[place]->member);
    }
    for (std::size_t place = vus; place < std::min(wanted_, slots_.size()); ++place)
      slots_[place]->stop_by = at + plan_.graceful_ramp_down;
    wanted_ = vus;
  }

  std::size_t vus_at_start() const override { return static_cast<std::size_t>(ramp_.most_vus()); }

  const RampingVus& plan_;
  VuRamp ramp_;
  std::optional<VuStep> step_;
  std::size_t wanted_ = 0;
};

}  // namespace

std::unique_ptr<Executor> make_ramping_vus(Troupe& troupe, const Scenario& scenario, SteadyTime start) {
  return std::make_unique<RampingVusExecutor>(troupe, scenario, start);
}

}  // namespace gantry::load
