// The gate, top to bottom: bindings decide steps, steps decide tracks and criteria, and what is left over stands between now
// and GO. Three-valued throughout (reference: launch, §8): unknown never becomes pass.

#include "launch/gate.h"

#include "base/digest.h"
#include "base/text.h"
#include "base/version.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

namespace gantry::launch {

using base::Finding;
using report::Blocker;
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
  constexpr std::array kOrder = {State::failed, State::undecided, State::unverified, State::waived, State::signed_off, State::passed, State::not_required};
  const auto rank = [&kOrder](State state) { return std::ranges::find(kOrder, state) - kOrder.begin(); };
  return rank(a) <= rank(b) ? a : b;
}

bool is_settled(State state) { return state != State::failed && state != State::undecided && state != State::unverified; }

// What people said about one subject, as far as it holds now.
struct Voices {
  const SignOff* approval = nullptr;
  const SignOff* rejection = nullptr;
  const SignOff* outdated = nullptr;  // expired, or of an earlier state of the subject
  bool has_waiver = false;            // one that accepts the subject as a whole
  std::set<std::string> waived_findings;
};

class Judge {
 public:
  explicit Judge(const GateInputs& inputs) : inputs_(inputs) {}

  Board judge();
  std::string step_digest(const StepBindings& step) const;
  std::string criterion_digest(const Criterion& criterion) const;
  std::string launch_digest() const;

 private:
  Voices voices(const std::string& subject, const std::string& digest) const;
  BoundCheck judge_binding(const Binding& binding, const Voices& voices) const;
  State judge_evidence(const base::Evidence& evidence, const Voices& voices) const;
  StepRow judge_step(const PlanStep& step) const;
  void judge_unbound_step(StepRow& row, const Voices& voices) const;
  CriterionRow judge_criterion(const Criterion& criterion, const Board& board) const;
  void demand_evidence_class(CriterionRow& row, const Board& board) const;
  void judge_undecided_criterion(CriterionRow& row, const Voices& voices) const;

  void collect_blockers(Board& board) const;
  std::vector<Blocker> block_on_steps(Board& board) const;
  void block_on_ticks(Board& board) const;
  void block_on_criteria(Board& board) const;
  void block_on_plan(Board& board) const;
  void block_on_roles(Board& board) const;
  void block_on_waivers(Board& board) const;
  bool is_in_force(const Waiver& waiver) const { return waiver.created <= inputs_.now && inputs_.now < waiver.expires; }
  const StepBindings* bindings_of(std::string_view subject) const;

  const GateInputs& inputs_;
};

std::string criterion_subject(int ordinal) { return fmt::format("criterion {}", ordinal); }

const StepBindings* Judge::bindings_of(std::string_view subject) const {
  const auto found = std::ranges::find(inputs_.bindings, subject, &StepBindings::step);
  return found == inputs_.bindings.end() ? nullptr : &*found;
}

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
    if (is_in_force(waiver)) board.waivers.push_back({waiver.subject, waiver.why, waiver.accepted_by, waiver.expires, waiver.fingerprints});

  // Evidence, waivers and sign-offs decide the steps; beyond this point nothing reads evidence to decide a step.
  double progress = 0;
  double weights = 0;
  for (const PlanTrack& track : inputs_.plan.tracks) {
    TrackRow row{.id = track.id, .title = track.title, .weight_percent = track.weight_percent.value_or(0), .state = State::not_required, .steps = {}};
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

  // Steps decide the criteria.
  for (const Criterion& criterion : inputs_.plan.criteria) board.criteria.push_back(judge_criterion(criterion, board));

  // What is not settled stands between now and GO.
  collect_blockers(board);
  const bool is_undecided = std::ranges::any_of(board.blockers, [](const Blocker& blocker) { return blocker.state == State::undecided; });
  board.decision = is_undecided ? Decision::undecided : board.blockers.empty() ? Decision::go : Decision::no_go;
  return board;
}

Voices Judge::voices(const std::string& subject, const std::string& digest) const {
  Voices voices;
  for (const SignOff& sign_off : inputs_.sign_offs) {
    if (sign_off.subject != subject) continue;
    if (sign_off.digest != digest || sign_off.expires <= inputs_.now) {
      voices.outdated = &sign_off;
      continue;
    }
    // The same person's later word replaces the earlier one; another person's approval does not lift a rejection.
    if (sign_off.stance == Stance::approve) {
      voices.approval = &sign_off;
      if (voices.rejection && voices.rejection->who == sign_off.who && voices.rejection->role == sign_off.role) voices.rejection = nullptr;
    } else {
      voices.rejection = &sign_off;
    }
  }
  for (const Waiver& waiver : inputs_.waivers) {
    if (waiver.subject != subject || !is_in_force(waiver)) continue;
    if (waiver.fingerprints.empty()) voices.has_waiver = true;
    voices.waived_findings.insert(waiver.fingerprints.begin(), waiver.fingerprints.end());
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
    (voices.waived_findings.contains(finding.fingerprint()) ? has_waived_blocker : has_open_blocker) = true;
  }
  if (has_open_blocker) return State::failed;
  if (has_waived_blocker) return State::waived;
  if (check_failed && !has_blocking_finding) {
    // It failed for findings below the policy's severity, or for none: those must all be named.
    const bool all_named = !evidence.findings.empty() && std::ranges::all_of(evidence.findings, [&voices](const Finding& finding) {
      return voices.waived_findings.contains(finding.fingerprint());
    });
    return all_named ? State::waived : State::failed;
  }
  return State::passed;
}

BoundCheck Judge::judge_binding(const Binding& binding, const Voices& voices) const {
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
    row.summary = "nothing has looked yet";
    return row;
  }
  const CheckState& state = found->second;
  row.stale_because = state.stale_because;
  row.reused = state.reused;
  if (state.evidence) {
    row.evidence = state.evidence;
    row.state = judge_evidence(*state.evidence, voices);
    row.summary = state.evidence->summary;
  } else {
    row.summary = state.why_unverified;
  }
  return row;
}

void Judge::judge_unbound_step(StepRow& row, const Voices& voices) const {
  if (voices.approval) {
    row.state = State::signed_off;
    row.summary = fmt::format("signed by {} ({}) until {}", voices.approval->who, voices.approval->role, base::format_date(voices.approval->expires));
    return;
  }
  row.summary = voices.outdated ? fmt::format("{}'s sign-off no longer holds: it expired, or the step has changed since", voices.outdated->who)
                                : "a person's: open until somebody signs it";
}

StepRow Judge::judge_step(const PlanStep& step) const {
  StepRow row{.id = step.id, .text = step.text, .where = step.where, .state = State::not_required, .summary = {}, .checks = {}, .proposal = {}};
  const StepBindings* bound = bindings_of(step.id);
  const StepBindings none{.step = step.id, .bindings = {}, .proposal = {}};
  if (!bound) bound = &none;
  row.proposal = bound->proposal;
  const Voices said = voices(step.id, step_digest(*bound));
  const BoundCheck* worst = nullptr;
  for (const Binding& binding : bound->bindings) row.checks.push_back(judge_binding(binding, said));
  for (const BoundCheck& check : row.checks) {
    const State combined = all_of(row.state, check.state);
    if (!worst || combined != row.state) worst = &check;
    row.state = combined;
  }
  if (worst) {
    row.summary = worst->summary;
  } else {
    row.state = State::unverified;
    judge_unbound_step(row, said);
  }
  // Accepting that nobody has looked is possible; accepting that a check could not decide is not.
  if (row.state == State::unverified && said.has_waiver) {
    row.state = State::waived;
    row.summary = "not verified; the risk is accepted";
  }
  if (said.rejection) {
    row.state = State::failed;
    row.summary = fmt::format("rejected by {} ({}){}", said.rejection->who, said.rejection->role,
                              said.rejection->note.empty() ? "" : ": " + said.rejection->note);
  }
  return row;
}

// Words of a criterion that demand more than a passed check (reference §2.7).
struct WordRule {
  std::string_view word;
  std::string_view demand;
  bool accepts_rehearsal;
};
constexpr std::array kWordRules = {
    WordRule{"applied", "needs evidence from a live cluster (--context); files alone prove only that it renders", false},
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

void Judge::demand_evidence_class(CriterionRow& row, const Board& board) const {
  bool has_live = false;
  bool has_rehearsal = false;
  for (const TrackRow& track : board.tracks)
    for (const StepRow& step : track.steps) {
      if (std::ranges::find(row.decided_by, step.id) == row.decided_by.end()) continue;
      for (const BoundCheck& check : step.checks) {
        if (!check.evidence || check.state != State::passed) continue;
        const base::EvidenceClass evidence_class = check.evidence->evidence_class;
        has_live |= evidence_class == base::EvidenceClass::cluster || evidence_class == base::EvidenceClass::live_read;
        has_rehearsal |= evidence_class == base::EvidenceClass::rehearsal;
      }
    }
  const std::string identity = base::to_lower_ascii(row.text);
  for (const WordRule& rule : kWordRules) {
    if (!has_word(identity, rule.word) || has_live || (rule.accepts_rehearsal && has_rehearsal)) continue;
    row.state = State::unverified;
    row.summary = fmt::format("\"{}\" {}", rule.word, rule.demand);
    return;
  }
}

CriterionRow Judge::judge_criterion(const Criterion& criterion, const Board& board) const {
  CriterionRow row{.ordinal = criterion.ordinal, .text = criterion.text, .where = criterion.where, .ticked = criterion.ticked,
                   .state = State::not_required, .summary = {}, .decided_by = {}};
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
  const Voices said = voices(subject, criterion_digest(criterion));
  if (const StepBindings* bound = bindings_of(subject))
    for (const Binding& binding : bound->bindings) {
      const BoundCheck check = judge_binding(binding, said);
      row.state = all_of(row.state, check.state);
      if (!is_settled(check.state)) open.push_back(check.check);
      row.decided_by.push_back(check.check);
    }
  if (row.decided_by.empty()) {
    judge_undecided_criterion(row, said);
  } else {
    row.summary = open.empty() ? fmt::format("decided by {}", fmt::join(row.decided_by, ", ")) : fmt::format("open: {}", fmt::join(open, ", "));
    if (row.state == State::passed) demand_evidence_class(row, board);
  }
  if ((row.state == State::failed || row.state == State::unverified) && said.has_waiver) {
    row.state = State::waived;
    row.summary = "deferred; the risk is accepted";
  }
  if (said.rejection) {
    row.state = State::failed;
    row.summary = fmt::format("rejected by {} ({})", said.rejection->who, said.rejection->role);
  }
  return row;
}

void Judge::judge_undecided_criterion(CriterionRow& row, const Voices& voices) const {
  row.state = voices.approval ? State::signed_off : State::unverified;
  row.summary = voices.approval ? fmt::format("signed by {} ({})", voices.approval->who, voices.approval->role)
                                : "nothing decides it: name its steps in gantry.yaml, or sign it";
}

void Judge::collect_blockers(Board& board) const {
  block_on_ticks(board);
  block_on_plan(board);
  std::vector<Blocker> after_go = block_on_steps(board);
  block_on_criteria(board);
  block_on_waivers(board);
  block_on_roles(board);
  if (board.blockers.empty()) board.blockers = std::move(after_go);
  // A contradiction, then what failed, then what could not be decided, then what is open; within that the plan's order.
  const auto rank = [](const Blocker& blocker) { return static_cast<int>(blocker.state); };
  std::ranges::stable_sort(board.blockers, {}, rank);
}

std::string next_step_for(const StepRow& step, std::string_view plan_file) {
  if (step.state == State::failed) {
    for (const BoundCheck& check : step.checks)
      if (check.state == State::failed && check.evidence)
        for (const Finding& finding : check.evidence->findings)
          if (!finding.fix.empty()) return finding.fix;
    return "see its findings";
  }
  for (const BoundCheck& check : step.checks) {
    if (check.state == State::undecided) return "mend what kept the check from deciding, then run again";
    if (check.state == State::unverified) return fmt::format("gantry waive {} {} accepts the risk, where policy permits", plan_file, step.id);
  }
  return fmt::format("gantry sign {} {} --as NAME --role ROLE", plan_file, step.id);
}

// Gives the steps that come after a GO apart: they are no demand while anything else is open.
std::vector<Blocker> Judge::block_on_steps(Board& board) const {
  std::vector<Blocker> after_go;
  for (const TrackRow& track : board.tracks)
    for (const StepRow& step : track.steps) {
      if (is_settled(step.state)) continue;
      const StepBindings* bound = bindings_of(step.id);
      Blocker blocker{step.id, step.state, step.summary, next_step_for(step, board.plan_file)};
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
void Judge::block_on_ticks(Board& board) const {
  for (const CriterionRow& row : board.criteria) {
    if (!row.ticked || is_settled(row.state)) continue;
    const std::string subject = criterion_subject(row.ordinal);
    const std::string message = is_contradicted(row) ? fmt::format("{} is ticked, but evidence says otherwise: {}", subject, row.summary)
                                                     : fmt::format("{} is ticked without evidence: {}", subject, row.summary);
    board.plan_findings.push_back({.rule = is_contradicted(row) ? "doc.tick-contradicted" : "doc.tick-without-evidence",
                                   .severity = is_contradicted(row) ? base::Severity::high : base::Severity::medium,
                                   .object = subject,
                                   .where = row.where,
                                   .message = message,
                                   .explanation = "a tick is a view of evidence; without it, it is a claim",
                                   .fix = "untick it, or make its evidence pass",
                                   .related = {}});
    if (is_contradicted(row)) board.blockers.push_back({subject, State::failed, message, "untick it, or make its evidence pass"});
  }
}

void Judge::block_on_criteria(Board& board) const {
  for (const CriterionRow& row : board.criteria) {
    // What its steps explain is listed with them already.
    const bool is_explained = row.summary.starts_with("open: ");
    if (is_settled(row.state) || is_contradicted(row) || is_explained) continue;
    const std::string subject = criterion_subject(row.ordinal);
    board.blockers.push_back({subject, row.state, row.summary,
                              row.decided_by.empty() ? fmt::format("gantry sign {} \"{}\" --as NAME --role ROLE", board.plan_file, subject)
                                                     : "see the steps that decide it"});
  }
}

void Judge::block_on_plan(Board& board) const {
  for (const ContinuationMarker& marker : inputs_.plan.markers)
    if (marker.kind == MarkerKind::halt)
      board.blockers.push_back({"plan", State::failed, fmt::format("the plan says halt: {}", marker.target), "lift the halt in the plan"});
  for (const Finding& finding : inputs_.findings)
    if (finding.severity >= inputs_.config.gate.blocking_severity)
      board.blockers.push_back({finding.object.empty() ? "plan" : finding.object, State::failed, finding.message, finding.fix});
}

void Judge::block_on_waivers(Board& board) const {
  const int most = inputs_.config.gate.waivers_max;
  if (static_cast<int>(board.waivers.size()) > most)
    board.blockers.push_back({"waivers", State::failed, fmt::format("{} waivers are in force, the policy permits {}", board.waivers.size(), most),
                              "mend some of what they cover"});
  for (const TrackRow& track : board.tracks) {
    const bool is_removed = track.steps.size() > 1 && std::ranges::all_of(track.steps, [](const StepRow& step) { return step.state == State::waived; });
    if (is_removed)
      board.blockers.push_back({"track " + track.id, State::failed, "waivers together remove the whole track", "verify at least one of its steps"});
  }
}

void Judge::block_on_roles(Board& board) const {
  const std::string digest = launch_digest();
  for (const SignOff& sign_off : inputs_.sign_offs)
    if (sign_off.subject == "launch" && sign_off.digest == digest && sign_off.expires > inputs_.now && sign_off.stance == Stance::reject)
      board.blockers.push_back({"launch", State::failed, fmt::format("rejected by {} ({})", sign_off.who, sign_off.role), "talk to them"});
  for (const std::string& role : inputs_.config.gate.required_roles) {
    const bool is_signed = std::ranges::any_of(inputs_.sign_offs, [&](const SignOff& sign_off) {
      return sign_off.subject == "launch" && sign_off.role == role && sign_off.stance == Stance::approve && sign_off.digest == digest &&
             sign_off.expires > inputs_.now;
    });
    if (!is_signed)
      board.blockers.push_back({"launch", State::unverified, fmt::format("awaiting the sign-off of {}", role),
                                fmt::format("gantry sign {} launch --as NAME --role {}", board.plan_file, role)});
  }
}

// Evidence enters by its key, not its id: running again with the same inputs does not void a signature.
std::string Judge::step_digest(const StepBindings& step) const {
  base::DigestBuilder digest;
  digest.add("gantry.step/v1").add(step.step);
  if (const PlanStep* written = inputs_.plan.find_step(step.step)) digest.add(written->text);
  for (const Binding& binding : step.bindings) {
    if (binding.check->asks_people) continue;
    digest.add(binding.key);
    const auto found = inputs_.checks.find(binding.key);
    if (found != inputs_.checks.end() && found->second.evidence)
      digest.add(found->second.evidence->key).add(to_string(found->second.evidence->verdict));
  }
  return digest.hex();
}

std::string Judge::criterion_digest(const Criterion& criterion) const {
  base::DigestBuilder digest;
  digest.add("gantry.criterion/v1").add(criterion.identity);
  const auto mapped = inputs_.config.criteria.find(criterion.ordinal);
  if (mapped != inputs_.config.criteria.end())
    for (const std::string& step : mapped->second)
      if (const StepBindings* bound = bindings_of(step)) digest.add(step_digest(*bound));
  return digest.hex();
}

std::string Judge::launch_digest() const {
  base::DigestBuilder digest;
  digest.add("gantry.launch/v1").add(base::sha256_hex(inputs_.plan.text()));
  for (const StepBindings& step : inputs_.bindings)
    if (!is_after_go(step)) digest.add(step_digest(step));
  for (const Criterion& criterion : inputs_.plan.criteria) digest.add(criterion_digest(criterion));
  for (const Waiver& waiver : inputs_.waivers)
    if (is_in_force(waiver)) digest.add(waiver.subject).add(fmt::format("{}", fmt::join(waiver.fingerprints, ",")));
  return digest.hex();
}

}  // namespace

bool is_after_go(const StepBindings& step) {
  return !step.bindings.empty() && std::ranges::all_of(step.bindings, [](const Binding& binding) { return binding.check->after_go; });
}

report::Board judge(const GateInputs& inputs) { return Judge(inputs).judge(); }

base::Result<std::string> subject_digest(const GateInputs& inputs, std::string_view subject) {
  const Judge judge(inputs);
  if (subject == "launch") return judge.launch_digest();
  for (const Criterion& criterion : inputs.plan.criteria)
    if (subject == criterion_subject(criterion.ordinal)) return judge.criterion_digest(criterion);
  for (const StepBindings& step : inputs.bindings)
    if (subject == step.step) return judge.step_digest(step);
  std::vector<std::string> subjects;
  for (const StepBindings& step : inputs.bindings) subjects.push_back(step.step);
  return base::usage_error(fmt::format("the plan has no \"{}\" to sign", subject),
                           fmt::format("subjects: {}, criterion 1 to {}, launch", fmt::join(subjects, ", "), inputs.plan.criteria.size()));
}

}  // namespace gantry::launch
