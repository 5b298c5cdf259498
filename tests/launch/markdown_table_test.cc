#include "launch/markdown_table.h"

#include <gtest/gtest.h>

namespace gantry::launch {
namespace {

// Cells in brackets, rows on lines, the header first; "none" when there is no table.
std::string dump(std::string_view text) {
  const DocumentLines document(text, "a.md");
  std::vector<Span> lines;
  for (std::size_t i = 0; i < document.count(); ++i) lines.push_back(document.span(i));
  const std::optional<MarkdownTable> table = parse_table(document, lines);
  if (!table) return "none";
  std::string dumped;
  const auto add = [&](const MarkdownRow& row) {
    for (const MarkdownCell& cell : row) {
      dumped += "[" + cell_text(document, cell) + "]";
      EXPECT_LE(cell.between_pipes.offset, cell.content.offset);
      EXPECT_GE(cell.between_pipes.end(), cell.content.end());
    }
  };
  add(table->header);
  for (const MarkdownRow& row : table->rows) {
    dumped += "\n";
    add(row);
  }
  return dumped;
}

struct Case {
  const char* what;
  const char* text;
  const char* expected;
};

// GFM 0.29, §4.10.
constexpr Case kCases[] = {
    {"a table", "| a | b |\n| --- | --- |\n| c | d |", "[a][b]\n[c][d]"},
    {"without outer pipes", "a | b\n--- | ---\nc | d", "[a][b]\n[c][d]"},
    {"one column", "| a |\n|-|\n| b |", "[a]\n[b]"},
    {"one column without pipes", "a\n:-\nb", "[a]\n[b]"},
    {"alignment", "|a|b|c|\n|:-|:-:|-:|\n|1|2|3|", "[a][b][c]\n[1][2][3]"},
    {"empty cells", "|a|b|\n|-|-|\n||x|\n| |", "[a][b]\n[][x]\n[]"},
    {"escaped pipes", "|a|\n|-|\n| `x \\| y` \\|", "[a]\n[`x | y` |]"},
    {"another escape", "|a|b|\n|-|-|\n| x\\\\|y |", "[a][b]\n[x\\\\][y]"},
    {"a backslash at the end", "|a|\n|-|\n|b\\", "[a]\n[b\\]"},
    {"text before", "hello\n|a|b|\n|-|-|\n|c|d|", "[a][b]\n[c][d]"},
    {"no rows", "|a|b|\n|-|-|", "[a][b]"},
    {"more cells than columns", "|a|\n|-|\n|b|c|", "[a]\n[b][c]"},
    {"a header of another width", "|a|b|\n|-|\n|c|", "none"},
    {"no row of dashes", "|a|b|\n|c|d|", "none"},
    {"a row of dashes first", "|-|-|\n|a|b|", "none"},
    {"a pipe for dashes", "a\n|\nb", "none"},
    {"colons for dashes", "|a|\n|:|\n|b|", "none"},
    {"one line", "|a|b|", "none"},
};

TEST(MarkdownTable, ReadsEachForm) {
  for (const Case& c : kCases) EXPECT_EQ(dump(c.text), c.expected) << c.what;
}

}  // namespace
}  // namespace gantry::launch
