#pragma once

// Text that went through a wrong encoding on its way. Found and reported, never repaired silently.

#include "launch/span.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::launch {

// Where the text stops being UTF-8; nothing when it never does.
std::optional<std::size_t> find_invalid_utf8(std::string_view text);

// A character whose UTF-8 bytes were read as Windows-1252 and encoded again: U+27FF, bytes E2 9F BF, became three characters.
struct DoubleEncoded {
  Span span;
  std::string repaired;  // the character that was meant
};

// In order, for characters of three or more bytes; shorter ones look like text that somebody may have meant.
std::vector<DoubleEncoded> find_double_encoded(std::string_view text);

}  // namespace gantry::launch
