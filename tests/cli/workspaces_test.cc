// Every workspace of tests/fixtures/workspaces has one mistake and the text that it must lead to; "nothing-is-wrong" has none.

#include "cli/program.h"
#include "support/golden.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace gantry::cli {
namespace {

using nlohmann::json;
using test::TempDir;

std::string place(const json& where) {
  if (where.is_null()) return "-";
  if (where["line"].is_null()) return where["file"].get<std::string>();
  return fmt::format("{}:{}", where["file"].get<std::string>(), where["line"].get<int>());
}

// severity rule file:line object: message
void list_findings(const json& findings, std::string& text) {
  for (const json& finding : findings)
    text += fmt::format("{} {} {} {}: {}\n", finding["severity"].get<std::string>(), finding["rule"].get<std::string>(),
                        place(finding["where"]), finding["object"].get<std::string>(),
                        finding["message"].get<std::string>());
}

// What a run found out, as lines: the decision, the findings step by step, and what stands between now and GO.
std::string in_lines(const Ran& ran) {
  if (ran.out.empty()) return fmt::format("exit {}\n{}", ran.status, ran.err);
  const json board = ran.json();
  std::string text = fmt::format("exit {} {}\n", ran.status, board["decision"].get<std::string>());
  list_findings(board["plan_findings"], text);
  for (const json& track : board["tracks"])
    for (const json& step : track["steps"])
      for (const json& check : step["checks"])
        if (!check["evidence"].is_null()) {
          std::string found;
          list_findings(check["evidence"]["findings"], found);
          if (!found.empty())
            text += fmt::format("{} {}\n{}", step["id"].get<std::string>(), check["check"].get<std::string>(), found);
        }
  for (const json& blocker : board["blockers"])
    text +=
        fmt::format("blocked by {}: {}\n", blocker["subject"].get<std::string>(), blocker["reason"].get<std::string>());
  return text;
}

class Workspaces : public testing::TestWithParam<std::string> {};

TEST_P(Workspaces, FindsItsOneMistake) {
  const TempDir dir;
  copy_workspace(GetParam(), dir);
  const std::string found = in_lines(gantry({"run", "plan.md", "--json"}, dir));
  EXPECT_TRUE(test::matches_golden(found, fmt::format("fixtures/workspaces/{}/expected.txt", GetParam())));
}

// "a-pod-…" -> "APod…", since the names of tests are identifiers.
std::string test_name(const testing::TestParamInfo<std::string>& workspace) {
  std::string name;
  bool starts_word = true;
  for (const char c : workspace.param) {
    if (c != '-') name += starts_word ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
    starts_word = c == '-';
  }
  return name;
}

INSTANTIATE_TEST_SUITE_P(All, Workspaces, testing::ValuesIn(test::scenario_names("fixtures/workspaces")), test_name);

}  // namespace
}  // namespace gantry::cli
