// The gate, top to bottom: bindings decide steps, steps decide tracks and criteria, and what is left over stands between now
// and GO. Three-valued throughout (reference: launch, §8): unknown never becomes pass.

#include "launch/gate.h"

#include "base/text.h"
#include "base/version.h"
#include "launch/blockers.h"
#include "launch/subjects.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace gantry::launch {

using base::Finding;
using report::Board;
using report::BoundCheck;
using report::CriterionRow;
using report::Decision;
using report::State;
using report::StepRow;
using report::TrackRow;

namespace {

// "A and B": fails when one fails, passes only when all are settled.
State all_of(State a, State b) {
  // From the one that decides most to the one that decides least.
  constexpr std::array kOrder = {State::failed,     State::undecided, State::unverified,  State::waived,
                                 State::signed_off, State::passed,    State::not_required};
  const auto rank = [&kOrder](State state) { return std::ranges::find(kOrder, state) - kOrder.begin(); };
  return rank(a) <= rank(b) ? a : b;
}

// What people said about one subject, as far as it holds now.
struct Voices {
  Words words;
  bool has_waiver = false;             // one that accepts the subject as a whole
  std::vector<const Waiver*> waivers;  // in force; of the gate's inputs
  std::string lapsed_waiver;  // why the latest one that covers nothing any more does not; "" when there is none

  bool accept(const base::Evidence& evidence, const Finding& finding) const {
    const std::string fingerprint = finding.fingerprint();
    return std::ranges::any_of(waivers, [&, extent = find_extent(evidence.extents, fingerprint)](const Waiver* waiver) {
      return covers(*waiver, fingerprint, extent);
    });
  }
};

// The waiver of a finding that has become worse since than what was accepted; null where there is none.
const Waiver* find_outgrown(const base::Evidence& evidence, const Voices& voices) {
  for (const Finding& finding : evidence.findings) {
    if (voices.accept(evidence, finding)) continue;
    const auto names = [fingerprint = finding.fingerprint()](const Waiver* waiver) {
      return std::ranges::find(waiver->fingerprints, fingerprint) != waiver->fingerprints.end();
    };
    if (const auto found = std::ranges::find_if(voices.waivers, names); found != voices.waivers.end()) return *found;
  }
  return nullptr;
}

// What it names, but for what has become worse than it was given for.
std::vector<std::string> find_covered(const GateInputs& inputs, const Waiver& waiver) {
  std::vector<std::string> covered = waiver.fingerprints;
  const StepBindings* bound = find_bindings(inputs, waiver.subject);
  if (!bound) return covered;
  for (const Binding& binding : bound->bindings) {
    const auto state = inputs.checks.find(binding.key);
    if (state == inputs.checks.end() || !state->second.evidence) continue;
    std::erase_if(covered, [&](const std::string& fingerprint) {
      return !covers(waiver, fingerprint, find_extent(state->second.evidence->extents, fingerprint));
    });
  }
  return covered;
}

class Judge {
 public:
  explicit Judge(const GateInputs& inputs) : inputs_(inputs) {}

  Board judge();

 private:
  Voices voices(const std::string& subject, const std::string& digest) const;
  BoundCheck judge_binding(const Binding& binding, const Voices& voices) const;
  State judge_evidence(const base::Evidence& evidence, const Voices& voices) const;
  bool has_blocker(const BoundCheck& check) const;
  bool outweighs(const BoundCheck& check, const BoundCheck& other) const;
  StepRow judge_step(const PlanStep& step) const;
  void judge_unbound_step(StepRow& row, const Voices& voices) const;
  void judge_checklists(Board& board) const;
  CriterionRow judge_criterion(const Criterion& criterion, Board& board) const;
  void demand_evidence_class(CriterionRow& row, const std::vector<BoundCheck>& own_checks, const Board& board) const;
  void judge_undecided_criterion(CriterionRow& row, const Voices& voices) const;

  const GateInputs& inputs_;
};

Board Judge::judge() {
  Board board;
  board.title = inputs_.plan.title();
  board.plan_file = inputs_.plan.file();
  board.gantry_version = std::string(base::version());
  board.judged_at = inputs_.now;
  board.environment = inputs_.environment;
  board.plan_findings = inputs_.findings;
  base::sort_findings(board.plan_findings);
  for (const Waiver& waiver : inputs_.waivers)
    if (is_in_force(inputs_, waiver))
      board.waivers.push_back(
          {waiver.subject, waiver.why, waiver.accepted_by, waiver.expires, find_covered(inputs_, waiver)});

  // Evidence, waivers and sign-offs decide the steps; beyond this point nothing reads evidence to decide a step.
  double progress = 0;
  double weights = 0;
  for (const PlanTrack& track : inputs_.plan.tracks) {
    TrackRow row{.id = track.id,
                 .title = track.title,
                 .weight_percent = track.weight_percent.value_or(0),
                 .state = State::not_required,
                 .steps = {}};
    std::size_t settled = 0;
    for (const PlanStep& step : track.steps) {
      row.steps.push_back(judge_step(step));
      row.state = all_of(row.state, row.steps.back().state);
      settled += is_settled(row.steps.back().state) ? 1 : 0;
    }
    if (row.steps.empty()) row.state = State::unverified;
    const double weight = track.weight_percent.value_or(1);
    weights += weight;
    if (!row.steps.empty()) progress += weight * static_cast<double>(settled) / static_cast<double>(row.steps.size());
    board.tracks.push_back(std::move(row));
  }
  board.progress_percent = weights > 0 ? static_cast<int>(progress * 100 / weights) : 0;

  judge_checklists(board);

  // Steps decide the criteria.
  for (const Criterion& criterion : inputs_.plan.criteria) board.criteria.push_back(judge_criterion(criterion, board));

  // What is not settled stands between now and GO.
  collect_blockers(inputs_, board);
  const bool is_undecided = std::ranges::any_of(
      board.blockers, [](const report::Blocker& blocker) { return blocker.state == State::undecided; });
  board.decision = is_undecided ? Decision::undecided : board.blockers.empty() ? Decision::go : Decision::no_go;
  return board;
}

Voices Judge::voices(const std::string& subject, const std::string& digest) const {
  Voices voices;
  voices.words = words_about(inputs_.sign_offs, subject, digest, inputs_.now);
  for (const Waiver& waiver : inputs_.waivers) {
    if (waiver.subject != subject) continue;
    if (std::string why = why_not_in_force(inputs_, waiver); !why.empty()) {
      voices.lapsed_waiver = fmt::format("{}'s waiver no longer holds: {}", waiver.accepted_by, why);
      continue;
    }
    if (waiver.fingerprints.empty()) voices.has_waiver = true;
    voices.waivers.push_back(&waiver);
  }
  return voices;
}

// A finding at or above the policy's severity blocks even where the check itself passed. A waiver turns fail into waived only
// when it names every finding that blocks, so that it never hides a new one.
State Judge::judge_evidence(const base::Evidence& evidence, const Voices& voices) const {
  if (evidence.verdict == base::Verdict::error) return State::undecided;
  const bool check_failed = evidence.verdict == base::Verdict::fail;
  bool has_open_blocker = false;
  bool has_waived_blocker = false;
  bool has_blocking_finding = false;
  for (const Finding& finding : evidence.findings) {
    if (finding.severity < inputs_.config.gate.blocking_severity) continue;
    has_blocking_finding = true;
    (voices.accept(evidence, finding) ? has_waived_blocker : has_open_blocker) = true;
  }
  if (has_open_blocker) return State::failed;
  if (has_waived_blocker) return State::waived;
  if (check_failed && !has_blocking_finding) {
    // It failed for findings below the policy's severity, or for none: those must all be named.
    const bool all_named =
        !evidence.findings.empty() && std::ranges::all_of(evidence.findings, [&](const Finding& finding) {
          return voices.accept(evidence, finding);
        });
    return all_named ? State::waived : State::failed;
  }
  return State::passed;
}

// What the subject's waivers accept of one check. A missing sign-off is nobody's risk to accept (reference §7.2).
BoundCheck Judge::judge_binding(const Binding& binding, const Voices& all_voices) const {
  const Voices voices = binding.check->asks_people ? Voices{} : all_voices;
  BoundCheck row{.check = std::string(binding.check->name),
                 .subject = binding.subject,
                 .source = binding.source,
                 .origin = binding.origin,
                 .where = binding.where,
                 .state = State::unverified,
                 .summary = {},
                 .evidence = {},
                 .reused = false,
                 .stale_because = {}};
  const auto found = inputs_.checks.find(binding.key);
  if (found == inputs_.checks.end()) {
    row.summary = binding.check->after_go ? "comes last: once everything else is GO" : "nothing has looked yet";
  } else {
    const CheckState& state = found->second;
    row.stale_because = state.stale_because;
    row.reused = state.reused;
    row.evidence = state.evidence;
    row.summary = state.evidence ? state.evidence->summary : state.why_unverified;
    if (state.evidence) row.state = judge_evidence(*state.evidence, voices);
    if (const Waiver* outgrown = state.evidence ? find_outgrown(*state.evidence, voices) : nullptr)
      row.summary += fmt::format("; it is worse than what {} accepted", outgrown->accepted_by);
  }
  // Accepting that nobody has looked is possible; accepting that a check could not decide is not.
  if (row.state == State::unverified && voices.has_waiver) {
    row.state = State::waived;
    row.summary = fmt::format("not verified ({}); the risk is accepted", row.summary);
  }
  return row;
}

// What people said about the subject as a whole: a rejection outweighs everything, and a waiver that has lapsed is remembered
// where it is missed.
void add_words(const Voices& said, State& state, std::string& summary) {
  if (!said.words.rejections.empty()) {
    state = State::failed;
    summary = describe_rejection(*said.words.rejections.front());
  }
  if (!is_settled(state) && !said.lapsed_waiver.empty()) summary += fmt::format("; {}", said.lapsed_waiver);
}

void Judge::judge_unbound_step(StepRow& row, const Voices& voices) const {
  if (!voices.words.approvals.empty()) {
    const SignOff& approval = *voices.words.approvals.back();
    row.state = State::signed_off;
    row.summary =
        fmt::format("signed by {} ({}) until {}", approval.who, approval.role, base::format_date(approval.expires));
    return;
  }
  if (voices.has_waiver) {
    row.state = State::waived;
    row.summary = "nobody has signed it; the risk is accepted";
    return;
  }
  row.summary = voices.words.outdated
                    ? fmt::format("{}'s sign-off no longer holds: it expired, or the step has changed since",
                                  voices.words.outdated->who)
                    : "a person's: open until somebody signs it";
}

bool Judge::has_blocker(const BoundCheck& check) const {
  return check.evidence && std::ranges::any_of(check.evidence->findings, [&](const Finding& finding) {
           return finding.severity >= inputs_.config.gate.blocking_severity;
         });
}

// Of several that failed, the first speaks for the step: but what blocks every launch before what only its own block is strict about.
bool Judge::outweighs(const BoundCheck& check, const BoundCheck& other) const {
  return check.state == State::failed && other.state == State::failed && has_blocker(check) && !has_blocker(other);
}

StepRow Judge::judge_step(const PlanStep& step) const {
  StepRow row{.id = step.id,
              .text = step.text,
              .where = step.where,
              .state = State::not_required,
              .summary = {},
              .checks = {},
              .proposal = {}};
  const StepBindings* bound = find_bindings(inputs_, step.id);
  const StepBindings none{.step = step.id, .bindings = {}, .proposal = {}};
  if (!bound) bound = &none;
  row.proposal = bound->proposal;
  const Voices said = voices(step.id, step_digest(inputs_, *bound));
  const BoundCheck* worst = nullptr;
  for (const Binding& binding : bound->bindings) row.checks.push_back(judge_binding(binding, said));
  for (const BoundCheck& check : row.checks) {
    const State combined = all_of(row.state, check.state);
    if (!worst || combined != row.state || outweighs(check, *worst)) worst = &check;
    row.state = combined;
  }
  if (worst) {
    row.summary = worst->summary;
  } else {
    row.state = State::unverified;
    judge_unbound_step(row, said);
  }
  add_words(said, row.state, row.summary);
  return row;
}

// A checklist that no step reads has no row of its own: what is found in it is about the workspace, and an item that blocks is a
// person's word, which no waiver lifts.
void Judge::judge_checklists(Board& board) const {
  const StepBindings* unread = find_bindings(inputs_, kChecklistSubject);
  if (!unread) return;
  for (const Binding& binding : unread->bindings) {
    const BoundCheck check = judge_binding(binding, {});
    if (check.evidence)
      board.plan_findings.insert(board.plan_findings.end(), check.evidence->findings.begin(),
                                 check.evidence->findings.end());
    if (is_settled(check.state)) continue;
    board.blockers.push_back(
        {binding.subject, check.state, check.summary,
         check.state == State::unverified ? fmt::format("gantry run {}", board.plan_file) : "see what is found in it"});
  }
}

// Words of a criterion that demand more than a passed check (reference §2.7).
struct WordRule {
  std::string_view word;
  std::string_view demand;
  bool accepts_rehearsal;
};
constexpr std::array kWordRules = {
    WordRule{"applied", "needs evidence from a live cluster (--context); files alone prove only that it renders",
             false},
    WordRule{"active", "needs evidence from a live cluster (--context)", false},
    WordRule{"operational", "needs evidence from a live cluster (--context)", false},
    WordRule{"tested", "needs an experiment: a rehearsal, or a live cluster", true},
};

bool has_word(std::string_view identity, std::string_view word) {
  for (std::size_t at = identity.find(word); at != std::string_view::npos; at = identity.find(word, at + 1)) {
    const bool starts = at == 0 || identity[at - 1] == ' ';
    const std::size_t end = at + word.size();
    if (starts && (end == identity.size() || !std::isalnum(static_cast<unsigned char>(identity[end])))) return true;
  }
  return false;
}

void Judge::demand_evidence_class(CriterionRow& row, const std::vector<BoundCheck>& own_checks,
                                  const Board& board) const {
  bool has_live = false;
  bool has_rehearsal = false;
  const auto look_at = [&](const std::vector<BoundCheck>& checks) {
    for (const BoundCheck& check : checks) {
      if (!check.evidence || check.state != State::passed) continue;
      const base::EvidenceClass evidence_class = check.evidence->evidence_class;
      has_live |= evidence_class == base::EvidenceClass::cluster || evidence_class == base::EvidenceClass::live_read;
      has_rehearsal |= evidence_class == base::EvidenceClass::rehearsal;
    }
  };
  look_at(own_checks);
  for (const TrackRow& track : board.tracks)
    for (const StepRow& step : track.steps)
      if (std::ranges::find(row.decided_by, step.id) != row.decided_by.end()) look_at(step.checks);
  const std::string identity = base::to_lower_ascii(row.text);
  for (const WordRule& rule : kWordRules) {
    if (!has_word(identity, rule.word) || has_live || (rule.accepts_rehearsal && has_rehearsal)) continue;
    row.state = State::unverified;
    row.summary = fmt::format("\"{}\" {}", rule.word, rule.demand);
    return;
  }
}

CriterionRow Judge::judge_criterion(const Criterion& criterion, Board& board) const {
  CriterionRow row{.ordinal = criterion.ordinal,
                   .text = criterion.text,
                   .where = criterion.where,
                   .ticked = criterion.ticked,
                   .state = State::not_required,
                   .summary = {},
                   .decided_by = {}};
  std::vector<std::string> open;
  const auto mapped = inputs_.config.criteria.find(criterion.ordinal);
  if (mapped != inputs_.config.criteria.end()) row.decided_by = mapped->second;
  for (const TrackRow& track : board.tracks)
    for (const StepRow& step : track.steps) {
      if (std::ranges::find(row.decided_by, step.id) == row.decided_by.end()) continue;
      row.state = all_of(row.state, step.state);
      if (!is_settled(step.state)) open.push_back(step.id);
    }
  const std::string subject = criterion_subject(criterion.ordinal);
  const Voices said = voices(subject, criterion_digest(inputs_, criterion));
  std::vector<BoundCheck> own_checks;
  bool awaits_people = false;
  if (const StepBindings* bound = find_bindings(inputs_, subject))
    for (const Binding& binding : bound->bindings) {
      const BoundCheck& check = own_checks.emplace_back(judge_binding(binding, said));
      row.state = all_of(row.state, check.state);
      row.decided_by.push_back(check.check);
      awaits_people |= binding.check->asks_people && !is_settled(check.state);
    }
  const auto open_check = std::ranges::find_if_not(own_checks, &is_settled, &BoundCheck::state);
  if (row.decided_by.empty()) {
    judge_undecided_criterion(row, said);
  } else if (open_check != own_checks.end()) {
    // No step's row shows what a block under the criterion itself found.
    row.summary = open_check->summary;
    if (open_check->evidence)
      board.plan_findings.insert(board.plan_findings.end(), open_check->evidence->findings.begin(),
                                 open_check->evidence->findings.end());
  } else {
    row.summary = open.empty() ? fmt::format("decided by {}", fmt::join(row.decided_by, ", "))
                               : fmt::format("open: {}", fmt::join(open, ", "));
  }
  // Who signs or accepts a step says nothing about the cluster; only a waiver of the criterion itself lifts what its words demand.
  if (is_settled(row.state)) demand_evidence_class(row, own_checks, board);
  if (row.state == State::unverified && said.has_waiver && !awaits_people) {
    row.state = State::waived;
    row.summary = "deferred; the risk is accepted";
  }
  add_words(said, row.state, row.summary);
  return row;
}

void Judge::judge_undecided_criterion(CriterionRow& row, const Voices& voices) const {
  if (voices.words.approvals.empty()) {
    row.state = State::unverified;
    row.summary = "nothing decides it: name its steps in gantry.yaml, or sign it";
    return;
  }
  const SignOff& approval = *voices.words.approvals.back();
  row.state = State::signed_off;
  row.summary = fmt::format("signed by {} ({})", approval.who, approval.role);
}

}  // namespace

bool is_after_go(const StepBindings& step) {
  return !step.bindings.empty() &&
         std::ranges::all_of(step.bindings, [](const Binding& binding) { return binding.check->after_go; });
}

report::Board judge(const GateInputs& inputs) { return Judge(inputs).judge(); }

}  // namespace gantry::launch
