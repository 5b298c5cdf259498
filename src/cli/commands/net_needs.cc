#include "cli/commands/net_commands.h"
#include "cli/commands/net_input.h"

#include "report/net.h"

#include <algorithm>
#include <memory>

namespace gantry::cli {

namespace {

struct NeedsFlags {
  NetInput input;
  NetAssumptions assumptions;
  std::string cluster_domain = "cluster.local";
  bool json = false;
  bool verbose = false;
};

ExitCode exit_code_of(const netpol::Judgement& judgement) {
  const auto any = [&](netpol::Access access) {
    return std::ranges::any_of(judgement.needs, [&](const auto& need) { return need.access == access; });
  };
  if (any(netpol::Access::no)) return kNo;
  return any(netpol::Access::depends) ? kUndecided : kYes;
}

base::Result<int> needs(const Invocation& invocation, const NeedsFlags& flags) {
  const netpol::AnalysisOptions options = TRY(flags.input.options(flags.assumptions));
  const LoadedManifests loaded = TRY(flags.input.load(invocation, flags.assumptions));
  const netpol::Reachability reach = TRY(analyse_manifests(invocation, loaded, options));
  const netpol::Needs found = netpol::infer_needs(
      loaded.snapshot,
      {.cluster_domain = flags.cluster_domain, .ingress_controller = {}, .prometheus = {}, .declared = {}});
  const netpol::Judgement judgement =
      netpol::judge_needs(reach, found, netpol::NeedScope{.sources = {}, .destinations = {}, .ask_every_topic = true});
  const report::JudgedNeeds judged{.reach = reach, .needs = found, .judgement = judgement};
  report::RenderOptions render = invocation.terminal.render_options();
  render.detail = flags.verbose ? report::Detail::verbose : report::Detail::normal;
  return finish(invocation, flags.json ? report::render_needs_json(judged) : report::render_needs(judged, render),
                exit_code_of(judgement));
}

void define(CLI::App& app, Action& action) {
  auto flags = std::make_shared<NeedsFlags>();
  flags->input.define(app);
  app.add_flag("--json", flags->json, "Print as JSON");
  app.add_flag("-v,--verbose", flags->verbose, "Explain each finding");
  flags->assumptions.define(app);
  app.add_option("--cluster-domain", flags->cluster_domain, "The cluster's DNS domain (default: cluster.local)")
      ->type_name("NAME")
      ->group("Assumptions");
  app.callback([flags, &action] { action = result_action(flags, needs); });
}

}  // namespace

const Command kNetNeedsCommand = {
    .name = "needs",
    .summary = "List the flows that the application needs, and whether the policies admit them",
    .examples =
        "  gantry net needs manifests/\n"
        "  gantry net needs manifests/ --json | jq '.needs[] | select(.outcome == \"blocked\")'\n\n"
        "Read from environment variables, ConfigMaps, Services, routes, scrape annotations, webhooks and more; each "
        "need\n"
        "names the line that says so. Exit status: 0 all admitted, 1 one is blocked, 3 it depends.",
    .define = define};

}  // namespace gantry::cli
