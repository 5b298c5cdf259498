#pragma once

// The option systemTags: which of k6's own tags samples get (k6 reference, §9.1). Private to load.

#include "base/node.h"
#include "base/result.h"

#include <string>
#include <vector>

namespace gantry::load {

// Those that samples are not to have, sorted; none where the option is not there. A tag that there is none of is kept out as well.
// Errors: input: no list of texts.
base::Result<std::vector<std::string>> read_dropped_tags(const base::Node& options);

}  // namespace gantry::load
