#include "cli/commands/net_commands.h"

#include <array>

namespace gantry::cli {

namespace {

constexpr std::array<const Command*, 8> kNetCommands = {&kNetMatrixCommand,  &kNetCheckCommand, &kNetExplainCommand,
                                                        &kNetQueryCommand,   &kNetNeedsCommand, &kNetLintCommand,
                                                        &kNetProposeCommand, &kNetDiffCommand};

}  // namespace

const Command kNetCommand = {.name = "net",
                             .summary = "Who reaches whom under the NetworkPolicies, and who should",
                             .examples =
                                 "  gantry net matrix manifests/                       who reaches whom\n"
                                 "  gantry net explain shop/web shop/db:5432 manifests/   why, by which rules\n"
                                 "  gantry net check claims.yaml manifests/               is what we say true?",
                             .children = kNetCommands};

}  // namespace gantry::cli
