#pragma once

// Lets scenarios play: makes the VUs, gives them to executors when those are due, and waits. One member of the crew, as the VUs are.

#include "load/executors/executor.h"
#include "load/load.h"
#include "load/run/watchdog.h"
#include "load/vu/vu.h"

#include <atomic>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace gantry::load {

class Director {
 public:
  Director(CrewState& state, Member& self, Watchdog& watchdog, std::string script, const std::atomic<bool>* stop);
  ~Director();  // ends the VUs

  // As many VUs as the scenarios need at once, each with the script evaluated. Errors: of the first that could not.
  base::Result<void> make_vus(std::span<const Scenario> scenarios);
  // What setup returned, as JSON.
  void set_setup_data(std::optional<std::string> json) { setup_data_ = std::move(json); }
  // From now until the last iteration has ended.
  std::vector<ScenarioOutcome> play(std::span<const Scenario> scenarios);
  bool was_stopped() const { return was_stopped_; }

 private:
  // No VU is ready before it has evaluated the script.
  VuSlot& make_vu(Executor* executor);
  void run_vu(VuSlot& slot, Executor* executor);
  std::vector<VuSlot*> take(std::size_t count);
  bool iterate(VuSlot& slot);
  void record_iteration(VuSlot& slot, std::chrono::nanoseconds took);
  void wait_for_vus();
  void look_at_vus(SteadyTime now);

  CrewState& state_;
  Member& self_;
  Watchdog& watchdog_;
  std::string script_;
  const std::atomic<bool>* stop_;
  std::optional<std::string> setup_data_ = {};
  std::deque<VuSlot> slots_ = {};  // VU n at n - 1
  std::size_t ready_ = 0;
  std::optional<base::Error> failure_ = {};  // of the first VU that could not evaluate the script
  bool is_over_ = false;
  bool was_stopped_ = false;
  Troupe troupe_;
};

}  // namespace gantry::load
