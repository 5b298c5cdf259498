#include "load/executors/kinds.h"

namespace gantry::load {

namespace {

// Each VU begins one iteration after the other, as long as the regular duration is not over.
class ConstantVusExecutor final : public Executor {
 public:
  using Executor::Executor;

  void work(VuSlot& slot) override {
    SteadyTime now = std::chrono::steady_clock::now();
    while (!has_ended(now) && iterate(slot, now)) now = slot.ended;
    leave(slot);
  }

 private:
  SteadyTime schedule(SteadyTime) override { return kNever; }
  std::size_t vus_at_start() const override { return static_cast<std::size_t>(most_vus(scenario_)); }
};

}  // namespace

std::unique_ptr<Executor> make_constant_vus(Troupe& troupe, const Scenario& scenario, SteadyTime start) {
  return std::make_unique<ConstantVusExecutor>(troupe, scenario, start);
}

}  // namespace gantry::load
