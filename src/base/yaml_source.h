#pragma once

// What is checked of a text before a YAML or JSON parser sees it. Private to base.

#include "base/result.h"
#include "base/source.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace gantry::base {

// A text that is UTF-8 without byte order mark, within its size, and without control characters.
struct CheckedText {
  std::string_view text;
  std::shared_ptr<const std::string> file;

  SourcePos pos(std::size_t line, std::size_t column) const {
    return {file, static_cast<std::uint32_t>(line), static_cast<std::uint32_t>(column)};
  }
  // Line and column of a byte; counts from the start, so for errors only.
  SourcePos pos_at(std::size_t offset) const;
};

// Errors: input: larger than `bytes_max`, UTF-16 or other bytes that are no UTF-8, control characters (binary data).
Result<CheckedText> check_text(std::string_view bytes, std::string_view file, std::uint64_t bytes_max);

}  // namespace gantry::base
