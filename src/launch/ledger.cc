#include "launch/ledger.h"

#include <fmt/format.h>

#include <algorithm>

namespace gantry::launch {

namespace {

struct PhaseRule {
  std::string_view phase;
  std::string_view artefact;
};
// Reference §2.3, second table; in the order of kPhases.
constexpr PhaseRule kRules[] = {
    {"PLAN", "a plan that parses, and every handle there or an output"},
    {"RESEARCH", "every step bound, or declared a person's"},
    {"DEVELOP", "a reason for skipping it, or a linked document"},
    {"STRATEGIZE", "a reason for skipping it, or a linked document"},
    {"CROSS-SYNERGIZE", "a reason for skipping it, or a linked document"},
    {"IMPLEMENT", "manifests that render and are valid"},
    {"QA", "fresh evidence of all static checks"},
    {"TEST", "fresh evidence of load and rehearsal checks"},
    {"EDUCATE", "the runbook's sections and the announcement"},
    {"MEASURE", "baseline numbers in the document that equal the evidence"},
    {"REFLECT", "a written epilogue"},
};
static_assert(std::size(kRules) == kPhases.size());

using Refusal = std::optional<std::string>;

Refusal refuse_start(std::string_view phase, const PhaseFacts& facts) {
  const bool may_start =
      !facts.previous || *facts.previous == PhaseStatus::complete || *facts.previous == PhaseStatus::touched;
  if (may_start) return std::nullopt;
  return fmt::format("{} may not start: the phase before it is {}", phase, to_string(*facts.previous));
}

// Skipping hides work that the launch may need, so somebody has to have said why that is acceptable.
Refusal refuse_leaving_out(std::string_view phase, PhaseStatus to, const PhaseFacts& facts) {
  const std::string_view verb = to_string(to);
  if (phase == "IMPLEMENT" && to == PhaseStatus::skipped) return "IMPLEMENT may not be skipped";
  const bool is_needed = (phase == "TEST" || phase == "QA") && facts.has_dependent_criterion;
  if (is_needed && to == PhaseStatus::skipped) {
    return fmt::format("{} may not be skipped while an exit criterion depends on it", phase);
  }
  if (facts.reason.empty()) return fmt::format("{} may not be {} without a recorded reason", phase, verb);
  if (facts.accepted_risk.empty()) return fmt::format("{} may not be {} without a recorded accepted risk", phase, verb);
  if (facts.fallback.empty()) return fmt::format("{} may not be {} without a recorded fallback", phase, verb);
  if (to == PhaseStatus::deferred && facts.picked_up_in.empty()) {
    return fmt::format("{} may not be deferred without saying where it is picked up", phase);
  }
  return std::nullopt;
}

Refusal refuse_completion(std::string_view phase, const PhaseFacts& facts) {
  if (facts.has_minimal_artefact) return std::nullopt;
  return fmt::format("{} is not complete without {}", phase, minimal_artefact(phase));
}

}  // namespace

std::optional<std::string> refuse_transition(std::string_view phase, PhaseStatus from, PhaseStatus to,
                                             const PhaseFacts& facts) {
  using Status = PhaseStatus;
  if (std::ranges::find(kPhases, phase) == kPhases.end())
    return fmt::format("'{}' is none of the eleven phases", phase);
  if (from == to) return std::nullopt;
  if (to == Status::complete) return refuse_completion(phase, facts);
  if (to == Status::skipped || to == Status::deferred) return refuse_leaving_out(phase, to, facts);
  if (from == Status::not_started && to == Status::in_progress) return refuse_start(phase, facts);
  if (from == Status::in_progress && to == Status::touched) {
    if (facts.has_record_of_work) return std::nullopt;
    return fmt::format("{} is not touched without a record of work", phase);
  }
  if (from == Status::complete && to == Status::in_progress) {
    if (!facts.reason.empty()) return std::nullopt;
    return fmt::format("{} may not be taken back from complete without a recorded reason", phase);
  }
  return fmt::format("{} does not go from {} to {}", phase, to_string(from), to_string(to));
}

std::string_view minimal_artefact(std::string_view phase) {
  const auto* rule = std::ranges::find(kRules, phase, &PhaseRule::phase);
  return rule == std::end(kRules) ? std::string_view() : rule->artefact;
}

bool run_moves_phase(std::string_view phase) {
  const auto* first = std::ranges::find(kPhases, std::string_view("IMPLEMENT"));
  return std::find(first, kPhases.end(), phase) != kPhases.end();
}

std::optional<PhaseStatus> previous_status(const Plan& plan, std::string_view phase) {
  const auto* at = std::ranges::find(kPhases, phase);
  if (at == kPhases.end()) return std::nullopt;
  while (at != kPhases.begin()) {
    const PhaseStatus status = plan.phase_status(*--at);
    if (status != PhaseStatus::skipped) return status;
  }
  return std::nullopt;
}

}  // namespace gantry::launch
