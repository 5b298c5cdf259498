#include "house/initialisers.h"

#include "support/golden.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gantry::house {
namespace {

struct Case {
  const char* what;
  const char* content;
  std::size_t leaks;
};

constexpr Case kCases[] = {
    {"a statement", "Result<A> f() { const A a = TRY(g()); return a; }", 0},
    {"the first element", "A f() { return A{TRY(g()), 1}; }", 0},
    {"the first member by its name", "A f() { return {.a = TRY(g()), .b = {}}; }", 0},
    {"the second element", "A f() { return A{x, TRY(g())}; }", 1},
    {"the second member by its name", "A f() { A a{.a = x,\n .b = TRY(g())}; }", 1},
    {"a list's", "void f() { std::vector<B> all = {b, TRY(g())}; }", 1},
    {"one within the second", "A f() { return {x, {TRY(g())}}; }", 1},
    {"an argument within the second", "A f() { return {x, h(TRY(g()))}; }", 1},
    {"an argument's own braces", "void f() { h(x, A{TRY(g())}); }", 0},
    {"arguments", "void f() { h(x, TRY(g())); }", 0},
    {"a function within the second", "A f() { return {x, [&] { return TRY(g()); }}; }", 0},
    {"one that says what it returns",
     "A f() { return {x, [](int a) -> Result<B, int> { h(a, 1); return TRY(g()); }}; }", 0},
    {"a loop behind a comma", "void f() { int a, b; for (;;) { TRY(g()); } }", 0},
    {"a member function behind a member",
     "struct A : B<int, C> { int a, b; Result<int> f() const { return TRY(g()); } };", 0},
    {"a constructor's body", "struct A { A() : a{1, 2}, b{x} { TRY(g()); } };", 0},
    {"a comment, and text", "A f() { return {x, /* TRY(g()) */ \"TRY(g())\"}; }", 0},
    {"a name that ends alike", "A f() { return {x, RETRY(g())}; }", 0},
};

TEST(Initialisers, EachCaseIsJudged) {
  for (const Case& c : kCases)
    EXPECT_EQ(find_leaking_tries({{"base/text.cc", c.content}}).size(), c.leaks) << c.what << ": " << c.content;
  EXPECT_THAT(find_leaking_tries({{"base/text.cc", kCases[4].content}}),
              testing::ElementsAre("src/base/text.cc:2: TRY behind an element of an initialiser, which leaks when it "
                                   "returns; name the value first"));
}

TEST(Initialisers, ThisHouseLeaksNone) {
  const SourceTree tree = load_sources(test::repository_path("src"));
  ASSERT_FALSE(tree.empty());  // nothing was looked at otherwise
  EXPECT_EQ(fmt::format("{}", fmt::join(find_leaking_tries(tree), "\n")), "");
}

}  // namespace
}  // namespace gantry::house
