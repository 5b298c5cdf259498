#pragma once

// The commands below `gantry net`, one file each.

#include "cli/command.h"

namespace gantry::cli {

extern const Command kNetMatrixCommand;
extern const Command kNetCheckCommand;
extern const Command kNetExplainCommand;
extern const Command kNetQueryCommand;
extern const Command kNetNeedsCommand;
extern const Command kNetLintCommand;
extern const Command kNetProposeCommand;
extern const Command kNetDiffCommand;

}  // namespace gantry::cli
