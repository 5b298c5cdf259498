// Tracks, steps, criteria, tables, budgets and markers: what the launch reference lists (§2.2, §2.5 to §2.7, §11), one row each.

#include "launch/plan_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <span>

namespace gantry::launch {
namespace {

struct Case {
  const char* what;
  const char* markdown;
  const char* expected;  // lines of the dump
  const char* finding = "";
};

void expect_each(std::span<const Case> cases, auto frame_of, std::string_view prefix) {
  for (const Case& c : cases) {
    const std::string text = frame_of(c.markdown).text();
    EXPECT_EQ(dump_of(text, prefix), c.expected) << c.what;
    EXPECT_EQ(dump_of(text, "finding "), c.finding) << c.what;
  }
}

// Tracks begin on line 9.
PlanFrame tracks(const std::string& markdown) { return {.tracks = markdown}; }

constexpr Case kTracks[] = {
    {"with a weight", "### Track A: Apply & Verify (100%)\n1. s\n", "A 100%: Apply & Verify"},
    {"without a weight", "### Track A: Apply\n1. s\n", "A: Apply"},
    {"a dash", "### Track A - Apply\n1. s\n", "A: Apply"},
    {"a long dash", "### Track A — Apply (100%)\n1. s\n", "A 100%: Apply"},
    {"a number for a letter", "### Track 1: Apply\n1. s\n", "1: Apply"},
    {"no title", "### Track A\n1. s\n", "A: "},
    {"only a weight", "### Track A (100%)\n1. s\n", "A 100%: "},
    {"other levels of heading", "## Track A: Apply\n1. s\n\n#### Track B: Next\n1. s\n", "A: Apply\nB: Next"},
    {"emphasis", "### **Track A: Apply** (100%)\n1. s\n", "A 100%: Apply"},
    {"underlined", "Track A: Apply\n---\n1. s\n", "A: Apply"},
    {"closing marks", "### Track A: Apply ###\n1. s\n", "A: Apply"},
    {"parentheses that are no weight", "### Track A: Apply (again)\n1. s\n", "A: Apply (again)"},
    {"a fraction is rounded", "### Track A: x (33.4%)\n1. s\n\n### Track B: y (66.6%)\n1. s\n", "A 33%: x\nB 67%: y"},
    {"a sum of 99", "### Track A: x (33%)\n1. s\n\n### Track B: y (66%)\n1. s\n", "A 33%: x\nB 66%: y"},
    {"a sum of 110", "### Track A: x (60%)\n1. s\n\n### Track B: y (50%)\n1. s\n", "A 60%: x\nB 50%: y",
     "plan.weights low 9:1: the weights of the tracks sum to 110%"},
    {"a weight of nothing", "### Track A: x (0%)\n1. s\n\n### Track B: y (100%)\n1. s\n", "A 0%: x\nB 100%: y"},
    {"a missing weight", "### Track A: x (100%)\n1. s\n\n### Track B: y\n1. s\n", "A 100%: x\nB: y",
     "plan.weights low 12:1: track B has no weight, and others have one"},
    {"no steps", "### Track A: x\n\nJust prose.\n\n- and\n- bullets\n", "A: x",
     "plan.track-empty medium 9:1: track A has no steps"},
    {"a heading that only sounds alike", "### Track record\n1. s\n\n### Track A: x\n1. s\n", "A: x"},
    {"an indented heading is code", "    ### Track B: y\n\n### Track A: x\n1. s\n", "A: x"},
    {"a heading in a fence is code", "```\n### Track B: y\n```\n\n### Track A: x\n1. s\n", "A: x"},
};

TEST(PlanTracks, ReadsEachForm) { expect_each(kTracks, tracks, "track "); }

struct ErrorCase {
  const char* what;
  std::string text;
  const char* message;
  const char* where;
};

TEST(PlanTracks, WhatStopsTheReadingNamesThePlaceAndTheWayOut) {
  const ErrorCase cases[] = {
      {"no tracks", "# Plan\n\nProse.\n", "the plan has no tracks", "plan.md"},
      {"nothing at all", "", "the plan has no tracks", "plan.md"},
      {"a duplicate letter", tracks("### Track A: x\n1. s\n\n### Track A: y\n1. s\n").text(),
       "two tracks are called A: the other one is on line 9", "plan.md:12:1"},
      {"not text", std::string("### Track A: x\n1. a\0b\n", 22), "the plan is not a text file", "plan.md:2:5"},
      {"UTF-16", std::string("\xFF\xFE#\0 \0", 6), "the plan is not a text file", "plan.md:1:4"},
      {"too big", std::string(kPlanBytesMax + 1, 'x'), "the plan has 10485761 bytes, more than 10 MiB", "plan.md"},
      {"a wrapper that is not closed", "\n```markdown\n### Track A: x\n1. s\n",
       "the plan has no tracks: the code fence around it is not closed on the last line", "plan.md:2:1"},
  };
  for (const ErrorCase& c : cases) {
    const base::Result<Plan> plan = Plan::parse(c.text, "plan.md");
    ASSERT_FALSE(plan) << c.what;
    EXPECT_EQ(plan.error().kind, base::ErrorKind::input) << c.what;
    EXPECT_EQ(plan.error().message, c.message) << c.what;
    ASSERT_TRUE(plan.error().where) << c.what;
    EXPECT_EQ(base::to_string(*plan.error().where), c.where) << c.what;
    EXPECT_NE(plan.error().help, "") << c.what;
  }
}

// Steps begin on line 10.
PlanFrame steps(const std::string& markdown) { return {.tracks = "### Track A: T\n" + markdown}; }

constexpr Case kSteps[] = {
    {"numbered", "1. one\n2. two\n", "A.1: one\nA.2: two"},
    {"with parentheses", "1) one\n2) two\n", "A.1: one\nA.2: two"},
    {"several lines", "1. one\n   goes on\n  and on\n", "A.1: one goes on and on"},
    {"later paragraphs are not its text", "1. one\n\n   more\n", "A.1: one"},
    {"a gap", "1. one\n3. three\n", "A.1: one\nA.3: three",
     "plan.step-numbering low 11:1: step A.3 follows where A.2 was expected"},
    {"two lists", "1. one\n\nprose\n\n2. two\n", "A.1: one\nA.2: two"},
    {"a gap between lists", "1. one\n\nprose\n\n4. four\n", "A.1: one\nA.4: four",
     "plan.step-numbering low 14:1: step A.4 follows where A.2 was expected"},
    {"a restart", "1. one\n\nprose\n\n1. again\n", "A.1: one\nA.1#2: again",
     "plan.step-numbering medium 14:1: track A has a second step 1"},
    {"all ones", "1. one\n1. two\n1. three\n", "A.1: one\nA.2: two\nA.3: three",
     "plan.step-numbering info 10:1: 3 steps are all numbered 1; they are called as a reader of the page sees them"},
    {"from zero", "0. one\n1. two\n", "A.0: one\nA.1: two",
     "plan.step-numbering low 10:1: step A.0 follows where A.1 was expected"},
    {"under a heading of the track", "1. one\n\n#### Then\n\n2. two\n", "A.1: one\nA.2: two"},
    {"nested items are not steps", "1. one\n   1. inner\n   - inner\n2. two\n", "A.1: one\nA.2: two"},
    {"bullets are not steps", "1. one\n\n- prose\n", "A.1: one"},
    {"a quoted list is not a track's", "1. one\n\n> 2. two\n", "A.1: one"},
    {"conditions", "1. If it fails, look\n2. **When** done, go\n3. Iffy\n",
     "A.1 conditional: If it fails, look\nA.2 conditional: **When** done, go\nA.3: Iffy"},
    {"choices", "1. Evaluate options: a, b\n2. Choose one\n3. Decide: a or b\n",
     "A.1 choice: Evaluate options: a, b\nA.2 choice: Choose one\nA.3 choice: Decide: a or b"},
    {"an empty step", "1.\n2. two\n", "A.1: \nA.2: two"},
    {"boxes are not judged here", "1. one\n\n- [ ] two\n", "A.1: one",
     "plan.box-outside low 12:1: boxes outside of Exit Criteria are not judged"},
};

TEST(PlanSteps, ReadsEachForm) { expect_each(kSteps, steps, "  "); }

// What a step quotes, and what belongs to it.
constexpr Case kCommands[] = {
    {"inline code", "1. run `kubectl get pods` now\n", "kubectl get pods"},
    {"two on a line", "1. `git tag a` then `git tag b`\n", "git tag a\ngit tag b"},
    {"double backticks", "1. ``echo `date` now``\n", "echo `date` now"},
    {"code that wraps", "1. run `kubectl get\n   pods` now\n", "kubectl get pods"},
    {"a path or a name is none", "1. see `docs/a.md` and `kgents-agents` and `kubectl`\n", ""},
    {"in a nested item", "1. one\n   - run `git tag a`\n     1. and `git tag b`\n", "git tag a\ngit tag b"},
    {"in a later paragraph", "1. one\n\n   Then `git tag a`.\n", "git tag a"},
    {"a shell block", "1. one\n   ```bash\n   git tag a\n\n   # comment\n   git tag b \\\n     -m x\n   ```\n",
     "git tag a\ngit tag b -m x"},
    {"with a prompt", "1. one\n   ```console\n   $ git tag a\n   ```\n", "$ git tag a"},
    {"a here-document is no command",
     "1. one\n   ```sh\n   kubectl apply -f - <<'EOF'\n   kind: Pod\n   EOF\n   git tag b\n   ```\n",
     "kubectl apply -f - <<'EOF'\ngit tag b"},
    {"a block without a language is none", "1. one\n   ```\n   git tag a\n   ```\n", ""},
    {"another language is none", "1. one\n   ```yaml\n   git tag: a\n   ```\n", ""},
    {"a block beside the step is none", "1. one\n\n```bash\ngit tag a\n```\n", ""},
    {"a quote is none", "1. one\n   > run `git tag a`\n", ""},
    {"an escaped backtick is none", "1. \\`git tag a\\`\n", ""},
};

TEST(PlanSteps, FindsWhatTheyQuote) { expect_each(kCommands, steps, "    $ "); }

TEST(PlanSteps, CommandsStandWhereTheyAreWritten) {
  const base::Result<Plan> plan = Plan::parse(
      steps("1. run `git tag a`\n   - or\n     `git tag b`\n\n   ```bash\n     git tag c\n   ```\n").text(), "plan.md");
  ASSERT_TRUE(plan);
  std::vector<std::string> places;
  for (const QuotedCommand& command : plan->tracks[0].steps[0].commands)
    places.push_back(base::to_string(command.where));
  EXPECT_THAT(places, testing::ElementsAre("plan.md:10:9", "plan.md:12:7", "plan.md:15:6"));
}

// Criteria begin on line 14.
PlanFrame criteria(const std::string& markdown) { return {.criteria = markdown}; }

constexpr Case kCriteria[] = {
    {"open and ticked", "- [ ] one\n- [x] two\n- [X] three\n", "1 [ ]: one\n2 [x]: two\n3 [x]: three"},
    {"other bullets", "* [ ] one\n\n+ [x] two\n\n1. [ ] three\n", "1 [ ]: one\n2 [x]: two\n3 [ ]: three"},
    {"indented", "  - [ ] one\n  - [x] two\n", "1 [ ]: one\n2 [x]: two"},
    {"nested", "- [ ] one\n  - [x] inner\n    - [ ] innermost\n- [ ] two\n",
     "1 [ ]: one\n2 [x]: inner\n3 [ ]: innermost\n4 [ ]: two"},
    {"notes below are not criteria", "- [ ] one\n  - a note\n    - [x] in a note\n", "1 [ ]: one\n2 [x]: in a note"},
    {"several lines", "- [ ] one\n  goes on\n", "1 [ ]: one goes on"},
    {"text below the box", "- [ ]\n  one\n", "1 [ ]: one"},
    {"emphasis around the box", "- **[x]** one\n- **[ ] two**\n- _[ ] three_ more\n",
     "1 [x]: one\n2 [ ]: two\n3 [ ]: three_ more"},
    {"emphasis and code inside", "- [ ] **one** `two`\n", "1 [ ]: **one** `two`"},
    {"two spaces in the box", "- [  ] one\n", "1 [ ]: one",
     "plan.criterion-box medium 14:4: '[  ]' is no box that Markdown knows"},
    {"spaces around the tick", "- [ x ] one\n", "1 [ ]: one",
     "plan.criterion-box medium 14:4: '[ x ]' is no box that Markdown knows"},
    {"nothing in the box", "- [] one\n", "1 [ ]: one",
     "plan.criterion-box medium 14:4: '[]' is no box that Markdown knows"},
    {"another mark", "- [-] one\n- [✓] two\n", "1 [ ]: one\n2 [ ]: two",
     "plan.criterion-box medium 14:4: '[-]' is no box that Markdown knows\nplan.criterion-box medium 15:4: '[✓]' is no "
     "box that Markdown knows"},
    {"no space behind the box", "- [x]one\n", "1 [x]: one",
     "plan.criterion-box medium 14:4: '[x]' is no box that Markdown knows"},
    {"no box", "- one\n", "1 without box: one", "plan.criterion-box medium 14:1: exit criterion 'one' has no box"},
    {"a link is no box", "- [one](a.md)\n", "1 without box: [one](a.md)",
     "plan.criterion-box medium 14:1: exit criterion '[one](a.md)' has no box"},
    {"struck through", "- [ ] ~~one~~\n", "1 [ ]: ~~one~~",
     "plan.criterion-struck low 14:1: a struck-through exit criterion is still demanded"},
    {"in a fence", "- [ ] one\n\n```\n- [ ] two\n```\n", "1 [ ]: one"},
    {"in a comment", "- [ ] one\n\n<!--\n- [ ] two\n-->\n", "1 [ ]: one"},
    {"in a quote", "- [ ] one\n\n> - [ ] two\n", "1 [ ]: one"},
    {"the same text twice", "- [ ] one\n- [ ] one\n", "1 [ ]: one\n2 [ ]: one"},
    {"under another heading below", "### Part\n\n- [ ] one\n", "1 [ ]: one"},
    {"not under the next section", "- [ ] one\n\n## Notes\n\n- [ ] two\n", "1 [ ]: one"},
    {"none", "Prose.\n", "", "plan.criteria-missing high 0:0: the plan has no exit criteria"},
};

TEST(PlanCriteria, ReadsEachForm) { expect_each(kCriteria, criteria, "criterion "); }

TEST(PlanCriteria, MayStandInsideATrack) {
  const PlanFrame frame = {.tracks =
                               "### Track A: T\n1. s\n\n#### Exit criteria\n\n- [ ] a\n\n### Track B: U\n1. "
                               "s\n\n**Exit criteria:**\n\n- [x] b\n"};
  EXPECT_EQ(dump_of(frame.text(), "criterion "), "1 [ ]: a\n2 [x]: b\n3 [ ]: it works");
  EXPECT_EQ(dump_of(frame.text(), "  "), "A.1: s\nB.1: s");
}

TEST(PlanCriteria, IdentityIsTheTextWithoutMarkup) {
  const base::Result<Plan> plan =
      Plan::parse(criteria("- [ ]  **Load**  test `k6` <!-- note --> [documented](a.md) (100 req/s)\n").text(), "p.md");
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->criteria[0].identity, "load test k6 documented (100 req/s)");
}

PlanFrame remaining(const std::string& markdown) {
  return {.context = "## Remaining Items (from docs/a.md)\n\n" + markdown};
}

constexpr Case kRemaining[] = {
    {"a table", "| Item | Category | Priority | Status |\n|---|---|---|---|\n| a | b | c | d |\n", "a | b | c | d"},
    {"columns by name", "| Status | Item |\n|---|---|\n| open | a |\n", "a |  |  | open"},
    {"without outer pipes", "Item | Status\n---|---\na | open\n", "a |  |  | open"},
    {"alignment", "| Item | Status |\n|:--|:-:|\n| a | open |\n", "a |  |  | open"},
    {"an escaped pipe", "| Item | Status |\n|---|---|\n| a \\| b | `x \\| y` |\n", "a | b |  |  | `x | y`"},
    {"a pipe in code ends the cell", "| Item | Status |\n|---|---|\n| `a | b` |\n", "`a |  |  | b`"},
    {"HTML in a cell", "| Item | Status |\n|---|---|\n| a<br>b | <b>open</b> |\n", "a<br>b |  |  | <b>open</b>"},
    {"a short row", "| Item | Status |\n|---|---|\n| a |\n", "a |  |  | "},
    {"a long row", "| Item | Status |\n|---|---|\n| a | b | c |\n", "a |  |  | b"},
    {"an empty table", "| Item | Status |\n|---|---|\n", ""},
    {"bold columns", "| **Item** | **Status** |\n|---|---|\n| a | b |\n", "a |  |  | b"},
    {"another column", "| Item | Risk if unresolved |\n|---|---|\n| a | high |\n", "a |  |  | "},
    {"a list", "- a\n- b\n", "a |  |  | \nb |  |  | "},
    {"text before the table", "These:\n| Item | Status |\n|---|---|\n| a | b |\n", "a |  |  | b"},
};

TEST(PlanRemainingItems, ReadsEachForm) { expect_each(kRemaining, remaining, "remaining: "); }

PlanFrame rest(const std::string& markdown) {
  return {.tracks = "### Track A: x (75%)\n1. s\n\n### Track B: y (25%)\n1. s\n", .rest = markdown};
}

// The rest begins on line 19.
constexpr Case kAttention[] = {
    {"fenced lines", "## Attention Budget\n\n```\nPrimary (75%): Track A (work)\nSecondary (25%): Track B\n```\n",
     "75%: Primary = A\n25%: Secondary = B"},
    {"several tracks", "## Attention Budget\n\n```\nAll (100%): Tracks A + B (x)\n```\n", "100%: All = A + B"},
    {"words between", "## Attention Budget\n\n- All (100%): Tracks A and B\n", "100%: All = A + B"},
    {"commas", "## Attention Budget\n\nAll (100%): Tracks A, B\n", "100%: All = A + B"},
    {"no tracks named", "## Attention Budget\n\n```\nAll (100%): everything\n```\n", "100%: All = "},
    {"a sum of 90", "## Attention Budget\n\n```\nOne (75%): Track A\nTwo (15%): rest\n```\n",
     "75%: One = A\n15%: Two = ", "plan.attention low 22:1: the attention budget sums to 90%"},
    {"against the weights", "## Attention Budget\n\n```\nOne (50%): Track A\nTwo (50%): Track B\n```\n",
     "50%: One = A\n50%: Two = B",
     "plan.attention low 22:1: 'One' gets 50% of the attention, its tracks weigh 75%\n"
     "plan.attention low 23:1: 'Two' gets 50% of the attention, its tracks weigh 25%"},
    {"an unknown track", "## Attention Budget\n\n```\nAll (100%): Tracks A + Z\n```\n", "100%: All = A + Z",
     "plan.attention low 22:1: 'All' names track Z, which the plan does not have"},
    {"one percent off is rounding", "## Attention Budget\n\n```\nOne (76%): Track A\nTwo (24%): Track B\n```\n",
     "76%: One = A\n24%: Two = B"},
};

TEST(PlanAttention, ReadsEachForm) { expect_each(kAttention, rest, "attention "); }

TEST(PlanBody, ReadsListsOfTextAndTheMission) {
  const std::string text =
      rest("## Non-Goals\n\n- **a** (later)\n- b\n  - why\n\n## Branch Candidates\n\n- **c**: when\n").text();
  EXPECT_EQ(dump_of(text, "non-goal: "), "**a** (later)\nb");
  EXPECT_EQ(dump_of(text, "branch: "), "**c**: when");
  EXPECT_EQ(dump_of(text, "mission: "), "Do it.");
}

constexpr Case kMarkers[] = {
    {"continue", "⟿[RESEARCH]\n", "proceed: RESEARCH"},
    {"halt", "⟂[BLOCKED:no cluster]\n", "halt: BLOCKED:no cluster"},
    {"damaged", "âŸ¿[RESEARCH]\n", "proceed (damaged): RESEARCH",
     "plan.mojibake info 19:1: 'âŸ¿' is the character '⟿', encoded twice"},
    {"a damaged halt", "âŸ‚[QA:blocked]\n", "halt (damaged): QA:blocked",
     "plan.mojibake info 19:1: 'âŸ‚' is the character '⟂', encoded twice"},
    {"damaged as Latin-1", "\xC3\xA2\xC2\x9F\xC2\xBF[QA]\n", "proceed (damaged): QA",
     "plan.mojibake info 19:1: '\xC3\xA2\xC2\x9F\xC2\xBF' is the character '⟿', encoded twice"},
    {"other targets", "⟿[META-RE-METABOLIZE]\n", "proceed: META-RE-METABOLIZE"},
    {"with a detail", "⟿[DETACH:later]\n", "proceed: DETACH:later"},
    {"in a sentence", "Then: ⟿[QA]\n", "proceed: QA"},
    {"alone, without a target", "⟂\n", "halt: "},
    {"the sign in prose is none", "a ⟂ b\n", ""},
    {"in code it is none", "`⟂[BLOCKED]`\n", ""},
    {"in a quote it is one", "> ⟂[BLOCKED]\n", "halt: BLOCKED"},
    {"in a comment it is none", "<!--\n⟂[BLOCKED]\n-->\n", ""},
    {"in a fence it is none", "```\n⟿[QA]\n```\n", ""},
    {"none", "", ""},
    {"an unknown phase", "⟿[LUNCH]\n", "proceed: LUNCH",
     "plan.marker low 19:1: the marker continues with 'LUNCH', which is no phase"},
    {"no phase", "⟿\n", "proceed: ", "plan.marker low 19:1: the marker names no phase to continue with"},
    {"several", "## After\n\nIf it works: ⟿[QA]\n\n- else ⟂[BLOCKED]\n", "proceed: QA\nhalt: BLOCKED",
     "plan.marker low 23:8: the plan has 2 continuation markers"},
};

TEST(PlanMarkers, ReadsEachForm) { expect_each(kMarkers, rest, "marker "); }

constexpr Case kClosings[] = {
    {"agrees", "---\n\nThis is the *PLAN* for it.\n", "s"},
    {"disagrees", "---\n\nThis is the **QA** for it.\n", "s",
     "plan.phase-mismatch low 21:1: the closing sentence says QA, the header says PLAN"},
    {"about something else", "This is the end.\n", "s"},
};

TEST(PlanClosingSentence, IsComparedWithTheHeader) { expect_each(kClosings, rest, "title: "); }

constexpr Case kEncodings[] = {
    {"bytes that are not UTF-8 are kept", "a \xFF b\n", "",
     "plan.encoding low 19:3: the text is not UTF-8 from here on"},
    {"a quote encoded twice", "donâ€™t\n", "", "plan.mojibake info 19:4: 'â€™' is the character '’', encoded twice"},
    {"letters with accents are text", "café à la crème, Ã la carte\n", ""},
};

TEST(PlanEncoding, DamageIsReportedAndKept) { expect_each(kEncodings, rest, "marker "); }

TEST(Plan, IsCalledByItsSprintOrItsHeadingOrItsFile) {
  const std::string tracks = "\n### Track A: T\n1. s\n";
  EXPECT_EQ(Plan::parse("# Big *Launch*\n\na.b[sprint=s1]\n" + tracks, "docs/p.md")->title(), "s1");
  EXPECT_EQ(Plan::parse("# Big *Launch*\n" + tracks, "docs/p.md")->title(), "Big Launch");
  EXPECT_EQ(Plan::parse(tracks, "docs/p.md")->title(), "p.md");
}

TEST(Plan, FindsStepsHandlesAndPhasesByName) {
  const base::Result<Plan> plan = Plan::parse(
      PlanFrame{.preamble = "handles:\n  - h: x\n\nledger: {QA:done}\n", .tracks = "### Track A: T\n1. a\n2. b\n"}
          .text(),
      "p.md");
  ASSERT_TRUE(plan);
  ASSERT_NE(plan->find_step("A.2"), nullptr);
  EXPECT_EQ(plan->find_step("A.2")->text, "b");
  EXPECT_EQ(plan->find_step("A.3"), nullptr);
  EXPECT_EQ(plan->find_handle("h")->path, "x");
  EXPECT_EQ(plan->find_handle("i"), nullptr);
  EXPECT_EQ(plan->phase_status("QA"), PhaseStatus::complete);
  EXPECT_EQ(plan->phase_status("TEST"), PhaseStatus::not_started);
}

TEST(Plan, FindingsOfOneRuleAreCountedPastAHundred) {
  std::string many;
  for (int i = 0; i < 103; ++i) many += "- [] x\n";
  const base::Result<Plan> plan = Plan::parse(criteria(many).text(), "p.md");
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->criteria.size(), 103U);
  ASSERT_EQ(plan->findings.size(), 101U);
  EXPECT_THAT(dump(*plan), testing::HasSubstr("3 more findings of this rule are not listed"));
}

}  // namespace
}  // namespace gantry::launch
