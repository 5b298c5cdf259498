#include "report/page.h"

#include <gtest/gtest.h>

#include <string>

namespace gantry::report {
namespace {

struct Case {
  std::string_view what;
  std::size_t indent;
  std::vector<Cell> cells;
  std::string_view expected;
};

TEST(Page, LaysCellsSideBySide) {
  const Case cases[] = {
      {"a cell that stretches",
       2,
       {{.text = "✓", .width = 1}, {.text = "A.1", .width = 4}, {.text = "holds"}},
       "  ✓ A.1  holds\n"},
      {"at the right",
       0,
       {{.text = "title"}, {.text = "failed", .width = 8, .align = Align::right}},
       "title                             failed\n"},
      {"wrapped into its own column",
       30,
       {{.text = "A", .width = 2}, {.text = "one two three", .lines_max = 3}},
       "                              A  one two\n                                 three\n"},
      {"cut after so many lines",
       30,
       {{.text = "one two three four five", .lines_max = 2}},
       "                              one two\n                              three fou…\n"},
      {"a word longer than the cell is broken",
       32,
       {{.text = "abcdefghijkl", .lines_max = 2}},
       "                                abcdefgh\n                                ijkl\n"},
      {"a row without text is left out", 4, {{.text = "", .width = 3}, {.text = ""}}, ""},
      {"a cell without room is left out",
       36,
       {{.text = "id", .width = 8}, {.text = "text"}},
       "                                    id\n"},
      {"control characters", 0, {{.text = "a\x1b[2J\nb"}}, "a␛[2J b\n"},
  };
  for (const Case& c : cases) {
    Page page(40, Colour::off);
    page.row(c.indent, c.cells);
    EXPECT_EQ(page.text(), c.expected) << c.what;
  }
}

TEST(Page, KeepsWidthsReadable) {
  EXPECT_EQ(Page(0, Colour::off).width(), 40U);
  EXPECT_EQ(Page(-7, Colour::off).width(), 40U);
  EXPECT_EQ(Page(97, Colour::off).width(), 97U);
  EXPECT_EQ(Page(100'000, Colour::off).width(), 200U);
}

TEST(Page, ColoursOnlyWhenAsked) {
  const std::vector<Cell> cells = {{.text = "✗", .width = 1, .style = Style::bad}, {.text = "plain"}};
  Page plain(40, Colour::off);
  plain.row(0, cells);
  EXPECT_EQ(plain.text(), "✗ plain\n");
  Page coloured(40, Colour::on);
  coloured.row(0, cells);
  EXPECT_EQ(coloured.text(), "\x1b[1;31m✗\x1b[0m plain\n");
}

TEST(Page, LeavesVerbatimLinesWhole) {
  Page page(40, Colour::off);
  const std::string line = "  path: " + std::string(60, 'x');
  page.verbatim(3, line);
  EXPECT_EQ(page.text(), "   " + line + "\n");
}

TEST(Page, NeverLeavesTwoEmptyLines) {
  Page page(40, Colour::off);
  page.blank();
  page.row(0, {{.text = "a"}});
  page.blank();
  page.blank();
  page.row(0, {{.text = "b"}});
  EXPECT_EQ(page.text(), "a\n\nb\n");
}

}  // namespace
}  // namespace gantry::report
