#pragma once

// What stands inside a Markdown block: its text in one line, the code in it, and what is left when the markup is taken off.

#include "launch/document_lines.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gantry::launch {

// The lines of a block joined by single spaces, and the way back to the document.
class InlineText {
 public:
  InlineText(const DocumentLines& document, const std::vector<Span>& lines);

  const std::string& text() const { return text_; }
  // Where the byte at `index` of text() stands in the document.
  std::size_t offset_at(std::size_t index) const;

 private:
  std::string text_;
  std::vector<std::pair<std::size_t, std::size_t>> starts_;  // of each line: in text_, in the document
};

struct CodeSpan {
  Span outer;    // with its backticks
  Span content;  // without them, and without one space of padding on either side (CommonMark 0.29, §6.3)
  friend bool operator==(const CodeSpan&, const CodeSpan&) = default;
};

// In order; spans are indices into `text`. Linear in its length.
std::vector<CodeSpan> find_code_spans(std::string_view text);

// Without emphasis, code marks, strike-through, links' targets, comments and backslashes: "**Log** `x`" -> "Log x".
std::string plain_text(std::string_view markdown);

// plain_text in lower case with single spaces: two texts that differ in markup only have one identity (reference §2.7).
std::string text_identity(std::string_view markdown);

}  // namespace gantry::launch
