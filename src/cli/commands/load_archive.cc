#include "load/archive/archive.h"

#include "base/time.h"
#include "cli/command.h"
#include "cli/commands/load_script.h"
#include "cli/commands/load_settings.h"
#include "cli/commands/load_sinks.h"
#include "load/options/consolidated.h"
#include "load/script_engine.h"

#include <memory>
#include <string>
#include <utility>

namespace gantry::cli {

namespace {

using base::Result;

struct ArchiveFlags {
  LoadFlags load;
  std::string file = "archive.tar";
  bool has_no_variables = false;
};

bool has_keys(const base::Node& options) {
  const base::Node* pairs = options.get("tlsAuth");
  return pairs && pairs->is_array() && !pairs->array().empty();
}

Result<int> run_archive(const Invocation& invocation, const ArchiveFlags& flags) {
  EvaluatedScript evaluated = TRY(evaluate_script(invocation, flags.load));
  if (evaluated.outcome.error) return load::exit_code(evaluated.outcome.end);
  load::Archive archive{.script = std::move(evaluated.script),
                        .files = std::move(evaluated.files),
                        .options = load::complete_options(evaluated.outcome.options)};
  if (!flags.has_no_variables) archive.env = evaluated.settings.run.env;
  const load::ScriptEngine engine = TRY(load::load_script_engine());
  const base::SystemClock clock;
  const std::string bytes = TRY(engine.write_archive(archive, clock.now()));
  TRY(write_result(invocation.terminal, flags.file, bytes));
  if (has_keys(evaluated.outcome.options))
    invocation.terminal.say(
        "the archive holds the private keys of tlsAuth, as k6's do: let nobody see it who may not have them\n");
  return kYes;
}

void define(CLI::App& app, Action& action) {
  auto flags = std::make_shared<ArchiveFlags>();
  flags->load.define(app);
  app.add_option("-O,--archive-out", flags->file,
                 "The file to write; the private keys of tlsAuth are in it, as in k6's")
      ->type_name("FILE")
      ->capture_default_str();
  app.add_flag("--exclude-env-vars", flags->has_no_variables, "Leave the values of -e out of it");
  app.callback([flags, &action] { action = result_action(flags, run_archive); });
}

}  // namespace

extern const Command kLoadArchiveCommand;
const Command kLoadArchiveCommand = {.name = "archive",
                                     .summary = "Put a k6 script and all that it reads into one file",
                                     .examples =
                                         "  gantry load archive -O health.tar tests/load/saas-health.js\n"
                                         "  gantry load run health.tar",
                                     .define = define};

}  // namespace gantry::cli
