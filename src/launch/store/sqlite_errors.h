#pragma once

// SQLite's failures as errors for a person. SQLite says what it could not do to a page or a lock; what helps is to know whether
// another gantry runs, the disk is full, or the file is no evidence store at all.

#include "base/result.h"

#include <SQLiteCpp/Exception.h>

#include <string>

namespace gantry::launch {

// What went wrong with the store at `path`, for a person, with what to do: locked, not writable, full, damaged.
std::unexpected<base::Error> explain(const SQLite::Exception& failure, const std::string& path);

}  // namespace gantry::launch
