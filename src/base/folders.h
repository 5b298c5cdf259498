#pragma once

// Folders below a root, for files that are written into them.

#include "base/result.h"

#include <string>
#include <string_view>

namespace gantry::base {

// Makes each folder on the way to the file `path` that is not there, confined as write_file_below() is.
// Errors: environment (no permission, a file is in the way, it leads out of the root), usage (names no file).
Result<void> make_folders_below(const std::string& root, std::string_view path);

}  // namespace gantry::base
