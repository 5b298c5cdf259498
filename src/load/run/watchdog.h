#pragma once

// Ends scripts that never wait: an endless loop keeps the turn, so that no member could. One thread that mostly sleeps.

#include "load/crew/crew.h"
#include "load/script/isolate.h"
#include "load/vu/vu.h"

#include <pthread.h>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace gantry::load {

// What becomes of it when the run is to stop.
enum class OnStop : std::uint8_t { ends, goes_on };

// When scripts are to end before their time, and what is to be done where one does not.
struct WatchdogOrders {
  const std::atomic<bool>* stop = nullptr;  // null for nobody who says so
  std::chrono::nanoseconds give_up_after = std::chrono::seconds(10);
  // Called by the watchdog's thread, its last act, once the scripts' thread stands still for good.
  std::function<void()> give_up = {};
};

class Watchdog {
 public:
  // By the thread that scripts run on. What is referred to outlives this.
  Watchdog(const Crew& crew, ScriptIsolate& isolate, WatchdogOrders orders);
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

 private:
  friend class Watch;
  bool is_over(SteadyTime now);
  // Whether there is anything left to watch.
  bool look();

  const Crew& crew_;
  ScriptIsolate& isolate_;
  const WatchdogOrders orders_;
  const pthread_t scripts_ = ::pthread_self();
  // The turn that was interrupted last, by when it began, and when that was. The thread's own.
  SteadyTime interrupted_turn_{};
  SteadyTime interrupted_{};
  std::mutex mutex_;
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
