#pragma once

// What to tell somebody whose text is not YAML. Private to base.

#include "base/checked_text.h"
#include "base/result.h"

#include <cstddef>
#include <string_view>

namespace gantry::base {

// What libyaml found wrong, in its words: "did not find expected key" while it was "while parsing a block mapping".
struct YamlProblem {
  std::string_view problem;
  std::size_t offset = 0;          // the byte where it noticed
  std::string_view context;        // empty when it says none
  std::size_t context_offset = 0;  // the byte where that began
};

// The error in words for a person, at the place that has to be changed. `open` is where the innermost list or map starts
// that has not ended, null when none is open.
std::unexpected<Error> yaml_syntax_error(const YamlProblem& problem, const CheckedText& source, const SourcePos* open);

}  // namespace gantry::base
