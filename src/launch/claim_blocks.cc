// The claims about reachability that a plan makes, for those who want to judge them alone.

#include "launch/launch.h"
#include "launch/session.h"
#include "netpol/claims.h"

namespace gantry::launch {

namespace {

constexpr std::string_view kPrefix = "net.";

}  // namespace

base::Result<std::vector<ClaimBlock>> find_claim_blocks(const Workspace& workspace) {
  const Session session = TRY(open_session(workspace));
  std::vector<ClaimBlock> blocks;
  for (const StepBindings& step : session.bound.steps) {
    for (const Binding& binding : step.bindings) {
      std::string_view kind = binding.check->name;
      if (!kind.starts_with(kPrefix)) continue;
      kind.remove_prefix(kPrefix.size());
      if (!netpol::find_claim_kind(kind)) continue;
      blocks.push_back({.step = step.step, .kind = std::string(kind), .block = binding.block});
    }
  }
  return blocks;
}

}  // namespace gantry::launch
