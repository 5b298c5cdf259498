#include "cli/command.h"
#include "cli/commands/plan_argument.h"

#include "launch/launch.h"

#include <memory>

namespace gantry::cli {

namespace {

struct StatusFlags {
  PlanArgument plan;
  ReportFiles reports;
};

int status(const Invocation& invocation, const StatusFlags& flags) {
  if (const base::Result<void> checked = flags.reports.check(); !checked) return fail(invocation, checked.error());
  const base::Result<launch::Workspace> workspace = flags.plan.open();
  if (!workspace) return fail(invocation, workspace.error());
  const base::SystemClock clock;
  const base::Result<report::Board> board = launch::judge_plan(*workspace, clock);
  if (!board) return fail(invocation, board.error());
  if (const base::Result<void> delivered = deliver(invocation, *board, flags.reports); !delivered)
    return fail(invocation, delivered.error());
  return exit_code(board->decision);
}

void define(CLI::App& app, Action& action) {
  auto flags = std::make_shared<StatusFlags>();
  flags->plan.define(app);
  flags->reports.define(app);
  app.callback(
      [flags, &action] { action = [flags](const Invocation& invocation) { return status(invocation, *flags); }; });
}

}  // namespace

const Command kStatusCommand = {
    .name = "status",
    .summary = "Show the board from stored evidence; run nothing",
    .examples =
        "  gantry status launch-plan.md          what holds now, and what went stale by which input\n"
        "  gantry status launch-plan.md --json   for scripts",
    .define = define};

}  // namespace gantry::cli
