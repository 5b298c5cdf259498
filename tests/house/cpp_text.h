#pragma once

// C++ source as a checker of words wants it: without what is only said, in comments and literals.

#include <string>
#include <string_view>

namespace gantry::house {

// The source twice, both with its own line breaks, so that line numbers stay right; what is taken out becomes spaces.
struct CppText {
  std::string code;   // comments taken out
  std::string words;  // comments and the content of string and character literals taken out
};

// Knows //, /* */, "…", '…', R"x(…)x" and digit separators. Unterminated pieces reach to the end.
CppText split_cpp(std::string_view source);

}  // namespace gantry::house
