#include "cli/commands/statement.h"

#include "launch/launch.h"

#include <memory>

namespace gantry::cli {

namespace {

using Flags = StatementFlags<launch::WaiveRequest>;

void define(CLI::App& app, Action& action) {
  auto flags = std::make_shared<Flags>();
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
  app.callback([flags, &action] { action = result_action(flags, record<launch::waive, launch::WaiveRequest>); });
}

}  // namespace

const Command kWaiveCommand = {
    .name = "waive",
    .summary = "Record an accepted risk: who, why, until when",
    .examples =
        "  gantry waive launch-plan.md \"criterion 4\" --as Ada --role operations \\\n"
        "      --why \"stdout logs suffice for the first week\" --impact \"slower incident analysis\" --valid-for "
        "14d\n\n"
        "A waiver covers the findings there are now, as bad as they are, never new ones or much worse, and neither a "
        "check\n"
        "that could not decide nor a missing sign-off.",
    .define = define};

}  // namespace gantry::cli
