// `gantry run`, `status`, `plan` and `doctor`: exit codes, the documents that machines read, and what changes on the disk.

#include "cli/program.h"
#include "support/golden.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace gantry::cli {
namespace {

using nlohmann::json;
using test::TempDir;

TEST(Run, AnswersGoWithZero) {
  const TempDir dir;
  copy_workspace("nothing-is-wrong", dir);
  const Ran ran = gantry({"run", "plan.md"}, dir);
  EXPECT_EQ(ran.status, 0) << ran;
  EXPECT_TRUE(ran.out.contains("GO")) << ran;
  EXPECT_FALSE(ran.out.contains("NO-GO")) << ran;
}

TEST(Run, AnswersNoGoWithOneAndNamesThePlaceAndTheFix) {
  const TempDir dir;
  copy_workspace("a-service-selects-no-pod", dir);
  const Ran ran = gantry({"run", "plan.md"}, dir);
  EXPECT_EQ(ran.status, 1) << ran;
  EXPECT_TRUE(ran.out.contains("NO-GO")) << ran;
  EXPECT_TRUE(ran.out.contains("manifests/shop.yaml:")) << ran;
}

TEST(Run, AnswersThreeWhenACheckCouldNotBeDecided) {
  const TempDir dir;
  copy_workspace("nothing-is-wrong", dir);
  dir.write("gantry.yaml",
            "manifests: manifests/\nbindings:\n  B.1:\n    - {check: command, name: tests}\ncommands:\n  tests: {run: "
            "[no-such-program-anywhere]}\n"
            "criteria:\n  1: [A.1]\n  2: [A.3]\n  3: [B.1, B.2]\n");
  const Ran ran = gantry({"run", "plan.md"}, dir);
  EXPECT_EQ(ran.status, 3) << ran;
  EXPECT_TRUE(ran.out.contains("no-such-program-anywhere")) << ran;
}

// Reference §8: undecided for machines, no GO for people.
TEST(Run, SaysNoGoToPeopleWhenACheckCouldNotDecide) {
  const TempDir dir;
  copy_workspace("nothing-is-wrong", dir);
  dir.write("manifests/binary.yaml", std::string("\x01\x02", 2));
  dir.write("gantry.yaml",
            "manifests: manifests/\nbindings:\n  B.1: [{check: command, name: tests}]\ncommands:\n  tests: {run: "
            "[no-such-program-anywhere]}\ncriteria: {1: [A.1], 2: [A.3], 3: [B.1, B.2]}\n");
  const Ran board = gantry({"run", "plan.md"}, dir);
  EXPECT_EQ(board.status, 3) << board;
  EXPECT_TRUE(board.out.contains("NO-GO  undecided: ")) << board;
  EXPECT_EQ(gantry({"run", "plan.md", "--json"}, dir).json()["decision"], "UNDECIDED");
}

// A command runs in the workspace, whatever gantry.yaml calls its folder.
TEST(Run, KeepsTheFolderOfACommandInTheWorkspace) {
  const TempDir dir;
  copy_workspace("nothing-is-wrong", dir);
  const TempDir outside;
  dir.symlink(outside.path(), "link");
  dir.symlink("docs", "inside");
  const auto configure = [&dir](const std::string& folder) {
    dir.write("gantry.yaml",
              "manifests: manifests/\nbindings:\n  B.1: [{check: command, name: tests}]\ncommands:\n  tests: {run: "
              "[sh, -c, pwd > here.txt], directory: " +
                  folder + "}\ncriteria: {1: [A.1], 2: [A.3], 3: [B.1, B.2]}\n");
  };
  configure("../");
  expect_failure(gantry({"run", "plan.md"}, dir), 2, {"gantry.yaml:5", "../"});
  configure("link");
  EXPECT_EQ(gantry({"run", "plan.md"}, dir).status, 3);
  EXPECT_TRUE(outside.names().empty());
  configure("nowhere");
  EXPECT_EQ(gantry({"run", "plan.md"}, dir).status, 3);
  configure("inside");
  EXPECT_EQ(gantry({"run", "plan.md"}, dir).status, 0);
  EXPECT_EQ(dir.read("docs/here.txt"), dir.path("docs") + "\n");
}

// Any checklist, not only one that a step reads (reference §8): the plan's handle is enough, without gantry.yaml.
TEST(Run, ObeysABlockingItemOfAChecklistThatNoStepReads) {
  const TempDir dir;
  dir.write("docs/checklist.md", "# Checklist\n\n## Reliability\n\n- [x] Replicas\n- [!] Backups\n");
  dir.write("plan.md",
            "# A plan\n\nhandles:\n  - production-checklist: docs/checklist.md\n\n### Track A: Notes\n1. Notes are "
            "there\n\n   ```gantry\n   check: doc.exists\n   path: docs/checklist.md\n   ```\n\n## Exit "
            "Criteria\n\n- [ ] Notes\n\n  ```gantry\n  check: doc.exists\n  path: docs/checklist.md\n  "
            "```\n\n⟿[QA]\n");
  const Ran ran = gantry({"run", "plan.md"}, dir);
  EXPECT_EQ(ran.status, 1) << ran;
  EXPECT_TRUE(ran.out.contains("docs/checklist.md:6")) << ran;
  EXPECT_TRUE(ran.out.contains("1 blocking")) << ran;
  dir.write("docs/checklist.md", "# Checklist\n\n## Reliability\n\n- [x] Replicas\n- [x] Backups\n");
  const Ran resolved = gantry({"run", "plan.md"}, dir);
  EXPECT_EQ(resolved.status, 0) << resolved;
}

TEST(Run, OfSomethingThatIsNoPlanIsAMistakeOfTheCommandLine) {
  const TempDir dir;
  copy_workspace("nothing-is-wrong", dir);
  expect_failure(gantry({"run", "."}, dir), 2, {". is a folder", "name the Markdown file"});
  expect_failure(gantry({"run", "nowhere.md"}, dir), 2, {"there is no plan nowhere.md", "name the Markdown file"});
  expect_failure(gantry({"run", "plan.md", "--workspace", "nowhere"}, dir), 2, {"nowhere is no folder"});
}

// Three checks read the folder; a person has to read once what is wrong with it.
TEST(Run, SaysOnceWhatSeveralChecksOfAStepMeet) {
  const TempDir dir;
  copy_workspace("a-manifest-is-not-yaml", dir);
  const Ran ran = gantry({"run", "plan.md", "--only", "A.1"}, dir);
  const std::string text = ran.out.substr(0, ran.out.find("A.2"));
  const std::string fix = "fix: ";
  const std::size_t first = text.find(fix);
  ASSERT_NE(first, std::string::npos) << ran;
  EXPECT_EQ(text.find(fix, first + 1), std::string::npos) << ran;
}

TEST(Run, OfACommandFollowsItsExitStatus) {
  const TempDir dir;
  dir.write("plan.md",
            "# A plan\n\n### Track A: Tests\n1. The tests pass\n\n## Exit Criteria\n\n- [ ] The tests pass\n\n"
            "⟿[QA]\n");
  const auto configure = [&dir](const std::string& program) {
    dir.write("gantry.yaml",
              "bindings:\n  A.1: [{check: command, name: tests}]\ncriteria:\n  1: [A.1]\ncommands:\n  tests: {run: [" +
                  program + "]}\n");
  };
  configure("\"true\"");
  EXPECT_EQ(gantry({"run", "plan.md"}, dir).status, 0);
  configure("\"false\"");
  const Ran ran = gantry({"run", "plan.md"}, dir);
  EXPECT_EQ(ran.status, 1) << ran;
  EXPECT_TRUE(ran.out.contains("gantry.yaml:")) << ran;
}

TEST(Run, WritesOneSchemaOfJsonAndStatusTheSame) {
  const TempDir dir;
  copy_workspace("a-budget-selects-no-pod", dir);
  const json ran = gantry({"run", "plan.md", "--json"}, dir).json();
  const json again = gantry({"status", "plan.md", "--json"}, dir).json();
  for (const json* board : {&ran, &again}) {
    EXPECT_EQ((*board)["schema"], "gantry.board/v1");
    EXPECT_EQ((*board)["decision"], "NO-GO");
    EXPECT_EQ((*board)["tracks"].size(), 2U);
  }
  EXPECT_EQ(ran["blockers"], again["blockers"]);
}

TEST(Run, WritesEveryReportToItsFile) {
  const TempDir dir;
  copy_workspace("a-budget-selects-no-pod", dir);
  const Ran ran = gantry({"run", "plan.md", "--json-file", "out/board.json", "--junit", "out/board.xml", "--sarif",
                          "out/board.sarif", "--markdown", "out/board.md"},
                         dir);
  EXPECT_EQ(ran.status, 3) << "the folder is not there: " << ran;
  dir.make_directory("out");
  const Ran written = gantry({"run", "plan.md", "--json-file", "out/board.json", "--junit", "out/board.xml", "--sarif",
                              "out/board.sarif", "--markdown", "out/board.md"},
                             dir);
  EXPECT_EQ(written.status, 1) << written;
  EXPECT_TRUE(written.out.contains("NO-GO")) << "the board is on stdout as well: " << written;
  EXPECT_EQ(json::parse(dir.read("out/board.json"))["schema"], "gantry.board/v1");
  EXPECT_EQ(json::parse(dir.read("out/board.sarif"))["version"], "2.1.0");
  EXPECT_TRUE(dir.read("out/board.xml").starts_with("<?xml")) << dir.read("out/board.xml");
  EXPECT_TRUE(dir.read("out/board.md").contains("NO-GO")) << dir.read("out/board.md");
}

TEST(Run, WritesAReportToStdoutInsteadOfTheBoard) {
  const TempDir dir;
  copy_workspace("a-budget-selects-no-pod", dir);
  const Ran junit = gantry({"run", "plan.md", "--junit", "-"}, dir);
  EXPECT_EQ(junit.status, 1) << junit;
  EXPECT_TRUE(junit.out.starts_with("<?xml")) << junit;
  EXPECT_TRUE(junit.out.ends_with("</testsuites>\n")) << junit;
  const Ran sarif = gantry({"status", "plan.md", "--sarif", "-"}, dir);
  EXPECT_EQ(sarif.json()["version"], "2.1.0");
  const Ran markdown = gantry({"status", "plan.md", "--markdown", "-"}, dir);
  EXPECT_TRUE(markdown.out.starts_with("#")) << markdown;
}

TEST(Run, ChangesNothingOutsideItsStore) {
  const TempDir dir;
  copy_workspace("nothing-is-wrong", dir);
  const auto before = files_outside_store(dir);
  EXPECT_EQ(gantry({"run", "plan.md"}, dir).status, 0);
  EXPECT_EQ(gantry({"run", "plan.md", "--fresh"}, dir).status, 0);
  EXPECT_EQ(gantry({"status", "plan.md"}, dir).status, 0);
  EXPECT_EQ(gantry({"plan", "plan.md"}, dir).status, 0);
  EXPECT_EQ(files_outside_store(dir), before);
}

TEST(Run, WritesTicksAndLedgerOnceAndSaysSo) {
  const TempDir dir;
  copy_workspace("nothing-is-wrong", dir);
  auto expected = files_outside_store(dir);
  const Ran first = gantry({"run", "plan.md", "--write"}, dir);
  EXPECT_EQ(first.status, 0) << first;
  EXPECT_TRUE(first.out.contains("plan.md")) << first;
  const auto after = files_outside_store(dir);
  EXPECT_TRUE(after.at("plan.md").contains("- [x] The queue is closed to everybody but the shop"))
      << after.at("plan.md");
  EXPECT_FALSE(after.at("plan.md").contains("- [ ]")) << after.at("plan.md");
  expected["plan.md"] = after.at("plan.md");
  EXPECT_EQ(after, expected) << "nothing but the plan changes";
  const Ran second = gantry({"run", "plan.md", "--write"}, dir);
  EXPECT_EQ(second.status, 0) << second;
  EXPECT_EQ(files_outside_store(dir), after);
}

TEST(Run, ReusesWhatIsFreshAndRunsWhatChanged) {
  const TempDir dir;
  copy_workspace("nothing-is-wrong", dir);
  const json cold = gantry({"run", "plan.md", "--json"}, dir).json();
  EXPECT_GT(cold["checks_run"], 0);
  const json warm = gantry({"run", "plan.md", "--json"}, dir).json();
  EXPECT_EQ(warm["checks_run"], 0);
  EXPECT_EQ(warm["checks_reused"], cold["checks_run"]);
  dir.write("docs/checklist.md", dir.read("docs/checklist.md") + "\nA word more.\n");
  const json changed = gantry({"run", "plan.md", "--json"}, dir).json();
  EXPECT_EQ(changed["checks_run"], 1);
  const json fresh = gantry({"run", "plan.md", "--json", "--fresh"}, dir).json();
  EXPECT_EQ(fresh["checks_reused"], 0);
}

TEST(Run, OfOneTrackLeavesTheOtherOpen) {
  const TempDir dir;
  copy_workspace("nothing-is-wrong", dir);
  const Ran ran = gantry({"run", "plan.md", "--only", "A", "--json"}, dir);
  EXPECT_EQ(ran.status, 1) << ran;
  const json board = ran.json();
  EXPECT_EQ(board["tracks"][0]["state"], "passed");
  EXPECT_EQ(board["tracks"][1]["state"], "unverified");
}

TEST(Status, SaysWhatWentStaleByWhichInput) {
  const TempDir dir;
  copy_workspace("nothing-is-wrong", dir);
  const Ran before = gantry({"status", "plan.md"}, dir);
  EXPECT_EQ(before.status, 1) << before;
  EXPECT_FALSE(files_outside_store(dir).empty());
  EXPECT_EQ(gantry({"run", "plan.md"}, dir).status, 0);
  EXPECT_EQ(gantry({"status", "plan.md"}, dir).status, 0);
  dir.write("docs/checklist.md", dir.read("docs/checklist.md") + "\nA word more.\n");
  const Ran stale = gantry({"status", "plan.md"}, dir);
  EXPECT_EQ(stale.status, 1) << stale;
  EXPECT_TRUE(stale.out.contains("docs/checklist.md changed")) << stale;
}

TEST(Status, MakesNoStore) {
  const TempDir dir;
  copy_workspace("nothing-is-wrong", dir);
  const std::vector<std::string> before = dir.names();
  EXPECT_EQ(gantry({"status", "plan.md"}, dir).status, 1);
  EXPECT_EQ(gantry({"plan", "plan.md"}, dir).status, 0);
  EXPECT_EQ(dir.names(), before);
}

TEST(Run, FindsItsWorkspaceFromElsewhere) {
  const TempDir dir;
  copy_workspace("nothing-is-wrong", dir);
  const TempDir elsewhere;
  const Ran by_plan = gantry({"run", dir.path("plan.md")}, elsewhere);
  EXPECT_EQ(by_plan.status, 0) << by_plan;
  elsewhere.write("plans/launch.md", dir.read("plan.md"));
  const Ran by_option = gantry({"run", "plans/launch.md", "--workspace", dir.path()}, elsewhere);
  EXPECT_EQ(by_option.status, 0) << by_option;
  EXPECT_EQ(elsewhere.names(), (std::vector<std::string>{"plans/", "plans/launch.md"}));
}

TEST(Doctor, SaysWhatIsMissingAndWhatThenIsNotPossible) {
  const TempDir dir;
  const TempDir empty;
  const Ran ran = gantry({"doctor"}, dir, {{"PATH", empty.path()}});
  EXPECT_EQ(ran.status, 0) << ran;
  EXPECT_TRUE(ran.out.contains("kubectl")) << ran;
  EXPECT_TRUE(ran.out.contains("not found")) << ran;
  const json document = gantry({"doctor", "--json"}, dir, {{"PATH", empty.path()}}).json();
  EXPECT_EQ(document["schema"], "gantry.doctor/v1");
  for (const json& tool : document["tools"]) EXPECT_EQ(tool["found"], tool["name"] == "V8") << tool;
}

}  // namespace
}  // namespace gantry::cli
