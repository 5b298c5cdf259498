#include "launch/markdown.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

namespace gantry::launch {
namespace {

// "paragraph@0(one|two)": kind, offset, and the text of its lines; children in braces.
std::string dump(const DocumentLines& document, const MarkdownBlock& block) {
  constexpr std::array<std::string_view, 9> kNames = {"document", "heading", "paragraph", "list", "item",
                                                      "code",     "quote",   "rule",      "html"};
  std::string text(kNames.at(static_cast<std::size_t>(block.kind)));
  if (block.kind == MarkdownBlock::Kind::heading) text += std::to_string(block.heading_level);
  if (block.is_ordered) text += "#";
  if (block.is_fenced) text += fmt::format("<{}>", block.info);
  if (block.kind != MarkdownBlock::Kind::document) text += fmt::format("@{}", block.offset);
  for (std::size_t i = 0; i < block.lines.size(); ++i) {
    text += i == 0 ? "(" : "|";
    text += document.slice(block.lines[i]);
  }
  if (!block.lines.empty()) text += ")";
  for (std::size_t i = 0; i < block.children.size(); ++i) {
    text += (i == 0 ? "{" : " ") + dump(document, block.children[i]);
  }
  return block.children.empty() ? text : text + "}";
}

std::string dump_text(std::string_view text) {
  const DocumentLines document(text, "a.md");
  const std::string all = dump(document, parse_markdown(document, 0, document.count()));
  return all == "document" ? "" : all.substr(9, all.size() - 10);
}

struct Case {
  const char* what;
  const char* markdown;
  const char* blocks;
};

// CommonMark 0.29; places are bytes of the text.
constexpr Case kCases[] = {
    {"nothing", "", ""},
    {"blank lines", "\n \n", ""},
    {"a paragraph", "one\n  two\n", "paragraph@0(one|two)"},
    {"no line end", "one", "paragraph@0(one)"},
    {"line ends of each kind", "a\r\nb\rc\nd", "paragraph@0(a|b|c|d)"},
    {"headings", "# a\n## b ##\n### c #d\n#e\n", "heading1@0(a) heading2@4(b) heading3@12(c #d) paragraph@21(#e)"},
    {"an empty heading", "##\n", "heading2@0"},
    {"underlined headings", "a\n===\nb\nc\n---\n", "heading1@0(a) heading2@6(b|c)"},
    {"rules", "---\n\n* * *\n", "rule@0 rule@5"},
    {"a list", "- a\n- b\n", "list@0{item@0{paragraph@2(a)} item@4{paragraph@6(b)}}"},
    {"a numbered list", "1. a\n2. b\n", "list#@0{item@0{paragraph@3(a)} item@5{paragraph@8(b)}}"},
    {"nested lists", "- a\n  - b\n", "list@0{item@0{paragraph@2(a) list@6{item@6{paragraph@8(b)}}}}"},
    {"a lazy line", "- a\nb\n", "list@0{item@0{paragraph@2(a|b)}}"},
    {"a quote", "> a\n>> b\n", "quote@0{paragraph@2(a) quote@5{paragraph@7(b)}}"},
    {"a lazy line in a quote", "> a\nb > c\n", "quote@0{paragraph@2(a|b > c)}"},
    {"a fence", "```yaml x\na\n\n  b\n```\n", "code<yaml x>@0(a||  b)"},
    {"a fence of tildes", "~~~~ a `b`\n```\n~~~~\n", "code<a `b`>@0(```)"},
    {"a fence that is not closed", "```\na\n", "code<>@0(a)"},
    {"an empty fence", "```\n```\n", "code<>@0"},
    {"a fence in an item", "1. a\n   ```x\n   b\n     c\n   ```\n", "list#@0{item@0{paragraph@3(a) code<x>@8(b|  c)}}"},
    {"a fence in a quote", "> ```\n> a\n> ```\n", "quote@0{code<>@2(a)}"},
    {"a fence in an item, behind tabs", "1. a\n\t```x\n\tb\n\t```\n", "list#@0{item@0{paragraph@3(a) code<x>@6(b)}}"},
    {"code in a line is no fence", "``` a ```\nb\n", "paragraph@0(``` a ```|b)"},
    {"indented code", "    a\n\n      b\n", "code@4(a||  b)"},
    {"indented code with a tab", "\ta\n", "code@1(a)"},
    {"an escaped list", "1\\. a\n\\- b\n", "paragraph@0(1\\. a|\\- b)"},
    {"a comment", "<!-- a\n- b\n-->\nc\n", "html@0 paragraph@15(c)"},
    {"a comment after text", "a\n<!-- b -->\n", "paragraph@0(a) html@2"},
    {"a comment in an item", "- a\n\n  <!--\n  - b\n  -->\n", "list@0{item@0{paragraph@2(a) html@7}}"},
    {"a comment in a line is text", "a <!-- b -->\n", "paragraph@0(a <!-- b -->)"},
    {"a comment that can't start here is text", "a\n     <!-- b\n", "paragraph@0(a|<!-- b)"},
    {"other HTML is text", "<div>\n\n**a**\n", "paragraph@0(<div>) paragraph@7(**a**)"},
    {"a reference is text", "[a]: b\n", "paragraph@0([a]: b)"},
    {"a table is a paragraph", "| a | b |\n|---|---|\n| c | d |\n", "paragraph@0(| a | b |||---|---||| c | d |)"},
    {"emphasis and code keep their bytes", "*a* `b` [c](d) \\e <f>\n", "paragraph@0(*a* `b` [c](d) \\e <f>)"},
};

TEST(Markdown, FindsBlocksAndTheirPlaces) {
  for (const Case& c : kCases) EXPECT_EQ(dump_text(c.markdown), c.blocks) << c.what;
}

TEST(Markdown, ReadsOnlyTheLinesItIsGiven) {
  const DocumentLines document("```\n# a\nb\n```\n", "a.md");
  EXPECT_EQ(dump(document, parse_markdown(document, 1, 3)), "document{heading1@4(a) paragraph@8(b)}");
  EXPECT_EQ(dump(document, parse_markdown(document, 2, 2)), "document");
}

TEST(Markdown, ListsNestToTheLimitAndNoFurther) {
  const auto nested = [](std::size_t depth) {
    std::string text;
    for (std::size_t i = 0; i < depth; ++i) text += "- ";
    return dump_text(text + "a\n");
  };
  EXPECT_TRUE(nested(20).ends_with("list@38{item@38{paragraph@40(a)}}" + std::string(38, '}')));
  const std::string deepest = nested(1000);
  EXPECT_LE(std::ranges::count(deepest, '{'), static_cast<std::ptrdiff_t>(2 * kMarkdownNestingMax));
  EXPECT_TRUE(deepest.contains("(- - "));  // what is deeper is text
}

}  // namespace
}  // namespace gantry::launch
