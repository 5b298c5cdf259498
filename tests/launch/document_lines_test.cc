#include "launch/document_lines.h"

#include <gtest/gtest.h>

namespace gantry::launch {
namespace {

struct Case {
  const char* what;
  const char* text;
  const char* lines;  // each in brackets
};

constexpr Case kCases[] = {
    {"nothing", "", ""},
    {"one line", "a", "[a]"},
    {"with its end", "a\n", "[a]"},
    {"each kind of end", "a\nb\r\nc\rd", "[a][b][c][d]"},
    {"blank lines", "\n\n a\n", "[][][ a]"},
    {"CR before CR LF", "a\r\r\n", "[a][]"},
    {"a byte order mark",
     "\xEF\xBB\xBF"
     "a\nb",
     "[a][b]"},
    {"only a byte order mark", "\xEF\xBB\xBF", ""},
};

TEST(DocumentLines, AreSplitAtEachKindOfEnd) {
  for (const Case& c : kCases) {
    const DocumentLines document(c.text, "a.md");
    std::string lines;
    for (std::size_t i = 0; i < document.count(); ++i) lines += "[" + std::string(document.line(i)) + "]";
    EXPECT_EQ(lines, c.lines) << c.what;
  }
}

TEST(DocumentLines, PlacesCountFromOneInBytes) {
  const DocumentLines document(
      "\xEF\xBB\xBF"
      "ab\r\n\xC3\xA9"
      "c\n",
      "a.md");
  EXPECT_EQ(base::to_string(document.pos(3)), "a.md:1:1");
  EXPECT_EQ(base::to_string(document.pos(4)), "a.md:1:2");
  EXPECT_EQ(base::to_string(document.pos(5)), "a.md:1:3");  // the end of the line
  EXPECT_EQ(base::to_string(document.pos(9)), "a.md:2:3");  // behind two bytes of one letter
  EXPECT_EQ(base::to_string(document.pos(0)), "a.md:1:1");
  EXPECT_EQ(document.pos(1000).line, 2U);
  EXPECT_EQ(base::to_string(document.whole()), "a.md");
  EXPECT_EQ(base::to_string(DocumentLines("", "a.md").pos(0)), "a.md:1:1");
}

TEST(DocumentLines, BlankLinesHoldSpacesAndTabs) {
  const DocumentLines document("\n \t\na\n", "a.md");
  EXPECT_TRUE(document.is_blank(0));
  EXPECT_TRUE(document.is_blank(1));
  EXPECT_FALSE(document.is_blank(2));
}

TEST(TrimSpan, TakesSpacesAndEndsFromBothSides) {
  EXPECT_EQ(trim_span("\t a b \r\n", {.offset = 0, .length = 8}), (Span{.offset = 2, .length = 3}));
  EXPECT_EQ(trim_span("  ", {.offset = 0, .length = 2}).length, 0U);
}

}  // namespace
}  // namespace gantry::launch
