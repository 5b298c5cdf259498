#include "cli/commands/net_commands.h"
#include "cli/commands/net_input.h"

#include "base/json.h"
#include "base/yaml.h"
#include "report/net.h"

#include <algorithm>
#include <memory>

namespace gantry::cli {

namespace {

struct QueryFlags {
  NetInput input;
  NetAssumptions assumptions;
  std::string flows;
  bool json = false;
};

base::Result<base::Node> load_questions(const std::string& file) {
  const std::string text = TRY(read_text(file));
  const std::string_view start =
      std::string_view(text).substr(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
  if (start.starts_with('{') || start.starts_with('[')) {
    // A list in brackets may be JSON or YAML; YAML reads both, save for what only JSON has.
    if (base::Result<base::Node> json = base::load_json(text, file)) return json;
  }
  return base::load_yaml_document(text, file, {.rules = base::ScalarRules::core, .limits = {}});
}

base::Result<int> query(const Invocation& invocation, const QueryFlags& flags) {
  const base::Node document = TRY(load_questions(flags.flows));
  const std::vector<netpol::Question> questions =
      TRY(base::with_context(netpol::parse_questions(document), "while reading the flows"));
  netpol::AnalysisOptions options = TRY(flags.input.options(flags.assumptions));
  netpol::add_to(options.endpoints, questions);
  const LoadedManifests loaded = TRY(flags.input.load(invocation, flags.assumptions));
  const netpol::Reachability reach = TRY(analyse_manifests(invocation, loaded, options));
  std::vector<netpol::Answer> answers;
  ProgressLine progress(invocation.terminal);
  progress.begin("flows", questions.size());
  for (const netpol::Question& question : questions) {
    if (invocation.stop.stop_requested()) return kInterrupted;
    answers.push_back(TRY(netpol::answer(reach, question)));
    progress.advance(answers.size());
  }
  progress.end();
  const std::string text =
      flags.json ? report::render_answers_json(reach, questions, answers)
                 : report::render_answers(reach, questions, answers, invocation.terminal.render_options());
  return finish(invocation, text, kYes);
}

void define(CLI::App& app, Action& action) {
  auto flags = std::make_shared<QueryFlags>();
  app.add_option("--flows", flags->flows, "A YAML or JSON list of {src, dst, protocol, port}; - for standard input")
      ->type_name("FILE")
      ->required();
  flags->input.define(app);
  app.add_flag("--json", flags->json, "Print a JSON list, in the order of the questions");
  flags->assumptions.define(app);
  app.callback([flags, &action] { action = result_action(flags, query); });
}

}  // namespace

const Command kNetQueryCommand = {.name = "query",
                                  .summary = "Answer a list of flows: allowed or denied, and why",
                                  .examples =
                                      "  gantry net query --flows flows.yaml manifests/\n"
                                      "  gantry net query --flows flows.yaml --json manifests/ | jq -r '.[] | "
                                      "select(.verdict == \"deny\") | .why'\n\n"
                                      "flows.yaml:\n"
                                      "  - {src: shop/web, dst: shop/db, protocol: TCP, port: 5432}\n"
                                      "  - {src: 203.0.113.7, dst: edge/proxy, port: 8443}\n"
                                      "  - {src: \"labels(ns: team=a, pod: app=web)\", dst: shop/db, port: 5432}\n\n"
                                      "The verdict is allow only where that is certain; `note` says what it depends "
                                      "on. Exit status: 0 when every flow\n"
                                      "was answered, 2 when one names something that is not there.",
                                  .define = define};

}  // namespace gantry::cli
