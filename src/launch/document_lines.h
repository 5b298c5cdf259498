#pragma once

// The lines of a document, and the way from its bytes to places that a person can look up. Everything that reads a plan
// works on spans of the original bytes, so that an edit can replace exactly what it means.

#include "base/source.h"
#include "launch/span.h"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::launch {

// Lines end with LF, CR LF, or CR alone. A byte order mark belongs to no line.
class DocumentLines {
 public:
  // `text` must outlive this.
  DocumentLines(std::string_view text, std::string_view file);

  std::string_view text() const { return text_; }
  std::size_t count() const { return lines_.size(); }
  // Without its end.
  Span span(std::size_t line) const { return lines_[line]; }
  std::string_view line(std::size_t line) const { return slice(lines_[line]); }
  std::string_view slice(Span span) const { return text_.substr(span.offset, span.length); }
  bool is_blank(std::size_t line) const;

  // The line that holds the byte; the last line for what lies behind it.
  std::size_t line_of(std::size_t offset) const;
  // Line and column, counted from 1, columns in bytes.
  base::SourcePos pos(std::size_t offset) const;
  // The file as a whole.
  base::SourcePos whole() const { return {.file = file_, .line = 0, .column = 0}; }

 private:
  std::string_view text_;
  std::shared_ptr<const std::string> file_;
  std::vector<Span> lines_;
};

inline bool is_space_or_tab(char c) { return c == ' ' || c == '\t'; }
inline bool is_digit(char c) { return c >= '0' && c <= '9'; }
inline bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// The span without spaces, tabs and line ends at either side.
Span trim_span(std::string_view text, Span span);

}  // namespace gantry::launch
