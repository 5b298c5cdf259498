#include "cli/command.h"
#include "cli/commands/plan_argument.h"

#include "base/time.h"
#include "launch/launch.h"

#include <memory>

namespace gantry::cli {

namespace {

struct WaiveFlags {
  PlanArgument plan;
  launch::WaiveRequest request;
  std::string valid_for;
};

int waive(const Invocation& invocation, WaiveFlags flags) {
  if (!flags.valid_for.empty()) {
    const base::Result<std::chrono::milliseconds> duration = base::parse_duration(flags.valid_for);
    if (!duration) return fail(invocation, duration.error());
    flags.request.valid_for = *duration;
  }
  const base::Result<launch::Workspace> workspace = flags.plan.open();
  if (!workspace) return fail(invocation, workspace.error());
  const base::SystemClock clock;
  const base::Result<std::string> recorded = launch::waive(*workspace, flags.request, clock);
  if (!recorded) return fail(invocation, recorded.error());
  return finish(invocation, *recorded + "\n", kYes);
}

void define(CLI::App& app, Action& action) {
  auto flags = std::make_shared<WaiveFlags>();
  flags->plan.define(app);
  app.add_option("SUBJECT", flags->request.subject,
                 "A step (A.4), \"criterion N\", or \"plan\" for findings about the plan itself")
      ->required();
  app.add_option("--finding", flags->request.findings,
                 "Only these findings: rules or fingerprints (default: all that the step has now)")
      ->type_name("RULE");
  app.add_option("--why", flags->request.why, "Why the risk is accepted")->required()->type_name("REASON");
  app.add_option("--impact", flags->request.impact, "What happens if it comes true")->required();
  app.add_option("--control", flags->request.control, "What limits the damage until it is mended");
  app.add_option("--as", flags->request.accepted_by, "Who accepts it")->required()->type_name("NAME");
  app.add_option("--role", flags->request.role, "In which role")->required();
  app.add_option("--issue", flags->request.issue, "Where it is tracked");
  app.add_option("--valid-for", flags->valid_for, "How long it holds (default 30d, most 90d)")->type_name("DURATION");
  app.callback(
      [flags, &action] { action = [flags](const Invocation& invocation) { return waive(invocation, *flags); }; });
}

}  // namespace

const Command kWaiveCommand = {
    .name = "waive",
    .summary = "Record an accepted risk: who, why, until when",
    .examples =
        "  gantry waive launch-plan.md \"criterion 4\" --as Ada --role operations \\\n"
        "      --why \"stdout logs suffice for the first week\" --impact \"slower incident analysis\" --valid-for "
        "14d\n\n"
        "A waiver covers the findings there are now, never new ones, and neither a check that could not decide\n"
        "nor a missing sign-off.",
    .define = define};

}  // namespace gantry::cli
