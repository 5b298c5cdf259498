#include "launch/document_lines.h"

#include <algorithm>

namespace gantry::launch {

namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool is_blank_character(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

}  // namespace

DocumentLines::DocumentLines(std::string_view text, std::string_view file)
    : text_(text), file_(std::make_shared<const std::string>(file)) {
  std::size_t start = text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
  while (start < text.size()) {
    const std::size_t end = std::min(text.find_first_of("\r\n", start), text.size());
    lines_.push_back({.offset = start, .length = end - start});
    const bool is_crlf = end + 1 < text.size() && text[end] == '\r' && text[end + 1] == '\n';
    start = end + (is_crlf ? 2 : 1);
  }
}

bool DocumentLines::is_blank(std::size_t line_index) const {
  return std::ranges::all_of(line(line_index), is_space_or_tab);
}

std::size_t DocumentLines::line_of(std::size_t offset) const {
  const auto after = std::ranges::upper_bound(lines_, offset, {}, &Span::offset);
  return after == lines_.begin() ? 0 : static_cast<std::size_t>(after - lines_.begin()) - 1;
}

base::SourcePos DocumentLines::pos(std::size_t offset) const {
  if (lines_.empty()) return {.file = file_, .line = 1, .column = 1};
  const std::size_t line_index = line_of(offset);
  const std::size_t start = lines_[line_index].offset;
  const std::size_t column = offset < start ? 0 : offset - start;
  return {.file = file_,
          .line = static_cast<std::uint32_t>(line_index + 1),
          .column = static_cast<std::uint32_t>(column + 1)};
}

Span trim_span(std::string_view text, Span span) {
  while (span.length > 0 && is_blank_character(text[span.end() - 1])) --span.length;
  while (span.length > 0 && is_blank_character(text[span.offset])) {
    ++span.offset;
    --span.length;
  }
  return span;
}

}  // namespace gantry::launch
