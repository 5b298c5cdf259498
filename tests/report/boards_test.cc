// Every scenario in every format, as files beside each other: tests/report/boards/<what happened>/.

#include "report/boards.h"
#include "support/golden.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace gantry::report {
namespace {

struct Document {
  std::string_view file;
  Format format;
  RenderOptions options = {};
};

constexpr Document kDocuments[] = {
    {"expected.txt", Format::terminal}, {"expected.json", Format::json},   {"expected.xml", Format::junit},
    {"expected.sarif", Format::sarif},  {"expected.md", Format::markdown}, {"expected.github", Format::github},
};

// How the widths, colour and detail of a terminal look is shown by the scenario that has most to show.
constexpr Document kTerminals[] = {
    {"expected-40-columns.txt", Format::terminal, {.width = 40}},
    {"expected-60-columns.txt", Format::terminal, {.width = 60}},
    {"expected-120-columns.txt", Format::terminal, {.width = 120}},
    {"expected-colour.txt", Format::terminal, {.colour = Colour::on}},
    {"expected-verbose.txt", Format::terminal, {.detail = Detail::verbose}},
};

class Boards : public testing::TestWithParam<Scenario> {};

std::string golden(const Scenario& scenario, std::string_view file) {
  return fmt::format("report/boards/{}/{}", scenario.name, file);
}

TEST_P(Boards, ReadAsExpected) {
  const Board board = GetParam().build();
  for (const Document& document : kDocuments) {
    EXPECT_TRUE(
        test::matches_golden(render(board, document.format, document.options), golden(GetParam(), document.file)));
  }
}

TEST_P(Boards, ShowTheirBindings) {
  const Board board = GetParam().build();
  EXPECT_TRUE(
      test::matches_golden(render_bindings(board, Format::terminal), golden(GetParam(), "expected-bindings.txt")));
  EXPECT_TRUE(test::matches_golden(render_bindings(board, Format::json), golden(GetParam(), "expected-bindings.json")));
}

std::string test_name(const testing::TestParamInfo<Scenario>& scenario) {
  std::string name(scenario.param.name);
  std::ranges::replace(name, '-', '_');
  return name;
}
INSTANTIATE_TEST_SUITE_P(All, Boards, testing::ValuesIn(scenarios().begin(), scenarios().end()), test_name);

TEST(TerminalBoards, FollowsWidthColourAndDetail) {
  const Scenario& scenario = scenarios().front();
  const Board board = scenario.build();
  for (const Document& document : kTerminals) {
    EXPECT_TRUE(
        test::matches_golden(render(board, document.format, document.options), golden(scenario, document.file)));
  }
}

// A folder without a scenario would be a golden that nothing compares.
TEST(BoardFolders, HaveOneScenarioPerFolder) {
  std::vector<std::string> names;
  for (const Scenario& scenario : scenarios()) names.emplace_back(scenario.name);
  std::ranges::sort(names);
  EXPECT_EQ(names, test::scenario_names("report/boards"));
}

}  // namespace
}  // namespace gantry::report
