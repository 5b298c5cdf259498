#include "report/board_facts.h"

#include "report/boards.h"

#include <gtest/gtest.h>

#include <string>

namespace gantry::report {
namespace {

TEST(VerdictSentence, SaysHowMuchIsLeft) {
  struct Case {
    Decision decision;
    std::size_t blockers;
    std::string_view expected;
  };
  constexpr Case kCases[] = {
      {Decision::go, 0, "nothing stands between you and launch"},
      {Decision::no_go, 1, "1 thing stands between you and launch"},
      {Decision::no_go, 9, "9 things stand between you and launch"},
      {Decision::no_go, 0, "the plan does not hold"},
      {Decision::undecided, 1, "1 thing to settle, and not every check could decide"},
      {Decision::undecided, 2, "2 things to settle, and not every check could decide"},
      {Decision::undecided, 0, "a check could not decide, and that is never a GO"},
  };
  for (const Case& c : kCases) {
    Board board;
    board.decision = c.decision;
    board.blockers.resize(c.blockers);
    EXPECT_EQ(verdict_sentence(board), c.expected);
  }
}

TEST(StateCounts, CountOnlyWhatIsRequired) {
  const Board board = no_go_board();
  const StateCounts counts = count_steps(board.tracks[1]);
  EXPECT_EQ(counts.of(State::unverified), 4);
  EXPECT_EQ(counts.of(State::not_required), 1);
  EXPECT_EQ(counts.required(), 4);
  EXPECT_EQ(counts.holding(), 0);
  EXPECT_EQ(count_steps(board.tracks[2]).holding(), 2);  // one passed, one signed
  EXPECT_EQ(count_steps(board).required(), 19);
}

TEST(FirstExpiry, IsTheSoonestOfEvidenceAndWaivers) {
  Board board = go_with_waiver_board();
  ASSERT_TRUE(first_expiry(board));
  EXPECT_EQ(first_expiry(board)->what, "the evidence of A.1");
  board.waivers[0].expires = board.judged_at;
  EXPECT_EQ(first_expiry(board)->what, "the waiver of A.4");
  EXPECT_FALSE(first_expiry(empty_board()));
}

// A board with the same finding under two steps.
Board twice_found() {
  Board board = go_with_waiver_board();
  StepRow again = board.tracks[0].steps[1];
  again.id = "A.5";
  board.tracks[0].steps.push_back(again);
  return board;
}

TEST(CollectFindings, NamesAFindingOnceWithAllItsSteps) {
  const Board board = twice_found();
  const std::vector<CollectedFinding> findings = collect_findings(board);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].steps, (std::vector<std::string>{"A.4", "A.5"}));
}

TEST(CollectFindings, IsWaivedOnlyWhereEveryStepThatFoundItIs) {
  Board board = twice_found();
  EXPECT_EQ(collect_findings(board)[0].waiver, nullptr);
  board.waivers.push_back(board.waivers[0]);
  board.waivers.back().subject = "A.5";
  EXPECT_NE(collect_findings(board)[0].waiver, nullptr);
}

TEST(CollectFindings, GivesAPlaceToWhatHasNone) {
  Board board = go_with_waiver_board();
  base::Finding& finding = board.tracks[0].steps[1].checks[0].evidence->findings[0];
  finding.where = {};
  EXPECT_EQ(base::to_string(collect_findings(board)[0].where), "plans/saas-phase7-production-launch.md:48:1");
  board.plan_findings = {finding};
  board.tracks.clear();
  EXPECT_EQ(base::to_string(collect_findings(board)[0].where), "plans/saas-phase7-production-launch.md");
}

TEST(WaiverIndex, BindsToFingerprintAndSubject) {
  Board board = go_with_waiver_board();
  const base::Finding finding = board.tracks[0].steps[1].checks[0].evidence->findings[0];
  base::Finding reworded = finding;
  reworded.message += " now";
  EXPECT_NE(WaiverIndex(board).find(finding, "A.4"), nullptr);
  EXPECT_EQ(WaiverIndex(board).find(finding, "A.1"), nullptr) << "another step";
  EXPECT_EQ(WaiverIndex(board).find(reworded, "A.4"), nullptr) << "a new finding is never hidden";
  EXPECT_EQ(WaiverIndex(board).find(finding, kPlanSubject), nullptr);
}

}  // namespace
}  // namespace gantry::report
