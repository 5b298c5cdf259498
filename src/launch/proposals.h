#pragma once

// A gantry block for a step that is bound to nothing, guessed from its words. A proposal is shown, never used on its own.

#include "launch/plan.h"

#include <string>

namespace gantry::launch {

// YAML without the fence; a `signoff` block where no check fits.
std::string propose_block(const PlanStep& step, const Plan& plan);

}  // namespace gantry::launch
