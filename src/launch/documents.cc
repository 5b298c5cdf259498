#include "launch/documents.h"

#include "base/file.h"
#include "launch/ledger.h"

#include <fmt/format.h>

#include <algorithm>

namespace gantry::launch {

using base::Result;
using report::Board;
using report::State;

namespace {

bool holds(State state) { return state == State::passed || state == State::signed_off || state == State::waived; }

// Only what evidence decides is ticked. A tick that evidence contradicts is reported by the gate and left for a person to take
// back: documents may say more than evidence, and taking a claim back is theirs.
Result<void> tick_criteria(const Board& board, PlanEdits& edits) {
  for (const report::CriterionRow& criterion : board.criteria)
    if (!criterion.ticked && holds(criterion.state)) TRY(edits.set_tick(criterion.ordinal, Tick::on));
  return {};
}

// Whether every check of these names that some step is bound to has passed, and there is at least one.
bool have_passed(const Board& board, std::span<const std::string_view> checks) {
  bool any = false;
  for (const report::TrackRow& track : board.tracks)
    for (const report::StepRow& step : track.steps)
      for (const report::BoundCheck& check : step.checks) {
        if (std::ranges::find(checks, check.check) == checks.end()) continue;
        if (!holds(check.state)) return false;
        any = true;
      }
  return any;
}

bool all_static_checks_are_settled(const Board& board) {
  bool any = false;
  for (const report::TrackRow& track : board.tracks)
    for (const report::StepRow& step : track.steps)
      for (const report::BoundCheck& check : step.checks) {
        if (!check.evidence || check.evidence->evidence_class != base::EvidenceClass::static_analysis) continue;
        if (!holds(check.state)) return false;
        any = true;
      }
  return any;
}

}  // namespace
