#pragma once

// What people sign: a step, a criterion or the launch, as it is now.

#include "launch/gate.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::launch {

// What waivers of findings about the plan itself and its bindings name.
inline constexpr std::string_view kPlanSubject = "plan";
std::string criterion_subject(int ordinal);  // "criterion 3"
// The checklists that the plan's handles name and that no step reads: what blocks in them blocks the launch all the same.
inline constexpr std::string_view kChecklistSubject = "checklist";
// The bindings of a step or a criterion; null when it has none.
const StepBindings* find_bindings(const GateInputs& inputs, std::string_view subject);

// What a waiver of this subject is about: its name, its text and the blocks that bind it; no evidence. The plan has none, since
// waivers of it name findings.
std::string scope_digest(const GateInputs& inputs, std::string_view subject);
bool is_in_force(const GateInputs& inputs, const Waiver& waiver);
// Whether it names the finding, which has not become worse since by more than makes a difference. What nobody knew the extent of is
// accepted for no extent.
bool covers(const Waiver& waiver, std::string_view fingerprint, std::optional<double> extent);
// Why a waiver that was accepted for the subject covers nothing now: "it ended on 2026-01-10".
std::string why_not_in_force(const GateInputs& inputs, const Waiver& waiver);

// What people say about a subject as it is now. Of each person in each role only the last word counts: a rejection is lifted by
// whoever said it, and by nobody else.
struct Words {
  std::vector<const SignOff*> approvals, rejections;  // in the order in which they were said
  const SignOff* outdated = nullptr;  // the last that expired, or was about an earlier state of the subject
};
// `sign_offs` must outlive the words.
Words words_about(std::span<const SignOff> sign_offs, std::string_view subject, std::string_view digest,
                  base::Timestamp now);

// "rejected by Ada (security): no rotation yet"
std::string describe_rejection(const SignOff& rejection);

// When the first of the evidence that a subject rests on ends by itself; nothing when only a change of its inputs ends it.
std::optional<base::Timestamp> first_freshness_end(const GateInputs& inputs, std::string_view subject);

// Digests of a subject's text and evidence. A sign-off holds for as long as its digest is this one.
std::string step_digest(const GateInputs& inputs, const StepBindings& step);
std::string criterion_digest(const GateInputs& inputs, const Criterion& criterion);
std::string launch_digest(const GateInputs& inputs);

}  // namespace gantry::launch
