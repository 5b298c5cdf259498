#pragma once

// Several errors as one, so that a person mends all of them before the next try.

#include "base/result.h"

#include <vector>

namespace gantry::launch {

// One error stays as it is. Several become one that lists each with its place and what to do; `what` heads the list:
// "3 blocks cannot be bound". At least one; its kind is that of the first.
base::Error join_problems(std::vector<base::Error> problems, std::string_view what);

}  // namespace gantry::launch
