#include "cli/commands/net_commands.h"
#include "cli/commands/net_input.h"

#include "report/net.h"

#include <memory>

namespace gantry::cli {

namespace {

struct DiffFlags {
  std::vector<std::string> sides;
  std::string context;
  NetAssumptions assumptions;
  bool json = false;
};

ExitCode exit_code_of(const netpol::PolicyDiff& diff) {
  if (diff.opens()) return kNo;
  return diff.may_open() ? kUndecided : kYes;
}

base::Result<int> diff(const Invocation& invocation, const DiffFlags& flags) {
  const std::size_t wanted = flags.context.empty() ? 2 : 1;
  if (flags.sides.size() != wanted)
    return base::usage_error(wanted == 2 ? "there must be two sides to compare"
                                         : "with --context there is one path: what would be applied to the cluster",
                             "`gantry net diff BEFORE AFTER`, or `gantry net diff --context NAME AFTER`");
  const netpol::PluginChoice plugin = TRY(flags.assumptions.plugin());
  const netpol::AnalysisOptions options = TRY(flags.assumptions.options(plugin));
  const std::string& name_space = flags.assumptions.name_space;
  const LoadedManifests before = flags.context.empty()
                                     ? TRY(load_manifests(invocation, {flags.sides.front()}, "", name_space))
                                     : TRY(load_manifests(invocation, {}, flags.context, name_space));
  const LoadedManifests after = TRY(load_manifests(invocation, {flags.sides.back()}, "", name_space));
  const netpol::PolicyDiff changes = TRY(netpol::compare(before.snapshot, after.snapshot, options));
  const std::string text = flags.json ? report::render_policy_diff_json(changes)
                                      : report::render_policy_diff(changes, invocation.terminal.render_options());
  return finish(invocation, text, exit_code_of(changes));
}

void define(CLI::App& app, Action& action) {
  auto flags = std::make_shared<DiffFlags>();
  app.add_option("BEFORE AFTER", flags->sides, "Manifests before and after: files or folders; - for standard input")
      ->required()
      ->expected(1, 2)
      ->type_name("");
  app.add_option("--context", flags->context, "Take a live cluster as what was before (a kubectl context)")
      ->type_name("NAME");
  app.add_flag("--json", flags->json, "Print as JSON");
  flags->assumptions.define(app);
  app.callback([flags, &action] { action = result_action(flags, diff); });
}

}  // namespace

const Command kNetDiffCommand = {
    .name = "diff",
    .summary = "Show which flows a change opens and closes, before it is applied",
    .examples =
        "  gantry net diff main/manifests branch/manifests\n"
        "  gantry net diff --context prod manifests/          what applying would change\n\n"
        "Exit status: 0 nothing opens, 1 something opens, 3 something may open.",
    .define = define};

}  // namespace gantry::cli
