// Every workspace of tests/fixtures/workspaces has one mistake and the text that it must lead to; "nothing-is-wrong" has none.

#include "cli/findings_text.h"
#include "cli/program.h"
#include "support/golden.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace gantry::cli {
namespace {

using test::TempDir;

class Workspaces : public testing::TestWithParam<std::string> {};

TEST_P(Workspaces, FindsItsOneMistake) {
  const TempDir dir;
  copy_workspace(GetParam(), dir);
  const std::string found = in_lines(gantry({"run", "plan.md", "--json"}, dir));
  EXPECT_TRUE(test::matches_golden(found, fmt::format("fixtures/workspaces/{}/expected.txt", GetParam())));
}

INSTANTIATE_TEST_SUITE_P(All, Workspaces, testing::ValuesIn(test::scenario_names("fixtures/workspaces")), test_name);

}  // namespace
}  // namespace gantry::cli
