#pragma once

// What the JSON documents about reachability have in common (docs/formats/net.md).

#include "base/finding.h"
#include "netpol/netpol.h"
#include "report/json_values.h"

#include <string>
#include <vector>

namespace gantry::report {

Json json_ports(const netpol::PortSet& ports);  // [{"protocol", "first", "last"}]
Json json_topics(const std::vector<netpol::ProfileTopic>& topics);
Json json_rule(const netpol::RulePlace& place);  // {"rule", "policy", "where"}
Json json_explanation(const netpol::Explanation& explanation);

}  // namespace gantry::report
