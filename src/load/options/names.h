#pragma once

// hosts, dns, blacklistIPs, blockHostnames and localIPs of an options object (k6 reference, §5.3). Private to load.

#include "base/node.h"
#include "base/result.h"
#include "load/http/local_ips.h"
#include "load/http/resolver.h"

#include <optional>

namespace gantry::load {

// Errors: input: what is no address, no range, no pattern, no such choice.
base::Result<NameRules> read_name_rules(const base::Node& options);
// Nothing where any address will do. Errors: input: what is no address, no range, no network.
base::Result<std::optional<LocalIps>> read_local_ips(const base::Node& options);

}  // namespace gantry::load
