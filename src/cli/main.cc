// The program: its commands, and how one is chosen.

#include "base/text.h"
#include "base/version.h"
#include "cli/command.h"
#include "cli/interrupts.h"
#include "load/script_engine.h"

#include <fmt/format.h>

#include <unistd.h>
#include <algorithm>
#include <array>
#include <cstdio>
#include <exception>
#include <optional>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using namespace gantry::cli;

constexpr std::array<const Command*, 12> kCommands = {
    &kRunCommand,  &kStatusCommand, &kPlanCommand, &kNetCommand,   &kDrainCommand,  &kScaleCommand,
    &kLoadCommand, &kK6Command,     &kSignCommand, &kWaiveCommand, &kDoctorCommand, &kVersionCommand};

constexpr std::string_view kOverview =
    "Decides whether a SaaS on Kubernetes may launch.\n\n"
    "Examples:\n"
    "  gantry plan launch-plan.md        what each step of the plan is bound to\n"
    "  gantry run launch-plan.md         run the tracks, answer GO or NO-GO\n"
    "  gantry status launch-plan.md      the board again, from stored evidence\n"
    "  gantry net matrix manifests/      who reaches whom\n"
    "  gantry drain --all manifests/     what happens when the nodes drain\n"
    "  gantry scale size --help          how many replicas of what size\n"
    "  gantry load run script.js         run a k6 script";

using Commands = std::span<const Command* const>;

// The command that the first words choose, as far as they do: "gantry net".
std::string chosen_command(std::span<char*> arguments) {
  std::string chosen = "gantry";
  Commands commands = kCommands;
  for (const std::string_view word : arguments.subspan(std::min<std::size_t>(arguments.size(), 1))) {
    const auto found = std::ranges::find(commands, word, [](const Command* each) { return each->name; });
    if (found == commands.end()) break;
    chosen += fmt::format(" {}", word);
    commands = (*found)->children;
  }
  return chosen;
}

// A word that is no command where one is expected: CLI11 would only call it "not expected".
std::optional<std::string> explain_unknown_command(std::span<char*> arguments) {
  std::string before = "gantry";
  Commands commands = kCommands;
  for (const std::string_view word : arguments.subspan(std::min<std::size_t>(arguments.size(), 1))) {
    if (commands.empty() || word.starts_with('-')) return std::nullopt;
    std::vector<std::string_view> names;
    for (const Command* command : commands) names.push_back(command->name);
    const auto found = std::ranges::find(names, word);
    if (found == names.end()) {
      const std::optional<std::string_view> nearest = gantry::base::nearest_name(word, names);
      return fmt::format("error: there is no command \"{}\"\n  help: {}\n",
                         before == "gantry" ? std::string(word) : fmt::format("{} {}", before.substr(7), word),
                         nearest ? fmt::format("did you mean `{} {}`?", before, *nearest)
                                 : fmt::format("`{} --help` lists the commands", before));
    }
    before += fmt::format(" {}", word);
    commands = commands[static_cast<std::size_t>(found - names.begin())]->children;
  }
  return std::nullopt;
}

// In our own form, since CLI11's would not say which command's help is meant.
std::string explain(const CLI::ParseError& failure, std::span<char*> arguments) {
  return fmt::format("error: {}\n  help: `{} --help` shows how it is used\n", failure.what(),
                     chosen_command(arguments));
}

// The words behind the program's name as CLI11 takes them, the last one first. "--name=" says that the value is empty: CLI11 would take the
// next word for it.
std::vector<std::string> make_words(CLI::App& app, std::span<char*> arguments) {
  std::vector<std::string> words;
  CLI::App* command = &app;
  for (std::string word : arguments.subspan(std::min<std::size_t>(arguments.size(), 1))) {
    const auto inner = command->get_subcommands([&word](const CLI::App* each) { return each->get_name() == word; });
    if (!inner.empty()) command = inner.front();
    const bool says_nothing = word.starts_with("--") && word.ends_with('=');
    const CLI::Option* const option =
        says_nothing ? command->get_option_no_throw(word.substr(0, word.size() - 1)) : nullptr;
    const bool has_value = option && option->get_items_expected_min() > 0;
    if (has_value) word.pop_back();
    words.push_back(std::move(word));
    if (has_value) words.emplace_back();
  }
  std::ranges::reverse(words);
  return words;
}

void define_commands(CLI::App& app, Commands commands, Action& action, bool& no_colour) {
  app.require_subcommand(1);
  app.get_formatter()->column_width(34);
  for (const Command* command : commands) {
    CLI::App* sub = app.add_subcommand(std::string(command->name), std::string(command->summary));
    sub->footer("");
    sub->description(fmt::format("{}\n\nExamples:\n{}", command->summary, command->examples));
    if (command->define) command->define(*sub, action);
    sub->add_flag("--no-color", no_colour, "Print without colour");
    if (!command->children.empty()) define_commands(*sub, command->children, action, no_colour);
  }
}

// Without what libraries do at the end of a process, which may want what a thread holds that stands in V8 for good.
[[noreturn]] void leave_at_once(int status) {
  std::fflush(nullptr);
  ::_exit(status);
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
  app.set_version_flag("--version", fmt::format("gantry {}", gantry::base::version()));
  define_commands(app, kCommands, action, no_colour);
  try {
    app.parse(make_words(app, arguments));
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
  const int status = action({.terminal = terminal, .stop = interrupts.token()});
  if (gantry::load::script_engine_stands_still()) leave_at_once(status);
  return status;
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
