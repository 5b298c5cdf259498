#include "launch/subjects.h"

#include "base/digest.h"

#include <fmt/format.h>

#include <algorithm>

namespace gantry::launch {

std::string criterion_subject(int ordinal) { return fmt::format("criterion {}", ordinal); }

const StepBindings* find_bindings(const GateInputs& inputs, std::string_view subject) {
  const auto found = std::ranges::find(inputs.bindings, subject, &StepBindings::step);
  return found == inputs.bindings.end() ? nullptr : &*found;
}

// Checks that follow from a quoted command are in the text already, as the command.
std::string scope_digest(const GateInputs& inputs, std::string_view subject) {
  if (subject == kPlanSubject) return {};
  base::DigestBuilder digest;
  digest.add("gantry.scope/v1").add(subject);
  if (const PlanStep* step = inputs.plan.find_step(subject)) digest.add(step->text);
  for (const Criterion& criterion : inputs.plan.criteria)
    if (criterion_subject(criterion.ordinal) == subject) digest.add(criterion.identity);
  if (const StepBindings* bound = find_bindings(inputs, subject))
    for (const Binding& binding : bound->bindings)
      if (binding.source != report::BindingSource::command) digest.add(binding.key);
  return digest.hex();
}

std::string why_not_in_force(const GateInputs& inputs, const Waiver& waiver) {
  if (inputs.now >= waiver.expires) return fmt::format("it ended on {}", base::format_date(waiver.expires));
  if (inputs.now < waiver.created) return "it was recorded with a later date";
  // Findings say by themselves what they are about.
  if (waiver.digest.empty() && waiver.fingerprints.empty() && waiver.subject != kPlanSubject)
    return "an older version recorded it, without the text that it was about";
  if (!waiver.digest.empty() && waiver.digest != scope_digest(inputs, waiver.subject))
    return "what it was about has changed since";
  return {};
}

bool is_in_force(const GateInputs& inputs, const Waiver& waiver) { return why_not_in_force(inputs, waiver).empty(); }

std::optional<double> find_extent(const std::map<std::string, double, std::less<>>& extents,
                                  std::string_view fingerprint) {
  const auto found = extents.find(fingerprint);
  return found == extents.end() ? std::nullopt : std::optional(found->second);
}

bool covers(const Waiver& waiver, std::string_view fingerprint, std::optional<double> extent) {
  constexpr double kDifference = 1;
  if (std::ranges::find(waiver.fingerprints, fingerprint) == waiver.fingerprints.end()) return false;
  const std::optional<double> accepted = find_extent(waiver.extents, fingerprint);
  return !extent || (accepted && *extent <= *accepted + kDifference);
}

Words words_about(std::span<const SignOff> sign_offs, std::string_view subject, std::string_view digest,
                  base::Timestamp now) {
  Words words;
  for (const SignOff& said : sign_offs) {
    if (said.subject != subject) continue;
    if (said.digest != digest || said.expires <= now) {
      words.outdated = &said;
      continue;
    }
    const auto is_same_person = [&said](const SignOff* earlier) {
      return earlier->who == said.who && earlier->role == said.role;
    };
    std::erase_if(words.approvals, is_same_person);
    std::erase_if(words.rejections, is_same_person);
    (said.stance == Stance::approve ? words.approvals : words.rejections).push_back(&said);
  }
  return words;
}

std::string describe_rejection(const SignOff& rejection) {
  return fmt::format("rejected by {} ({}){}", rejection.who, rejection.role,
                     rejection.note.empty() ? "" : ": " + rejection.note);
}

// Evidence enters by its key, not its id: running again with the same inputs does not void a signature.
std::string step_digest(const GateInputs& inputs, const StepBindings& step) {
  base::DigestBuilder digest;
  digest.add("gantry.step/v1").add(step.step);
  if (const PlanStep* written = inputs.plan.find_step(step.step)) digest.add(written->text);
  for (const Binding& binding : step.bindings) {
    if (binding.check->asks_people) continue;
    digest.add(binding.key);
    const auto found = inputs.checks.find(binding.key);
    if (found != inputs.checks.end() && found->second.evidence)
      digest.add(found->second.evidence->key).add(to_string(found->second.evidence->verdict));
  }
  return digest.hex();
}

std::string criterion_digest(const GateInputs& inputs, const Criterion& criterion) {
  base::DigestBuilder digest;
  digest.add("gantry.criterion/v1").add(criterion.identity);
  const auto mapped = inputs.config.criteria.find(criterion.ordinal);
  if (mapped != inputs.config.criteria.end())
    for (const std::string& step : mapped->second)
      if (const StepBindings* bound = find_bindings(inputs, step)) digest.add(step_digest(inputs, *bound));
  return digest.hex();
}

std::string launch_digest(const GateInputs& inputs) {
  base::DigestBuilder digest;
  digest.add("gantry.launch/v1").add(base::sha256_hex(inputs.plan.text()));
  for (const StepBindings& step : inputs.bindings)
    if (!is_after_go(step)) digest.add(step_digest(inputs, step));
  for (const Criterion& criterion : inputs.plan.criteria) digest.add(criterion_digest(inputs, criterion));
  for (const Waiver& waiver : inputs.waivers)
    if (is_in_force(inputs, waiver)) {
      digest.add(waiver.subject).add(fmt::format("{}", fmt::join(waiver.fingerprints, ",")));
      for (const auto& [fingerprint, extent] : waiver.extents) digest.add(fmt::format("{} {}", fingerprint, extent));
    }
  return digest.hex();
}

namespace {

// Whether the evidence of a step, or of a criterion's own blocks, is part of what the subject says.
bool rests_on(const GateInputs& inputs, std::string_view subject, std::string_view part) {
  if (subject == "launch" || subject == part) return true;
  for (const auto& [ordinal, steps] : inputs.config.criteria)
    if (criterion_subject(ordinal) == subject) return std::ranges::find(steps, part) != steps.end();
  return false;
}

}  // namespace

std::optional<base::Timestamp> first_freshness_end(const GateInputs& inputs, std::string_view subject) {
  std::optional<base::Timestamp> first;
  for (const StepBindings& part : inputs.bindings) {
    if (!rests_on(inputs, subject, part.step)) continue;
    for (const Binding& binding : part.bindings) {
      const auto state = inputs.checks.find(binding.key);
      if (state == inputs.checks.end() || !state->second.evidence || !state->second.evidence->fresh_until) continue;
      const base::Timestamp end = *state->second.evidence->fresh_until;
      if (!first || end < *first) first = end;
    }
  }
  return first;
}

base::Result<std::string> subject_digest(const GateInputs& inputs, std::string_view subject) {
  if (subject == "launch") return launch_digest(inputs);
  for (const Criterion& criterion : inputs.plan.criteria)
    if (subject == criterion_subject(criterion.ordinal)) return criterion_digest(inputs, criterion);
  for (const StepBindings& step : inputs.bindings)
    if (subject == step.step) return step_digest(inputs, step);
  std::vector<std::string> subjects;
  for (const PlanTrack& track : inputs.plan.tracks)
    for (const PlanStep& step : track.steps) subjects.push_back(step.id);
  return base::usage_error(
      fmt::format("the plan has no \"{}\"", subject),
      fmt::format("it has {}, and criterion 1 to {}", fmt::join(subjects, ", "), inputs.plan.criteria.size()));
}

}  // namespace gantry::launch
