#include "cli/commands/net_commands.h"
#include "cli/commands/net_input.h"

#include "report/net.h"

#include <memory>

namespace gantry::cli {

namespace {

struct ExplainFlags {
  NetInput input;
  NetAssumptions assumptions;
  std::string source;
  std::string destination;
  bool json = false;
};

base::Result<int> explain(const Invocation& invocation, const ExplainFlags& flags) {
  const netpol::Question question = TRY(netpol::parse_question(flags.source, flags.destination));
  netpol::AnalysisOptions options = TRY(flags.input.options(flags.assumptions));
  netpol::add_to(options.endpoints, {question});
  const LoadedManifests loaded = TRY(flags.input.load(invocation, flags.assumptions));
  const netpol::Reachability reach = TRY(analyse_manifests(invocation, loaded, options));
  const netpol::Answer answer = TRY(netpol::answer(reach, question));
  const std::string text =
      flags.json ? report::render_explanation_json(reach, question, answer)
                 : report::render_explanation(reach, question, answer, invocation.terminal.render_options());
  return finish(invocation, text, exit_code(answer.access));
}

void define(CLI::App& app, Action& action) {
  auto flags = std::make_shared<ExplainFlags>();
  app.add_option("SRC", flags->source, "namespace/workload, namespace/pod, an address, or labels(ns: a=b, pod: c=d)")
      ->required()
      ->type_name("");
  app.add_option("DST:PORT", flags->destination,
                 "The same, with the container's port behind; /UDP or /SCTP where it is")
      ->required()
      ->type_name("");
  flags->input.define(app);
  app.add_flag("--json", flags->json, "Print as JSON");
  flags->assumptions.define(app);
  app.callback([flags, &action] { action = result_action(flags, explain); });
}

}  // namespace

const Command kNetExplainCommand = {
    .name = "explain",
    .summary = "Say why one flow is open or closed, and by which rules",
    .examples =
        "  gantry net explain shop/web shop/db:5432 manifests/\n"
        "  gantry net explain shop/web kube-system/coredns:53/UDP --context prod\n"
        "  gantry net explain 203.0.113.7 edge/proxy:https manifests/       a named port\n"
        "  gantry net explain 'labels(ns: team=a, pod: app=web)' shop/db:5432 manifests/\n\n"
        "Exit status: 0 allowed, 1 denied, 2 a name that is not there, 3 it depends.",
    .define = define};

}  // namespace gantry::cli
