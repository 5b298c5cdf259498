#pragma once

// Ends scripts that never wait: an endless loop keeps the turn, so that no member could. One thread that mostly sleeps.

#include "load/crew/crew.h"
#include "load/script/isolate.h"
#include "load/vu/vu.h"

#include <atomic>
#include <chrono>
#include <string>
#include <thread>

namespace gantry::load {

class Watchdog {
 public:
  // What is referred to outlives this. `stop` may be null.
  Watchdog(const Crew& crew, ScriptIsolate& isolate, const std::atomic<bool>* stop);
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  // From when on nothing that runs should be running any more; kNever for no such time. By the member that has the turn.
  void expect_end(SteadyTime at) { end_.store(at.time_since_epoch().count(), std::memory_order_relaxed); }

 private:
  void look() const;

  const Crew& crew_;
  ScriptIsolate& isolate_;
  const std::atomic<bool>* stop_;
  std::atomic<SteadyTime::rep> end_{kNever.time_since_epoch().count()};
  std::jthread thread_;
};

// Evaluates the script's top level in a VU, which is interrupted when it takes longer. The end is expected until somebody says otherwise.
// Errors: what it threw; input: it was interrupted.
base::Result<void> load_in_time(Vu& vu, const std::string& script, std::chrono::nanoseconds time_max,
                                Watchdog& watchdog);

}  // namespace gantry::load
