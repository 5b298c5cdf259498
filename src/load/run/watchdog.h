#pragma once

// Ends scripts that never wait: an endless loop keeps the turn, so that no member could. One thread that mostly sleeps.

#include "load/crew/crew.h"
#include "load/script/isolate.h"
#include "load/vu/vu.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace gantry::load {

// What becomes of it when the run is to stop.
enum class OnStop : std::uint8_t { ends, goes_on };

class Watchdog {
 public:
  // What is referred to outlives this. `stop` may be null.
  Watchdog(const Crew& crew, ScriptIsolate& isolate, const std::atomic<bool>* stop);
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

 private:
  friend class Watch;
  void look() const;

  const Crew& crew_;
  ScriptIsolate& isolate_;
  const std::atomic<bool>* stop_;
  mutable std::mutex mutex_;
  std::vector<const class Watch*> watches_ = {};  // guarded by mutex_
  std::jthread thread_;
};

// One thing that a run does, which scripts run for; several may be going on at once.
class Watch {
 public:
  explicit Watch(Watchdog& watchdog, OnStop on_stop = OnStop::ends);
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  // From when on nothing that runs for it should be running any more; kNever, as at first, for no such time.
  void expect_end(SteadyTime at) { end_.store(at.time_since_epoch().count(), std::memory_order_relaxed); }

 private:
  friend class Watchdog;
  bool is_over(SteadyTime now, bool is_stopped) const;

  Watchdog& watchdog_;
  const OnStop on_stop_;
  std::atomic<SteadyTime::rep> end_{kNever.time_since_epoch().count()};
};

// Evaluates the script's top level in a VU, which is interrupted when it takes longer.
// Errors: what it threw; input: it was interrupted.
base::Result<void> load_in_time(Vu& vu, const std::string& script, std::chrono::nanoseconds time_max,
                                Watchdog& watchdog, OnStop on_stop = OnStop::ends);

}  // namespace gantry::load
