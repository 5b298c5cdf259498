// cmark-gfm decides what is a block; everything inside a line is ours.
//
// cmark has no way to parse blocks alone, and its inline parser is not linear for every input (version 0.29.0.gfm.6 takes
// minutes for some ten-megabyte texts of "<?" or "*_"). We need nothing from it, and we need the bytes where they were
// written. So cmark is given a copy of the text in which every byte that only the inline parser cares about is an 'x':
// same length, same lines, same blocks, nothing left to parse inside them. Positions in the copy are positions in the text.
//
// Nesting costs cmark time on every following line, so container markers deeper than the limit are masked too.

#include "launch/markdown.h"

#include <cmark-gfm.h>

#include <algorithm>
#include <array>
#include <memory>

namespace gantry::launch {

namespace {

struct ParserDeleter {
  void operator()(cmark_parser* parser) const { cmark_parser_free(parser); }
};
struct NodeDeleter {
  void operator()(cmark_node* node) const { cmark_node_free(node); }
};

// A byte that starts something inside a line (CommonMark 0.29, §6).
constexpr std::array<bool, 256> kInlineSpecial = [] {
  std::array<bool, 256> special{};
  for (const char c : std::string_view("`\\&<*_[]!\0", 10)) special[static_cast<unsigned char>(c)] = true;
  return special;
}();

// Three or more of one of "*-_", with nothing but spaces between (CommonMark 0.29, §4.1).
bool is_thematic_break(std::string_view rest) {
  if (rest.empty() || (rest[0] != '*' && rest[0] != '-' && rest[0] != '_')) return false;
  std::size_t marks = 0;
  for (const char c : rest) {
    if (c == rest[0]) {
      ++marks;
    } else if (!is_space_or_tab(c)) {
      return false;
    }
  }
  return marks >= 3;
}

// Of the fence that `rest` starts with; 0 when it does not (CommonMark 0.29, §4.5: no backtick behind a fence of backticks).
std::size_t fence_length(std::string_view rest) {
  if (rest.empty() || (rest[0] != '`' && rest[0] != '~')) return 0;
  const std::size_t length = std::min(rest.find_first_not_of(rest[0]), rest.size());
  const bool is_code_span = rest[0] == '`' && rest.find('`', length) != std::string_view::npos;
  return length >= 3 && !is_code_span ? length : 0;
}

// What stands before the text of a line: indentation, '>', bullets and numbers of items.
struct ContainerPrefix {
  std::size_t length = 0;
  std::size_t widest_gap = 0;        // columns of the widest run of white space in it
  bool interrupts_paragraph = true;  // no number other than 1, which can't start a list inside a paragraph
  std::size_t too_deep_at = std::string_view::npos;  // the marker that is one too many
};

std::size_t marker_length(std::string_view rest, bool& is_other_number) {
  if (rest[0] == '>') return 1;
  std::size_t length = 0;
  if (rest[0] == '-' || rest[0] == '+' || rest[0] == '*') {
    length = 1;
  } else {
    while (length < rest.size() && length < 9 && is_digit(rest[length])) ++length;
    if (length == 0 || length == rest.size() || (rest[length] != '.' && rest[length] != ')')) return 0;
    is_other_number = is_other_number || rest.substr(0, length) != "1";
    ++length;
  }
  return length == rest.size() || is_space_or_tab(rest[length]) ? length : 0;
}

ContainerPrefix read_prefix(std::string_view line) {
  ContainerPrefix prefix;
  std::size_t gap = 0;
  std::size_t columns = 0;  // of all white space so far; an item needs two to hold what is below it
  std::size_t markers = 0;
  while (prefix.length < line.size()) {
    const char c = line[prefix.length];
    if (is_space_or_tab(c)) {
      const std::size_t width = c == '\t' ? 4 : 1;
      gap += width;
      columns += width;
      prefix.widest_gap = std::max(prefix.widest_gap, gap);
      ++prefix.length;
      continue;
    }
    const std::string_view rest = line.substr(prefix.length);
    if (is_thematic_break(rest)) break;
    bool is_other_number = false;
    const std::size_t marker = marker_length(rest, is_other_number);
    if (marker == 0) break;
    if (columns / 2 + ++markers > kMarkdownNestingMax) {
      prefix.too_deep_at = prefix.length;
      break;
    }
    prefix.interrupts_paragraph = prefix.interrupts_paragraph && !is_other_number;
    prefix.length += marker;
    gap = 0;
  }
  return prefix;
}

// Whether "<!--" here starts an HTML block, whatever came before. Where that can't be known it is text: the inline parser
// must never see it.
bool starts_comment(std::string_view rest, const ContainerPrefix& prefix, bool after_blank) {
  return rest.starts_with("<!--") && (after_blank || (prefix.widest_gap <= 3 && prefix.interrupts_paragraph));
}

void append_masked(std::string_view line, bool after_blank, std::string& out) {
  const ContainerPrefix prefix = read_prefix(line);
  const std::string_view rest = line.substr(prefix.length);
  const std::size_t start = out.size();
  out += line;
  out += '\n';
  std::size_t masked_from = prefix.length;
  if (prefix.too_deep_at != std::string_view::npos) {
    out[start + prefix.too_deep_at] = 'x';
  } else if (is_thematic_break(rest)) {
    return;
  } else if (starts_comment(rest, prefix, after_blank)) {
    masked_from += 4;
  } else {
    masked_from += fence_length(rest);
  }
  for (std::size_t i = start + masked_from; i + 1 < out.size(); ++i) {
    if (kInlineSpecial[static_cast<unsigned char>(out[i])]) out[i] = 'x';
  }
}

std::string mask_inlines(const DocumentLines& document, std::size_t first, std::size_t last) {
  std::string masked;
  std::size_t bytes = 0;
  for (std::size_t i = first; i < last; ++i) bytes += document.span(i).length + 1;
  masked.reserve(bytes);
  bool after_blank = true;
  for (std::size_t i = first; i < last; ++i) {
    append_masked(document.line(i), after_blank, masked);
    after_blank = document.is_blank(i);
  }
  return masked;
}

// Walks cmark's tree and finds the spans of each block's text.
class TreeBuilder {
 public:
  TreeBuilder(const DocumentLines& document, std::size_t first, std::size_t last)
      : document_(document), first_(first), last_(last) {}

  // Recursion is as deep as blocks nest: at most twice kMarkdownNestingMax and a few.
  MarkdownBlock build(cmark_node* node, std::size_t quotes) const;

 private:
  std::size_t first_line(cmark_node* node) const;
  std::vector<Span> text_lines(std::size_t from, std::size_t count, std::size_t offset, std::size_t quotes) const;
  void read_heading(cmark_node* node, std::size_t quotes, MarkdownBlock& block) const;
  void read_code(cmark_node* node, MarkdownBlock& block) const;

  const DocumentLines& document_;
  std::size_t first_, last_;
};

MarkdownBlock::Kind kind_of(cmark_node* node) {
  using Kind = MarkdownBlock::Kind;
  switch (cmark_node_get_type(node)) {
    case CMARK_NODE_HEADING: return Kind::heading;
    case CMARK_NODE_PARAGRAPH: return Kind::paragraph;
    case CMARK_NODE_LIST: return Kind::list;
    case CMARK_NODE_ITEM: return Kind::item;
    case CMARK_NODE_CODE_BLOCK: return Kind::code;
    case CMARK_NODE_BLOCK_QUOTE: return Kind::quote;
    case CMARK_NODE_THEMATIC_BREAK: return Kind::rule;
    case CMARK_NODE_HTML_BLOCK: return Kind::html;
    default: return Kind::document;
  }
}

std::size_t TreeBuilder::first_line(cmark_node* node) const {
  const int line = cmark_node_get_start_line(node);
  return std::min(first_ + static_cast<std::size_t>(std::max(line, 1)) - 1, last_ - 1);
}

// How many lines of text a paragraph or heading has. cmark's own end of an underlined heading is off by one.
std::size_t count_text_lines(cmark_node* node) {
  std::size_t lines = 1;
  for (cmark_node* child = cmark_node_first_child(node); child != nullptr; child = cmark_node_next(child)) {
    const cmark_node_type type = cmark_node_get_type(child);
    if (type == CMARK_NODE_SOFTBREAK || type == CMARK_NODE_LINEBREAK) ++lines;
  }
  return lines;
}

MarkdownBlock TreeBuilder::build(cmark_node* node, std::size_t quotes) const {
  MarkdownBlock block;
  block.kind = kind_of(node);
  if (block.kind == MarkdownBlock::Kind::document && last_ == first_) return block;
  const Span line = document_.span(first_line(node));
  const auto column = static_cast<std::size_t>(std::max(cmark_node_get_start_column(node), 1)) - 1;
  block.offset = line.offset + std::min(column, line.length);
  switch (block.kind) {
    case MarkdownBlock::Kind::heading: read_heading(node, quotes, block); return block;
    case MarkdownBlock::Kind::code: read_code(node, block); return block;
    case MarkdownBlock::Kind::paragraph:
      block.lines = text_lines(first_line(node), count_text_lines(node), block.offset, quotes);
      return block;
    case MarkdownBlock::Kind::list: block.is_ordered = cmark_node_get_list_type(node) == CMARK_ORDERED_LIST; break;
    case MarkdownBlock::Kind::quote: ++quotes; break;
    default: break;
  }
  for (cmark_node* child = cmark_node_first_child(node); child != nullptr; child = cmark_node_next(child)) {
    block.children.push_back(build(child, quotes));
  }
  return block;
}

// The first line starts where the block does; on the others white space and at most `quotes` '>' come before the text.
std::vector<Span> TreeBuilder::text_lines(std::size_t from, std::size_t count, std::size_t offset,
                                          std::size_t quotes) const {
  std::vector<Span> lines;
  for (std::size_t i = from; i < std::min(from + count, last_); ++i) {
    Span span = document_.span(i);
    std::size_t start = i == from ? offset : span.offset;
    for (std::size_t left = i == from ? 0 : quotes; start < span.end(); ++start) {
      const char c = document_.text()[start];
      if (c == '>' && left > 0) {
        --left;
      } else if (!is_space_or_tab(c)) {
        break;
      }
    }
    span = trim_span(document_.text(), {.offset = start, .length = span.end() - start});
    if (span.length > 0) lines.push_back(span);
  }
  return lines;
}

void TreeBuilder::read_heading(cmark_node* node, std::size_t quotes, MarkdownBlock& block) const {
  block.heading_level = cmark_node_get_heading_level(node);
  const std::size_t from = first_line(node);
  Span span{.offset = block.offset, .length = document_.span(from).end() - block.offset};
  const std::string_view text = document_.slice(span);
  const std::size_t hashes = std::min(text.find_first_not_of('#'), text.size());
  if (hashes != static_cast<std::size_t>(block.heading_level)) {  // underlined
    block.lines = text_lines(from, count_text_lines(node), block.offset, quotes);
    return;
  }
  span = trim_span(document_.text(), {.offset = span.offset + hashes, .length = span.length - hashes});
  // A closing run of '#' counts when a space comes before it (CommonMark 0.29, §4.2).
  std::string_view content = document_.slice(span);
  const std::size_t kept = content.find_last_not_of('#') + 1;
  if (kept < content.size() && (kept == 0 || is_space_or_tab(content[kept - 1]))) {
    span = trim_span(document_.text(), {.offset = span.offset, .length = kept});
  }
  if (span.length > 0) block.lines.push_back(span);
}

// cmark has removed the indentation of each line; what is left is as long as the end of the original line.
void TreeBuilder::read_code(cmark_node* node, MarkdownBlock& block) const {
  int length = 0, fence_offset = 0;
  char fence_character = 0;
  block.is_fenced = cmark_node_get_fenced(node, &length, &fence_offset, &fence_character) != 0;
  std::size_t line = first_line(node);
  if (block.is_fenced) {
    const Span opening{.offset = block.offset, .length = document_.span(line).end() - block.offset};
    const std::string_view text = document_.slice(opening);
    const std::size_t run = fence_length(text);
    block.info =
        document_.slice(trim_span(document_.text(), {.offset = opening.offset + run, .length = opening.length - run}));
    ++line;
  }
  std::string_view literal = cmark_node_get_literal(node);
  while (!literal.empty() && line < last_) {
    const std::size_t end = std::min(literal.find('\n'), literal.size());
    const Span whole = document_.span(line++);
    std::size_t kept = std::min(end, whole.length);
    // Where indentation ends inside a tab, cmark writes the rest of the tab as spaces. The tab goes: YAML knows none.
    if (kept > 0 && document_.text()[whole.end() - kept] == '\t' && literal[0] == ' ') --kept;
    block.lines.push_back({.offset = whole.end() - kept, .length = kept});
    literal.remove_prefix(std::min(end + 1, literal.size()));
  }
}

}  // namespace

MarkdownBlock parse_markdown(const DocumentLines& document, std::size_t first, std::size_t last) {
  const std::string masked = mask_inlines(document, first, last);
  const std::unique_ptr<cmark_parser, ParserDeleter> parser(cmark_parser_new(CMARK_OPT_DEFAULT));
  cmark_parser_feed(parser.get(), masked.data(), masked.size());
  const std::unique_ptr<cmark_node, NodeDeleter> root(cmark_parser_finish(parser.get()));
  return TreeBuilder(document, first, last).build(root.get(), 0);
}

}  // namespace gantry::launch
