#pragma once

// Time, and the controllers that act in it: what is deleted goes after its grace, what goes is made again, what is made is
// scheduled where it fits and becomes Ready (disruption reference, §6 and §8). Whoever disrupts (drainer.h, a loss) drives it.
// Private to disruption.

#include "disruption/placement.h"
#include "disruption/recorder.h"
#include "disruption/rehearsal.h"
#include "disruption/world.h"

#include <cstdint>
#include <optional>
#include <queue>
#include <vector>

namespace gantry::disruption {

class Simulator {
 public:
  Simulator(const Cluster& cluster, std::size_t events_max);

  enum class TimerKind : std::uint8_t {
    gone,
    ready,
    useful,
    taint_eviction,  // the simulator's own
    retry,
    deadline,
    node_back,  // of whoever disrupts
  };
  struct Timer {
    Instant at{0};
    std::uint64_t order = 0;  // of being set: ties are taken in this order
    TimerKind kind = TimerKind::gone;
    std::uint32_t subject = 0;  // pod or node
  };

  Instant now() const { return now_; }
  World& world() { return world_; }
  const World& world() const { return world_; }
  Recorder& recorder() { return recorder_; }
  Scheduler& scheduler() { return scheduler_; }
  void set_timer(Instant at, TimerKind kind, std::uint32_t subject) {
    timers_.push({at, next_order_++, kind, subject});
  }
  bool quiet() const { return timers_.empty(); }

  // Goes to the next timer. One of its own is handled here; another is handed out.
  std::optional<Timer> step();
  // Pods whose object went since the last call.
  std::vector<std::uint32_t> take_gone() { return std::exchange(gone_, {}); }

  // A deletion was asked for; by an eviction or without one.
  void terminate(std::uint32_t pod, std::optional<Milliseconds> grace = {});
  void lose_node(std::uint32_t node);
  void remove_node(std::uint32_t node);  // what still runs on it stops with it
  void open_node(std::uint32_t node, EventKind event);
  // Pods that have no node may have one now.
  void schedule_pending();
  void note(EventKind kind, std::uint32_t node) { recorder_.note(now_, {.kind = kind, .node = NodeIndex(node)}); }
  void note_pod(EventKind kind, std::uint32_t pod);

  // Pods without a node, in the order in which they were made.
  const std::vector<std::uint32_t>& pending() const { return pending_; }
  // Places in ordered StatefulSets that wait for a predecessor.
  struct Waiting {
    std::uint32_t kind = 0;
    std::uint32_t number = 0;
    std::uint32_t replaces = 0;
  };
  const std::vector<Waiting>& waiting() const { return waiting_; }

  Rehearsal finish(std::string what);

 private:
  void handle(const Timer& timer);
  void finish_termination(std::uint32_t pod);
  void create(std::uint32_t kind, std::uint32_t number, std::uint32_t replaces);
  bool try_schedule(std::uint32_t pod);
  void create_waiting(std::uint32_t workload);
  bool may_create(const Waiting& waiting) const;
  void evict_by_taint(std::uint32_t node);
  // What a controller makes instead of a pod, now or once it is gone.
  void replace(std::uint32_t pod, Recreation when);

  Cluster cluster_;
  World world_;
  Scheduler scheduler_;
  Recorder recorder_;
  Instant now_{0};
  std::uint64_t next_order_ = 0;
  struct Later {
    bool operator()(const Timer& a, const Timer& b) const { return a.at != b.at ? a.at > b.at : a.order > b.order; }
  };
  std::priority_queue<Timer, std::vector<Timer>, Later> timers_;
  std::vector<std::uint32_t> pending_;
  std::vector<Waiting> waiting_;
  std::vector<std::uint32_t> gone_;
  std::vector<std::uint32_t> next_number_;  // by workload
  std::vector<Rehearsal::Made> made_;
};

// How long a node may be out of reach before its pods are asked to go (the default tolerations of not-ready and unreachable).
inline constexpr std::chrono::seconds kTaintEviction{300};

}  // namespace gantry::disruption
