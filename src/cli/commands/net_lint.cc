#include "cli/commands/net_commands.h"
#include "cli/commands/net_input.h"

#include "base/version.h"
#include "report/net.h"

#include <algorithm>
#include <memory>

namespace gantry::cli {

namespace {

struct LintFlags {
  NetInput input;
  NetAssumptions assumptions;
  std::string cluster_domain = "cluster.local";
  std::string sarif;
  bool json = false;
  bool verbose = false;
};

base::Result<int> lint(const Invocation& invocation, const LintFlags& flags) {
  const netpol::AnalysisOptions options = TRY(flags.input.options(flags.assumptions));
  const LoadedManifests loaded = TRY(flags.input.load(invocation, flags.assumptions));
  const netpol::Reachability reach = TRY(analyse_manifests(invocation, loaded, options, Refused::in_the_answer));
  const netpol::Needs needs = netpol::infer_needs(
      loaded.snapshot,
      {.cluster_domain = flags.cluster_domain, .ingress_controller = {}, .prometheus = {}, .declared = {}});
  const std::vector<base::Finding> findings = netpol::lint(reach, needs);
  const bool blocks = std::ranges::any_of(
      findings, [](const base::Finding& finding) { return finding.severity >= base::Severity::high; });
  const ExitCode code = blocks ? kNo : kYes;
  if (!flags.sarif.empty())
    TRY(deliver_file(invocation, flags.sarif,
                     report::render_findings_sarif(findings, "gantry/net-lint/", base::version())));
  if (flags.sarif == "-") return code;
  if (flags.json) return finish(invocation, report::render_findings_json(findings, "gantry.net-lint/v1"), code);
  report::RenderOptions render = invocation.terminal.render_options();
  render.detail = flags.verbose ? report::Detail::verbose : report::Detail::normal;
  return finish(invocation, report::render_findings(findings, render), code);
}

void define(CLI::App& app, Action& action) {
  auto flags = std::make_shared<LintFlags>();
  flags->input.define(app);
  app.add_flag("--json", flags->json, "Print as JSON");
  app.add_option("--sarif", flags->sarif, "Write SARIF 2.1.0 to this file (- for stdout)")->type_name("FILE");
  app.add_flag("-v,--verbose", flags->verbose, "Say why each finding matters");
  flags->assumptions.define(app);
  app.add_option("--cluster-domain", flags->cluster_domain, "The cluster's DNS domain (default: cluster.local)")
      ->type_name("NAME")
      ->group("Assumptions");
  app.callback([flags, &action] { action = result_action(flags, lint); });
}

}  // namespace

const Command kNetLintCommand = {.name = "lint",
                                 .summary = "Find what in the policies is probably not meant",
                                 .examples =
                                     "  gantry net lint manifests/\n"
                                     "  gantry net lint manifests/ --sarif lint.sarif      for code scanning\n\n"
                                     "Exit status: 0 nothing of severity high or critical, 1 otherwise.",
                                 .define = define};

}  // namespace gantry::cli
