#pragma once

// UTF-8, one code point at a time.

#include <cstddef>
#include <string>
#include <string_view>

namespace gantry::base {

struct CodePoint {
  char32_t value = 0;
  std::size_t bytes = 0;  // how many it takes; 0: the text does not start with valid UTF-8
};

// The code point that the text starts with. Unicode 15, table 3-7 (well-formed UTF-8 byte sequences).
CodePoint first_code_point(std::string_view text);

void append_utf8(std::string& text, char32_t code_point);

}  // namespace gantry::base
