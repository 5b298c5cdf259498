// kill -9 at any moment of `gantry run`: the store opens, the workspace is as it was, and the next run answers as ever.
// Moments are spread over the length of one measured run, from a fixed seed.

#include "cli/program.h"
#include "support/golden.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <random>

namespace gantry::cli {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using std::chrono::duration;
using std::chrono::nanoseconds;
using test::TempDir;

constexpr const char* kPlan = "saas-phase7-production-launch.md";

void copy_example(const TempDir& dir) {
  copy_folder(test::repository_path("examples/kgents-saas"), dir.path());
  fs::remove_all(dir.path(".gantry"));
}

// The board without what differs from run to run: times, ids, what was reused.
json essence(const json& board) {
  json kept = {{"decision", board["decision"]},
               {"blockers", board["blockers"]},
               {"criteria", board["criteria"]},
               {"plan_findings", board["plan_findings"]}};
  for (const json& track : board["tracks"])
    for (const json& step : track["steps"]) {
      json checks = json::array();
      for (const json& check : step["checks"])
        checks.push_back(
            {check["check"], check["state"], check["evidence"].is_null() ? json() : check["evidence"]["findings"]});
      kept["steps"].push_back({step["id"], step["state"], step["summary"], checks});
    }
  return kept;
}

json board_of(const TempDir& dir) {
  const Ran ran = gantry({"run", kPlan, "--json"}, dir);
  EXPECT_EQ(ran.status, 1) << ran;
  return essence(ran.json());
}

// How long an undisturbed run takes here and now.
nanoseconds measure_run(const std::vector<std::string>& arguments, const TempDir& dir) {
  const auto begun = std::chrono::steady_clock::now();
  RunningProgram program(arguments, dir.path());
  program.wait();
  return std::chrono::steady_clock::now() - begun;
}

// A hundred moments, in halves that each have a test's time.
class KillAt : public testing::TestWithParam<unsigned> {
 public:
  static constexpr int kMoments = 50;
};
INSTANTIATE_TEST_SUITE_P(Kill, KillAt, testing::Values(20260110U, 20260113U));

TEST_P(KillAt, FiftyMomentsLeavesAStoreThatOpensAndAnUntouchedWorkspace) {
  const TempDir dir;
  copy_example(dir);
  const auto before = files_outside_store(dir);
  const std::vector<std::string> run = {"run", kPlan, "--fresh"};
  nanoseconds length = measure_run(run, dir);
  const json expected = board_of(dir);

  std::mt19937 random(GetParam());  // a fixed seed repeats the moments
  std::uniform_real_distribution<double> part(0.0, 1.05);
  int killed = 0;
  for (int moment = 0; moment < kMoments; ++moment) {
    const double at = part(random);
    SCOPED_TRACE(fmt::format("moment {}: killed after {:.1f} % of {} ms", moment, at * 100,
                             std::chrono::duration_cast<std::chrono::milliseconds>(length).count()));
    if (moment % 2 == 0) fs::remove_all(dir.path(".gantry"));
    RunningProgram program(run, dir.path());
    const bool has_ended = program.ends_within(std::chrono::duration_cast<nanoseconds>(length * at));
    program.wait();
    // The machine may be faster now than it was.
    if (has_ended)
      length = measure_run(run, dir);
    else
      ++killed;

    const Ran status = gantry({"status", kPlan}, dir);
    ASSERT_EQ(status.status, 1) << status;
    ASSERT_EQ(files_outside_store(dir), before);
    if (moment % 10 == 9) {
      ASSERT_EQ(board_of(dir), expected);
    }
  }
  EXPECT_GT(killed, kMoments / 2) << "most moments must lie inside the run";
  EXPECT_EQ(board_of(dir), expected);
}

// With --write the plan is the old one or the new one, and nothing lies beside it.
TEST(Kill, WhileThePlanIsWrittenLeavesTheOldOneOrTheNewOne) {
  const TempDir written;
  copy_workspace("nothing-is-wrong", written);
  const auto before = files_outside_store(written);
  const std::vector<std::string> run = {"run", "plan.md", "--write"};
  const nanoseconds length = measure_run(run, written);
  const auto after = files_outside_store(written);
  ASSERT_NE(before, after);

  std::mt19937 random(20260111);  // NOLINT(cert-msc51-cpp): a fixed seed repeats the moments
  std::uniform_real_distribution<double> part(0.5, 1.05);
  for (int moment = 0; moment < 30; ++moment) {
    SCOPED_TRACE(fmt::format("moment {}", moment));
    const TempDir dir;
    copy_workspace("nothing-is-wrong", dir);
    RunningProgram program(run, dir.path());
    program.ends_within(std::chrono::duration_cast<nanoseconds>(length * part(random)));
    program.wait();
    const auto now = files_outside_store(dir);
    EXPECT_TRUE(now == before || now == after) << testing::PrintToString(now);
    EXPECT_EQ(gantry(run, dir).status, 0);
    EXPECT_EQ(files_outside_store(dir), after);
  }
}

}  // namespace
}  // namespace gantry::cli
