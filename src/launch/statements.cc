// What people say: sign-offs and waivers, as records in the evidence store.

#include "launch/blockers.h"
#include "launch/execute.h"
#include "launch/four_eyes.h"
#include "launch/gate.h"
#include "launch/launch.h"
#include "launch/session.h"
#include "launch/subjects.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>

namespace gantry::launch {

using base::Finding;
using base::Result;
using report::State;

namespace {

constexpr std::chrono::hours kSignOffMax{24 * 14};  // reference §7.1
constexpr std::chrono::hours kWaiverMax{24 * 90};   // reference §7.2: a maximum is mandatory; a quarter is ours

Result<void> require(std::string_view value, std::string_view option, std::string_view what) {
  if (!value.empty()) return {};
  return base::usage_error(fmt::format("{} is missing", what), fmt::format("say {}", option));
}

Result<void> check_validity(std::chrono::milliseconds valid_for, std::chrono::milliseconds most,
                            std::string_view what) {
  if (valid_for > std::chrono::milliseconds(0) && valid_for <= most) return {};
  return base::usage_error(fmt::format("a {} holds for at most {}", what, base::format_duration(most)),
                           "choose a shorter time with --valid-for");
}

bool asks_people(const report::BoundCheck& bound) {
  const CheckType* check = find_check(bound.check);
  return check && check->asks_people;
}

// The findings that a waiver of the subject may accept, as evidence has them now. That somebody has not signed is none.
std::vector<Finding> findings_of(const GateInputs& inputs, std::string_view subject) {
  if (subject == kPlanSubject) return inputs.findings;
  std::vector<Finding> findings;
  const StepBindings* bound = find_bindings(inputs, subject);
  if (!bound) return findings;
  for (const Binding& binding : bound->bindings) {
    const auto state = inputs.checks.find(binding.key);
    if (binding.check->asks_people || state == inputs.checks.end() || !state->second.evidence) continue;
    const base::Evidence& evidence = *state->second.evidence;
    if (evidence.verdict == base::Verdict::error) continue;
    findings.insert(findings.end(), evidence.findings.begin(), evidence.findings.end());
  }
  return findings;
}

std::unexpected<base::Error> refuse_missing_sign_off(std::string_view subject) {
  return base::usage_error(fmt::format("a missing sign-off cannot be waived: {} awaits one", subject),
                           "ask that person for `gantry sign`");
}

// The worst of what a waiver could accept in a step: a missing sign-off is left aside.
Result<State> find_open_state(const report::StepRow& step) {
  for (const State state : {State::failed, State::undecided, State::unverified})
    for (const report::BoundCheck& check : step.checks)
      if (check.state == state && !asks_people(check)) return state;
  if (std::ranges::any_of(step.checks,
                          [](const auto& check) { return asks_people(check) && !is_settled(check.state); }))
    return refuse_missing_sign_off(step.id);
  return step.state;
}

Result<State> find_open_state(const GateInputs& inputs, const report::CriterionRow& criterion) {
  const std::string subject = criterion_subject(criterion.ordinal);
  const StepBindings* bound = find_bindings(inputs, subject);
  if (!bound || is_settled(criterion.state)) return criterion.state;
  for (const Binding& binding : bound->bindings) {
    const auto state = inputs.checks.find(binding.key);
    const bool is_signed = state != inputs.checks.end() && state->second.evidence &&
                           state->second.evidence->verdict == base::Verdict::pass;
    if (binding.check->asks_people && !is_signed) return refuse_missing_sign_off(subject);
  }
  return criterion.state;
}

Result<State> find_open_state(const GateInputs& inputs, const report::Board& board, std::string_view subject) {
  for (const report::TrackRow& track : board.tracks)
    for (const report::StepRow& step : track.steps)
      if (step.id == subject) return find_open_state(step);
  for (const report::CriterionRow& criterion : board.criteria)
    if (criterion_subject(criterion.ordinal) == subject) return find_open_state(inputs, criterion);
  return base::usage_error(fmt::format("{} cannot be waived", subject),
                           "waive a step or a criterion, or \"plan\" for the findings about the plan itself");
}

// A waiver accepts a risk that is there: a failed or unverified step or criterion. What could not be decided cannot be accepted.
Result<State> require_open(const GateInputs& inputs, const report::Board& board, std::string_view subject) {
  if (subject == kPlanSubject) {
    if (!inputs.findings.empty()) return State::failed;
    return base::usage_error("there is nothing to waive: the plan has no finding",
                             "`gantry status` shows what is open");
  }
  const State state = TRY(find_open_state(inputs, board, subject));
  if (state == State::failed || state == State::unverified) return state;
  return base::usage_error(fmt::format("there is nothing to waive: {} is {}", subject, to_string(state)),
                           state == State::undecided ? "mend what keeps its check from deciding, then run again"
                                                     : "`gantry status` shows what is open");
}

// The fingerprints that a waiver names: by rule, by the beginning of a fingerprint (at least eight digits), or all.
Result<std::vector<std::string>> select_fingerprints(const std::vector<Finding>& findings,
                                                     const std::vector<std::string>& wanted) {
  constexpr std::size_t kPrefixMin = 8;
  std::vector<std::string> selected;
  for (const Finding& finding : findings)
    if (wanted.empty() || std::ranges::find(wanted, finding.rule) != wanted.end())
      selected.push_back(finding.fingerprint());
  for (const std::string& want : wanted) {
    bool is_known = std::ranges::any_of(findings, [&want](const Finding& finding) { return finding.rule == want; });
    for (const Finding& finding : findings) {
      if (want.size() < kPrefixMin || !finding.fingerprint().starts_with(want)) continue;
      selected.push_back(finding.fingerprint());
      is_known = true;
    }
    if (!is_known)
      return base::usage_error(fmt::format("there is no finding \"{}\" to waive", want),
                               "`gantry status --json` lists rules and fingerprints");
  }
  std::ranges::sort(selected);
  selected.erase(std::unique(selected.begin(), selected.end()), selected.end());
  return selected;
}

// How bad each was that is accepted; of several the worst.
std::map<std::string, double, std::less<>> extents_of(const GateInputs& inputs, std::string_view subject,
                                                      const std::vector<std::string>& fingerprints) {
  std::map<std::string, double, std::less<>> extents;
  const StepBindings* bound = find_bindings(inputs, subject);
  if (!bound) return extents;
  for (const Binding& binding : bound->bindings) {
    const auto state = inputs.checks.find(binding.key);
    if (state == inputs.checks.end() || !state->second.evidence) continue;
    for (const std::string& fingerprint : fingerprints)
      if (const std::optional<double> extent = find_extent(state->second.evidence->extents, fingerprint)) {
        double& worst = extents.try_emplace(fingerprint, *extent).first->second;
        worst = std::max(worst, *extent);
      }
  }
  return extents;
}

// What a waiver names: the findings of what failed, or nothing, which stands for that the subject is not verified. A failure
// without a finding leaves nothing that could be recognised again, so it cannot be accepted.
Result<std::vector<std::string>> select_accepted(const GateInputs& inputs, const WaiveRequest& request, State state) {
  if (state == State::unverified && request.findings.empty()) return std::vector<std::string>();
  std::vector<std::string> selected = TRY(select_fingerprints(findings_of(inputs, request.subject), request.findings));
  if (!selected.empty()) return selected;
  return base::usage_error(
      fmt::format("{} has failed without a finding of its own that could be accepted", request.subject),
      "waive the findings of the steps that decide it, or mend what failed");
}

// Reference §7.1: no later than the evidence that was looked at.
base::Timestamp default_end(const GateInputs& inputs, std::string_view subject) {
  const base::Timestamp latest = inputs.now + kSignOffMax;
  return std::min(latest, first_freshness_end(inputs, subject).value_or(latest));
}

// Whether an approval can change the verdict: a `signoff` check or the policy asks for it, or no check decides the subject.
bool is_asked_for(const GateInputs& inputs, const SignOff& sign_off) {
  for (const StepBindings& step : inputs.bindings)
    for (const Binding& binding : step.bindings) {
      if (!binding.check->asks_people) continue;
      const base::Node* subject = binding.block.get("subject");
      if (binding.block.text("role") == sign_off.role &&
          (subject ? subject->string() : std::string("launch")) == sign_off.subject)
        return true;
    }
  if (sign_off.subject == "launch") {
    const std::vector<std::string>& required = inputs.config.gate.required_roles;
    return std::ranges::find(required, sign_off.role) != required.end();
  }
  for (const auto& [ordinal, steps] : inputs.config.criteria)
    if (criterion_subject(ordinal) == sign_off.subject && !steps.empty()) return false;
  const StepBindings* bound = find_bindings(inputs, sign_off.subject);
  return !bound || bound->bindings.empty();
}

}  // namespace

Result<std::string> sign(const Workspace& workspace, const SignRequest& request, const base::Clock& clock) {
  TRY(require(request.who, "--as NAME", "the name of who signs"));
  TRY(require(request.role, "--role ROLE", "the role of who signs"));
  if (request.valid_for) TRY(check_validity(*request.valid_for, kSignOffMax, "sign-off"));
  Session session = TRY(open_session(workspace));
  const std::unique_ptr<EvidenceStore> store = TRY(open_store(session.store_directory(), StoreAccess::read_write));
  TRY(session.read_statements(*store));
  TRY(recall_evidence(session, *store, clock.now()));
  TRY(require_known_role(session.config.gate, request.role));
  if (session.config.gate.four_eyes && !request.rejects) TRY(require_other_eyes(workspace, request.who));
  const base::Timestamp now = clock.now();
  const GateInputs inputs = session.gate_inputs(now);
  std::string digest = TRY(subject_digest(inputs, request.subject));
  SignOff sign_off{.id = 0,
                   .subject = request.subject,
                   .digest = std::move(digest),
                   .stance = request.rejects ? Stance::reject : Stance::approve,
                   .who = request.who,
                   .role = request.role,
                   .note = request.note,
                   .signed_at = now,
                   .expires = request.valid_for ? now + *request.valid_for : default_end(inputs, request.subject)};
  sign_off = TRY(store->add(std::move(sign_off)));
  std::string said =
      fmt::format("{} ({}) {} {} as it is now (digest {}), until {}; recorded without a cryptographic signature",
                  sign_off.who, sign_off.role, request.rejects ? "rejects" : "approves", sign_off.subject,
                  sign_off.digest.substr(0, 12), base::format_date(sign_off.expires));
  if (!request.rejects && !is_asked_for(inputs, sign_off))
    said += fmt::format(
        "\nnote: nothing asks for this approval: {}",
        sign_off.subject == "launch"
            ? fmt::format("gate.required_roles of gantry.yaml does not name {}", sign_off.role)
            : fmt::format("evidence decides {}, with or without it (a block with check: signoff would demand it)",
                          sign_off.subject));
  return said;
}

Result<std::string> waive(const Workspace& workspace, const WaiveRequest& request, const base::Clock& clock) {
  TRY(require(request.why, "--why REASON", "the reason"));
  TRY(require(request.impact, "--impact TEXT", "what happens if the risk comes true"));
  TRY(require(request.accepted_by, "--as NAME", "the name of who accepts the risk"));
  TRY(require(request.role, "--role ROLE", "the role of who accepts the risk"));
  TRY(check_validity(request.valid_for, kWaiverMax, "waiver"));
  Session session = TRY(open_session(workspace));
  const std::unique_ptr<EvidenceStore> store = TRY(open_store(session.store_directory(), StoreAccess::read_write));
  TRY(session.read_statements(*store));
  TRY(recall_evidence(session, *store, clock.now()));
  TRY(require_known_role(session.config.gate, request.role));
  const GateInputs inputs = session.gate_inputs(clock.now());
  if (request.subject != kPlanSubject) TRY(subject_digest(inputs, request.subject));
  const report::Board board = judge(inputs);
  const State state = TRY(require_open(inputs, board, request.subject));
  auto fingerprints = TRY(select_accepted(inputs, request, state));
  auto extents = extents_of(inputs, request.subject, fingerprints);
  Waiver waiver{.id = 0,
                .subject = request.subject,
                .digest = scope_digest(inputs, request.subject),
                .fingerprints = std::move(fingerprints),
                .extents = std::move(extents),
                .why = request.why,
                .impact = request.impact,
                .control = request.control,
                .accepted_by = request.accepted_by,
                .role = request.role,
                .issue = request.issue,
                .created = clock.now(),
                .expires = clock.now() + request.valid_for};
  waiver = TRY(store->add(std::move(waiver)));
  const std::string what = waiver.fingerprints.empty() ? "that it is not verified"
                                                       : fmt::format("{} finding(s)", waiver.fingerprints.size());
  return fmt::format("{} ({}) accepts the risk of {}: {}, until {}", waiver.accepted_by, waiver.role, waiver.subject,
                     what, base::format_date(waiver.expires));
}

}  // namespace gantry::launch
