#include "base/result.h"

#include <gtest/gtest.h>

#include <memory>

namespace gantry::base {
namespace {

SourcePos place(std::string file, std::uint32_t line, std::uint32_t column) {
  return {.file = std::make_shared<const std::string>(std::move(file)), .line = line, .column = column};
}

Result<int> half(int n) {
  if (n % 2 != 0) return input_error("odd");
  return n / 2;
}

Result<int> quarter(int n) {
  const int h = TRY(half(n));
  return TRY(half(h));
}

Result<void> require_even(int n) {
  TRY(half(n));
  return {};
}

Result<void> require_multiple_of_four(int n) {
  TRY(require_even(n));
  TRY(with_context(half(n / 2), "while halving twice"));
  return {};
}

Result<std::unique_ptr<int>> make_boxed(int n) { return std::make_unique<int>(n); }

Result<int> unbox(int n) {
  const std::unique_ptr<int> box = TRY(make_boxed(n));
  return *box;
}

TEST(Try, GivesTheValue) {
  EXPECT_EQ(quarter(12).value(), 3);
  EXPECT_TRUE(require_multiple_of_four(8).has_value());
}

TEST(Try, MovesAValueThatCannotBeCopied) { EXPECT_EQ(unbox(7).value(), 7); }

TEST(Try, ReturnsTheFirstError) {
  ASSERT_FALSE(quarter(6).has_value());
  EXPECT_EQ(quarter(6).error().message, "odd");
  ASSERT_FALSE(require_multiple_of_four(3).has_value());
  EXPECT_TRUE(require_multiple_of_four(3).error().context.empty());
}

TEST(WithContext, AddsOneLevelToAnErrorOnly) {
  EXPECT_EQ(with_context(half(4), "unused").value(), 2);
  const Result<void> failed = with_context(require_multiple_of_four(6), "while counting");
  ASSERT_FALSE(failed.has_value());
  EXPECT_EQ(failed.error().context, (std::vector<std::string>{"while halving twice", "while counting"}));
}

TEST(ErrorMakers, SetTheKind) {
  EXPECT_EQ(usage_error("m", "h").error(), (Error{ErrorKind::usage, "m", {}, "h", {}}));
  EXPECT_EQ(input_error("m", place("a", 1, 2), "h").error(), (Error{ErrorKind::input, "m", place("a", 1, 2), "h", {}}));
  EXPECT_EQ(environment_error("m", "h").error(), (Error{ErrorKind::environment, "m", {}, "h", {}}));
  EXPECT_EQ(internal_error("m").error().kind, ErrorKind::internal);
  EXPECT_FALSE(internal_error("m").error().help.empty());
}

TEST(ErrorKind, HasAName) {
  EXPECT_EQ(to_string(ErrorKind::usage), "usage");
  EXPECT_EQ(to_string(ErrorKind::input), "input");
  EXPECT_EQ(to_string(ErrorKind::environment), "environment");
  EXPECT_EQ(to_string(ErrorKind::internal), "internal");
}

struct DescribeCase {
  const char* name;
  Error error;
  const char* text;
};

class Describe : public testing::TestWithParam<DescribeCase> {};

TEST_P(Describe, Reads) { EXPECT_EQ(describe(GetParam().error), GetParam().text); }

INSTANTIATE_TEST_SUITE_P(
    Result, Describe,
    testing::Values(
        DescribeCase{"MessageAlone", Error{ErrorKind::input, "plan has no tracks", {}, "", {}},
                     "error: plan has no tracks\n"},
        DescribeCase{"WithPlaceAndHelp",
                     Error{ErrorKind::input, "unknown key \"tim\"", place("plan.md", 3, 7), "write \"time\"", {}},
                     "error: unknown key \"tim\"\n"
                     "   --> plan.md:3:7\n"
                     "  help: write \"time\"\n"},
        DescribeCase{"OneLevelOfContext", Error{ErrorKind::input, "odd", {}, "", {"cannot check reachability"}},
                     "error: cannot check reachability\n"
                     "  reason: odd\n"},
        DescribeCase{"OutermostContextFirst",
                     Error{ErrorKind::input, "odd", place("a.yaml", 1, 0), "even it", {"inner", "middle", "outer"}},
                     "error: outer\n"
                     "  middle\n"
                     "  inner\n"
                     "  reason: odd\n"
                     "   --> a.yaml:1\n"
                     "  help: even it\n"},
        DescribeCase{"ControlCharactersFromADocumentDoNotReachTheTerminal",
                     Error{ErrorKind::input, "no file \"a\x1b[2J\r\n\tb\x7f\"", {}, "", {}},
                     "error: no file \"a\\x1b[2J\\x0d\n\tb\\x7f\"\n"},
        DescribeCase{"OtherLanguagesAreLeftAlone", Error{ErrorKind::input, "Größe → 世界", {}, "", {}},
                     "error: Größe → 世界\n"}),
    [](const auto& each) { return std::string(each.param.name); });

}  // namespace
}  // namespace gantry::base
