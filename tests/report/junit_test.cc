#include "report/boards.h"
#include "report/xml.h"
#include "report/xml_check.h"

#include <gtest/gtest.h>

#include <string>

namespace gantry::report {
namespace {

using testing::AssertionFailure;
using testing::AssertionResult;
using testing::AssertionSuccess;

AssertionResult contains(const std::string& text, std::string_view part) {
  return text.contains(part) ? AssertionSuccess() : AssertionFailure() << "no " << part << " in\n" << text;
}

Board board_of_one_step(State state) {
  Board board;
  board.decision = Decision::go;
  board.tracks = {{"A", "Apply", 100, state, {}}};
  StepRow step;
  step.id = "A.1";
  step.text = "Apply it";
  step.state = state;
  step.summary = "why";
  board.tracks[0].steps = {step};
  return board;
}

// What nobody has looked at must not look green, nor harmless.
TEST(Junit, GivesEachStateItsOutcome) {
  struct Case {
    State state;
    std::string_view totals;
    std::string_view element;
  };
  constexpr Case kCases[] = {
      {State::passed, R"(failures="0" errors="0" skipped="0")", ""},
      {State::signed_off, R"(failures="0" errors="0" skipped="0")", ""},
      {State::failed, R"(failures="1" errors="0" skipped="0")", R"(<failure message="failed: why" type="failed"/>)"},
      {State::unverified, R"(failures="1" errors="0" skipped="0")",
       R"(<failure message="unverified: why" type="unverified"/>)"},
      {State::undecided, R"(failures="0" errors="1" skipped="0")",
       R"(<error message="undecided: why" type="undecided"/>)"},
      {State::waived, R"(failures="0" errors="0" skipped="1")", R"(<skipped message="waived: why"/>)"},
      {State::not_required, R"(failures="0" errors="0" skipped="1")", R"(<skipped message="not-required: why"/>)"},
  };
  for (const Case& c : kCases) {
    const std::string xml = render(board_of_one_step(c.state), Format::junit);
    EXPECT_TRUE(contains(xml, std::string(R"(<testsuites name="gantry" tests="2" )") + std::string(c.totals)));
    EXPECT_TRUE(contains(xml, c.element)) << to_string(c.state);
  }
}

TEST(Junit, IsRedWheneverTheDecisionIsNotGo) {
  Board board = board_of_one_step(State::passed);
  board.decision = Decision::no_go;
  board.blockers = {{"launch", State::unverified, "awaiting the sign-off of security", "gantry sign"}};
  EXPECT_TRUE(contains(render(board, Format::junit),
                       R"(<failure message="1 thing stands between you and launch" type="NO-GO">)"));
  board.decision = Decision::undecided;
  EXPECT_TRUE(contains(render(board, Format::junit), R"(<error message="1 thing to settle)"));
}

TEST(Junit, SaysWhatAWaiverSays) {
  EXPECT_TRUE(
      contains(render(go_with_waiver_board(), Format::junit),
               R"(<skipped message="waived until 2026-12-24, accepted by Dana Okafor (security): the frontend moves)"));
}

TEST(Junit, FailsForPlanFindingsThatBlock) {
  EXPECT_TRUE(contains(render(empty_board(), Format::junit),
                       R"(<failure message="the plan has no exit criteria" type="high">)"));
}

TEST(Junit, ShowsABoundedNumberOfFindings) {
  Board board = huge_board();
  board.tracks.resize(1);
  board.tracks[0].steps.resize(1);
  std::vector<base::Finding>& findings = board.tracks[0].steps[0].checks[0].evidence->findings;
  for (int i = 0; i < 2; ++i) findings.insert(findings.end(), findings.begin(), findings.begin() + 30);
  EXPECT_TRUE(contains(render(board, Format::junit), "\nand 40 more findings</failure>"));
}

TEST(Junit, IsWellFormed) {
  for (const Scenario& scenario : scenarios()) {
    EXPECT_EQ(find_xml_error(render(scenario.build(), Format::junit)), std::nullopt) << scenario.name;
  }
}

TEST(XmlCheck, FindsWhatIsNotWellFormed) {
  const std::string head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  EXPECT_EQ(find_xml_error(head + "<a b=\"1\"><c/>&amp; text</a>\n"), std::nullopt);
  for (const std::string_view body :
       {"<a>\n", "<a></b>\n", "<a/><b/>\n", "<a b=1/>\n", "<a b=\"1\" b=\"2\"/>\n", "<a>&nbsp;</a>\n", "<a>]]></a>\n",
        "<a>\x1b</a>\n", "<a>\xff</a>\n", "<a b=\"<\"/>\n", "text\n", "<a></a></a>\n", ""}) {
    EXPECT_TRUE(find_xml_error(head + std::string(body))) << body;
  }
}

TEST(XmlText, IsInertAndEscaped) {
  EXPECT_EQ(xml_text("a & <b> \"c\" 'd' ]]>\n\x1b\xff"), "a &amp; &lt;b&gt; &quot;c&quot; &apos;d&apos; ]]&gt; ␛�");
  EXPECT_EQ(xml_text("  indented"), "  indented");
}

}  // namespace
}  // namespace gantry::report
