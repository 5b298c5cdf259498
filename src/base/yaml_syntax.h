#pragma once

// What to tell somebody whose text is not YAML. Private to base.

#include "base/checked_text.h"
#include "base/result.h"

#include <cstddef>
#include <string_view>

namespace gantry::base {

// The error for what a parser found wrong at a place, both counted from 1, or 0 when it does not know. What the line looks
// like decides the help: templates, merge conflicts and tabs are what most files that are not YAML suffer from.
std::unexpected<Error> yaml_syntax_error(std::string_view problem, const CheckedText& source, std::size_t line,
                                         std::size_t column);

}  // namespace gantry::base
