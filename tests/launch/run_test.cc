#include "launch/launch.h"

#include "launch/store.h"
#include "support/git.h"
#include "support/temp_dir.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <stdexcept>
#include <thread>

namespace gantry::launch {
namespace {

using report::Board;
using report::Decision;
using report::State;
using test::TempDir;

constexpr std::string_view kPlan =
    "# Launch\n\n"
    "ledger: {PLAN:complete, RESEARCH:touched, IMPLEMENT:not_started, QA:not_started}\n\n"
    "### Track A: Documents (60%)\n"
    "1. Write the runbook\n\n"
    "   ```gantry\n"
    "   check: doc.section\n"
    "   path: docs/runbook.md\n"
    "   heading: Logging\n"
    "   words_min: 3\n"
    "   ```\n"
    "2. Announce\n\n"
    "   ```gantry\n"
    "   check: doc.exists\n"
    "   path: docs/announcement.md\n"
    "   ```\n\n"
    "### Track B: People (40%)\n"
    "1. Agree\n\n"
    "## Exit Criteria\n\n"
    "- [ ] Documents are there\n\n"
    "⟿[RESEARCH]\n";

// A workspace on the disk, and a clock that stands still.
class RunTest : public testing::Test {
 protected:
  RunTest() {
    dir_.write("plan.md", kPlan);
    dir_.write("gantry.yaml", "criteria: {1: [A.1, A.2]}\n");
    dir_.write("docs/runbook.md", "# Runbook\n\n## Logging\n\nLogs are in Loki.\n");
    dir_.write("docs/announcement.md", "We launch.\n");
  }

  Workspace workspace() const { return *open_workspace(dir_.path("plan.md"), std::nullopt); }
  base::Result<Board> run(RunOptions options) const { return run_plan(workspace(), options); }
  Board run() const { return *run(options()); }
  RunOptions options() const {
    return {.clock = clock_,
            .progress = progress_,
            .stop = {},
            .kube_context = {},
            .with = {},
            .program_path = {},
            .only = {}};
  }
  Board status() const { return *judge_plan(workspace(), clock_); }

  static const report::StepRow& step(const Board& board, std::string_view id) {
    for (const report::TrackRow& track : board.tracks)
      for (const report::StepRow& row : track.steps)
        if (row.id == id) return row;
    throw std::out_of_range(std::string(id));
  }

  TempDir dir_;
  base::FixedClock clock_{*base::parse_rfc3339("2026-01-10T12:00:00Z")};
  mutable base::NoProgress progress_;
};

TEST_F(RunTest, EvidenceIsWonOnceAndReusedWhileItsInputsStay) {
  const Board first = run();
  EXPECT_EQ(first.checks_run, 2);
  EXPECT_EQ(step(first, "A.1").state, State::passed);
  const Board second = run();
  EXPECT_EQ(second.checks_run, 0);
  EXPECT_EQ(second.checks_reused, 2);
  EXPECT_TRUE(step(second, "A.1").checks.front().reused);
}

TEST_F(RunTest, AChangedInputMakesEvidenceStaleAndSaysWhich) {
  run();
  dir_.write("docs/runbook.md", "# Runbook\n\n## Logging\n\nLogs are in Loki now, for two weeks.\n");
  const Board seen = status();
  EXPECT_EQ(step(seen, "A.1").state, State::unverified);
  EXPECT_EQ(step(seen, "A.1").checks.front().stale_because, "docs/runbook.md changed");
  const Board again = run();
  EXPECT_EQ(again.checks_run, 1);
  EXPECT_EQ(step(again, "A.1").state, State::passed);
}

// The evidence of the first state is still there: going back to it needs no new run.
TEST_F(RunTest, GoingBackFindsTheOldEvidence) {
  run();
  const std::string before = dir_.read("docs/runbook.md");
  dir_.write("docs/runbook.md", "nothing");
  EXPECT_EQ(step(run(), "A.1").state, State::failed);
  dir_.write("docs/runbook.md", before);
  const Board board = run();
  EXPECT_EQ(board.checks_run, 0);
  EXPECT_EQ(step(board, "A.1").state, State::passed);
}

TEST_F(RunTest, AFileThatAppearsIsAnInputToo) {
  dir_.write("gantry.yaml", "criteria: {1: [A.1]}\n");
  std::filesystem::remove(dir_.path("docs/announcement.md"));
  EXPECT_EQ(step(run(), "A.2").state, State::failed);
  dir_.write("docs/announcement.md", "We launch.\n");
  EXPECT_EQ(step(run(), "A.2").state, State::passed);
}

TEST_F(RunTest, FreshRunsEverything) {
  run();
  RunOptions all = options();
  all.reuse = Reuse::nothing;
  EXPECT_EQ(run(all)->checks_run, 2);
}

TEST_F(RunTest, OnlyRunsTheTracksAndStepsThatWereAskedFor) {
  RunOptions one = options();
  one.only = {"A.2"};
  const Board board = *run(one);
  EXPECT_EQ(board.checks_run, 1);
  EXPECT_EQ(step(board, "A.1").state, State::unverified);
  EXPECT_EQ(step(board, "A.2").state, State::passed);
}

TEST_F(RunTest, ReadingChangesNothingOnTheDisk) {
  const std::vector<std::string> before = dir_.names();
  status();
  ASSERT_TRUE(describe_plan(workspace(), clock_));
  EXPECT_EQ(dir_.names(), before);
}

TEST_F(RunTest, ARunWritesOnlyBelowItsOwnFolder) {
  run();
  EXPECT_EQ(dir_.read("plan.md"), kPlan);
  for (const std::string& name : dir_.names())
    EXPECT_TRUE(name.starts_with(".gantry/") || name.starts_with("docs/") || name == "plan.md" || name == "gantry.yaml")
        << name;
}

TEST_F(RunTest, TheGateOpensWhenAPersonHasSigned) {
  EXPECT_EQ(run().decision, Decision::no_go);
  ASSERT_TRUE(sign(workspace(), {.subject = "B.1", .who = "Ada", .role = "operations", .note = {}}, clock_));
  EXPECT_EQ(run().decision, Decision::go);
  clock_.set(clock_.now() + std::chrono::hours(24 * 15));
  EXPECT_EQ(run().decision, Decision::no_go);
}

// An approval is a word of a person, and may be taken back or end without a run.
TEST_F(RunTest, StatusAsksPeopleAgain) {
  dir_.write("gantry.yaml", "bindings: {B.1: {check: signoff, role: operations, subject: A.1}}\n");
  const auto say = [this](bool rejects) {
    ASSERT_TRUE(sign(workspace(),
                     {.subject = "A.1", .who = "Ada", .role = "operations", .note = {}, .rejects = rejects}, clock_));
  };
  run();
  EXPECT_EQ(step(status(), "B.1").state, State::failed);
  say(false);
  EXPECT_EQ(step(status(), "B.1").state, State::passed);
  EXPECT_EQ(step(run(), "B.1").state, State::passed);
  say(true);
  EXPECT_EQ(step(status(), "B.1").state, State::failed);
  say(false);
  EXPECT_EQ(step(run(), "B.1").state, State::passed);
  clock_.set(clock_.now() + std::chrono::hours(24 * 15));
  EXPECT_EQ(step(status(), "B.1").state, State::failed);
}

TEST_F(RunTest, FourEyesLeaveOutWhoAloneWroteIt) {
  dir_.write("gantry.yaml", "gate: {four_eyes: true}\n");
  const auto sign_as = [this](std::string who) {
    return sign(workspace(), {.subject = "B.1", .who = std::move(who), .role = "operations", .note = {}}, clock_);
  };
  const base::Result<std::string> unknown = sign_as("Ada");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().kind, base::ErrorKind::environment);
  test::commit_all(dir_.path(""), "Ada <ada@example.org>");
  for (const char* name : {"ada", "ADA@example.org", "A. Lovelace <ada@example.org>"}) {
    const base::Result<std::string> own = sign_as(name);
    ASSERT_FALSE(own) << name;
    EXPECT_EQ(own.error().kind, base::ErrorKind::usage) << name;
  }
  ASSERT_TRUE(sign_as("Bob"));
  EXPECT_EQ(step(run(), "B.1").state, State::signed_off);
  dir_.write("docs/announcement.md", "We do launch.\n");
  test::commit_all(dir_.path(""), "Bob <bob@example.org>");
  EXPECT_EQ(step(run(), "B.1").state, State::signed_off);
  test::git(dir_.path(""), {"tag", "v1"});
  dir_.write("docs/announcement.md", "We really do.\n");
  test::commit_all(dir_.path(""), "Bob <bob@example.org>");
  const Board board = run();
  EXPECT_EQ(step(board, "B.1").state, State::unverified);
  EXPECT_TRUE(std::ranges::any_of(board.plan_findings,
                                  [](const base::Finding& found) { return found.rule == "signoff.four-eyes"; }));
}

TEST_F(RunTest, EvidenceNamesTheCommitThatItIsAbout) {
  EXPECT_EQ(step(run(), "A.1").checks.front().evidence->source, std::nullopt);
  test::commit_all(dir_.path(""), "Ada <ada@example.org>");
  RunOptions all = options();
  all.reuse = Reuse::nothing;
  const Board board = *run(all);
  const std::optional<base::SourceTree> source = step(board, "A.1").checks.front().evidence->source;
  ASSERT_TRUE(source);
  EXPECT_EQ(source->commit, test::git(dir_.path(""), {"rev-parse", "HEAD"}));
  EXPECT_FALSE(source->is_dirty);
}

// Reference §2.4: nothing for a first run or for unchanged evidence; a failed check that runs again after a change costs.
TEST_F(RunTest, TryingAgainSpendsEntropy) {
  std::string plan(kPlan);
  plan.insert(plan.find("\n### Track A"), "entropy: 0.10 budget\n");
  dir_.write("plan.md", plan);
  dir_.write("gantry.yaml", "entropy: {retry_cost: 0.04}\n");
  RunOptions writing = options();
  writing.writes = Writes::documents;
  const auto entropy = [this] {
    const std::string text = dir_.read("plan.md");
    const std::size_t at = text.find("entropy:");
    return text.substr(at, text.find('\n', at) - at);
  };
  dir_.write("docs/announcement.md", "");
  ASSERT_TRUE(run(writing));
  ASSERT_TRUE(run(writing));
  EXPECT_EQ(entropy(), "entropy: 0.10 budget");
  // A run that may not write is remembered by the next that may.
  dir_.write("docs/announcement.md", " ");
  run();
  EXPECT_EQ(entropy(), "entropy: 0.10 budget");
  ASSERT_TRUE(run(writing));
  EXPECT_EQ(entropy(), "entropy: 0.10 budget (0.06 remaining)");
  ASSERT_TRUE(run(writing));
  EXPECT_EQ(entropy(), "entropy: 0.10 budget (0.06 remaining)");
  dir_.write("docs/announcement.md", "  ");
  ASSERT_TRUE(run(writing));
  EXPECT_EQ(entropy(), "entropy: 0.10 budget (0.02 remaining)");
  dir_.write("docs/announcement.md", "We launch.\n");
  ASSERT_TRUE(run(writing));
  EXPECT_EQ(entropy(), "entropy: 0.10 budget (0.00 remaining)");
  EXPECT_TRUE(dir_.read("plan.md").ends_with("⟂[ENTROPY_DEPLETED]\n")) << dir_.read("plan.md");
}

// Reference §7.1: no later than what was signed.
TEST_F(RunTest, ASignOffEndsWithTheEvidenceThatItRestsOn) {
  const base::Timestamp now = clock_.now();
  const auto end_of = [this](std::string subject) {
    EXPECT_TRUE(sign(workspace(), {.subject = std::move(subject), .who = "Ada", .role = "r", .note = {}}, clock_));
    return (*open_store(dir_.path(".gantry"), StoreAccess::read_only))->sign_offs()->back().expires;
  };
  run();
  EXPECT_EQ(end_of("launch"), now + std::chrono::hours(24 * 14));
  {
    SQLite::Database store(dir_.path(".gantry/evidence.db"), SQLite::OPEN_READWRITE);
    store.exec("UPDATE evidence SET fresh_until='2026-01-12T00:00:00.000Z' WHERE subject LIKE '%runbook%'");
  }
  const base::Timestamp end = *base::parse_rfc3339("2026-01-12T00:00:00Z");
  EXPECT_EQ(end_of("launch"), end);
  EXPECT_EQ(end_of("A.1"), end);
  EXPECT_EQ(end_of("criterion 1"), end);
  EXPECT_EQ(end_of("A.2"), now + std::chrono::hours(24 * 14));
}

TEST_F(RunTest, AWaiverHoldsForTheFindingsThereWere) {
  std::filesystem::remove(dir_.path("docs/announcement.md"));
  ASSERT_TRUE(sign(workspace(), {.subject = "B.1", .who = "Ada", .role = "operations", .note = {}}, clock_));
  EXPECT_EQ(run().decision, Decision::no_go);
  const WaiveRequest request{.subject = "A.2",
                             .findings = {"doc.missing"},
                             .why = "soft launch",
                             .impact = "nobody knows",
                             .control = {},
                             .accepted_by = "Ada",
                             .role = "operations",
                             .issue = {}};
  ASSERT_TRUE(waive(workspace(), request, clock_));
  const Board board = run();
  EXPECT_EQ(board.decision, Decision::go);
  EXPECT_EQ(step(board, "A.2").state, State::waived);
  dir_.write("docs/announcement.md", "   \n");
  EXPECT_EQ(step(run(), "A.2").state, State::failed);
}

TEST_F(RunTest, WaivingWhatPassedIsAMistake) {
  run();
  const auto waived = waive(workspace(),
                            {.subject = "A.1",
                             .findings = {},
                             .why = "w",
                             .impact = "i",
                             .control = {},
                             .accepted_by = "Ada",
                             .role = "ops",
                             .issue = {}},
                            clock_);
  ASSERT_FALSE(waived);
  EXPECT_NE(waived.error().message.find("nothing to waive"), std::string::npos);
}

TEST_F(RunTest, WriteTicksWhatEvidenceDecidesAndNothingElse) {
  RunOptions writing = options();
  writing.writes = Writes::documents;
  const Board board = *run(writing);
  std::string expected(kPlan);
  expected.replace(expected.find("- [ ]"), 5, "- [x]");
  std::string plan = dir_.read("plan.md");
  EXPECT_NE(std::ranges::find(board.changed_files, "plan.md: criterion 1 ticked"), board.changed_files.end());
  EXPECT_EQ(plan.substr(plan.find("### Track A")), expected.substr(expected.find("### Track A")));
  // Twice is no change.
  EXPECT_TRUE(run(writing)->changed_files.empty());
}

TEST_F(RunTest, AStopIsAnErrorAndKeepsWhatWasFound) {
  std::jthread stopper([] {});
  stopper.request_stop();
  RunOptions stopped = options();
  stopped.stop = stopper.get_stop_token();
  const base::Result<Board> board = run(stopped);
  ASSERT_FALSE(board);
  EXPECT_EQ(board.error().message, "interrupted");
}

struct BadInput {
  std::string_view name, file, content, message;
};
const BadInput kBadInputs[] = {
    {"a plan without tracks", "plan.md", "# Nothing\n", "track"},
    {"two tracks with one letter", "plan.md", "### Track A: x\n1. a\n\n### Track A: y\n1. b\n", "A"},
    {"an unknown check", "plan.md", "### Track A: x\n1. a\n\n   ```gantry\n   check: doc.exist\n   path: x\n   ```\n",
     "no check \"doc.exist\""},
    {"an unknown key", "plan.md", "### Track A: x\n1. a\n\n   ```gantry\n   check: doc.exists\n   pth: x\n   ```\n",
     "unknown key \"pth\""},
    {"a missing key", "plan.md", "### Track A: x\n1. a\n\n   ```gantry\n   check: doc.exists\n   ```\n",
     "lacks \"path\""},
    {"a path that leaves the workspace", "plan.md",
     "### Track A: x\n1. a\n\n   ```gantry\n   check: doc.exists\n   path: ../../etc/passwd\n   ```\n",
     "the workspace"},
    {"an unknown key in gantry.yaml", "gantry.yaml", "bindngs: {}\n", "unknown key \"bindngs\""},
    {"a step that the plan does not have", "gantry.yaml", "bindings: {Z.9: []}\n", "Z.9"},
    {"no such plugin", "gantry.yaml", "network: {profile: cillium}\n", "there is no profile \"cillium\""},
    {"no such topic", "gantry.yaml", "network: {differs: [sctp, endport]}\n", "there is no topic \"endport\""},
    {"no such key of the network", "gantry.yaml", "network: {plugin: cilium}\n", "unknown key \"plugin\""},
    {"no amount of entropy", "gantry.yaml", "entropy: {retry_cost: -1}\n", "between 0 and 1"},
    {"no YAML in gantry.yaml", "gantry.yaml", "a: [\n", ""},
};

class RunBadInput : public RunTest, public testing::WithParamInterface<BadInput> {};

TEST_P(RunBadInput, IsAnErrorThatNamesThePlace) {
  dir_.write(GetParam().file, GetParam().content);
  if (GetParam().file == "plan.md") dir_.write("gantry.yaml", "");
  const base::Result<Board> board = run(options());
  ASSERT_FALSE(board) << GetParam().name;
  EXPECT_EQ(board.error().kind, base::ErrorKind::input) << GetParam().name;
  const std::string text = describe(board.error());
  EXPECT_NE(text.find(GetParam().message), std::string::npos) << text;
  EXPECT_NE(text.find(GetParam().file), std::string::npos) << text;
}

INSTANTIATE_TEST_SUITE_P(Table, RunBadInput, testing::ValuesIn(kBadInputs));

TEST_F(RunTest, AMissingPlanNamesWhatToDo) {
  const base::Result<Workspace> missing = open_workspace(dir_.path("no.md"), std::nullopt);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, base::ErrorKind::usage);
}

}  // namespace
}  // namespace gantry::launch
