#pragma once

// Which Gantry this is. Evidence keys contain it: a new version trusts nothing that an older one decided.

#include <string_view>

namespace gantry::base {

// "0.1.0", as CMakeLists.txt's project() says.
std::string_view version();

}  // namespace gantry::base
