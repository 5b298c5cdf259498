#pragma once

// What both kinds of blocks have. Private to capacity.

#include "capacity/fields.h"
#include "capacity/inputs.h"

namespace gantry::capacity {

base::Result<PodInput> parse_pod(const base::Node* node);
// Percent of something, above 0 and at most 100.
inline constexpr Range kPercent{0.1, 100};

}  // namespace gantry::capacity
