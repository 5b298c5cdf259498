// From the board's states to the list that a person works through. A contradiction comes first, then what failed, then what
// could not be decided, then what is open.

#include "launch/blockers.h"

#include "launch/subjects.h"

#include <fmt/format.h>

#include <algorithm>

namespace gantry::launch {

using base::Finding;
using report::Blocker;
using report::Board;
using report::BoundCheck;
using report::CriterionRow;
using report::State;
using report::StepRow;
using report::TrackRow;

namespace {

const CheckType* find_type(const StepBindings* bound, std::string_view check) {
  if (!bound) return nullptr;
  const auto binding = std::ranges::find(bound->bindings, check, [](const Binding& each) { return each.check->name; });
  return binding == bound->bindings.end() ? nullptr : binding->check;
}

// How a check runs that nothing has looked with yet; "" where it cannot.
std::string run_option_of(const CheckType* check) {
  if (!check || !check->run) return {};
  if (!check->leans_on.empty()) return run_option_of(find_check(check->leans_on));
  if (!check->with.empty()) return fmt::format("--with {}", check->with);
  return check->cluster == ClusterUse::required ? "--context NAME" : "";
}

std::string next_step_for(const StepRow& step, const StepBindings* bound, std::string_view plan_file) {
  if (step.state == State::failed) {
    for (const BoundCheck& check : step.checks)
      if (check.state == State::failed && check.evidence)
        for (const Finding& finding : check.evidence->findings)
          if (!finding.fix.empty()) return finding.fix;
    return "see its findings";
  }
  for (const BoundCheck& check : step.checks) {
    if (check.state == State::undecided) return "mend what kept the check from deciding, then run again";
    const std::string option = run_option_of(find_type(bound, check.check));
    if (check.state == State::unverified && !option.empty()) return fmt::format("gantry run {} {}", plan_file, option);
    if (check.state == State::unverified)
      return fmt::format("gantry waive {} {} accepts the risk, where policy permits", plan_file, step.id);
  }
  return fmt::format("gantry sign {} {} --as NAME --role ROLE", plan_file, step.id);
}

// Gives the steps that come after a GO apart: they are no demand while anything else is open.
std::vector<Blocker> block_on_steps(const GateInputs& inputs, Board& board) {
  std::vector<Blocker> after_go;
  for (const TrackRow& track : board.tracks)
    for (const StepRow& step : track.steps) {
      if (is_settled(step.state)) continue;
      const StepBindings* bound = find_bindings(inputs, step.id);
      Blocker blocker{step.id, step.state, step.summary, next_step_for(step, bound, board.plan_file)};
      if (bound && is_after_go(*bound) && step.state == State::unverified) {
        after_go.push_back(std::move(blocker));
      } else {
        board.blockers.push_back(std::move(blocker));
      }
    }
  return after_go;
}

bool is_contradicted(const CriterionRow& row) { return row.ticked && row.state == State::failed; }

// A tick without evidence is reported, not trusted; one that evidence contradicts outranks every plain failure.
void block_on_ticks(Board& board) {
  for (const CriterionRow& row : board.criteria) {
    if (!row.ticked || is_settled(row.state)) continue;
    const std::string subject = criterion_subject(row.ordinal);
    const std::string message = is_contradicted(row)
                                    ? fmt::format("{} is ticked, but evidence says otherwise: {}", subject, row.summary)
                                    : fmt::format("{} is ticked without evidence: {}", subject, row.summary);
    board.plan_findings.push_back({.rule = is_contradicted(row) ? "doc.tick-contradicted" : "doc.tick-without-evidence",
                                   .severity = is_contradicted(row) ? base::Severity::high : base::Severity::medium,
                                   .object = subject,
                                   .where = row.where,
                                   .message = message,
                                   .explanation = "a tick is a view of evidence; without it, it is a claim",
                                   .fix = "untick it, or make its evidence pass",
                                   .related = {}});
    if (is_contradicted(row))
      board.blockers.push_back({subject, State::failed, message, "untick it, or make its evidence pass"});
  }
}

void block_on_criteria(const GateInputs& inputs, Board& board) {
  for (const CriterionRow& row : board.criteria) {
    // What its steps explain is listed with them already.
    const bool is_explained = row.summary.starts_with("open: ");
    if (is_settled(row.state) || is_contradicted(row) || is_explained) continue;
    const std::string subject = criterion_subject(row.ordinal);
    std::string next_step = "see the steps that decide it";
    if (row.decided_by.empty())
      next_step = fmt::format("gantry sign {} \"{}\" --as NAME --role ROLE", board.plan_file, subject);
    if (find_bindings(inputs, subject)) next_step = "see what its own checks found, and the steps that decide it";
    board.blockers.push_back({subject, row.state, row.summary, std::move(next_step)});
  }
}

bool is_waived(const GateInputs& inputs, const Finding& finding) {
  return std::ranges::any_of(inputs.waivers, [&](const Waiver& waiver) {
    return waiver.subject == kPlanSubject && is_in_force(inputs, waiver) &&
           covers(waiver, finding.fingerprint(), std::nullopt);
  });
}

// A plan that does not say what comes next waits for a person, as one that says halt does (reference §2.5).
void block_on_missing_marker(const Plan& plan, Board& board) {
  if (!plan.markers.empty()) return;
  const std::string message = "the plan has no continuation marker, so it waits for a person";
  const std::string fix = "end it with a line \u27ff[PHASE] once it may go on, or \u27c2[REASON]";
  board.plan_findings.push_back({.rule = "plan.marker-missing",
                                 .severity = base::Severity::medium,
                                 .object = {},
                                 .where = {.file = std::make_shared<const std::string>(plan.file())},
                                 .message = message,
                                 .explanation = "no marker is read as a halt without a reason",
                                 .fix = fix,
                                 .related = {}});
  board.blockers.push_back({"plan", State::failed, message, fix});
}

// A halt is a person's word, and no risk that could be accepted beside it.
void block_on_plan(const GateInputs& inputs, Board& board) {
  block_on_missing_marker(inputs.plan, board);
  for (const ContinuationMarker& marker : inputs.plan.markers)
    if (marker.kind == MarkerKind::halt)
      board.blockers.push_back(
          {"plan", State::failed, fmt::format("the plan says halt: {}", marker.target), "lift the halt in the plan"});
  for (const Finding& finding : inputs.findings)
    if (finding.severity >= inputs.config.gate.blocking_severity && !is_waived(inputs, finding))
      board.blockers.push_back(
          {finding.object.empty() ? "plan" : finding.object, State::failed, finding.message, finding.fix});
}

void block_on_waivers(const GateInputs& inputs, Board& board) {
  const int most = inputs.config.gate.waivers_max;
  if (static_cast<int>(board.waivers.size()) > most)
    board.blockers.push_back({"waivers", State::failed,
                              fmt::format("{} waivers are in force, the policy permits {}", board.waivers.size(), most),
                              "mend some of what they cover"});
  for (const TrackRow& track : board.tracks) {
    const bool is_removed = track.steps.size() > 1 && std::ranges::all_of(track.steps, [](const StepRow& step) {
                              return step.state == State::waived;
                            });
    if (is_removed)
      board.blockers.push_back({"track " + track.id, State::failed, "waivers together remove the whole track",
                                "verify at least one of its steps"});
  }
}

void block_on_roles(const GateInputs& inputs, Board& board) {
  const Words words = words_about(inputs.sign_offs, "launch", launch_digest(inputs), inputs.now);
  for (const SignOff* rejection : words.rejections)
    board.blockers.push_back({"launch", State::failed, describe_rejection(*rejection), "talk to them"});
  for (const std::string& role : inputs.config.gate.required_roles) {
    const bool is_signed = std::ranges::find(words.approvals, role, &SignOff::role) != words.approvals.end();
    if (!is_signed)
      board.blockers.push_back({"launch", State::unverified, fmt::format("awaiting the sign-off of {}", role),
                                fmt::format("gantry sign {} launch --as NAME --role {}", board.plan_file, role)});
  }
}

}  // namespace

bool is_settled(State state) {
  return state != State::failed && state != State::undecided && state != State::unverified;
}

void collect_blockers(const GateInputs& inputs, Board& board) {
  block_on_ticks(board);
  block_on_plan(inputs, board);
  std::vector<Blocker> after_go = block_on_steps(inputs, board);
  block_on_criteria(inputs, board);
  block_on_waivers(inputs, board);
  block_on_roles(inputs, board);
  if (board.blockers.empty()) board.blockers = std::move(after_go);
  // A contradiction, then what failed, then what could not be decided, then what is open; within that the plan's order.
  const auto rank = [](const Blocker& blocker) { return static_cast<int>(blocker.state); };
  std::ranges::stable_sort(board.blockers, {}, rank);
}

}  // namespace gantry::launch
