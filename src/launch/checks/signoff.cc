#include "launch/checks/checks.h"

#include "launch/subjects.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace gantry::launch {

using base::Result;

namespace {

constexpr std::array kFields = {
    Field{"role", FieldKind::text, Need::required, "the role that must approve"},
    Field{"subject", FieldKind::text, Need::optional,
          "the step, criterion or launch that is approved (default: launch)"},
};

// The words of that role about the subject as it is now decide; one rejection that stands outweighs every approval.
Result<CheckOutcome> run(CheckContext& context) {
  const std::string role = context.text("role");
  const std::string subject = context.block.get("subject") ? context.text("subject") : "launch";
  const std::string digest = TRY(context.subject_digest(subject));
  const Words words = words_about(context.sign_offs, subject, digest, context.now);
  const auto of_role = [&role](const std::vector<const SignOff*>& said) -> const SignOff* {
    const auto found = std::ranges::find(said, role, &SignOff::role);
    return found == said.end() ? nullptr : *found;
  };
  const SignOff* rejection = of_role(words.rejections);
  const SignOff* approval = of_role(words.approvals);
  CheckOutcome outcome;
  if (approval && !rejection) {
    outcome.verdict = base::Verdict::pass;
    outcome.summary =
        fmt::format("{} ({}) approved {} until {}", approval->who, role, subject, base::format_date(approval->expires));
    return outcome;
  }
  outcome.verdict = base::Verdict::fail;
  outcome.summary = rejection ? fmt::format("{} ({}) rejected {}", rejection->who, role, subject)
                              : fmt::format("awaiting the approval of {} for {}", role, subject);
  outcome.findings.push_back(
      {.rule = rejection ? "signoff.rejected" : "signoff.missing",
       .severity = base::Severity::high,
       .object = subject,
       .where = context.where(),
       .message = outcome.summary,
       .explanation = {},
       .fix = fmt::format("gantry sign {} \"{}\" --as NAME --role {}", context.plan.file(), subject, role),
       .related = {}});
  return outcome;
}

}  // namespace

const CheckType kSignoff = {.name = "signoff",
                            .summary = "a role has approved a subject as it is now",
                            .fields = kFields,
                            .version = 1,
                            .run = run,
                            .missing_engine = {},
                            .always_runs = true,
                            .asks_people = true};

}  // namespace gantry::launch
