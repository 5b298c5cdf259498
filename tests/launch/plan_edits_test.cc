#include "launch/document_lines.h"
#include "launch/plan_text.h"
#include "support/golden.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gantry::launch {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Plan parsed(const std::string& text) {
  base::Result<Plan> plan = Plan::parse(text, "plan.md");
  EXPECT_TRUE(plan) << base::describe(plan.error());
  return *std::move(plan);
}

// What stands between the longest common beginning and end: "old -> new".
std::string change(const std::string& before, const std::string& after) {
  std::size_t start = 0;
  while (start < before.size() && start < after.size() && before[start] == after[start]) ++start;
  std::size_t tail = 0;
  while (tail < before.size() - start && tail < after.size() - start &&
         before[before.size() - 1 - tail] == after[after.size() - 1 - tail]) {
    ++tail;
  }
  return before == after ? ""
                         : before.substr(start, before.size() - start - tail) + " -> " +
                               after.substr(start, after.size() - start - tail);
}

// The one line that an edit changes, before and after.
std::string changed_line(const std::string& before, const std::string& after) {
  const DocumentLines old_lines(before, "");
  const DocumentLines new_lines(after, "");
  for (std::size_t i = 0; i < std::min(old_lines.count(), new_lines.count()); ++i) {
    if (old_lines.line(i) != new_lines.line(i))
      return std::string(old_lines.line(i)) + " -> " + std::string(new_lines.line(i));
  }
  return "";
}

TEST(PlanEdits, OfTheRealPlanChangeSingleWords) {
  const Plan plan = parsed(test::read_test_file("launch/plans/saas-phase7-production-launch.md"));
  const auto change_of = [&](auto edit) {
    PlanEdits edits(plan);
    const base::Result<void> made = edit(edits);
    return made ? change(plan.text(), edits.apply()) : "error: " + made.error().message;
  };
  EXPECT_EQ(change_of([](PlanEdits& e) { return e.set_tick(4, Tick::on); }), "  -> x");
  EXPECT_EQ(change_of([](PlanEdits& e) { return e.set_tick(4, Tick::off); }), "");
  EXPECT_EQ(change_of([](PlanEdits& e) { return e.set_tick(7, Tick::on); }), "error: the plan has no exit criterion 7");
  EXPECT_EQ(change_of([](PlanEdits& e) { return e.set_phase("QA", PhaseStatus::complete); }),
            "not_started -> complete");
  EXPECT_EQ(change_of([](PlanEdits& e) { return e.set_phase("QA", PhaseStatus::not_started); }), "");
  EXPECT_EQ(change_of([](PlanEdits& e) { return e.set_phase("LUNCH", PhaseStatus::complete); }),
            "error: the plan's ledger does not list phase LUNCH");
  EXPECT_EQ(change_of([](PlanEdits& e) { return e.spend_entropy({.units = 2, .digits = 2}); }),
            " -> 0.08 remaining) (");
  EXPECT_EQ(change_of([](PlanEdits& e) { return e.set_marker(MarkerKind::proceed, "RESEARCH"); }), "");
  EXPECT_EQ(change_of([](PlanEdits& e) { return e.set_marker(MarkerKind::halt, "QA:blocked"); }),
            "âŸ¿[RESEARCH -> ⟂[QA:blocked");
  EXPECT_EQ(change_of([](PlanEdits& e) { return e.set_remaining_status(1, "Signed"); }), "Pending -> Signed ");
}

TEST(PlanEdits, AreMadeTogetherAndDescribedInOrder) {
  const Plan plan = parsed(test::read_test_file("launch/plans/saas-phase7-production-launch.md"));
  PlanEdits edits(plan);
  EXPECT_TRUE(edits.empty());
  ASSERT_TRUE(edits.set_marker(MarkerKind::halt, "DETACH:awaiting_human"));
  ASSERT_TRUE(edits.set_tick(2, Tick::on));
  ASSERT_TRUE(edits.set_tick(1, Tick::on));
  ASSERT_TRUE(edits.set_phase("IMPLEMENT", PhaseStatus::complete));
  ASSERT_TRUE(edits.spend_entropy({.units = 1, .digits = 2}));
  ASSERT_TRUE(edits.spend_entropy({.units = 1, .digits = 2}));
  EXPECT_THAT(edits.descriptions(),
              ElementsAre("ledger: IMPLEMENT not_started -> complete", "entropy: remaining 0.10 -> 0.08",
                          "criterion 1 ticked", "criterion 2 ticked", "marker ⟂[DETACH:awaiting_human]"));
  EXPECT_TRUE(test::matches_golden(edits.apply(), "launch/plans/saas-phase7-production-launch.edited.md"));
}

TEST(PlanEdits, TheLastOfOneThingCounts) {
  const Plan plan = parsed(PlanFrame{}.text());
  PlanEdits edits(plan);
  ASSERT_TRUE(edits.set_tick(1, Tick::on));
  ASSERT_TRUE(edits.set_tick(1, Tick::off));
  EXPECT_TRUE(edits.empty());
  EXPECT_EQ(edits.apply(), plan.text());
}

struct TickCase {
  const char* what;
  const char* item;
  Tick tick;
  const char* expected;  // the line afterwards, or "error: …"
};

constexpr TickCase kTicks[] = {
    {"tick", "- [ ] a", Tick::on, "- [x] a"},
    {"untick", "- [x] a", Tick::off, "- [ ] a"},
    {"a capital letter is a tick", "- [X] a", Tick::on, "- [X] a"},
    {"untick a capital letter", "- [X] a", Tick::off, "- [ ] a"},
    {"an empty box", "- [] a", Tick::on, "- [x] a"},
    {"a wide box", "- [ x ] a", Tick::on, "- [x] a"},
    {"another mark", "* [-] a", Tick::on, "* [x] a"},
    {"another mark is no tick", "* [-] a", Tick::off, "* [-] a"},
    {"emphasis", "- **[ ]** a", Tick::on, "- **[x]** a"},
    {"no box", "- a", Tick::on, "error: exit criterion 1 has no box to tick"},
};

TEST(PlanEdits, TicksEachKindOfBox) {
  for (const TickCase& c : kTicks) {
    const Plan plan = parsed(PlanFrame{.criteria = std::string(c.item) + "\n"}.text());
    PlanEdits edits(plan);
    const base::Result<void> made = edits.set_tick(1, c.tick);
    const std::string expected = PlanFrame{.criteria = std::string(c.expected) + "\n"}.text();
    EXPECT_EQ(made ? edits.apply() : "error: " + made.error().message, made ? expected : c.expected) << c.what;
  }
}

struct PhaseCase {
  const char* what;
  const char* ledger;
  PhaseStatus status;
  const char* expected;
};

// Of phase QA.
constexpr PhaseCase kPhaseCases[] = {
    {"a word", "ledger: {PLAN:done, QA:touched}", PhaseStatus::complete, "ledger: {PLAN:done, QA:complete}"},
    {"the same in other words", "ledger: {QA:done}", PhaseStatus::complete, "ledger: {QA:done}"},
    {"an unknown word", "ledger: {QA:nearly}", PhaseStatus::not_started, "ledger: {QA:not_started}"},
    {"no word", "ledger: {QA:, TEST:done}", PhaseStatus::touched, "ledger: {QA:touched, TEST:done}"},
    {"spaces and reasons stay", "ledger: { QA = skipped (no screens) }", PhaseStatus::in_progress,
     "ledger: { QA = in_progress (no screens) }"},
    {"quotes stay", "ledger: {\"QA\": 'done'}", PhaseStatus::touched, "ledger: {\"QA\": 'touched'}"},
    {"a comment stays", "ledger:\n  QA: done  # by hand", PhaseStatus::touched, "ledger:\n  QA: touched  # by hand"},
    {"two words", "ledger: {QA: in progress}", PhaseStatus::touched, "ledger: {QA: touched}"},
    {"listed twice", "ledger: {QA:done, QA:touched}", PhaseStatus::skipped,
     "error: the plan's ledger lists phase QA twice"},
    {"not listed", "ledger: {PLAN:done}", PhaseStatus::touched, "error: the plan's ledger does not list phase QA"},
    {"no ledger", "", PhaseStatus::touched, "error: the plan's ledger does not list phase QA"},
};

TEST(PlanEdits, SetsPhasesInEachForm) {
  for (const PhaseCase& c : kPhaseCases) {
    const Plan plan = parsed(PlanFrame{.preamble = std::string(c.ledger) + "\n"}.text());
    PlanEdits edits(plan);
    const base::Result<void> made = edits.set_phase("QA", c.status);
    const std::string expected = PlanFrame{.preamble = std::string(c.expected) + "\n"}.text();
    EXPECT_EQ(made ? edits.apply() : "error: " + made.error().message, made ? expected : c.expected) << c.what;
  }
}

struct EntropyCase {
  const char* what;
  const char* entropy;
  Decimal amount;
  const char* expected;
};

constexpr Decimal kTwoHundredths{.units = 2, .digits = 2};

// Each form of the reference, §2.4, and what it is when 0.02 is spent.
constexpr EntropyCase kEntropies[] = {
    {"a budget", "entropy: 0.10 budget", kTwoHundredths, "entropy: 0.10 budget (0.08 remaining)"},
    {"with prose", "entropy: 0.10 budget (fresh cycle)", kTwoHundredths,
     "entropy: 0.10 budget (0.08 remaining) (fresh cycle)"},
    {"what remains", "entropy: 0.05 remaining", kTwoHundredths, "entropy: 0.03 remaining"},
    {"what remains and is spent", "entropy: 0.08 remaining (0.02 spent on PLAN)", kTwoHundredths,
     "entropy: 0.06 remaining (0.04 spent on PLAN)"},
    {"a budget and what remains", "entropy: 0.05 budget (0.03 remaining)", kTwoHundredths,
     "entropy: 0.05 budget (0.01 remaining)"},
    {"named", "entropy: spent=0.07, remaining=0.68", kTwoHundredths, "entropy: spent=0.09, remaining=0.66"},
    {"a number", "entropy: 0.07", kTwoHundredths, "entropy: 0.07 (0.05 remaining)"},
    {"a map", "entropy:\n  planned: 0.10\n  spent: 0.04", kTwoHundredths,
     "entropy:\n  planned: 0.10 (0.04 remaining)\n  spent: 0.06"},
    {"few digits", "entropy: 0.1 remaining", kTwoHundredths, "entropy: 0.08 remaining"},
    {"many digits", "entropy: 0.100 remaining", kTwoHundredths, "entropy: 0.080 remaining"},
    {"zeros that the amount brings", "entropy: 0.10 remaining", {.units = 200, .digits = 4}, "entropy: 0.08 remaining"},
    {"all of it", "entropy: 0.02 remaining", kTwoHundredths, "entropy: 0.00 remaining"},
    {"nothing", "entropy: 0.10 budget", {.units = 0, .digits = 2}, "entropy: 0.10 budget"},
    {"too much", "entropy: 0.01 remaining", kTwoHundredths, "error: 0.02 of entropy can't be spent: 0.01 remains"},
    {"less than nothing",
     "entropy: 0.10 budget",
     {.units = -2, .digits = 2},
     "error: -0.02 of entropy can't be spent: 0.10 remains"},
    {"prose", "entropy: plenty", kTwoHundredths, "error: the plan does not say how much entropy remains"},
    {"none", "", kTwoHundredths, "error: the plan does not say how much entropy remains"},
};

TEST(PlanEdits, SpendsEntropyInEachForm) {
  for (const EntropyCase& c : kEntropies) {
    const Plan plan = parsed(PlanFrame{.preamble = std::string(c.entropy) + "\n"}.text());
    PlanEdits edits(plan);
    const base::Result<void> made = edits.spend_entropy(c.amount);
    const std::string expected = PlanFrame{.preamble = std::string(c.expected) + "\n"}.text();
    EXPECT_EQ(made ? edits.apply() : "error: " + made.error().message, made ? expected : c.expected) << c.what;
  }
}

TEST(PlanEdits, AMarkerReplacesTheLastOrBecomesTheLastLine) {
  const std::string frame = PlanFrame{}.text();
  const auto mark = [](const std::string& text, MarkerKind kind, std::string_view target) {
    const Plan plan = parsed(text);
    PlanEdits edits(plan);
    const base::Result<void> made = edits.set_marker(kind, target);
    return made ? edits.apply() : "error: " + made.error().message;
  };
  EXPECT_EQ(mark(frame + "⟿[QA]\n", MarkerKind::proceed, "TEST"), frame + "⟿[TEST]\n");
  EXPECT_EQ(mark(frame + "⟿[QA]\n\n⟿[TEST]\n", MarkerKind::halt, "X"), frame + "⟿[QA]\n\n⟂[X]\n");
  EXPECT_EQ(mark("- a\n\n### Track A: x\n1. s", MarkerKind::halt, "X"), "- a\n\n### Track A: x\n1. s\n\n⟂[X]");
  EXPECT_EQ(mark("### Track A: x\r\n1. s\r\n", MarkerKind::halt, "X"), "### Track A: x\r\n1. s\r\n\r\n⟂[X]\r\n");
  EXPECT_EQ(mark("```markdown\n### Track A: x\n1. s\n```\n", MarkerKind::halt, "X"),
            "```markdown\n### Track A: x\n1. s\n\n⟂[X]\n```\n");
}

TEST(PlanEdits, NeverLiftsAHalt) {
  for (const char* marker : {"⟂[BLOCKED:x]\n", "âŸ‚[BLOCKED:x]\n", "⟂[BLOCKED:x]\n\n⟿[QA]\n"}) {
    const Plan plan = parsed(PlanFrame{.rest = marker}.text());
    PlanEdits edits(plan);
    const base::Result<void> made = edits.set_marker(MarkerKind::proceed, "QA");
    ASSERT_FALSE(made) << marker;
    EXPECT_EQ(made.error().message, "the plan is halted, and only a person may lift a halt");
    EXPECT_TRUE(edits.set_marker(MarkerKind::halt, "QA:blocked"));
  }
}

TEST(PlanEdits, AMarkerWhereNobodyWouldSeeItIsAnError) {
  const Plan in_code = parsed("### Track A: x\n1. s\n\n```\nnever closed\n");
  EXPECT_THAT(PlanEdits(in_code).set_marker(MarkerKind::halt, "X").error().message, HasSubstr("part of code"));
  // Only the backtick in the target keeps the line from opening a code fence.
  const Plan held = parsed("### Track A: x\n1. s\n\n```a ⟿[`]\n");
  ASSERT_EQ(held.markers.size(), 1U);
  EXPECT_THAT(PlanEdits(held).set_marker(MarkerKind::halt, "X").error().message, HasSubstr("part of code"));
  const Plan plan = parsed(PlanFrame{}.text());
  EXPECT_EQ(PlanEdits(plan).set_marker(MarkerKind::halt, "a]b").error().kind, base::ErrorKind::usage);
  EXPECT_EQ(PlanEdits(plan).set_marker(MarkerKind::halt, "a\nb").error().kind, base::ErrorKind::usage);
}

struct CellCase {
  const char* what;
  const char* row;
  const char* status;
  const char* expected;
};

constexpr CellCase kCells[] = {
    {"shorter: the width stays", "| a | Pending now |", "Done", "| a | Done        |"},
    {"longer: the row grows", "| a | Open |", "Deferred", "| a | Deferred |"},
    {"without padding", "|a|Open|", "Done", "|a| Done |"},
    {"an empty cell", "| a | |", "Done", "| a | Done |"},
    {"a pipe in the text", "| a | Open |", "x | y", "| a | x \\| y |"},
    {"a line end in the text", "| a | Open |", "x\ny", "| a | x y  |"},
    {"the same", "| a |  Open |", "Open", "| a |  Open |"},
    {"without outer pipes", "a | Open", "Done", "a | Done "},
    {"letters of two bytes", "| a | éé |", "Done", "| a | Done |"},
};

TEST(PlanEdits, AStatusCellKeepsItsWidthWhereItCan) {
  for (const CellCase& c : kCells) {
    const auto text_with = [](const char* row) {
      return PlanFrame{.context = "## Remaining Items\n\n| Item | Status |\n|---|---|\n" + std::string(row) + "\n"}
          .text();
    };
    const Plan plan = parsed(text_with(c.row));
    PlanEdits edits(plan);
    ASSERT_TRUE(edits.set_remaining_status(0, c.status)) << c.what;
    EXPECT_EQ(changed_line(plan.text(), edits.apply()), changed_line(text_with(c.row), text_with(c.expected)))
        << c.what;
    EXPECT_EQ(edits.apply(), text_with(c.expected)) << c.what;
  }
  const Plan plan = parsed(PlanFrame{.context = "## Remaining Items\n\n- a\n"}.text());
  EXPECT_FALSE(PlanEdits(plan).set_remaining_status(0, "Done"));
  EXPECT_FALSE(PlanEdits(plan).set_remaining_status(1, "Done"));
}

}  // namespace
}  // namespace gantry::launch
