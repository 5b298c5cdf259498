#include "cli/command.h"
#include "cli/commands/plan_argument.h"

#include "launch/launch.h"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>

namespace gantry::cli {

namespace {

struct RunFlags {
  PlanArgument plan;
  ReportFiles reports;
  bool fresh = false;
  bool write = false;
  bool apply = false;
  std::string context;
  std::vector<std::string> only;
  std::vector<std::string> with;
};

// Where targets of load tests and their services are looked for: PATH, beside gantry itself, then where servers are, which a user's
// PATH need not lead to.
std::string program_path() {
  const char* path = std::getenv("PATH");
  std::error_code ignored;
  const std::string own = std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path().string();
  return fmt::format("{}:{}:/usr/local/sbin:/usr/sbin", path ? path : "", own);
}

int run(const Invocation& invocation, const RunFlags& flags) {
  if (flags.apply && flags.context.empty())
    return fail(invocation, base::usage_error("--apply needs a cluster", "name it with --context").error());
  if (const base::Result<void> checked = flags.reports.check(); !checked) return fail(invocation, checked.error());
  const base::Result<launch::Workspace> workspace = flags.plan.open();
  if (!workspace) return fail(invocation, workspace.error());
  const base::SystemClock clock;
  ProgressLine progress(invocation.terminal);
  const base::Result<report::Board> board =
      launch::run_plan(*workspace, {.clock = clock,
                                    .progress = progress,
                                    .stop = invocation.stop,
                                    .reuse = flags.fresh ? launch::Reuse::nothing : launch::Reuse::fresh_evidence,
                                    .writes = flags.write ? launch::Writes::documents : launch::Writes::store_only,
                                    .apply = flags.apply ? launch::Apply::really : launch::Apply::dry_run,
                                    .kube_context = flags.context,
                                    .with = flags.with,
                                    .program_path = program_path(),
                                    .only = flags.only});
  progress.end();
  if (!board) return fail(invocation, board.error());
  if (const base::Result<void> delivered = deliver(invocation, *board, flags.reports); !delivered)
    return fail(invocation, delivered.error());
  return exit_code(board->decision);
}

void define(CLI::App& app, Action& action) {
  auto flags = std::make_shared<RunFlags>();
  flags->plan.define(app);
  flags->reports.define(app);
  app.add_flag("--fresh", flags->fresh, "Run every check, whatever evidence is there");
  app.add_flag("--write", flags->write,
               "Update the plan's ticks and ledger and the load test's baseline document, and say what changed");
  app.add_option("--context", flags->context, "Verify against this cluster too (a kubectl context)")->type_name("NAME");
  app.add_flag("--apply", flags->apply, "Really apply the manifests to the cluster (needs --context)");
  app.add_option("--with", flags->with, "Run load tests too, which take their time; else their evidence is kept")
      ->type_name("load")
      ->check(CLI::IsMember({"load"}))
      ->delimiter(',');
  app.add_option("--only", flags->only, "Run only these tracks or steps (A, B.2); the rest keeps its stored evidence")
      ->type_name("ID")
      ->delimiter(',');
  app.callback(
      [flags, &action] { action = [flags](const Invocation& invocation) { return run(invocation, *flags); }; });
}

}  // namespace

const Command kRunCommand = {.name = "run",
                             .summary = "Run the tracks of a launch plan and answer GO or NO-GO",
                             .examples =
                                 "  gantry run launch-plan.md                    from the repository alone\n"
                                 "  gantry run launch-plan.md --only A           one track\n"
                                 "  gantry run launch-plan.md --with load        load tests too\n"
                                 "  gantry run launch-plan.md --with load --write   and write their baseline document\n"
                                 "  gantry run launch-plan.md --context prod     against the live cluster too\n"
                                 "  gantry run launch-plan.md --sarif out.sarif --junit out.xml\n\n"
                                 "Exit status: 0 GO, 1 NO-GO, 2 usage or plan error, 3 a check could not be decided.\n"
                                 "Nothing outside .gantry/ changes without --write or --apply.",
                             .define = define};

}  // namespace gantry::cli
