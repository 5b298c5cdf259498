#pragma once

// What may be part of a NATS subject here. Private to muster.

#include "muster/muster.h"

#include <string_view>

namespace gantry::muster {

bool is_name(std::string_view text);
// Errors: usage: one of a member's names is none.
base::Result<void> check_names(const Member& member);

}  // namespace gantry::muster
