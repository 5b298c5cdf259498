#pragma once

// Tables as GitHub writes them (GFM 0.29, §4.10), with the span of each cell, so that one cell can be edited alone.

#include "launch/document_lines.h"

#include <optional>
#include <string>
#include <vector>

namespace gantry::launch {

struct MarkdownCell {
  Span between_pipes;  // everything up to the next pipe, padding included
  Span content;        // without the padding
};

using MarkdownRow = std::vector<MarkdownCell>;

struct MarkdownTable {
  MarkdownRow header;
  std::vector<MarkdownRow> rows;  // each as long as it is written; a cell that is not there is empty
};

// The table in the lines of a paragraph; lines before its header are text. Nothing when there is no row of dashes.
std::optional<MarkdownTable> parse_table(const DocumentLines& document, const std::vector<Span>& lines);

// What the cell says: "\|" is a pipe.
std::string cell_text(const DocumentLines& document, const MarkdownCell& cell);

}  // namespace gantry::launch
