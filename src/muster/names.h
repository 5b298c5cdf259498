#pragma once

// What may be part of a NATS subject here. Private to muster.

#include <string_view>

namespace gantry::muster {

bool is_name(std::string_view text);

}  // namespace gantry::muster
