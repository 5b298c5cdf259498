#include "report/plain_text.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace gantry::report {
namespace {

using namespace std::string_view_literals;

struct Case {
  std::string_view what;
  std::string_view text;
  std::string_view expected;
};

constexpr Case kInertLines[] = {
    {"plain text stays", "14 objects render", "14 objects render"},
    {"letters beyond ASCII stay", "Größe 日本語 é", "Größe 日本語 é"},
    {"white space becomes one space", " a\t\r\n b\v\fc ", "a b c"},
    {"line separators are white space",
     "a\xe2\x80\xa8"
     "b\xe2\x80\xa9"
     "c\xc2\x85"
     "d\xc2\xa0"
     "e",
     "a b c d e"},
    {"an escape sequence becomes visible", "\x1b[31mred\x1b[0m", "␛[31mred␛[0m"},
    {"bell, backspace and NUL become visible", "\a\b\0"sv, "␇␈␀"},
    {"DEL becomes visible", "a\x7f", "a␡"},
    {"C1 controls are replaced",
     "\xc2\x9b"
     "31m",
     "�31m"},
    {"marks of direction are replaced",
     "a\xe2\x80\xae"
     "b\xe2\x81\xa6"
     "c\xd8\x9c"
     "d",
     "a�b�c�d"},
    {"zero width space and byte order mark are replaced",
     "a\xe2\x80\x8b"
     "b\xef\xbb\xbf"
     "c",
     "a�b�c"},
    {"tags are replaced", "a\xf3\xa0\x81\x81", "a�"},
    {"noncharacters are replaced", "\xef\xbf\xbf\xef\xb7\x90\xf0\x9f\xbf\xbe", "���"},
    {"a joiner inside an emoji stays", "👩‍🚀", "👩‍🚀"},
    {"a choice of form is dropped", "\xef\xb8\x8f⚠\xef\xb8\x8f", "⚠"},
    {"bytes that are no UTF-8 are replaced one by one", "\xff\xc0\x80\xed\xa0\x80 ok", "������ ok"},
    {"a character cut short is replaced", "a\xe6\x97", "a��"},
    {"nothing stays nothing", "", ""},
    {"white space alone is nothing", " \n ", ""},
};

TEST(InertLine, ShowsWhatATerminalWouldObey) {
  for (const Case& c : kInertLines) EXPECT_EQ(inert_line(c.text), c.expected) << c.what;
}

TEST(InertLines, KeepsLinesAndIndentation) {
  EXPECT_EQ(inert_lines("check: net.only\n  from:\n\t- a\x1b\n\n \n"),
            (std::vector<std::string>{"check: net.only", "  from:", "  - a␛"}));
  EXPECT_EQ(inert_lines(""), std::vector<std::string>());
}

constexpr Case kMarkdown[] = {
    {"code", "Run `kubectl apply -k x/` now", "Run kubectl apply -k x/ now"},
    {"code with backticks inside", "``a ` b``", "a ` b"},
    {"code is not looked into", "`**a** [b](c)`", "**a** [b](c)"},
    {"a lone backtick", "it`s", "it`s"},
    {"strong", "**PDB** active", "PDB active"},
    {"emphasis", "the *real* _plan_", "the real plan"},
    {"emphasis inside strong", "**a *b* c**", "a b c"},
    {"underscores inside words", "saas_phase7_launch", "saas_phase7_launch"},
    {"a multiplication", "2 * 3 * 4", "2 * 3 * 4"},
    {"a glob", "manifests/*.yaml", "manifests/*.yaml"},
    {"struck through", "~~old~~ new", "old new"},
    {"one tilde is about", "~5 s", "~5 s"},
    {"a link", "see [the runbook](docs/runbook.md).", "see the runbook."},
    {"an image", "![logo](logo.png) here!", "logo here!"},
    {"brackets without a target", "[x] done", "[x] done"},
    {"escapes", "\\*not emphasis\\* and C:\\dir", "*not emphasis* and C:\\dir"},
    {"control characters inside code", "`\x1b[2J`", "␛[2J"},
    {"emphasis that is never closed", "**a", "**a"},
};

TEST(PlainMarkdown, ShowsWhatAReaderSees) {
  for (const Case& c : kMarkdown) EXPECT_EQ(plain_markdown(c.text), c.expected) << c.what;
}

TEST(PlainMarkdown, LooksAtABoundedStart) {
  EXPECT_EQ(plain_markdown(std::string(100'000, '*')).size(), kPlainBytesMax);
  EXPECT_EQ(plain_markdown(std::string(3000, '[') + "](" + std::string(3000, '_')).size(), kPlainBytesMax);
}

struct WidthCase {
  std::string_view text;
  std::size_t columns;
  std::string_view expected;
};

TEST(PrefixOfWidth, NeverCutsInsideACharacter) {
  constexpr WidthCase kCases[] = {{"abc", 2, "ab"}, {"abc", 3, "abc"}, {"日本語", 3, "日"}, {"日本語", 4, "日本"},
                                  {"日", 1, "日"},  {"éa", 1, "é"},    {"", 5, ""}};
  for (const WidthCase& c : kCases)
    EXPECT_EQ(prefix_of_width(c.text, c.columns), c.expected) << c.text << " in " << c.columns;
}

}  // namespace
}  // namespace gantry::report
