#pragma once

// What people sign: a step, a criterion or the launch, as it is now.

#include "launch/gate.h"

#include <string>
#include <string_view>

namespace gantry::launch {

// What waivers of findings about the plan itself and its bindings name.
inline constexpr std::string_view kPlanSubject = "plan";
std::string criterion_subject(int ordinal);  // "criterion 3"
// The bindings of a step or a criterion; null when it has none.
const StepBindings* find_bindings(const GateInputs& inputs, std::string_view subject);
bool is_in_force(const Waiver& waiver, base::Timestamp now);

// Digests of a subject's text and evidence. A sign-off holds for as long as its digest is this one.
std::string step_digest(const GateInputs& inputs, const StepBindings& step);
std::string criterion_digest(const GateInputs& inputs, const Criterion& criterion);
std::string launch_digest(const GateInputs& inputs);

}  // namespace gantry::launch
