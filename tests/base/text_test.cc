#include "base/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>

namespace gantry::base {
namespace {

using testing::ElementsAre;

// Unicode 15, table 3-7: well-formed UTF-8 byte sequences, and what is just outside each row.
TEST(Utf8, FindsTheFirstBadByte) {
  struct Case {
    std::string_view bytes;
    std::size_t bad;
  };
  constexpr std::size_t kNone = std::string_view::npos;
  constexpr Case kCases[] = {
      {"", kNone},
      {"plain", kNone},
      {"\xC2\x80\xDF\xBF\xE0\xA0\x80\xEF\xBF\xBF\xF0\x90\x80\x80\xF4\x8F\xBF\xBF", kNone},
      {"ab\x80", 2},             // a continuation without a start
      {"a\xC0\xAF", 1},          // overlong, two bytes
      {"a\xC1\xBF", 1},          // overlong, two bytes
      {"\xE0\x9F\xBF", 0},       // overlong, three bytes
      {"\xF0\x8F\xBF\xBF", 0},   // overlong, four bytes
      {"x\xED\xA0\x80", 1},      // a surrogate
      {"x\xF4\x90\x80\x80", 1},  // past U+10FFFF
      {"\xF5\x80\x80\x80", 0},   // past U+10FFFF
      {"\xC3\xA9\xE2\x82", 2},   // cut short
      {"\xE2\x82z", 0},          // cut short
      {"\xFF", 0},
  };
  for (const Case& c : kCases) {
    EXPECT_EQ(find_invalid_utf8(c.bytes), c.bad) << testing::PrintToString(c.bytes);
    EXPECT_EQ(is_utf8(c.bytes), c.bad == kNone) << testing::PrintToString(c.bytes);
  }
}

TEST(Utf8, ReplacesEachBadByte) {
  EXPECT_EQ(replace_invalid_utf8("é"), "é");
  EXPECT_EQ(replace_invalid_utf8("a\xFF"), "a\uFFFD");
  EXPECT_EQ(replace_invalid_utf8("\xE2\x82z"), "\uFFFD\uFFFDz");
}

RC_GTEST_PROP(Utf8, ReplacedTextIsUtf8, (const std::string& bytes)) {
  const std::string text = replace_invalid_utf8(bytes);
  RC_ASSERT(is_utf8(text));
  if (is_utf8(bytes)) RC_ASSERT(text == bytes);
}

TEST(DisplayWidth, CountsColumns) {
  struct Case {
    std::string_view text;
    std::size_t columns;
  };
  constexpr Case kCases[] = {
      {"", 0},         {"web", 3},   {"é", 1},
      {"e\u0301", 1},  // combining acute accent
      {"日本", 4},     {"한", 2},    {"ｱ", 1},
      {"…", 1},        {"✓", 1},     {"🚀", 2},
      {"❤\uFE0F", 2},  {"🇩🇪", 2},    {"👩‍👩‍👧", 2},
      {"a\u200Bb", 2},  // zero width space
      {"\t\x1B", 0},   {"a\xFF", 2},
  };
  for (const Case& c : kCases) EXPECT_EQ(display_width(c.text), c.columns) << c.text;
}

TEST(FitWidth, CutsBetweenCharacters) {
  EXPECT_EQ(fit_width("manifests", 9), "manifests");
  EXPECT_EQ(fit_width("manifests", 8), "manifes…");
  EXPECT_EQ(fit_width("manifests", 1), "…");
  EXPECT_EQ(fit_width("manifests", 0), "");
  EXPECT_EQ(fit_width("", 0), "");
  EXPECT_EQ(fit_width("日本語", 6), "日本語");
  EXPECT_EQ(fit_width("日本語", 5), "日本…");
  EXPECT_EQ(fit_width("日本語", 4), "日…");
  EXPECT_EQ(fit_width("e\u0301e\u0301e\u0301", 2), "e\u0301…");
}

RC_GTEST_PROP(FitWidth, NeverExceedsTheColumns, (const std::string& bytes)) {
  const auto columns = *rc::gen::inRange<std::size_t>(0, 20);
  const std::string fitted = fit_width(bytes, columns);
  RC_ASSERT(display_width(fitted) <= columns);
  if (display_width(bytes) <= columns) RC_ASSERT(fitted == bytes);
}

TEST(Wrap, BreaksAtSpaces) {
  EXPECT_THAT(wrap("the pod is not ready", 10), ElementsAre("the pod is", "not ready"));
  EXPECT_THAT(wrap("a  b ", 10), ElementsAre("a b"));
  EXPECT_THAT(wrap("one\n\ntwo", 10), ElementsAre("one", "", "two"));
  EXPECT_THAT(wrap("see manifests/web.yaml now", 8), ElementsAre("see", "manifests/web.yaml", "now"));
  EXPECT_THAT(wrap("", 10), ElementsAre(""));
  EXPECT_THAT(wrap("日本 語", 5), ElementsAre("日本", "語"));
}

TEST(EditDistance, CountsEdits) {
  struct Case {
    std::string_view a;
    std::string_view b;
    std::size_t edits;
  };
  constexpr Case kCases[] = {
      {"", "", 0},           {"", "abc", 3},      {"kitten", "sitting", 3},    {"net", "nte", 1},
      {"drain", "drian", 1}, {"abcd", "badc", 2}, {"net.only", "net.onyl", 1}, {"ca", "abc", 3},
  };
  for (const Case& c : kCases) {
    EXPECT_EQ(edit_distance(c.a, c.b), c.edits) << c.a << " " << c.b;
    EXPECT_EQ(edit_distance(c.b, c.a), c.edits) << c.b << " " << c.a;
  }
}

TEST(NearestName, FindsWhatWasMeant) {
  constexpr std::array<std::string_view, 5> kChecks = {"net.only", "net.policies", "pdb.protects", "signoff", "run"};
  EXPECT_EQ(nearest_name("net.onyl", kChecks), "net.only");
  EXPECT_EQ(nearest_name("pdb-protects", kChecks), "pdb.protects");
  EXPECT_EQ(nearest_name("SignOff", kChecks), "signoff");
  EXPECT_EQ(nearest_name("rnu", kChecks), "run");
  EXPECT_EQ(nearest_name("rm", kChecks), std::nullopt);
  EXPECT_EQ(nearest_name("load.run", kChecks), std::nullopt);
  EXPECT_EQ(nearest_name("", kChecks), std::nullopt);
  EXPECT_EQ(nearest_name("run", std::span<const std::string_view>()), std::nullopt);
}

TEST(NearestName, TakesTheFirstOfEquallyNearOnes) {
  constexpr std::array<std::string_view, 2> kNames = {"cat", "car"};
  EXPECT_EQ(nearest_name("can", kNames), "cat");
}

TEST(NearestName, IgnoresNamesFarTooLong) {
  const std::string name(10'000'000, 'x');
  constexpr std::array<std::string_view, 1> kNames = {"net.only"};
  EXPECT_EQ(nearest_name(name, kNames), std::nullopt);
}

TEST(Text, TrimsAndSplits) {
  EXPECT_EQ(trim(" \t a b\r\n"), "a b");
  EXPECT_EQ(trim(" \n"), "");
  EXPECT_THAT(split("a,b,,c,", ','), ElementsAre("a", "b", "", "c", ""));
  EXPECT_THAT(split("", ','), ElementsAre(""));
  EXPECT_EQ(to_lower_ascii("NetworkPolicy É"), "networkpolicy É");
}

TEST(ShellWords, SplitAsAShellWould) {
  struct Case {
    std::string_view text;
    std::vector<std::string> words;
  };
  const Case cases[] = {
      {"", {}},
      {"  ", {}},
      {"kubectl apply  -k\tmanifests\n", {"kubectl", "apply", "-k", "manifests"}},
      {"a 'b c' \"d e\"", {"a", "b c", "d e"}},
      {"a'b'\"c\"d", {"abcd"}},
      {"'' \"\"", {"", ""}},
      {R"('\n' "\n" \n)", {"\\n", "\\n", "n"}},
      {R"("\"\\\$\`" '"')", {"\"\\$`", "\""}},
      {R"(a\ b \' \")", {"a b", "'", "\""}},
      {"drain \\\n  --dry-run", {"drain", "--dry-run"}},
      {"dr\\\nain", {"drain"}},
      {"\"a\\\nb\"", {"ab"}},
      {"git tag v1 # the tag\nnext", {"git", "tag", "v1", "next"}},
      {"a#b '#c'", {"a#b", "#c"}},
      {"$HOME `id` a|b && c", {"$HOME", "`id`", "a|b", "&&", "c"}},
  };
  for (const Case& c : cases) {
    const auto words = split_shell_words(c.text);
    ASSERT_TRUE(words) << c.text;
    EXPECT_EQ(*words, c.words) << c.text;
  }
}

TEST(ShellWords, UnfinishedTextIsNone) {
  for (const std::string_view text : {"'a", "\"a", "a\\", "\"a\\\"", "a 'b' 'c"})
    EXPECT_EQ(split_shell_words(text), std::nullopt) << text;
}

// Any words, each in single quotes, come back.
RC_GTEST_PROP(ShellWords, QuotedWordsComeBack, (const std::vector<std::string>& words)) {
  std::string text;
  for (const std::string& word : words) {
    text += " '";
    for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
    text += "'";
  }
  RC_ASSERT(split_shell_words(text) == words);
}

}  // namespace
}  // namespace gantry::base
