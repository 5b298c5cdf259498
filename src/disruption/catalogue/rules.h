#pragma once

// Findings by rule. Private to disruption.

#include "disruption/findings.h"

#include <string>
#include <string_view>

namespace gantry::disruption {

// Severity and explanation are the rule's; the id is one of finding_rules().
base::Finding make_finding(std::string_view rule, std::string object, base::SourcePos where, std::string message,
                           std::string fix);

}  // namespace gantry::disruption
