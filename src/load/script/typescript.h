#pragma once

// TypeScript becomes JavaScript: Debian's esbuild takes the types out of a module (k6 reference, §3.1). Nothing is checked.

#include "base/result.h"

#include <string>
#include <string_view>

namespace gantry::load {

bool is_typescript(std::string_view path);

// The text with its source map inside. Runs the program esbuild, of PATH, which reads no file and writes none. Errors: input, a syntax error
// with its place; environment, no esbuild, or not within 30 seconds.
base::Result<std::string> strip_types(const std::string& path, std::string_view text);

}  // namespace gantry::load
