#pragma once

// Markdown as a tree of blocks over the original bytes: which lines are a heading, an item of a list, code. The grammar is
// cmark-gfm's; its types stay in markdown.cc.
//
// What is different from a renderer, on purpose: tables are left as paragraphs (launch/markdown_table.h reads them, with the
// span of each cell), HTML other than comments is text, and what lies deeper than kMarkdownNestingMax is text.

#include "launch/document_lines.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::launch {

// Quotes and list items around a block. Plans nest three deep; every line costs time in proportion.
inline constexpr std::size_t kMarkdownNestingMax = 32;

struct MarkdownBlock {
  enum class Kind { document, heading, paragraph, list, item, code, quote, rule, html };
  Kind kind = Kind::document;
  std::size_t offset = 0;   // of its first byte: the item's bullet, the fence
  int heading_level = 0;    // 1 to 6; headings only
  bool is_ordered = false;  // lists only
  bool is_fenced = false;   // code only
  std::string_view info;    // what stands behind the opening fence, trimmed
  std::vector<Span> lines;  // paragraph, heading, code: its text, without what surrounds it; an empty line has length 0
  std::vector<MarkdownBlock> children;
};

// The blocks of lines [first, last). Never fails: every text is Markdown. Time is linear in the text. The result points
// into the document's text.
MarkdownBlock parse_markdown(const DocumentLines& document, std::size_t first, std::size_t last);

}  // namespace gantry::launch
