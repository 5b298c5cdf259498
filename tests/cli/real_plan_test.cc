// The real launch plan: read as it is, and judged in the example workspace.

#include "cli/program.h"
#include "support/golden.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>

namespace gantry::cli {
namespace {

using nlohmann::json;
using test::TempDir;

constexpr const char* kPlan = "saas-phase7-production-launch.md";
constexpr const char* kPlanForTests = "launch/plans/saas-phase7-production-launch.md";

const std::set<std::string> kBoundByCommand = {"A.1", "A.2", "A.3", "A.5", "B.2", "D.4"};

TEST(RealPlan, IsTheSameInTheExampleAndInTheTests) {
  const TempDir dir;
  copy_example(dir);
  EXPECT_EQ(dir.read(kPlan), test::read_test_file(kPlanForTests));
}

TEST(RealPlan, IsBoundByItsCommandsAloneWithoutAnyWorkspace) {
  const TempDir dir;
  dir.write(kPlan, test::read_test_file(kPlanForTests));
  const Ran ran = gantry({"plan", kPlan, "--json"}, dir);
  EXPECT_EQ(ran.status, 0) << ran;
  const json bindings = ran.json();
  EXPECT_EQ(bindings["schema"], "gantry.bindings/v1");
  std::set<std::string> bound;
  int steps = 0;
  for (const json& track : bindings["tracks"])
    for (const json& step : track["steps"]) {
      ++steps;
      if (!step["bound"].get<bool>()) continue;
      bound.insert(step["id"].get<std::string>());
      for (const json& check : step["checks"]) EXPECT_EQ(check["source"], "command") << step;
    }
  EXPECT_EQ(bound, kBoundByCommand);
  EXPECT_EQ(steps, 20);
}

TEST(RealPlan, IsNoGoWithTrackAVerifiedFromManifests) {
  const TempDir dir;
  copy_example(dir);
  const auto before = files_outside_store(dir);
  const Ran ran = gantry({"run", kPlan, "--json"}, dir);
  EXPECT_EQ(ran.status, 1) << ran;
  const json board = ran.json();
  EXPECT_EQ(board["decision"], "NO-GO");
  std::map<std::string, std::string> states;
  for (const json& track : board["tracks"])
    for (const json& step : track["steps"]) states[step["id"]] = step["state"];
  for (const char* passed : {"A.1", "A.2", "A.3", "A.4", "A.5"}) EXPECT_EQ(states[passed], "passed") << passed;
  // Nobody has measured anything, so that there is nothing to commit.
  EXPECT_EQ(states["B.5"], "failed");
  states.erase("B.5");
  for (const char* open : {"B.1", "B.2", "B.3", "B.4", "C.1", "C.2", "C.3", "C.4", "D.2", "D.3", "D.5"})
    EXPECT_EQ(states[open], "unverified") << open;
  for (const auto& [step, state] : states)
    EXPECT_TRUE(state == "passed" || state == "unverified") << step << " is " << state;
  EXPECT_EQ(files_outside_store(dir), before);
}

// What a person sees at the end of the demo.
TEST(RealPlan, ShowsItsBoardWithTheVerdictLast) {
  const TempDir dir;
  copy_example(dir);
  const Ran ran = gantry({"run", kPlan}, dir);
  EXPECT_EQ(ran.status, 1) << ran;
  for (const char* step : {"A.1", "A.4", "B.2", "C.5", "D.4"})
    EXPECT_TRUE(ran.out.contains(step)) << step << "\n" << ran;
  EXPECT_TRUE(ran.out.contains("NO-GO")) << ran;
}

}  // namespace
}  // namespace gantry::cli
