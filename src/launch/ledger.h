#pragma once

// When a phase of the plan's ledger may change (shared reference: launch, §2.3). A plan claims; evidence decides what it may claim.
//
//   if (const auto reason = refuse_transition("TEST", plan.phase_status("TEST"), PhaseStatus::complete, facts))
//     … "TEST has no fresh evidence of load and rehearsal checks"

#include "launch/plan.h"

#include <optional>
#include <string>
#include <string_view>

namespace gantry::launch {

// What is known about a phase when it is to change. Texts are empty while nobody has recorded them.
struct PhaseFacts {
  std::optional<PhaseStatus> previous = {};  // of the phase before it that is not skipped; none for the first
  bool has_record_of_work = false;
  bool has_minimal_artefact = false;     // see minimal_artefact()
  bool has_dependent_criterion = false;  // an exit criterion needs the phase: TEST and QA of a launch plan
  std::string reason = {};               // for skipping, deferring, or taking completion back
  std::string accepted_risk = {};        // for skipping and deferring
  std::string fallback = {};             // for skipping and deferring
  std::string picked_up_in = {};         // for deferring: where it is continued
};

// Why the phase may not change so, for a person: "IMPLEMENT may not be skipped". Nothing when it may. A change to the same
// status is none.
std::optional<std::string> refuse_transition(std::string_view phase, PhaseStatus from, PhaseStatus to,
                                             const PhaseFacts& facts);

// What has to be there before a phase is complete: "manifests that render and are valid". "" for an unknown phase.
std::string_view minimal_artefact(std::string_view phase);

// Whether `gantry run` moves the phase by itself, IMPLEMENT to REFLECT; it only proposes the others.
bool run_moves_phase(std::string_view phase);

// What stands before `phase` in the plan's ledger, skipped ones left out.
std::optional<PhaseStatus> previous_status(const Plan& plan, std::string_view phase);

}  // namespace gantry::launch
