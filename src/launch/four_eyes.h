#pragma once

// The policy "four eyes": nobody approves what they alone wrote (reference §7.1). What is launched are the commits since the last tag,
// and who wrote them is what git says.

#include "base/finding.h"
#include "base/result.h"
#include "launch/launch.h"
#include "launch/store.h"

#include <string_view>
#include <vector>

namespace gantry::launch {

// Takes out the approvals of the only author; each is a finding. Where git cannot tell who wrote it, all are taken out.
void demand_four_eyes(const Workspace& workspace, std::vector<SignOff>& sign_offs,
                      std::vector<base::Finding>& findings);

// A usage error when `who` is the only author; an environment error where git cannot tell.
base::Result<void> require_other_eyes(const Workspace& workspace, std::string_view who);

}  // namespace gantry::launch
