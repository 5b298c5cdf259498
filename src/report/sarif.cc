// The board as SARIF 2.1.0, one run (docs/formats/sarif.md). Written for GitHub code scanning, which reads a part of the
// standard: every result has a rule, a message, a level and a place, and is tracked by a fingerprint that does not move with
// the lines. A step that does not hold and has no finding to show for it becomes a result of its own, so that "nobody has
// looked" is not mistaken for "nothing was found".

#include "report/board_facts.h"
#include "report/renderers.h"
#include "report/sarif_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <deque>

namespace gantry::report {

namespace {

// What stands in for the finding that a step does not have.
base::Finding finding_of(const StepRow& step) {
  base::Finding finding;
  finding.rule = fmt::format("launch.step-{}", to_string(step.state));
  finding.severity = step.state == State::unverified ? base::Severity::medium : base::Severity::high;
  finding.object = step.id;
  finding.where = step.where;
  finding.message =
      fmt::format("step {} is {}{}{}", step.id, to_string(step.state), step.summary.empty() ? "" : ": ", step.summary);
  finding.explanation = "A launch is a GO only when every step of its plan holds.";
  return finding;
}

// Adds one for each step that does not hold and has no finding. The deque keeps them where the pointers point.
void add_step_findings(const Board& board, std::deque<base::Finding>& owned, std::vector<CollectedFinding>& findings) {
  for (const TrackRow& track : board.tracks) {
    for (const StepRow& step : track.steps) {
      const bool has_finding = std::ranges::any_of(
          step.checks, [](const BoundCheck& check) { return check.evidence && !check.evidence->findings.empty(); });
      if (holds(step.state) || step.state == State::not_required || has_finding) continue;
      owned.push_back(finding_of(step));
      findings.push_back({&owned.back(), {step.id}, step.where, nullptr});
    }
  }
}

struct DecisionEntry {
  Decision decision;
  bool successful;  // the tool could do its work; what it found is another matter (SARIF 2.1.0, 3.20.14)
  int exit_code;
};
constexpr std::array<DecisionEntry, 3> kDecisions = {
    {{Decision::go, true, 0}, {Decision::no_go, true, 1}, {Decision::undecided, false, 3}}};

Json invocation(const Board& board) {
  const DecisionEntry& decision = kDecisions.at(static_cast<std::size_t>(board.decision));
  Json notifications = Json::array();
  notifications.push_back(
      {{"level", "note"},
       {"message", sarif_message(fmt::format("{}: {}", to_string(board.decision), verdict_sentence(board)))}});
  return {
      {"executionSuccessful", decision.successful},
      {"exitCode", decision.exit_code},
      {"endTimeUtc", base::format_rfc3339(board.judged_at)},
      {"toolExecutionNotifications", std::move(notifications)},
  };
}

// Code scanning keeps apart the alerts of different plans and environments by it.
std::string automation_id(const Board& board) {
  return fmt::format("gantry/{}/{}/", slug_of(board.plan_file), slug_of(board.environment));
}

}  // namespace

std::string render_sarif(const Board& board, const RenderOptions&) {
  std::vector<CollectedFinding> findings = collect_findings(board);
  std::deque<base::Finding> owned;
  add_step_findings(board, owned, findings);
  return dump_sarif(
      std::move(findings),
      {.gantry_version = board.gantry_version, .category = automation_id(board), .invocation = invocation(board)});
}

}  // namespace gantry::report
