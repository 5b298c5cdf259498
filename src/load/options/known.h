#pragma once

// Which options a script may have (k6 reference, §5.3), and which of them do something here. Private to load.

#include "base/node.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::load {

// The names of all of them.
std::span<const std::string_view> known_options();

// One sentence for each key that will have no effect: those that nobody knows, with the nearest that is known, and those that only a
// configuration file may say; and for stages and scenarios that are empty, where nothing else says how long the script plays.
std::vector<std::string> find_ineffective(const base::Node& options);

}  // namespace gantry::load
