#pragma once

// Every rule about capacity, in one table: its id, how bad it is, and why it matters. Ids are stable, since waivers name them.

#include "base/rule.h"

#include <span>
#include <string>
#include <string_view>

namespace gantry::capacity {

// Sorted by id.
std::span<const base::Rule> capacity_rules();

// A finding of a rule of the table, with its severity and explanation.
base::Finding make_finding(std::string_view rule, std::string object, base::SourcePos where, std::string message,
                           std::string fix);

}  // namespace gantry::capacity
