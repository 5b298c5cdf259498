#pragma once

// Whoever empties nodes: kubectl drain, or a managed upgrade (disruption reference, §4). Nodes are taken in order, `parallel` at a
// time; the pods of a node are evicted at once, refused ones tried again every five seconds; a node is done when they are gone,
// and nobody waits for replacements. Private to disruption.

#include "disruption/rehearsal.h"
#include "disruption/simulator.h"

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace gantry::disruption {

struct DrainPlan {
  std::vector<std::uint32_t> nodes = {};
  DrainFlags flags;
  std::int64_t parallel = 1;
  bool cordon_all_first = false;
  std::optional<Milliseconds> deadline = {};
  // What becomes of an empty node.
  enum class After : std::uint8_t { uncordon, leave_cordoned, replace };
  After after = After::uncordon;
  Milliseconds node_start{0};  // of `replace`
};

class Drainer {
 public:
  Drainer(Simulator& simulator, DrainPlan plan);

  // Until every node is done or stuck, and everything that was set in motion has come to rest.
  void run();
  std::vector<NodeOutcome> take_outcomes() { return std::move(outcomes_); }

 private:
  // A pod whose eviction was refused, and when that was.
  struct Blocked {
    std::uint32_t pod = 0;
    Instant first{0};
    bool retry_set = false;
    bool hopeless = false;  // answered 500: kubectl gives up on it
  };
  struct Job {
    std::size_t outcome = 0;
    std::uint32_t node = 0;
    std::vector<Blocked> blocked = {};
    std::size_t remaining = 0;  // pods that have to go and have not
    bool done = false;
  };

  void start_jobs();
  void begin(std::uint32_t node);
  bool refuse(Job& job);
  void evict(Job& job, std::uint32_t pod);
  void try_again(std::uint32_t pod);
  void admit(Job& job, std::uint32_t pod, const EvictionAnswer& answer, std::int64_t refused);
  void force(Job& job, std::uint32_t pod, std::string_view why);
  void handle(const Simulator::Timer& timer);
  void after_step();
  void set_retries();
  void finish_emptied();
  void finish(Job& job);
  void leave(std::uint32_t node);
  void give_up_stuck();
  void note_broken();
  Job* job_of(std::uint32_t pod);

  Simulator& simulator_;
  DrainPlan plan_;
  std::deque<std::uint32_t> queue_;
  std::vector<Job> jobs_;  // active ones
  std::size_t away_ = 0;   // nodes that are being replaced
  std::vector<NodeOutcome> outcomes_;
  std::unordered_map<std::uint32_t, std::uint32_t> node_of_pod_;  // pods that have to go
};

}  // namespace gantry::disruption
