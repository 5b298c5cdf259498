// The program: its commands, and how one is chosen.

#include "base/text.h"
#include "base/version.h"
#include "cli/command.h"
#include "cli/interrupts.h"

#include <fmt/format.h>

#include <array>
#include <cstdio>
#include <exception>
#include <optional>
#include <span>
#include <sstream>
#include <string>
#include <vector>

namespace {

using namespace gantry::cli;

constexpr std::array<const Command*, 6> kCommands = {&kRunCommand,  &kStatusCommand, &kPlanCommand,
                                                     &kSignCommand, &kWaiveCommand,  &kDoctorCommand};

constexpr std::string_view kOverview =
    "Decides whether a SaaS on Kubernetes may launch.\n\n"
    "Examples:\n"
    "  gantry plan launch-plan.md        what each step of the plan is bound to\n"
    "  gantry run launch-plan.md         run the tracks, answer GO or NO-GO\n"
    "  gantry status launch-plan.md      the board again, from stored evidence";

// A first word that is no command: CLI11 would only call it "not expected".
std::optional<std::string> explain_unknown_command(std::span<char*> arguments) {
  if (arguments.size() < 2 || arguments[1][0] == '-') return std::nullopt;
  const std::string_view word = arguments[1];
  std::vector<std::string_view> names;
  for (const Command* command : kCommands) {
    if (command->name == word) return std::nullopt;
    names.push_back(command->name);
  }
  const std::optional<std::string_view> nearest = gantry::base::nearest_name(word, names);
  return fmt::format(
      "error: there is no command \"{}\"\n  help: {}\n", word,
      nearest ? fmt::format("did you mean `gantry {}`?", *nearest) : "`gantry --help` lists the commands");
}

// In our own form, since CLI11's would not say which command's help is meant.
std::string explain(const CLI::ParseError& failure, std::span<char*> arguments) {
  const std::string command =
      arguments.size() < 2 || arguments[1][0] == '-' ? "gantry" : fmt::format("gantry {}", arguments[1]);
  return fmt::format("error: {}\n  help: `{} --help` shows how it is used\n", failure.what(), command);
}

void define_commands(CLI::App& app, Action& action) {
  app.set_version_flag("--version", fmt::format("gantry {}", gantry::base::version()));
  app.require_subcommand(1);
  app.get_formatter()->column_width(34);
  for (const Command* command : kCommands) {
    CLI::App* sub = app.add_subcommand(std::string(command->name), std::string(command->summary));
    sub->footer("");
    sub->description(fmt::format("{}\n\nExamples:\n{}", command->summary, command->examples));
    command->define(*sub, action);
  }
}

int run_program(std::span<char*> arguments) {
  ignore_broken_pipes();
  if (const std::optional<std::string> unknown = explain_unknown_command(arguments)) {
    std::fputs(unknown->c_str(), stderr);
    return kUsage;
  }
  CLI::App app{std::string(kOverview), "gantry"};
  bool no_colour = false;
  Action action;
  define_commands(app, action);
  for (CLI::App* sub : app.get_subcommands({})) sub->add_flag("--no-color", no_colour, "Print without colour");
  try {
    app.parse(static_cast<int>(arguments.size()), arguments.data());
  } catch (const CLI::Success& asked) {
    // --help and --version come as exceptions too.
    std::ostringstream text;
    app.exit(asked, text, text);
    return finish({.terminal = Terminal(ColourChoice::automatic), .stop = {}}, text.str(), kYes);
  } catch (const CLI::ParseError& failure) {
    std::fputs(explain(failure, arguments).c_str(), stderr);
    return kUsage;
  }
  const Terminal terminal(no_colour ? ColourChoice::never : ColourChoice::automatic);
  Interrupts interrupts;
  return action({.terminal = terminal, .stop = interrupts.token()});
}

}  // namespace

int main(int argc, char** argv) {
  // The last catch: whatever a library throws past its room is our bug, and says so.
  try {
    return run_program(std::span(argv, static_cast<std::size_t>(argc)));
  } catch (const std::exception& failure) {
    std::fputs(
        fmt::format("error: {}\n  help: this is a bug in Gantry; please report it with the command that caused it\n",
                    failure.what())
            .c_str(),
        stderr);
    return kUndecided;
  }
}
