#pragma once

// hosts, dns, blacklistIPs and blockHostnames of an options object (k6 reference, §5.3). Private to load.

#include "base/node.h"
#include "base/result.h"
#include "load/http/resolver.h"

namespace gantry::load {

// Errors: input: what is no address, no range, no pattern, no such choice.
base::Result<NameRules> read_name_rules(const base::Node& options);

}  // namespace gantry::load
