#include "launch/checks/checks.h"

#include "base/subprocess.h"
#include "base/text.h"

#include <fmt/format.h>

#include <array>

namespace gantry::launch {

using base::Result;

namespace {

constexpr std::array kFields = {
    Field{"name", FieldKind::text, Need::required, "the name of a command in gantry.yaml"},
};

// The last lines are where programs say what went wrong.
constexpr std::size_t kTailLines = 12;

std::string tail(std::string_view output) {
  const std::vector<std::string_view> lines = base::split(base::trim(output), '\n');
  const std::size_t first = lines.size() > kTailLines ? lines.size() - kTailLines : 0;
  std::string text;
  for (std::size_t line = first; line < lines.size(); ++line) text += fmt::format("{}\n", lines[line]);
  return text;
}

Result<const NamedCommand*> find_command(const CheckContext& context, std::string_view name) {
  const auto found = context.config.commands.find(name);
  if (found != context.config.commands.end()) return &found->second;
  std::vector<std::string_view> names;
  for (const auto& [known, command] : context.config.commands) names.push_back(known);
  const std::optional<std::string_view> nearest = base::nearest_name(name, names);
  return base::input_error(
      fmt::format("gantry.yaml names no command \"{}\"", name), context.where(),
      nearest ? fmt::format("did you mean \"{}\"?", *nearest) : "add it to `commands:` in gantry.yaml");
}

// Where it runs, on the disk. Symlinks are resolved inside the workspace first: one that leads out of it is an error.
Result<std::string> find_directory(const CheckContext& context, const NamedCommand& command) {
  if (command.directory.empty()) return context.workspace_root;
  Result<std::string> resolved = context.files.resolve(command.directory);
  if (!resolved) {
    resolved.error().where = command.where;
    return resolved;
  }
  if (TRY(context.files.kind(*resolved)) != base::FileKind::directory)
    return base::input_error(fmt::format("{} is no folder to run a command in", command.directory), command.where,
                             "name a folder of the workspace in \"directory\"");
  return resolved->empty() ? context.workspace_root : context.workspace_root + "/" + *resolved;
}

Result<CheckOutcome> run(CheckContext& context) {
  const std::string name = context.text("name");
  const NamedCommand& command = *TRY(find_command(context, name));
  // The program comes from the workspace's own file, never from the plan's text, and no shell sees it.
  const std::string directory = TRY(find_directory(context, command));
  context.inputs.note(fmt::format("option:command {}", name), fmt::format("{}", fmt::join(command.argv, "\x1f")));
  const base::CommandResult result = TRY(base::with_context(
      base::run_command(
          {.argv = command.argv, .directory = directory, .input = {}, .environment = {}, .time_max = command.time_max},
          context.stop),
      fmt::format("while running the command {} of gantry.yaml", name)));
  CheckOutcome outcome;
  outcome.verdict = result.status == 0 ? base::Verdict::pass : base::Verdict::fail;
  outcome.evidence_class = base::EvidenceClass::rehearsal;
  outcome.summary = fmt::format("{} ended with status {}", name, result.status);
  outcome.metrics.push_back({"exit_status", static_cast<double>(result.status)});
  outcome.artifacts.push_back({"stdout.txt", "text/plain", result.out});
  outcome.artifacts.push_back({"stderr.txt", "text/plain", result.err});
  if (result.status != 0)
    outcome.findings.push_back(
        {.rule = "command.failed",
         .severity = base::Severity::high,
         .object = name,
         .where = command.where,
         .message = fmt::format("the command {} ended with status {}", name, result.status),
         .explanation = tail(result.err.empty() ? result.out : result.err),
         .fix = fmt::format("run it by hand and mend what it reports: {}", fmt::join(command.argv, " ")),
         .related = {}});
  return outcome;
}

}  // namespace

const CheckType kCommand = {.name = "command",
                            .summary = "a program that gantry.yaml names ends with status 0",
                            .fields = kFields,
                            .version = 1,
                            .run = run,
                            .missing_engine = {},
                            .always_runs = true};

}  // namespace gantry::launch
