#pragma once

#include "base/result.h"

#include <SQLiteCpp/Exception.h>

#include <string>

namespace gantry::launch {

// What went wrong with the store at `path`, for a person, with what to do: locked, not writable, full, damaged.
std::unexpected<base::Error> explain(const SQLite::Exception& failure, const std::string& path);

}  // namespace gantry::launch
