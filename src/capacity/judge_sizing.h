#pragma once

// The workload as it is written, against the figures of its sizing (disruption reference, §14.4 and §15). Private to capacity.

#include "base/finding.h"
#include "capacity/sizing.h"

#include <vector>

namespace gantry::capacity {

// Nothing to judge without a workload.
void judge_sizing(const SizingInput& input, const Sizing& sizing, std::vector<base::Finding>& findings);

// `lowest`: the level with the lowest rate, of one replica.
void judge_without_good_rate(const SizingInput& input, const LoadLevel& lowest, std::vector<base::Finding>& findings);

}  // namespace gantry::capacity
