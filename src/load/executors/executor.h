#pragma once

// What an executor is: it decides when which VU begins an iteration (k6 reference, §6.3). Everything here runs on one thread: the
// director calls handle(), VUs call work(), one at a time.

#include "load/crew/crew.h"
#include "load/measure/response_times.h"
#include "load/metrics/recorder.h"
#include "load/options/scenario.h"
#include "load/vu/vu.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <vector>

namespace gantry::load {

class Executor;

// A VU, its fiber, and whom it works for. Stays where it is.
struct VuSlot {
  Member member = {};
  std::unique_ptr<Vu> vu = {};
  Executor* executor = nullptr;  // null while it is free
  bool is_iterating = false;
  std::size_t place = 0;        // among those of its executor, from 0
  std::int64_t iterations = 0;  // in this scenario
  SteadyTime begun{};           // of the iteration
  SteadyTime ended{};           // of the last, or later: the next may begin from then on
  bool is_called = false;       // of an arrival-rate executor: to one iteration
  SteadyTime due{};             // and when that was to begin
  SteadyTime stop_by = kNever;  // when an iteration that goes on is interrupted
};

// What executors need of whoever runs them.
struct Troupe {
  CrewState& crew;
  // VUs that are free, the lowest number first; fewer where there are not as many.
  std::function<std::vector<VuSlot*>(std::size_t count)> take;
  // One more, made in the background; it is the executor's, and reports to on_ready() once it has evaluated the script.
  std::function<void(Executor& executor)> make_one;
  // One iteration, with its samples, from `begun` on; it says when it ended. False where it was interrupted.
  std::function<bool(VuSlot& slot)> iterate;
  // The director looks at the executors again.
  std::function<void()> wake_director;
};

struct IterationCounts {
  std::uint64_t completed = 0;
  std::uint64_t interrupted = 0;
  std::uint64_t dropped = 0;
};

class Executor {
 public:
  Executor(Troupe& troupe, const Scenario& scenario, SteadyTime start);
  virtual ~Executor() = default;
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  // Does what is due, and says when it wants to be asked next: kNever for only when the director is woken. The first call, at start(),
  // takes the VUs.
  SteadyTime handle(SteadyTime now);
  // On the VU's fiber: iterations until the executor is through with it.
  virtual void work(VuSlot& slot) = 0;
  virtual void on_ready(VuSlot&) {}

  // No iteration begins any more, and those under way are interrupted.
  void stop(SteadyTime now);

  SteadyTime start() const { return start_; }
  bool is_over() const { return is_over_; }
  SteadyTime hard_end() const;  // when the last iteration is interrupted, grace included
  const Scenario& scenario() const { return scenario_; }
  const IterationCounts& counts() const { return counts_; }
  std::size_t active() const { return active_; }

 protected:
  // What is due until `now`, which is never past the regular end; and when there is more.
  virtual SteadyTime schedule(SteadyTime now) = 0;
  virtual void on_engage(VuSlot&) {}
  virtual void finish() {}  // once, when the last VU has left
  virtual std::size_t vus_at_start() const = 0;

  bool is_stopped() const { return is_stopped_; }
  bool has_ended(SteadyTime now) const { return is_stopped_ || now >= end_; }
  bool iterate(VuSlot& slot, SteadyTime now = std::chrono::steady_clock::now());
  void drop(std::uint64_t count);
  // Of an executor that begins iterations by the clock.
  void drop_arrival(SteadyTime due);
  void note_free();  // a VU is, or nothing more is due
  void engage(VuSlot& slot);
  void leave(VuSlot& slot);  // by the VU, last in work()

  Troupe& troupe_;
  const Scenario& scenario_;
  SteadyTime start_;
  SteadyTime end_;
  std::vector<VuSlot*> slots_ = {};  // all that are or were its own
  IterationCounts counts_ = {};

 private:
  void interrupt_late(SteadyTime now);
  void give_way(VuSlot& slot);
  std::chrono::nanoseconds since_began(SteadyTime time) const { return time - troupe_.crew.play.began; }

  ResponseTimes& responses_;

  bool is_started_ = false;
  bool is_stopped_ = false;
  bool is_over_ = false;
  std::size_t active_ = 0;  // VUs that have not left
};

// The executor of the scenario's plan.
std::unique_ptr<Executor> make_executor(Troupe& troupe, const Scenario& scenario, SteadyTime start);

}  // namespace gantry::load
