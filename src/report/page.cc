#include "report/page.h"

#include "base/text.h"
#include "report/plain_text.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace gantry::report {

namespace {

constexpr int kWidthMin = 40;
constexpr int kWidthMax = 200;

struct StyleCode {
  Style style;
  std::string_view sgr;  // ECMA-48, 8.3.117: select graphic rendition
};

// The eight basic colours, so that the terminal's own palette, light or dark, decides what they look like.
constexpr StyleCode kStyleCodes[] = {
    {Style::plain, ""},
    {Style::strong, "1"},
    {Style::faint, "2"},
    {Style::good, "32"},
    {Style::bad, "1;31"},
    {Style::warning, "33"},
    {Style::accent, "36"},
    {Style::banner_good, "1;30;42"},
    {Style::banner_bad, "1;37;41"},
    {Style::banner_warning, "1;30;43"},
};
static_assert(std::ranges::all_of(kStyleCodes, [](const StyleCode& code) {
  return &code - kStyleCodes == static_cast<int>(code.style);
}));

// `text` (inert) as lines of at most `width` columns; words longer than that are broken.
std::vector<std::string> break_lines(std::string_view text, std::size_t width) {
  std::vector<std::string> lines;
  for (const std::string& line : base::wrap(text, width)) {
    std::string_view rest = line;
    while (base::display_width(rest) > width) {
      const std::string_view piece = prefix_of_width(rest, width);
      lines.emplace_back(piece);
      rest.remove_prefix(piece.size());
    }
    lines.emplace_back(rest);
  }
  return lines;
}

std::vector<std::string> lay_out(const Cell& cell, std::size_t width) {
  if (width == 0 || cell.text.empty()) return {};
  std::vector<std::string> lines =
      break_lines(inert_line(std::string_view(cell.text).substr(0, kPlainBytesMax)), width);
  if (lines.size() <= cell.lines_max) return lines;
  // The last line that stays shows by its "…" that there was more.
  std::string& last = lines[cell.lines_max - 1];
  last = base::fit_width(last + " " + lines[cell.lines_max], width);
  lines.resize(cell.lines_max);
  return lines;
}

// The columns of each cell: fixed ones get theirs as far as there is room, the stretching one what is left.
std::vector<std::size_t> share_width(const std::vector<Cell>& cells, std::size_t available) {
  std::size_t fixed = 0;
  for (const Cell& cell : cells) fixed += cell.width;
  const std::size_t gaps = cells.size() - 1;
  const std::size_t stretch = available > fixed + gaps ? available - fixed - gaps : 0;
  std::vector<std::size_t> widths;
  std::size_t used = 0;
  for (const Cell& cell : cells) {
    const std::size_t room = available > used ? available - used : 0;
    widths.push_back(std::min(cell.width == 0 ? stretch : cell.width, room));
    used += widths.back() + 1;
  }
  return widths;
}

}  // namespace

Page::Page(int width, Colour colour)
    : width_(static_cast<std::size_t>(std::clamp(width, kWidthMin, kWidthMax))), colour_(colour) {}

void Page::row(std::size_t indent, const std::vector<Cell>& cells) {
  const std::vector<std::size_t> widths = share_width(cells, width_ - indent);
  std::vector<std::vector<std::string>> columns;
  std::size_t height = 0;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    columns.push_back(lay_out(cells[i], widths[i]));
    height = std::max(height, columns.back().size());
  }
  for (std::size_t y = 0; y < height; ++y) {
    std::string line;
    std::size_t column = 0;      // how far `line` reaches
    std::size_t start = indent;  // where the cell begins
    for (std::size_t i = 0; i < cells.size(); start += widths[i] + 1, ++i) {
      if (y >= columns[i].size() || columns[i][y].empty()) continue;
      const std::string& text = columns[i][y];
      const std::size_t text_width = base::display_width(text);
      const std::size_t shift = cells[i].align == Align::right ? widths[i] - std::min(widths[i], text_width) : 0;
      line.append(start + shift - column, ' ');
      line += paint(text, cells[i].style);
      column = start + shift + text_width;
    }
    finish_line(std::move(line));
  }
}

void Page::strip(std::size_t indent, const std::vector<Cell>& pieces) {
  std::string line(indent, ' ');
  for (const Cell& piece : pieces) {
    if (piece.width == 0) {
      line += paint(piece.text, piece.style);
      continue;
    }
    const std::string label = base::fit_width(inert_line(piece.text), piece.width);
    line += paint(label, piece.style);
    line.append(piece.width - base::display_width(label), ' ');
  }
  // Blanks at the end are nothing to see; painted ones end in an escape sequence and stay.
  line.erase(line.find_last_not_of(' ') + 1);
  finish_line(std::move(line));
}

void Page::verbatim(std::size_t indent, const std::string& line) {
  finish_line(std::string(indent, ' ') + inert_indented(line));
}

void Page::banner(const std::string& word, Style style, const std::string& sentence) {
  const std::string label = colour_ == Colour::on ? " " + word + " " : word;
  const std::size_t start = base::display_width(label) + 2;
  std::string line = paint(label, style) + "  ";
  for (const std::string& piece : break_lines(sentence, width_ - start)) {
    finish_line(line + paint(piece, Style::strong));
    line.assign(start, ' ');
  }
}

void Page::blank() {
  if (!text_.empty() && !text_.ends_with("\n\n")) text_.push_back('\n');
}

void Page::rule() {
  std::string line;
  for (std::size_t i = 0; i < width_; ++i) line += "─";
  finish_line(paint(line, Style::faint));
}

void Page::finish_line(std::string line) {
  text_ += line;
  text_.push_back('\n');
}

std::string Page::paint(const std::string& text, Style style) const {
  const std::string_view sgr = kStyleCodes[static_cast<std::size_t>(style)].sgr;
  if (colour_ == Colour::off || sgr.empty()) return text;
  return "\x1b[" + std::string(sgr) + "m" + text + "\x1b[0m";
}

}  // namespace gantry::report
