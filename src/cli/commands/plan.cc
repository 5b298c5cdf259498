#include "cli/command.h"
#include "cli/commands/plan_argument.h"

#include "launch/launch.h"

#include <memory>

namespace gantry::cli {

namespace {

struct PlanFlags {
  PlanArgument plan;
  bool json = false;
};

int describe(const Invocation& invocation, const PlanFlags& flags) {
  const base::Result<launch::Workspace> workspace = flags.plan.open();
  if (!workspace) return fail(invocation, workspace.error());
  const base::SystemClock clock;
  const base::Result<report::Board> board = launch::describe_plan(*workspace, clock);
  if (!board) return fail(invocation, board.error());
  const report::Format format = flags.json ? report::Format::json : report::Format::terminal;
  return finish(invocation, render_bindings(*board, format, invocation.terminal.render_options()), kYes);
}

void define(CLI::App& app, Action& action) {
  auto flags = std::make_shared<PlanFlags>();
  flags->plan.define(app);
  app.add_flag("--json", flags->json, "Print the bindings as JSON instead of text");
  app.callback(
      [flags, &action] { action = [flags](const Invocation& invocation) { return describe(invocation, *flags); }; });
}

}  // namespace

const Command kPlanCommand = {.name = "plan",
                              .summary = "Show what each step of a plan is bound to, and propose blocks for the rest",
                              .examples =
                                  "  gantry plan launch-plan.md\n"
                                  "  gantry plan launch-plan.md --workspace ../shop",
                              .define = define};

}  // namespace gantry::cli
