#pragma once

// What a plan says twice must agree, and what a launch needs must be there. Everything here is a finding, never an error.

#include "launch/plan.h"
#include "launch/plan_body.h"
#include "launch/plan_findings.h"

namespace gantry::launch {

// Where a marker may send the cycle besides the phases of the ledger (reference §2.5).
inline constexpr std::array<std::string_view, 2> kOtherTargets = {"META-RE-METABOLIZE", "DETACH"};

void check_consistency(const Plan& plan, const std::optional<ClosingSentence>& closing, PlanFindings& findings);

}  // namespace gantry::launch
