#pragma once

// What is checked of a text before a YAML or JSON parser sees it. Private to base.

#include "base/result.h"
#include "base/source.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace gantry::base {

// A text that is UTF-8, without byte order mark, and not too large.
struct CheckedText {
  std::string_view text;
  std::shared_ptr<const std::string> file;

  SourcePos pos(std::size_t line, std::size_t column) const {
    return {file, static_cast<std::uint32_t>(line), static_cast<std::uint32_t>(column)};
  }
  // Line and column of a byte; counts from the start, so for errors only.
  SourcePos pos_at(std::size_t offset) const;
};

// Errors: input: larger than `bytes_max`, UTF-16, other bytes that are no UTF-8.
Result<CheckedText> check_text(std::string_view bytes, std::string_view file, std::uint64_t bytes_max);

// Errors: input: characters that YAML does not allow anywhere in a text, which is how binary data shows.
Result<void> check_no_control_characters(const CheckedText& text);

}  // namespace gantry::base
