// What the board's goldens do not say one by one.

#include "base/text.h"
#include "report/boards.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace gantry::report {
namespace {

std::string without_colour(std::string_view text) {
  std::string plain;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text.substr(at).starts_with("\x1b[")) {
      at = text.find('m', at);
    } else {
      plain.push_back(text[at]);
    }
  }
  return plain;
}

// All but the last line, whose banner has a margin in colour.
std::string_view without_verdict(std::string_view text) {
  return text.substr(0, text.rfind('\n', text.size() - 2) + 1);
}

TEST(Terminal, ColourAddsNothingThatIsNotThereWithoutIt) {
  for (const Scenario& scenario : scenarios()) {
    const Board board = scenario.build();
    for (const int width : {80, 120, 200}) {
      const std::string plain = render(board, Format::terminal, {.width = width});
      const std::string coloured = render(board, Format::terminal, {.width = width, .colour = Colour::on});
      EXPECT_NE(plain, coloured);
      EXPECT_EQ(without_verdict(without_colour(coloured)), without_verdict(plain)) << scenario.name;
    }
  }
}

TEST(Terminal, EndsWithTheVerdict) {
  for (const Scenario& scenario : scenarios()) {
    const Board board = scenario.build();
    const std::string text = render(board, Format::terminal);
    const std::string_view last = std::string_view(text).substr(without_verdict(text).size());
    const std::string_view word = board.decision == Decision::go ? "GO  " : "NO-GO  ";
    EXPECT_TRUE(last.starts_with(word)) << last;
    EXPECT_EQ(last.contains("  undecided: "), board.decision == Decision::undecided) << last;
  }
}

TEST(Terminal, SetsTicksAgainstEvidence) {
  struct Case {
    bool ticked;
    State state;
    std::string_view remark;
  };
  constexpr Case kCases[] = {
      {true, State::failed, "ticked in the plan, contradicted by evidence"},
      {true, State::unverified, "ticked in the plan, without evidence"},
      {true, State::undecided, "ticked in the plan, could not be decided"},
      {true, State::passed, ""},
      {true, State::waived, ""},
      {true, State::signed_off, ""},
      {false, State::passed, "holds, and is not ticked yet: --write ticks it"},
      {false, State::failed, ""},
      {false, State::unverified, ""},
  };
  for (const Case& c : kCases) {
    Board board;
    board.criteria = {{1, "PDB active", {}, c.ticked, c.state, "", {}}};
    const std::string text = render(board, Format::terminal);
    EXPECT_TRUE(text.contains(c.ticked ? " [x]  PDB active\n" : " [ ]  PDB active\n")) << text;
    EXPECT_EQ(text.contains("ticked"), !c.remark.empty()) << text;
    EXPECT_TRUE(text.contains(c.remark)) << text;
  }
}

TEST(Terminal, DoesNotAskToTickWhatWriteHasTicked) {
  EXPECT_FALSE(render(go_board(), Format::terminal).contains("--write ticks it"));
  Board board = go_board();
  board.changed_files.clear();
  EXPECT_TRUE(render(board, Format::terminal).contains("--write ticks it"));
}

TEST(Terminal, SaysHowLongAWaiverStillHolds) {
  struct Case {
    std::chrono::minutes left;
    std::string_view expected;
  };
  using namespace std::chrono_literals;
  constexpr Case kCases[] = {{30 * 24h, "(in 30 days)"}, {47h, "(in 1 day)"},          {5h, "(in 5 hours)"},
                             {1h, "(in 1 hour)"},        {59min, "(within the hour)"}, {0min, "(ended)"}};
  for (const Case& c : kCases) {
    Board board = go_with_waiver_board();
    board.waivers[0].expires = board.judged_at + c.left;
    EXPECT_TRUE(render(board, Format::terminal).contains(c.expected)) << render(board, Format::terminal);
  }
}

TEST(Terminal, SaysHowManyFindingsItLeftOut) {
  Board board = huge_board();
  board.tracks.resize(1);
  board.tracks[0].steps.resize(1);  // 30 findings, 6 of them info
  EXPECT_TRUE(render(board, Format::terminal).contains("… and 19 more: --json or --verbose\n"));
  const std::string verbose = render(board, Format::terminal, {.detail = Detail::verbose});
  EXPECT_FALSE(verbose.contains("more: --json"));
  EXPECT_TRUE(verbose.contains("info     pod shop/web-0"));
}

TEST(Terminal, NamesChecksWhereOneLineCannotSpeakForAll) {
  Board board = no_go_board();
  StepRow& step = board.tracks[0].steps[0];
  EXPECT_FALSE(render(board, Format::terminal).contains("manifests.valid manifests/network-policies"));
  for (BoundCheck& check : step.checks) check.state = State::failed;
  EXPECT_TRUE(render(board, Format::terminal).contains("✗ manifests.valid manifests/network-policies"));
}

TEST(Terminal, SaysUntilWhenAGoHolds) {
  EXPECT_TRUE(render(go_board(), Format::terminal)
                  .contains("This holds until 2026-11-24 02:50 UTC, when the evidence of A.1 ends.\nGO  "));
  EXPECT_FALSE(render(no_go_board(), Format::terminal).contains("This holds until"));
}

TEST(Terminal, GroupsBlockersThatAreTheSame) {
  Board board;
  board.blockers = {{"A.1", State::failed, "no label", "add it"},
                    {"A.2", State::failed, "no label", "add it"},
                    {"A.3", State::unverified, "no label", "add it"},
                    {"B.1", State::unverified, "unsigned", "sign B.1"},
                    {"B.2", State::unverified, "unsigned", "sign B.2"}};
  const std::string text = render(board, Format::terminal);
  EXPECT_TRUE(text.contains("  ✗ A.1, A.2\n         no label\n         → add it\n")) << text;
  EXPECT_TRUE(text.contains("  · A.3  no label\n")) << text;
  EXPECT_TRUE(text.contains("  · B.1, B.2\n         unsigned\n         → sign B.1, and so for each\n")) << text;
  EXPECT_TRUE(text.ends_with("NO-GO  5 things stand between you and launch\n"));
}

TEST(BindingsOnATerminal, ProposeBlocksThatCanBePasted) {
  Board board;
  StepRow step;
  step.id = "A.12";
  step.text = "Publish it";
  step.proposal = "check: doc.exists\npath: " + std::string(90, 'x') + "\nnote: |\n  ```\n";
  board.tracks = {{"A", "Apply", 0, State::unverified, {step}}};
  const std::string expected = "    ````gantry\n    check: doc.exists\n    path: " + std::string(90, 'x') +
                               "\n    note: |\n      ```\n    ````\n";
  EXPECT_TRUE(render_bindings(board, Format::terminal).contains(expected)) << render_bindings(board, Format::terminal);
}

}  // namespace
}  // namespace gantry::report
