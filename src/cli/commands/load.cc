#include "cli/command.h"

#include <array>

namespace gantry::cli {

extern const Command kLoadRunCommand;
extern const Command kLoadInspectCommand;
extern const Command kLoadNewCommand;
extern const Command kLoadMergeCommand;
extern const Command kLoadArchiveCommand;
extern const Command kLoadJobCommand;
extern const Command kLoadProcessCommand;

namespace {

constexpr std::array<const Command*, 7> kLoadCommands = {
    &kLoadRunCommand, &kLoadInspectCommand, &kLoadNewCommand,    &kLoadMergeCommand,
    &kLoadJobCommand, &kLoadArchiveCommand, &kLoadProcessCommand};

}  // namespace

const Command kLoadCommand = {.name = "load",
                              .summary = "Run k6 scripts",
                              .examples =
                                  "  gantry load run tests/load/saas-health.js\n"
                                  "  gantry load run --vus 50 --duration 5m tests/load/saas-health.js",
                              .children = kLoadCommands};

// Under the name that CI jobs call it by: only the program changes.
const Command kK6Command = {.name = "k6",
                            .summary = "The same as gantry load, for those who know it as k6",
                            .examples = "  gantry k6 run tests/load/saas-health.js",
                            .children = kLoadCommands};

}  // namespace gantry::cli
