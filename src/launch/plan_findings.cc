#include "launch/plan_findings.h"

#include <fmt/format.h>

#include <utility>

namespace gantry::launch {

void PlanFindings::add(Note note) {
  if (++counts_[note.rule] > kFindingsPerRuleMax) return;
  findings_.push_back({.rule = std::string(note.rule),
                       .severity = note.severity,
                       .object = std::move(note.object),
                       .where = std::move(note.where),
                       .message = std::move(note.message),
                       .explanation = std::move(note.explanation),
                       .fix = std::move(note.fix),
                       .related = std::move(note.related)});
}

std::vector<base::Finding> PlanFindings::take() {
  for (const auto& [rule, count] : counts_) {
    if (count <= kFindingsPerRuleMax) continue;
    findings_.push_back(
        {.rule = std::string(rule),
         .severity = base::Severity::medium,
         .object = {},
         .where = document_.whole(),
         .message = fmt::format("{} more findings of this rule are not listed", count - kFindingsPerRuleMax),
         .explanation = {},
         .fix = {},
         .related = {}});
  }
  counts_.clear();
  base::sort_findings(findings_);
  return std::exchange(findings_, {});
}

}  // namespace gantry::launch
