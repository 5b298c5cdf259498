#pragma once

// What goes wrong with files, in the words that every file system of ours uses.

#include "base/result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace gantry::base {

// A path for a message: "." for the root, a very long one cut.
std::string shown_path(std::string_view path);

// "no permission to read plan.md", "cannot write plan.md: No space left on device". `code` is of errno.
std::unexpected<Error> failed(std::string_view doing, std::string_view path, int code);

std::unexpected<Error> too_large(std::string_view path, std::uint64_t bytes_max);
std::unexpected<Error> is_folder(std::string_view path);
std::unexpected<Error> not_a_folder(std::string_view path);
std::unexpected<Error> not_a_regular_file(std::string_view path);

}  // namespace gantry::base
