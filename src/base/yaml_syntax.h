#pragma once

// What to tell somebody whose text is not YAML. Private to base.

#include "base/checked_text.h"
#include "base/result.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace gantry::base {

// The error for what a parser found wrong at a place, both counted from 1, or 0 when it does not know.
std::unexpected<Error> yaml_syntax_error(std::string_view problem, const CheckedText& source, std::size_t line,
                                         std::size_t column);

// What to do about a line that is not YAML: templates, merge conflicts and tabs are what most such files suffer from, and
// the line or the one before it shows which. `otherwise` is for what looks like YAML.
std::string yaml_help(const CheckedText& source, std::size_t line, std::string_view otherwise);

}  // namespace gantry::base
