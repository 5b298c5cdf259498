#include "launch/checks/checks.h"

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

// The latest word of that role about the subject as it is now decides.
Result<CheckOutcome> run(CheckContext& context) {
  const std::string role = context.text("role");
  const std::string subject = context.block.get("subject") ? context.text("subject") : "launch";
  const std::string digest = TRY(context.subject_digest(subject));
  const SignOff* latest = nullptr;
  for (const SignOff& said : context.sign_offs)
    if (said.subject == subject && said.role == role && said.digest == digest && said.expires > context.now)
      latest = &said;
  CheckOutcome outcome;
  if (latest && latest->stance == Stance::approve) {
    outcome.verdict = base::Verdict::pass;
    outcome.summary =
        fmt::format("{} ({}) approved {} until {}", latest->who, role, subject, base::format_date(latest->expires));
    return outcome;
  }
  outcome.verdict = base::Verdict::fail;
  outcome.summary = latest ? fmt::format("{} ({}) rejected {}", latest->who, role, subject)
                           : fmt::format("awaiting the approval of {} for {}", role, subject);
  outcome.findings.push_back(
      {.rule = latest ? "signoff.rejected" : "signoff.missing",
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
