#include "load/executors/kinds.h"

#include <algorithm>

namespace gantry::load {

namespace {

// VUs take the next iteration until all are taken: a fast VU does more.
class SharedIterationsExecutor final : public Executor {
 public:
  SharedIterationsExecutor(Troupe& troupe, const Scenario& scenario, SteadyTime start)
      : Executor(troupe, scenario, start), plan_(std::get<SharedIterations>(scenario.plan)) {}

  void work(VuSlot& slot) override {
    while (taken_ < plan_.iterations && !has_ended(std::chrono::steady_clock::now())) {
      ++taken_;
      if (!iterate(slot)) break;
    }
    // With nothing left to take the scenario is over, however much of its time is.
    if (taken_ == plan_.iterations) end_ = std::min(end_, std::chrono::steady_clock::now());
    leave(slot);
  }

 private:
  SteadyTime schedule(SteadyTime) override { return kNever; }
  std::size_t vus_at_start() const override { return static_cast<std::size_t>(plan_.vus); }
  // Of a run that was stopped, k6 tells of none.
  void finish() override {
    if (!is_stopped()) drop(static_cast<std::uint64_t>(plan_.iterations - taken_));
  }

  const SharedIterations& plan_;
  std::int64_t taken_ = 0;
};

}  // namespace

std::unique_ptr<Executor> make_shared_iterations(Troupe& troupe, const Scenario& scenario, SteadyTime start) {
  return std::make_unique<SharedIterationsExecutor>(troupe, scenario, start);
}

}  // namespace gantry::load
