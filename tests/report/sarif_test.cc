// That every document has what SARIF 2.1.0 and code scanning require is checked against docs/formats/sarif.schema.json; here is
// what a schema can't say.

#include "report/boards.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <set>
#include <string>

namespace gantry::report {
namespace {

using Json = nlohmann::json;

Json run_of(const Board& board) { return Json::parse(render(board, Format::sarif)).at("runs").at(0); }

// By value: a loop over `run_of(board)["results"]` would outlive the document.
Json results_of(const Board& board) { return run_of(board).at("results"); }

Board board_with(const base::Finding& finding) {
  Board board;
  board.plan_file = "plan.md";
  board.plan_findings = {finding};
  return board;
}

base::Finding finding_at(base::SourcePos where) {
  base::Finding finding;
  finding.rule = "net.only.reached";
  finding.object = "Pod shop/web";
  finding.message = "it is reached";
  finding.where = std::move(where);
  return finding;
}

TEST(Sarif, GivesEachSeverityItsLevel) {
  struct Case {
    base::Severity severity;
    std::string_view level;
    std::string_view security_severity;
  };
  constexpr Case kCases[] = {{base::Severity::info, "note", "1.0"},
                             {base::Severity::low, "note", "3.0"},
                             {base::Severity::medium, "warning", "5.5"},
                             {base::Severity::high, "error", "8.0"},
                             {base::Severity::critical, "error", "9.5"}};
  for (const Case& c : kCases) {
    base::Finding finding = finding_at(at("a.yaml", 1, 1));
    finding.severity = c.severity;
    const Json run = run_of(board_with(finding));
    EXPECT_EQ(run["results"][0]["level"], c.level);
    EXPECT_EQ(run["tool"]["driver"]["rules"][0]["properties"]["security-severity"], c.security_severity);
    finding.rule = "doc.placeholder";
    EXPECT_FALSE(run_of(board_with(finding))["tool"]["driver"]["rules"][0]["properties"].contains("security-severity"));
  }
}

TEST(Sarif, WritesFileNamesAsUris) {
  struct Case {
    std::string_view file;
    std::string_view uri;
    bool is_relative;
  };
  constexpr Case kCases[] = {
      {"manifests/web.yaml", "manifests/web.yaml", true}, {"a b/c#d?e%f.yaml", "a%20b/c%23d%3Fe%25f.yaml", true},
      {"größe.yaml", "gr%C3%B6%C3%9Fe.yaml", true},       {"javascript:alert(1)", "javascript%3Aalert%281%29", true},
      {"back\\slash\n", "back%5Cslash%0A", true},         {"-", "-", true},
      {"/etc/plan.md", "file:///etc/plan.md", false},
  };
  for (const Case& c : kCases) {
    const Json result = run_of(board_with(finding_at(at(c.file, 3, 4))))["results"][0];
    const Json location = result["locations"][0]["physicalLocation"]["artifactLocation"];
    EXPECT_EQ(location["uri"], c.uri);
    EXPECT_EQ(location.contains("uriBaseId"), c.is_relative) << c.file;
  }
}

TEST(Sarif, HasNoRegionWhereNoLineIsKnown) {
  const auto location = [](base::SourcePos where) {
    return run_of(board_with(finding_at(std::move(where))))["results"][0]["locations"][0]["physicalLocation"];
  };
  EXPECT_EQ(location(at("a.yaml", 7, 3))["region"], (Json{{"startLine", 7}, {"startColumn", 3}}));
  EXPECT_EQ(location(at("a.yaml", 7, 0))["region"], (Json{{"startLine", 7}}));
  EXPECT_FALSE(location(at("a.yaml", 0, 0)).contains("region"));
  const Json nowhere = location({});
  EXPECT_EQ(nowhere["artifactLocation"]["uri"], "plan.md") << "code scanning drops a result without a place";
  EXPECT_FALSE(nowhere.contains("region"));
}

TEST(Sarif, FingerprintsDoNotMoveWithLines) {
  const auto fingerprints = [](const base::Finding& finding) {
    return run_of(board_with(finding))["results"][0]["partialFingerprints"];
  };
  base::Finding other = finding_at(at("a.yaml", 900, 1));
  EXPECT_EQ(fingerprints(finding_at(at("a.yaml", 3, 1))), fingerprints(other));
  other.message = "it is reached twice";
  EXPECT_NE(fingerprints(finding_at(at("a.yaml", 3, 1))), fingerprints(other));
}

TEST(Sarif, SuppressesWhatIsWaivedAndNothingElse) {
  const Json waived = results_of(go_with_waiver_board());
  ASSERT_EQ(waived.size(), 1U);
  EXPECT_EQ(waived[0]["suppressions"][0]["kind"], "external");
  EXPECT_EQ(waived[0]["suppressions"][0]["justification"],
            "the frontend moves to its own cluster in January (accepted by Dana Okafor (security), until 2026-12-24)");
  for (const Json& result : results_of(no_go_board())) EXPECT_FALSE(result.contains("suppressions"));
}

// "Nothing found" and "nobody has looked" are two answers.
TEST(Sarif, HasAResultForEachStepThatDoesNotHold) {
  const Json results = results_of(no_go_board());
  std::set<std::string> unverified;
  for (const Json& result : results) {
    if (result["ruleId"] == "launch.step-unverified") unverified.insert(result["properties"]["object"]);
  }
  EXPECT_EQ(unverified, (std::set<std::string>{"A.5", "B.1", "B.2", "B.3", "B.5", "C.2", "C.3", "C.4", "D.2", "D.3",
                                               "D.4", "D.5"}));
  EXPECT_EQ(results_of(undecided_board())[0]["ruleId"], "launch.step-undecided");
  EXPECT_EQ(results_of(go_board()).size(), 0U);
}

TEST(Sarif, KeepsTheMostSevereOfTooMany) {
  const Json run = run_of(huge_board());  // 30,000 findings
  EXPECT_EQ(run["results"].size(), 5000U);
  for (const Json& result : run["results"]) EXPECT_EQ(result["properties"]["severity"], "critical");
  EXPECT_EQ(run["invocations"][0]["toolExecutionNotifications"][1]["message"]["text"],
            "25000 less severe results were left out: a run holds 5000");
}

TEST(Sarif, RulesAreListedOnceAndPointedAt) {
  const Json run = run_of(no_go_board());
  const Json& rules = run["tool"]["driver"]["rules"];
  std::set<std::string> ids;
  for (const Json& rule : rules) EXPECT_TRUE(ids.insert(rule["id"]).second) << rule["id"];
  for (const Json& result : run["results"]) {
    EXPECT_EQ(rules.at(result["ruleIndex"].get<std::size_t>())["id"], result["ruleId"]);
  }
}

TEST(Sarif, SaysWhetherGantryCouldDecide) {
  EXPECT_EQ(run_of(go_board())["invocations"][0]["exitCode"], 0);
  EXPECT_EQ(run_of(no_go_board())["invocations"][0]["exitCode"], 1);
  EXPECT_TRUE(run_of(no_go_board())["invocations"][0]["executionSuccessful"]);
  EXPECT_EQ(run_of(undecided_board())["invocations"][0]["exitCode"], 3);
  EXPECT_FALSE(run_of(undecided_board())["invocations"][0]["executionSuccessful"]);
}

TEST(Sarif, KeepsPlansAndEnvironmentsApart) {
  EXPECT_EQ(run_of(no_go_board())["automationDetails"]["id"],
            "gantry/plans-saas-phase7-production-launch.md/files-alone/");
  EXPECT_EQ(run_of(go_board())["automationDetails"]["id"],
            "gantry/plans-saas-phase7-production-launch.md/cluster-kind-dev/");
}

TEST(Sarif, HasNoEmbeddedLinksOfOthers) {
  base::Finding finding = finding_at(at("a.yaml", 1, 1));
  finding.message = "see [here](https://evil.example/)";
  EXPECT_EQ(run_of(board_with(finding))["results"][0]["message"]["text"], "see [here] (https://evil.example/)");
}

}  // namespace
}  // namespace gantry::report
