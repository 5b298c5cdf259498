#include "launch/markdown_inline.h"

#include <gtest/gtest.h>

namespace gantry::launch {
namespace {

struct Case {
  const char* what;
  const char* text;
  const char* expected;
};

// CommonMark 0.29, §6.3. Contents in brackets.
constexpr Case kCodes[] = {
    {"one", "a `b` c", "[b]"},
    {"several", "`a` `b`", "[a][b]"},
    {"none", "a b", ""},
    {"double", "``a ` b``", "[a ` b]"},
    {"padding goes", "`` `a` ``", "[`a`]"},
    {"one space on each side", "`  a  `", "[ a ]"},
    {"spaces alone stay", "`  `", "[  ]"},
    {"no partner", "`a ``b", ""},
    {"a partner of another length", "`a`` b`", "[a`` b]"},
    {"a backslash before", "\\`a`b`", "[b]"},
    {"a backslash inside is text", "`a\\` b`", "[a\\]"},
    {"empty", "``", ""},
};

TEST(CodeSpans, AreFound) {
  for (const Case& c : kCodes) {
    std::string found;
    for (const CodeSpan& code : find_code_spans(c.text)) {
      found += "[" + std::string(c.text).substr(code.content.offset, code.content.length) + "]";
      EXPECT_EQ(c.text[code.outer.offset], '`') << c.what;
      EXPECT_EQ(c.text[code.outer.end() - 1], '`') << c.what;
    }
    EXPECT_EQ(found, c.expected) << c.what;
  }
}

TEST(CodeSpans, RunsOfMoreThanEightyAreText) {
  const std::string long_run(81, '`');
  EXPECT_TRUE(find_code_spans(long_run + "a" + long_run).empty());
  const std::string run(80, '`');
  EXPECT_EQ(find_code_spans(run + "a" + run).size(), 1U);
}

constexpr Case kPlain[] = {
    {"text", "a b", "a b"},
    {"emphasis", "*a* **b** _c_ __d__ ***e***", "a b c d e"},
    {"underscores in words", "a_b_c saas_phase7", "a_b_c saas_phase7"},
    {"strike-through", "~~a~~ b ~c", "a b ~c"},
    {"code", "run `a *b* _c_` now", "run a *b* _c_ now"},
    {"a link", "see [the *book*](docs/a.md \"t\") there", "see the book there"},
    {"an image", "![alt](a.png) b", "alt b"},
    {"brackets", "[a] b] [c", "[a] b] [c"},
    {"a link that is not closed", "[a](b [c](d", "[a](b [c](d"},
    {"nested brackets", "[a [b](c) d](e)", "a b d"},
    {"a comment", "a <!-- b --> c", "a  c"},
    {"a comment that is not closed", "a <!-- b", "a <!-- b"},
    {"backslashes", "\\*a\\* \\[b\\] c\\d", "*a* [b] c\\d"},
    {"other HTML stays", "a<br>b", "a<br>b"},
    {"spaces around", "  **a**  ", "a"},
    {"code with stars around", "**`a`**", "a"},
    {"bytes of other scripts", "*é*_ü_ é_ü_é", "éü é_ü_é"},
};

TEST(PlainText, HasNoMarkup) {
  for (const Case& c : kPlain) EXPECT_EQ(plain_text(c.text), c.expected) << c.what;
}

TEST(PlainText, IdentityIsLowerCaseWithSingleSpaces) {
  EXPECT_EQ(text_identity("  **PDB**  active\tand \n `Tested`"), "pdb active and tested");
  EXPECT_EQ(text_identity(""), "");
}

TEST(InlineText, KnowsWhereEachByteWas) {
  const DocumentLines document("- ab\r\n  cd\r\n", "a.md");
  const InlineText joined(document, {{.offset = 2, .length = 2}, {.offset = 8, .length = 2}});
  EXPECT_EQ(joined.text(), "ab cd");
  EXPECT_EQ(joined.offset_at(0), 2U);
  EXPECT_EQ(joined.offset_at(1), 3U);
  EXPECT_EQ(joined.offset_at(3), 8U);
  EXPECT_EQ(joined.offset_at(4), 9U);
}

}  // namespace
}  // namespace gantry::launch
