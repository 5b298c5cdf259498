#pragma once

// Lets those outside look at a run and act on it: the others that begin at the same time hold it, the REST API looks at it, resumes it and
// calls its functions (k6 reference, §16). Private to load.

#include "load/run/lifecycle.h"
#include "load/run/preparation.h"

#include <functional>
#include <utility>

namespace gantry::load {

class Steering {
 public:
  // What is referred to outlives this. `take_stock` is RunLook's.
  Steering(Playhouse& house, const RunPlan& plan, std::function<RunProgress()> take_stock)
      : house_(house), plan_(plan), take_stock_(std::move(take_stock)), is_paused_(plan.begins_paused) {}
  ~Steering() { end(); }
  Steering(const Steering&) = delete;
  Steering& operator=(const Steering&) = delete;

  // Until end(), a member of its own looks up whenever the others wait, where there is anybody to look.
  RunResult<void> begin();
  void end();

  RunPhase phase() const { return phase_; }
  void set_phase(RunPhase phase) { phase_ = phase; }
  // For the others that share the run; where it is to begin, also for whoever resumes it.
  RunResult<void> wait_in(RunHalt& halt);

 private:
  void look();
  RunResult<void> call_setup_beside();

  Playhouse& house_;
  const RunPlan& plan_;
  std::function<RunProgress()> take_stock_;
  Member looker_ = {};
  RunPhase phase_ = RunPhase::created;
  bool is_paused_;
  bool is_looking_ = false;
  bool has_looked_ = false;
};

}  // namespace gantry::load
