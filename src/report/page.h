#pragma once

// A page for a terminal: rows of cells in at most so many columns. A cell's text is made inert, wrapped into the cell's own
// width and cut after so many lines; what is cut ends in "…". No line of a page is ever wider than the page.
//
//   Page page(80, Colour::on);
//   page.row(2, {{.text = "✗", .width = 1, .style = Style::bad}, {.text = step.text, .lines_max = 2}});

#include "report/report.h"

#include <cstddef>
#include <string>
#include <vector>

namespace gantry::report {

enum class Style { plain, strong, faint, good, bad, warning, accent, banner_good, banner_bad, banner_warning };
enum class Align { left, right };

struct Cell {
  std::string text;
  std::size_t width = 0;  // columns; 0: all that the row's other cells leave (one such cell in a row)
  Style style = Style::plain;
  std::size_t lines_max = 1;
  Align align = Align::left;
};

class Page {
 public:
  // Widths outside 40 to 200 columns are brought there: below, nothing can be read; above, the eye loses the line.
  Page(int width, Colour colour);

  std::size_t width() const { return width_; }

  // Cells side by side, one space apart, after `indent` columns; as many lines as the tallest cell needs. A row whose cells
  // are all empty is left out.
  void row(std::size_t indent, const std::vector<Cell>& cells);
  // Pieces side by side without a space between, for drawings: a piece with a width is a label, made inert, cut and filled to it;
  // one without is ours and stays as it is. One line.
  void strip(std::size_t indent, const std::vector<Cell>& pieces);
  // One line that is not cut, only where it would be wider than the page; for what is copied from the terminal.
  void verbatim(std::size_t indent, const std::string& line);
  // A word that stands out, and a sentence. Both are ours: a few words, not cut.
  void banner(const std::string& word, Style style, const std::string& sentence);
  void blank();  // never two in a row
  void rule();   // a thin line across the page

  const std::string& text() const { return text_; }

 private:
  void finish_line(std::string line);
  std::string paint(const std::string& text, Style style) const;

  std::size_t width_;
  Colour colour_;
  std::string text_;
};

}  // namespace gantry::report
