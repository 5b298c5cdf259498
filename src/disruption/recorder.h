#pragma once

// What a rehearsal writes down: events, how low each invariant and budget got, and for how long. Private to disruption.

#include "disruption/rehearsal.h"
#include "disruption/world.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace gantry::disruption {

class Recorder {
 public:
  Recorder(const World& world, std::size_t events_max);

  // Forgets what was before; the instant becomes zero. What is below its need now was so before.
  void restart(const World& world, Instant now);
  void note(Instant now, Event event);
  // After changes: invariants that crossed what they need, in order.
  std::vector<std::uint32_t> look(World& world, Instant now);
  void note_refusal(const World& world, std::uint32_t budget, std::int64_t count);
  void note_budget(const World& world, std::uint32_t budget);
  // Moves what was written down over.
  void finish(Instant now, Rehearsal& rehearsal);

 private:
  Instant start_{0};
  std::size_t events_max_;
  std::vector<Event> events_;
  bool cut_ = false;
  std::vector<InvariantOutcome> invariants_;
  std::vector<BudgetOutcome> budgets_;
  std::vector<Instant> below_since_;
  std::vector<char> is_below_;
};

}  // namespace gantry::disruption
