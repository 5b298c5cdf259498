#include "cli/command.h"

#include "base/json.h"
#include "cli/commands/load_script.h"
#include "cli/commands/load_settings.h"
#include "load/options/consolidated.h"
#include "load/options/duration.h"

#include <memory>
#include <utility>
#include <vector>

namespace gantry::cli {

namespace {

using base::Node;
using base::Result;

struct InspectFlags {
  LoadFlags load;
  bool shows_requirements = false;
};

Result<Node> describe(const load::RunOutcome& outcome, bool shows_requirements) {
  if (!shows_requirements) return load::complete_options(outcome.options);
  // What the options mean is said of the whole load, what it takes of the part that would run here.
  Node described = load::consolidated_options(outcome.options, TRY(load::read_scenarios(outcome.options)));
  std::vector<load::Scenario> scenarios;
  for (const load::ScenarioOutcome& each : outcome.scenarios) scenarios.push_back(each.scenario);
  const load::ExecutionRequirements needs = load::execution_requirements(scenarios);
  described.set("totalDuration", Node(load::format_go_duration(needs.duration)));
  described.set("maxVUs", Node(needs.vus));
  return described;
}

Result<int> run_inspect(const Invocation& invocation, const InspectFlags& flags) {
  const EvaluatedScript evaluated = TRY(evaluate_script(invocation, flags.load));
  const load::RunOutcome& outcome = evaluated.outcome;
  if (outcome.error) return load::exit_code(outcome.end);
  const Node described = TRY(describe(outcome, flags.shows_requirements));
  TRY(invocation.terminal.print(base::dump_json(described, base::JsonStyle::indented) + "\n"));
  return 0;
}

void define(CLI::App& app, Action& action) {
  auto flags = std::make_shared<InspectFlags>();
  flags->load.define(app);
  app.add_flag("--execution-requirements", flags->shows_requirements,
               "Show what the options mean, how long that takes and how many VUs");
  app.callback([flags, &action] { action = result_action(flags, run_inspect); });
}

}  // namespace

extern const Command kLoadInspectCommand;
const Command kLoadInspectCommand = {.name = "inspect",
                                     .summary = "Show the options of a k6 script",
                                     .examples =
                                         "  gantry load inspect tests/load/saas-health.js\n"
                                         "  gantry load inspect --execution-requirements tests/load/saas-health.js",
                                     .define = define};

}  // namespace gantry::cli
