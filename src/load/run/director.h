#pragma once

// Lets scenarios play: makes the VUs, gives them to executors when those are due, and waits. One member of the crew, as the VUs are.

#include "load/executors/executor.h"
#include "load/load.h"
#include "load/run/watchdog.h"
#include "load/vu/vu.h"

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace gantry::load {

// What scripts may recurse; the rest of a VU's stack is for what they call, such as V8's compiler and TLS.
inline constexpr std::size_t kScriptStackBytes = Member::kStackBytes - (std::size_t{256} << 10);

class Director {
 public:
  Director(CrewState& state, Member& self, Watchdog& watchdog, const RunRequest& request);
  ~Director();  // ends the VUs

  // As many VUs as the scenarios need at once, each with the script evaluated. Errors: of the first that could not.
  base::Result<void> make_vus(std::span<const Scenario> scenarios);
  // What setup returned, as JSON.
  void set_setup_data(std::optional<std::string> json) { setup_data_ = std::move(json); }
  // How long an iteration takes at least; the rest of that is waited for after it.
  void set_min_iteration(Duration length) { min_iteration_ = length; }
  // Asked every two seconds whether the run is to end now.
  void set_abort(std::function<bool()> is_to_abort) { is_to_abort_ = std::move(is_to_abort); }
  void set_progress(std::function<void(const RunProgress&)> progress) { progress_ = std::move(progress); }
  // From now until the last iteration has ended.
  std::vector<ScenarioOutcome> play(std::span<const Scenario> scenarios);
  // How far the scenarios are that play.
  std::vector<ScenarioOutcome> so_far() const;
  RunProgress progress() const;
  bool was_stopped() const { return was_stopped_; }
  bool was_aborted() const { return was_aborted_; }

 private:
  // No VU is ready before it has evaluated the script.
  base::Result<void> make_vu(Executor* executor);
  void make_vu_for(Executor& executor);
  void run_vu(VuSlot& slot, Executor* executor);
  std::vector<VuSlot*> take(std::size_t count);
  bool iterate(VuSlot& slot);
  void wait_out(VuSlot& slot);
  void record_iteration(VuSlot& slot);
  void wait_for_vus();
  std::size_t active_vus() const;
  void look_at_vus(SteadyTime now);
  void record_vus(std::size_t active, SteadyTime now);

  CrewState& state_;
  Member& self_;
  Watchdog& watchdog_;
  const RunRequest& request_;
  Duration min_iteration_{0};
  std::function<bool()> is_to_abort_ = {};
  std::function<void(const RunProgress&)> progress_ = {};
  std::optional<std::string> setup_data_ = {};
  std::vector<std::unique_ptr<Executor>> executors_ = {};  // of the scenarios that play
  std::deque<VuSlot> slots_ = {};                          // VU n at n - 1
  std::size_t ready_ = 0;
  std::optional<base::Error> failure_ = {};  // of the first VU that could not evaluate the script
  bool is_over_ = false;
  bool was_stopped_ = false;
  bool was_aborted_ = false;
  Troupe troupe_;
};

}  // namespace gantry::load
