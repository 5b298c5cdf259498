#include "report/markdown_text.h"

#include "base/text.h"
#include "report/boards.h"
#include "report/plain_text.h"

#include <cmark-gfm-core-extensions.h>
#include <cmark-gfm.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string>

namespace gantry::report {
namespace {

// HTML as GitHub's own parser makes it, with raw HTML let through: the oracle for what Markdown of ours does.
std::string to_html(const std::string& markdown) {
  cmark_gfm_core_extensions_ensure_registered();
  const std::unique_ptr<cmark_parser, void (*)(cmark_parser*)> parser(cmark_parser_new(CMARK_OPT_UNSAFE),
                                                                      cmark_parser_free);
  for (const char* name : {"table", "strikethrough", "autolink"}) {
    cmark_parser_attach_syntax_extension(parser.get(), cmark_find_syntax_extension(name));
  }
  cmark_parser_feed(parser.get(), markdown.data(), markdown.size());
  const std::unique_ptr<cmark_node, void (*)(cmark_node*)> document(cmark_parser_finish(parser.get()), cmark_node_free);
  const std::unique_ptr<char, void (*)(void*)> html(
      cmark_render_html(document.get(), CMARK_OPT_UNSAFE, cmark_parser_get_syntax_extensions(parser.get())), std::free);
  return html.get();
}

std::string unescaped(std::string html) {
  constexpr std::pair<std::string_view, std::string_view> kEntities[] = {
      {"<!-- -->", ""}, {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&amp;", "&"}};
  for (const auto& [entity, character] : kEntities) {
    for (std::size_t at = html.find(entity); at != std::string::npos; at = html.find(entity, at + character.size())) {
      html.replace(at, entity.size(), character);
    }
  }
  return html;
}

constexpr std::string_view kMore[] = {
    "www.evil.example and ftp://evil.example and me@evil.example",
    "&lt;b&gt; &#64;team &nbsp;",
    "\\| \\\\| \\",
    "trailing \\",
    "1. not a list",
    "# not a heading",
    "- [ ] not a task",
    "$x^2$ :tada: ==mark==",
    "a\\`b\\*c",
    "<https://evil.example>",
    "```\n| x |",
    "=====",
    "~~~~",
    "![a][b] [c]: d",
    "_a_ __b__ *c* **d** ~e~ ~~f~~",
};

void expect_shown_as_it_is(std::string_view text) {
  EXPECT_EQ(unescaped(to_html("x " + markdown_text(text, 400))), "<p>x " + inert_line(text) + "</p>\n");
  const std::string code = markdown_code(text, 400);
  const std::string row = "| a | b |\n|---|---|\n| " + markdown_text(text, 400) + " | " + code + " |\n";
  const std::string html = unescaped(to_html(row));
  EXPECT_TRUE(html.contains("<td>" + inert_line(text) + "</td>\n<td><code>" + inert_line(text) + "</code></td>\n</tr>"))
      << row << html;
}

TEST(MarkdownText, IsShownAsItIs) {
  for (const std::string_view text : hostile_texts()) expect_shown_as_it_is(text);
  for (const std::string_view text : kMore) expect_shown_as_it_is(text);
}

TEST(MarkdownText, NotifiesNobody) { EXPECT_EQ(markdown_text("@team sees #12", 80), "@<!-- -->team sees #<!-- -->12"); }

TEST(MarkdownText, IsCutBeforeItIsEscaped) {
  EXPECT_EQ(markdown_text("a|b|c|d", 4), "a\\|b…");
  EXPECT_EQ(markdown_code("a|b|c|d", 4), "`a\\|b…`");
  EXPECT_EQ(markdown_code("", 4), "");
}

TEST(Markdown, IsAtMostSixtyLines) {
  for (const Board& board : {no_go_board(), huge_board(), hostile_board(), empty_board()}) {
    const std::string text = render(board, Format::markdown);
    EXPECT_LE(std::ranges::count(text, '\n'), 60);
    EXPECT_FALSE(text.contains("\n\n\n"));
  }
}

TEST(Markdown, HoldsNoMarkupOfOthers) {
  const std::string html = to_html(render(hostile_board(), Format::markdown));
  constexpr std::string_view kOurs[] = {"h2", "p",  "strong", "table", "thead", "tbody",   "tr",
                                        "th", "td", "code",   "em",    "br",    "details", "summary"};
  for (std::size_t at = html.find('<'); at != std::string::npos; at = html.find('<', at + 1)) {
    if (html.compare(at, 8, "<!-- -->") == 0) continue;
    const std::size_t start = at + (html[at + 1] == '/' ? 2 : 1);
    const std::string tag = html.substr(start, html.find_first_of(" />", start) - start);
    EXPECT_TRUE(std::ranges::find(kOurs, tag) != std::end(kOurs)) << html.substr(at, 80);
  }
}

TEST(Markdown, StartsWithTheVerdict) {
  EXPECT_TRUE(render(go_board(), Format::markdown).starts_with("## GO · saas\\_phase7\\_production\\_launch\n"));
}

}  // namespace
}  // namespace gantry::report
