// The claims about reachability that a plan makes, for those who want to judge them alone.

#include "launch/launch.h"
#include "launch/session.h"

#include <algorithm>
#include <array>

namespace gantry::launch {

namespace {

constexpr std::string_view kPrefix = "net.";
constexpr std::array<std::string_view, 4> kKinds = {"only", "never", "must", "isolated"};

}  // namespace

base::Result<std::vector<ClaimBlock>> find_claim_blocks(const Workspace& workspace) {
  const Session session = TRY(open_session(workspace));
  std::vector<ClaimBlock> blocks;
  for (const StepBindings& step : session.bound.steps) {
    for (const Binding& binding : step.bindings) {
      std::string_view kind = binding.check->name;
      if (!kind.starts_with(kPrefix)) continue;
      kind.remove_prefix(kPrefix.size());
      if (std::ranges::find(kKinds, kind) == kKinds.end()) continue;
      blocks.push_back({.step = step.step, .kind = std::string(kind), .block = binding.block});
    }
  }
  return blocks;
}

}  // namespace gantry::launch
