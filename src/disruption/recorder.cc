#include "disruption/recorder.h"

#include <algorithm>
#include <utility>

namespace gantry::disruption {

Recorder::Recorder(const World& world, std::size_t events_max) : events_max_(events_max) { restart(world, Instant(0)); }

void Recorder::restart(const World& world, Instant now) {
  const Model& model = world.model();
  start_ = now;
  events_.clear();
  cut_ = false;
  invariants_.assign(model.invariants.size(), {});
  budgets_.assign(model.budgets.size(), {});
  below_since_.assign(model.invariants.size(), now);
  is_below_.assign(model.invariants.size(), 0);
  for (std::uint32_t i = 0; i < model.invariants.size(); ++i) {
    invariants_[i].lowest = world.level(i);
    invariants_[i].broken_before = world.level(i) < model.invariants[i].needs;
    is_below_[i] = invariants_[i].broken_before;
  }
  for (std::uint32_t i = 0; i < model.budgets.size(); ++i) budgets_[i].lowest_allowed = world.budget(i).allowed;
}

void Recorder::note(Instant now, Event event) {
  if (events_.size() >= events_max_) {
    cut_ = true;
    return;
  }
  event.at = now - start_;
  events_.push_back(event);
}

std::vector<std::uint32_t> Recorder::look(World& world, Instant now) {
  std::vector<std::uint32_t> broken;
  for (const std::uint32_t index : world.take_touched()) {
    InvariantOutcome& outcome = invariants_[index];
    const std::int64_t level = world.level(index);
    if (level < outcome.lowest) {
      outcome.lowest = level;
      outcome.lowest_at = now - start_;
    }
    const bool below = level < world.model().invariants[index].needs;
    if (below == static_cast<bool>(is_below_[index])) continue;
    is_below_[index] = below;
    note(now,
         {.kind = below ? EventKind::below : EventKind::restored, .invariant = InvariantIndex(index), .count = level});
    if (below) {
      outcome.broken = true;
      below_since_[index] = now;
      broken.push_back(index);
    } else {
      outcome.below += now - below_since_[index];
    }
  }
  return broken;
}

void Recorder::note_refusal(const World& world, std::uint32_t budget, std::int64_t count) {
  budgets_[budget].refusals += count;
  note_budget(world, budget);
}

void Recorder::note_budget(const World& world, std::uint32_t budget) {
  budgets_[budget].lowest_allowed = std::min(budgets_[budget].lowest_allowed, world.budget(budget).allowed);
}

void Recorder::finish(Instant now, Rehearsal& rehearsal) {
  for (std::size_t i = 0; i < invariants_.size(); ++i)
    if (is_below_[i]) invariants_[i].below += now - below_since_[i];
  rehearsal.events = std::move(events_);
  rehearsal.events_cut = cut_;
  rehearsal.invariants = std::move(invariants_);
  rehearsal.budgets = std::move(budgets_);
  rehearsal.end = now - start_;
}

}  // namespace gantry::disruption
