#include "launch/markdown_table.h"

#include <algorithm>

namespace gantry::launch {

namespace {

// A pipe ends a cell even inside code, unless a backslash stands before it (GFM 0.29, §4.10).
std::size_t find_pipe(std::string_view text, std::size_t from) {
  for (std::size_t i = from; i < text.size(); ++i) {
    if (text[i] == '|') return i;
    if (text[i] == '\\') ++i;
  }
  return text.size();
}

MarkdownRow split_row(const DocumentLines& document, Span line) {
  line = trim_span(document.text(), line);
  const std::string_view text = document.slice(line);
  MarkdownRow row;
  std::size_t start = text.starts_with('|') ? 1 : 0;
  while (start < text.size() || row.empty()) {  // what is behind the last pipe is no cell
    const std::size_t end = find_pipe(text, start);
    const Span cell{.offset = line.offset + start, .length = end - start};
    row.push_back({.between_pipes = cell, .content = trim_span(document.text(), cell)});
    start = end + 1;
  }
  return row;
}

bool is_dashes(std::string_view cell) {
  if (cell.starts_with(':')) cell.remove_prefix(1);
  if (cell.ends_with(':')) cell.remove_suffix(1);
  return !cell.empty() && cell.find_first_not_of('-') == std::string_view::npos;
}

bool is_delimiter_row(const DocumentLines& document, Span line) {
  if (document.slice(line).find_first_not_of("|:- \t") != std::string_view::npos) return false;
  if (document.slice(line).find_first_of("|:") == std::string_view::npos) return false;
  return std::ranges::all_of(split_row(document, line),
                             [&](const MarkdownCell& cell) { return is_dashes(document.slice(cell.content)); });
}

}  // namespace

std::optional<MarkdownTable> parse_table(const DocumentLines& document, const std::vector<Span>& lines) {
  for (std::size_t i = 1; i < lines.size(); ++i) {
    if (!is_delimiter_row(document, lines[i])) continue;
    MarkdownTable table{.header = split_row(document, lines[i - 1]), .rows = {}};
    if (table.header.size() != split_row(document, lines[i]).size()) continue;
    for (std::size_t row = i + 1; row < lines.size(); ++row) table.rows.push_back(split_row(document, lines[row]));
    return table;
  }
  return std::nullopt;
}

std::string cell_text(const DocumentLines& document, const MarkdownCell& cell) {
  std::string text;
  const std::string_view written = document.slice(cell.content);
  for (std::size_t i = 0; i < written.size(); ++i) {
    if (written[i] == '\\' && i + 1 < written.size() && written[i + 1] == '|') continue;
    text += written[i];
  }
  return text;
}

}  // namespace gantry::launch
