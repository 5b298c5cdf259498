// Header, handles, ledger and entropy: the forms that the launch reference lists (§2.2 to §2.4, §11), one row each.

#include "launch/plan_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gantry::launch {
namespace {

constexpr std::string_view kNothing = "";

struct HeaderCase {
  const char* what;
  const char* lines;
  const char* header;   // as in the dump
  const char* finding;  // rule, severity, place and message; "" for none
};

constexpr HeaderCase kHeaders[] = {
    {"all groups", "concept.forest.manifest[phase=PLAN][sprint=s1]@span=x\n",
     "concept.forest.manifest phase=PLAN sprint=s1 span=x", ""},
    {"unknown keys are kept", "a.b[phase=QA][wave=3]@span=x@owner=ops\n",
     "a.b phase=QA sprint= span=x wave=3 owner=ops", ""},
    {"spaces around keys and values", "a.b[ phase = PLAN ]\n", "a.b phase=PLAN sprint= span=", ""},
    {"behind a title", "# A title\n\na.b[phase=PLAN]\n", "a.b phase=PLAN sprint= span=", ""},
    {"behind front matter", "---\nstatus: open\n---\n\na.b[phase=PLAN]\n", "a.b phase=PLAN sprint= span=", ""},
    {"on the tenth line that is not blank", "1\n2\n3\n\n4\n5\n6\n7\n8\n9\na.b[phase=PLAN]\n",
     "a.b phase=PLAN sprint= span=", ""},
    {"on the eleventh", "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\na.b[phase=PLAN]\n", "",
     "plan.header low 0:0: the plan has no header among its first ten lines"},
    {"none", "", "", "plan.header low 0:0: the plan has no header among its first ten lines"},
    {"a path without groups is prose", "see a.b.c\n", "",
     "plan.header low 0:0: the plan has no header among its first ten lines"},
    {"two headers", "a.b[phase=PLAN]\nc.d[phase=QA]\n",
     "a.b phase=PLAN sprint= span=", "plan.header low 2:1: the plan has a second header; the first counts"},
    {"an unknown phase", "a.b[phase=LUNCH]\n",
     "a.b phase=LUNCH sprint= span=", "plan.header low 1:1: the header's phase 'LUNCH' is none of the eleven phases"},
    {"a bracket that is not closed", "a.b[phase=PLAN][sprint=x\n",
     "a.b phase=PLAN sprint= span=", "plan.header low 1:16: the header is not understood from '[sprint=x' on"},
    {"text behind it", "a.b[phase=PLAN] and so on\n",
     "a.b phase=PLAN sprint= span=", "plan.header low 1:16: the header is not understood from ' and so on' on"},
};

TEST(PlanHeader, ReadsEachForm) {
  for (const HeaderCase& c : kHeaders) {
    const std::string text = PlanFrame{.header = c.lines}.text();
    EXPECT_EQ(dump_of(text, "header: "), c.header) << c.what;
    EXPECT_EQ(dump_of(text, "finding "), c.finding) << c.what;
  }
}

TEST(PlanHeader, HydrateIsACueOnItsOwnLine) {
  EXPECT_TRUE(Plan::parse(PlanFrame{.preamble = "/hydrate\n"}.text(), "p.md")->has_hydrate_cue);
  EXPECT_FALSE(Plan::parse(PlanFrame{.preamble = "see /hydrate\n"}.text(), "p.md")->has_hydrate_cue);
}

struct PreambleCase {
  const char* what;
  const char* lines;     // from line 3 on
  const char* expected;  // of the dump
  const char* finding;
};

constexpr PreambleCase kHandles[] = {
    {"a list", "handles:\n  - runbook: docs/runbook.md\n  - tests: tests/load/\n",
     "runbook: docs/runbook.md\ntests: tests/load/", ""},
    {"without indentation", "handles:\n- a: b\n- c: d\n", "a: b\nc: d", ""},
    {"a map", "handles:\n  a: b\n  c: d\n", "a: b\nc: d", ""},
    {"on one line", "handles: a=b, c=d\n", "a: b\nc: d", ""},
    {"blank lines between", "handles:\n  - a: b\n\n  - c: d\n", "a: b\nc: d", ""},
    {"a comment", "handles:\n  - a: b  # the old one\n", "a: b # the old one", ""},
    {"a comment alone", "handles:\n  # later\n  - a: b\n", "a: b", ""},
    {"an output", "handles:\n  - a: b.md # to create\n  - c: d.md  # To be created by D.2\n",
     "a: b.md (output) # to create\nc: d.md (output) # To be created by D.2", ""},
    {"a '#' inside a path", "handles:\n  - a: b#c\n", "a: b#c", ""},
    {"a path with spaces", "handles:\n  - a: docs/my plan.md\n", "a: docs/my plan.md", ""},
    {"a path in quotes", "handles:\n  - a: \"b c.md\"\n  - d: `e.md`\n", "a: b c.md\nd: e.md", ""},
    {"a windows line end", "handles:\r\n  - a: b\r\n", "a: b", ""},
    {"without a path", "handles:\n  - a:\n  - c: d\n", "c: d", "plan.handle-syntax medium 4:5: handle 'a' has no path"},
    {"a path alone", "handles:\n  - docs/a.md\n", "", "plan.handle-syntax medium 4:5: 'docs/a.md' is not a handle"},
    {"a URL", "handles:\n  - a: https://example.com/x\n", "a: https://example.com/x",
     "plan.handle-syntax low 4:5: handle 'a' is a URL; handles name files of the workspace"},
    {"a name twice", "handles:\n  - a: b\n  - a: c\n", "a: b",
     "plan.handle-duplicate medium 5:5: handle 'a' is given twice; the first counts"},
    {"handles twice", "handles:\n  - a: b\n\nhandles:\n  - c: d\n", "a: b",
     "plan.preamble low 6:9: handles is given twice; the first counts"},
    {"not in a section", "## Context\n\nhandles:\n  - a: b\n", "", ""},
    {"a word that starts alike", "handles_of: x\n", "", ""},
};

TEST(PlanHandles, ReadsEachForm) {
  for (const PreambleCase& c : kHandles) {
    const std::string text = PlanFrame{.preamble = c.lines}.text();
    EXPECT_EQ(dump_of(text, "handle "), c.expected) << c.what;
    EXPECT_EQ(dump_of(text, "finding "), c.finding) << c.what;
  }
}

TEST(PlanHandles, AThousandAreEnough) {
  std::string handles = "handles:\n";
  for (int i = 0; i < 1001; ++i) handles += "  - h" + std::to_string(i) + ": x\n";
  const base::Result<Plan> plan = Plan::parse(PlanFrame{.preamble = handles}.text(), "p.md");
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->handles.size(), 1000U);
  EXPECT_EQ(dump_of(plan->text(), "finding "),
            "plan.handle-syntax medium 1004:4: only the first 1000 handles are read");
}

constexpr PreambleCase kLedgers[] = {
    {"one line", "ledger: {PLAN:complete, RESEARCH:in_progress}\n", "PLAN: complete\nRESEARCH: in_progress", ""},
    {"with '=' and spaces", "ledger = { PLAN = touched , QA= skipped }\n", "PLAN: touched\nQA: skipped", ""},
    {"several lines", "ledger: {\n  PLAN: complete,\n  QA: touched\n}\n", "PLAN: complete\nQA: touched", ""},
    {"a map", "ledger:\n  PLAN: complete\n  QA: touched\n", "PLAN: complete\nQA: touched", ""},
    {"a list", "ledger:\n  - PLAN: complete\n  - QA: touched\n", "PLAN: complete\nQA: touched", ""},
    {"without braces", "ledger: PLAN:complete, QA:touched\n", "PLAN: complete\nQA: touched", ""},
    {"a reason in parentheses", "ledger: {QA:skipped (no screens, (yet)), TEST:deferred}\n",
     "QA: skipped # no screens, (yet)\nTEST: deferred", ""},
    {"a reason as a comment", "ledger:\n  QA: skipped # no screens\n  TEST: deferred,  # phase 8\n",
     "QA: skipped # no screens\nTEST: deferred # phase 8", ""},
    {"a comment before the first", "ledger:\n  # as of today\n  QA: touched\n", "QA: touched", ""},
    {"the words of the corpus",
     "ledger: {PLAN:completed, RESEARCH:done, DEVELOP:pending, STRATEGIZE:planned, QA:not_applicable}\n",
     "PLAN: complete 'completed'\nRESEARCH: complete 'done'\nDEVELOP: not_started 'pending'\nSTRATEGIZE: not_started "
     "'planned'\n"
     "QA: skipped 'not_applicable'",
     ""},
    {"other spellings", "ledger: {plan:In Progress, cross_synergize:not-started, \"QA\":'done'}\n",
     "PLAN: in_progress 'In Progress'\nCROSS-SYNERGIZE: not_started 'not-started'\nQA: complete 'done'", ""},
    {"an empty one", "ledger: {}\n", "", ""},
    {"an unknown status", "ledger: {QA:nearly}\n", "QA: not_started 'nearly'",
     "plan.ledger-status medium 3:13: 'nearly' is no status of phase QA"},
    {"no status", "ledger: {QA:, TEST:done}\n", "QA: not_started ''\nTEST: complete 'done'",
     "plan.ledger-status medium 3:13: phase QA has no status"},
    {"an unknown phase", "ledger: {LUNCH:done}\n", "LUNCH: complete 'done'",
     "plan.ledger-phase medium 3:10: 'LUNCH' is none of the eleven phases"},
    {"a phase twice", "ledger: {QA:done, QA:touched}\n", "QA: complete 'done'\nQA: touched",
     "plan.ledger-phase medium 3:19: phase QA is listed twice; the first counts"},
    {"something else", "ledger: {QA:done, hello, TEST:done}\n", "QA: complete 'done'\nTEST: complete 'done'",
     "plan.ledger-syntax medium 3:19: the ledger is not understood at 'hello, TEST:done'"},
    {"a brace that is not closed", "ledger: {QA:done,\nTEST:touched\n\nMore: text\n",
     "QA: complete 'done'\nTEST: touched", "plan.ledger-syntax medium 3:9: the ledger's brace is not closed"},
    {"none", "", "", ""},
    {"the short form", "handles: scope=docs/a.md; ledger={PLAN:done}; entropy=0.07\n", "PLAN: complete 'done'", ""},
};

TEST(PlanLedger, ReadsEachForm) {
  for (const PreambleCase& c : kLedgers) {
    const std::string text = PlanFrame{.preamble = c.lines}.text();
    EXPECT_EQ(dump_of(text, "ledger "), c.expected) << c.what;
    EXPECT_EQ(dump_of(text, "finding "), c.finding) << c.what;
  }
}

TEST(PlanLedger, TheShortFormNamesHandlesAndEntropyToo) {
  const std::string text = PlanFrame{.preamble = "handles: scope=docs/a.md; ledger={PLAN:done}; entropy=0.07\n"}.text();
  EXPECT_EQ(dump_of(text, "handle "), "scope: docs/a.md");
  EXPECT_EQ(dump_of(text, "entropy:"), " planned=0.07 spent=0.00* remaining=0.07*");
}

// Derived amounts carry a star.
constexpr PreambleCase kEntropies[] = {
    {"a budget", "entropy: 0.10 budget\n", " planned=0.10 spent=0.00* remaining=0.10*", ""},
    {"a budget with prose", "entropy: 0.10 budget (fresh cycle)\n", " planned=0.10 spent=0.00* remaining=0.10*", ""},
    {"what remains", "entropy: 0.02 remaining\n", " remaining=0.02", ""},
    {"what remains and is spent", "entropy: 0.08 remaining (0.02 spent on PLAN)\n",
     " planned=0.10* spent=0.02 remaining=0.08", ""},
    {"a budget and what remains", "entropy: 0.05 budget (0.03 remaining)\n", " planned=0.05 spent=0.02* remaining=0.03",
     ""},
    {"named", "entropy: spent=0.07, remaining=0.68\n", " planned=0.75* spent=0.07 remaining=0.68", ""},
    {"a number", "entropy: 0.07\n", " planned=0.07 spent=0.00* remaining=0.07*", ""},
    {"with '='", "entropy=0.07\n", " planned=0.07 spent=0.00* remaining=0.07*", ""},
    {"a map", "entropy:\n  planned: 0.10\n  spent: 0.04  # exploring\n  returned: 0.01\n",
     " planned=0.10 spent=0.04 returned=0.01 remaining=0.05*", ""},
    {"digits are kept", "entropy: 0.100 budget, 0.02 spent\n", " planned=0.100 spent=0.02 remaining=0.080*", ""},
    {"without a zero", "entropy: .5 budget\n", " planned=0.5 spent=0.0* remaining=0.5*", ""},
    {"a sentence", "entropy: 0.10 budget for Phase7, about 3 sprints.\n", " planned=0.10 spent=0.00* remaining=0.10*",
     ""},
    {"a full stop behind it", "entropy: 0.07.\n", " planned=0.07 spent=0.00* remaining=0.07*", ""},
    {"named in words before", "entropy: planned: 0.10, left: 0.04\n", " planned=0.10 spent=0.06* remaining=0.04", ""},
    {"absent", "", "", ""},
    {"prose only", "entropy: plenty\n", "", "plan.entropy low 3:10: the entropy line names no amount"},
    {"nothing", "entropy:\n", "", "plan.entropy low 3:9: the entropy line names no amount"},
    {"a percentage", "entropy: 7%\n", "",
     "plan.entropy low 3:10: '7' is no amount of entropy\nplan.entropy low 3:10: the entropy line names no amount"},
    {"negative", "entropy: -0.5 budget\n", "",
     "plan.entropy low 3:10: the entropy line names no amount\nplan.entropy low 3:11: '0.5' is no amount of entropy"},
    {"ten digits", "entropy: 0.1234567890 budget\n", "",
     "plan.entropy low 3:10: '0.1234567890' is no amount of entropy\nplan.entropy low 3:10: the entropy line names no "
     "amount"},
    {"a version is no number", "entropy: 1.2.3 budget\n", "",
     "plan.entropy low 3:10: '1.2.3' is no amount of entropy\nplan.entropy low 3:10: the entropy line names no amount"},
    {"an amount twice", "entropy: 0.10 budget, 0.20 planned\n", " planned=0.10 spent=0.00* remaining=0.10*",
     "plan.entropy low 3:23: the planned entropy is given twice; the first counts"},
    {"amounts that disagree", "entropy: 0.10 budget, 0.02 spent, 0.09 remaining\n",
     " planned=0.10 spent=0.02 remaining=0.09",
     "plan.entropy low 3:10: 0.10 planned is not 0.02 spent, 0 returned and 0.09 remaining"},
    {"more spent than planned", "entropy: 0.10 budget, 0.12 spent\n", " planned=0.10 spent=0.12 remaining=-0.02*",
     "plan.entropy low 3:10: more entropy is spent or remaining than was planned"},
    {"depleted", "entropy: 0.10 budget (0.009 remaining)\n", " planned=0.10 spent=0.091* remaining=0.009",
     "plan.entropy low 3:10: 0.009 remains: the cycle has to halt"},
    {"a hundredth is enough", "entropy: 0.01 remaining\n", " remaining=0.01", ""},
};

TEST(PlanEntropy, ReadsEachForm) {
  for (const PreambleCase& c : kEntropies) {
    const std::string text = PlanFrame{.preamble = c.lines}.text();
    EXPECT_EQ(dump_of(text, "entropy:"), c.expected) << c.what;
    EXPECT_EQ(dump_of(text, "finding "), c.finding) << c.what;
  }
}

TEST(PlanPreamble, AFrameWithoutAnyHasNoFindings) { EXPECT_EQ(dump_of(PlanFrame{}.text(), "finding "), kNothing); }

}  // namespace
}  // namespace gantry::launch
