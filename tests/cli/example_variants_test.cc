// The example workspace, with one mistake at a time that somebody could make: tests/fixtures/example/README.md.

#include "cli/edits.h"
#include "cli/findings_text.h"
#include "cli/program.h"
#include "support/golden.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace gantry::cli {
namespace {

using nlohmann::json;
using test::TempDir;

// Steps that policies decide: they are applied, verified, and NATS is for whom it is meant.
Ran judge_policies(const TempDir& dir) {
  return gantry({"run", "saas-phase7-production-launch.md", "--only", "A.1", "A.3", "A.4", "--json"}, dir);
}

class ExampleVariants : public testing::TestWithParam<std::string> {};

TEST_P(ExampleVariants, HasItsFindings) {
  const TempDir dir;
  copy_example(dir);
  const std::string folder = fmt::format("fixtures/example/{}/", GetParam());
  apply_edits(test::read_test_file(folder + "edits.txt"), dir);
  EXPECT_TRUE(test::matches_golden(steps_in_lines(judge_policies(dir)), folder + "expected.txt"));
}

INSTANTIATE_TEST_SUITE_P(All, ExampleVariants, testing::ValuesIn(test::scenario_names("fixtures/example")), test_name);

// As it is: every claim is proved, every need admitted, and nothing is open that nobody needs.
TEST(Example, IsProvedAdmittedAndNowhereOpen) {
  const TempDir dir;
  copy_example(dir);
  const json board = judge_policies(dir).json();
  std::string text;
  for (const json& step : board["tracks"][0]["steps"])
    for (const json& check : step["checks"]) {
      if (check["evidence"].is_null()) continue;
      EXPECT_EQ(check["evidence"]["findings"], json::array());
      text += fmt::format("{} {} {}: {}\n", step["id"].get<std::string>(), check["check"].get<std::string>(),
                          check["evidence"]["verdict"].get<std::string>(), check["summary"].get<std::string>());
      for (const json& metric : check["evidence"]["metrics"])
        text += fmt::format("  {} {}\n", metric["name"].get<std::string>(), metric["value"].get<double>());
    }
  EXPECT_TRUE(test::matches_golden(text, "fixtures/example/as-it-is.txt"));
}

}  // namespace
}  // namespace gantry::cli
