#include "load/executors/kinds.h"

#include <algorithm>

namespace gantry::load {

namespace {

// Each VU does as many as every other.
class PerVuIterationsExecutor final : public Executor {
 public:
  PerVuIterationsExecutor(Troupe& troupe, const Scenario& scenario, SteadyTime start)
      : Executor(troupe, scenario, start), plan_(std::get<PerVuIterations>(scenario.plan)) {}

  void work(VuSlot& slot) override {
    while (slot.iterations < plan_.iterations && !has_ended(std::chrono::steady_clock::now()) && iterate(slot))
      continue;
    if (!is_stopped()) drop(static_cast<std::uint64_t>(plan_.iterations - slot.iterations));
    if (++through_ == plan_.vus) end_ = std::min(end_, std::chrono::steady_clock::now());
    leave(slot);
  }

 private:
  SteadyTime schedule(SteadyTime) override { return kNever; }
  std::size_t vus_at_start() const override { return static_cast<std::size_t>(plan_.vus); }

  const PerVuIterations& plan_;
  std::int64_t through_ = 0;
};

}  // namespace

std::unique_ptr<Executor> make_per_vu_iterations(Troupe& troupe, const Scenario& scenario, SteadyTime start) {
  return std::make_unique<PerVuIterationsExecutor>(troupe, scenario, start);
}

}  // namespace gantry::load
