#include "launch/documents.h"

#include "base/file.h"
#include "launch/ledger.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>

namespace gantry::launch {

using base::Result;
using report::Board;
using report::BoundCheck;
using report::State;

namespace {

bool holds(State state) { return state == State::passed || state == State::signed_off || state == State::waived; }

// Only what evidence decides is ticked. A tick that evidence contradicts is reported by the gate and left for a person to
// take back: taking a claim back is theirs.
Result<void> tick_criteria(const Board& board, PlanEdits& edits) {
  for (const report::CriterionRow& criterion : board.criteria)
    if (!criterion.ticked && holds(criterion.state)) TRY(edits.set_tick(criterion.ordinal, Tick::on));
  return {};
}

std::vector<const BoundCheck*> all_checks(const Board& board) {
  std::vector<const BoundCheck*> checks;
  for (const report::TrackRow& track : board.tracks)
    for (const report::StepRow& step : track.steps)
      for (const BoundCheck& check : step.checks) checks.push_back(&check);
  return checks;
}

// The checks whose passing is a phase's minimal artefact (reference §2.3). QA is every static check there is.
struct PhaseArtefact {
  std::string_view phase;
  std::array<std::string_view, 2> checks;
};
constexpr std::array kArtefacts = {
    PhaseArtefact{"IMPLEMENT", {"manifests.render", "manifests.valid"}},
    PhaseArtefact{"TEST", {"load.run", "drain.rehearse"}},
    PhaseArtefact{"EDUCATE", {"doc.section", "doc.announcement"}},
    PhaseArtefact{"MEASURE", {"load.baseline", ""}},
    PhaseArtefact{"REFLECT", {"doc.epilogue", ""}},
};

bool all_hold(const std::vector<const BoundCheck*>& checks, auto&& concerns) {
  bool any = false;
  for (const BoundCheck* check : checks) {
    if (!concerns(*check)) continue;
    if (!holds(check->state)) return false;
    any = true;
  }
  return any;
}

bool has_artefact(const std::vector<const BoundCheck*>& checks, std::string_view phase) {
  if (phase == "QA")
    return all_hold(checks, [](const BoundCheck& check) {
      return check.evidence && check.evidence->evidence_class == base::EvidenceClass::static_analysis;
    });
  const auto artefact = std::ranges::find(kArtefacts, phase, &PhaseArtefact::phase);
  if (artefact == kArtefacts.end()) return false;
  return std::ranges::all_of(artefact->checks, [&checks](std::string_view name) {
    return name.empty() || all_hold(checks, [name](const BoundCheck& check) { return check.check == name; });
  });
}

// A phase that has not begun must first be allowed to begin: evidence does not jump over the phases before it.
Result<void> complete_phases(const Plan& plan, const Board& board, PlanEdits& edits) {
  const std::vector<const BoundCheck*> checks = all_checks(board);
  for (const LedgerEntry& entry : plan.ledger) {
    if (!run_moves_phase(entry.phase) || entry.status == PhaseStatus::complete || !has_artefact(checks, entry.phase))
      continue;
    const PhaseFacts facts{
        .previous = previous_status(plan, entry.phase), .has_record_of_work = true, .has_minimal_artefact = true};
    const bool may_begin = entry.status != PhaseStatus::not_started ||
                           !refuse_transition(entry.phase, entry.status, PhaseStatus::in_progress, facts);
    if (may_begin && !refuse_transition(entry.phase, PhaseStatus::in_progress, PhaseStatus::complete, facts))
      TRY(edits.set_phase(entry.phase, PhaseStatus::complete));
  }
  return {};
}

// The least that leaves anything to spend; below it the cycle halts (reference §2.4).
constexpr Decimal kEntropyMin{.units = 1, .digits = 2};
constexpr std::int64_t kRetriesMax = 1'000'000;  // more would be no plan, and no overflow

// A plan without a budget has nothing to spend from.
Result<void> spend_entropy(const Session& session, std::int64_t retries, PlanEdits& edits) {
  const Plan& plan = session.plan;
  const Decimal cost = session.config.retry_cost;
  if (retries == 0 || cost.units == 0 || !plan.entropy || !plan.entropy->remaining) return {};
  const Decimal remaining = plan.entropy->remaining->value;
  Decimal amount{.units = cost.units * std::min(retries, kRetriesMax), .digits = cost.digits};
  if (std::is_gt(compare(amount, remaining))) amount = remaining;
  if (amount.units <= 0) return {};
  TRY(edits.spend_entropy(amount));
  const bool is_halted = std::ranges::any_of(
      plan.markers, [](const ContinuationMarker& marker) { return marker.kind == MarkerKind::halt; });
  if (std::is_lt(compare(subtract(remaining, amount), kEntropyMin)) && !is_halted)
    TRY(edits.set_marker(MarkerKind::halt, "ENTROPY_DEPLETED"));
  return {};
}

// Somebody may have saved the plan while the checks ran: their words are not overwritten.
Result<void> require_unchanged(const Session& session, const base::FileSystem& folder, const std::string& name) {
  const std::string now = TRY(folder.read(name, kPlanBytesMax));
  if (now == session.plan.text()) return {};
  return base::environment_error(
      fmt::format("{} was changed while the run went on, so nothing was written", session.workspace.plan_name),
      "run again with --write");
}

}  // namespace

Result<std::vector<std::string>> write_documents(const Session& session, const Board& board, std::int64_t retries) {
  PlanEdits edits(session.plan);
  TRY(tick_criteria(board, edits));
  TRY(complete_phases(session.plan, board, edits));
  TRY(spend_entropy(session, retries, edits));
  std::vector<std::string> changes;
  if (edits.empty()) return changes;
  const std::filesystem::path path(session.workspace.plan_path);
  const std::unique_ptr<base::FileSystem> folder = TRY(base::open_directory(path.parent_path().string()));
  TRY(require_unchanged(session, *folder, path.filename().string()));
  TRY(base::with_context(base::write_file_atomic(session.workspace.plan_path, edits.apply(), session.store_directory()),
                         fmt::format("cannot write {}", session.workspace.plan_name)));
  for (const std::string& description : edits.descriptions())
    changes.push_back(fmt::format("{}: {}", session.workspace.plan_name, description));
  return changes;
}

}  // namespace gantry::launch
