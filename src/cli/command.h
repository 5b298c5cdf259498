#pragma once

// A command: its options, and what it does. One file each in cli/commands/, one line each in cli/main.cc.

#include "cli/exit_code.h"
#include "cli/terminal.h"

#include <CLI/CLI.hpp>

#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>

namespace gantry::cli {

// What a command may use.
struct Invocation {
  const Terminal& terminal;
  std::stop_token stop;
};

// Filled by parsing: the command that was chosen.
using Action = std::function<int(const Invocation&)>;

struct Command {
  std::string_view name;
  std::string_view summary;
  std::string_view examples;  // lines; --help leads with them
  // Declares options on `app` and, in its callback, sets `action`. Null for a command that only has others below it.
  void (*define)(CLI::App& app, Action& action) = nullptr;
  std::span<const Command* const> children = {};
};

// The commands, one file each.
extern const Command kRunCommand;
extern const Command kStatusCommand;
extern const Command kPlanCommand;
extern const Command kSignCommand;
extern const Command kWaiveCommand;
extern const Command kNetCommand;
extern const Command kDrainCommand;
extern const Command kScaleCommand;
extern const Command kLoadCommand;
extern const Command kK6Command;
extern const Command kDoctorCommand;
extern const Command kVersionCommand;

// Shows the error and gives the exit code that belongs to it.
int fail(const Invocation& invocation, const base::Error& error);

// Shows the text on stdout and gives `status`, or the exit code of not being able to.
int finish(const Invocation& invocation, std::string_view text, ExitCode status);

// An action for work that may fail: `run(invocation, *flags)` gives a Result with the exit code.
template <typename Flags, typename Run>
Action result_action(std::shared_ptr<Flags> flags, Run run) {
  return [flags = std::move(flags), run](const Invocation& invocation) {
    const base::Result<int> code = run(invocation, *flags);
    return code ? *code : fail(invocation, code.error());
  };
}

// Writes to a file, or prints where that is "-".
base::Result<void> deliver_file(const Invocation& invocation, const std::string& file, const std::string& text);

// Where a report goes: each is a file, "-" for stdout, "" for nowhere.
struct ReportFiles {
  bool json = false;  // JSON on stdout instead of the board
  bool verbose = false;
  std::string junit, sarif, markdown, github, json_file;

  void define(CLI::App& app);
  // Usage error: two formats want stdout, where a reader could not tell them apart.
  base::Result<void> check() const;
};

// The board on stdout, and the other formats where they were asked for.
base::Result<void> deliver(const Invocation& invocation, const report::Board& board, const ReportFiles& files);

}  // namespace gantry::cli
