// What must hold for every text, however strange: a plan is its text, an edit changes only its span, nothing crashes and
// nothing takes long. Texts are the real plan, cut, damaged, and mixed with what Markdown parsers trip over.

#include "launch/markdown.h"
#include "launch/plan.h"
#include "support/golden.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <random>

namespace gantry::launch {
namespace {

const std::string& real_plan() {
  static const std::string text = test::read_test_file("launch/plans/saas-phase7-production-launch.md");
  return text;
}

// What an edit may touch: the changed text is the old one with one span replaced.
void expect_one_span_changed(const std::string& before, const std::string& after, Span span) {
  ASSERT_LE(span.end(), before.size());
  EXPECT_EQ(after.substr(0, span.offset), before.substr(0, span.offset));
  const std::size_t tail = before.size() - span.end();
  ASSERT_GE(after.size(), span.offset + tail);
  EXPECT_EQ(after.substr(after.size() - tail), before.substr(span.end()));
}

void expect_spans_inside(const Plan& plan) {
  const auto expect_inside = [&](Span span) { EXPECT_LE(span.end(), plan.text().size()); };
  for (const LedgerEntry& entry : plan.ledger) expect_inside(entry.span);
  for (const Criterion& criterion : plan.criteria) expect_inside(criterion.tick.value_or(Span{}));
  for (const RemainingItem& item : plan.remaining_items) expect_inside(item.status_span.value_or(Span{}));
  for (const ContinuationMarker& marker : plan.markers) expect_inside(marker.span);
}

// Ticks every box, one at a time, and all at once.
void expect_ticks_hold(const Plan& plan) {
  PlanEdits all(plan);
  for (const Criterion& criterion : plan.criteria) {
    if (!criterion.tick) continue;
    ASSERT_TRUE(all.set_tick(criterion.ordinal, Tick::on));
    PlanEdits one(plan);
    ASSERT_TRUE(one.set_tick(criterion.ordinal, Tick::on));
    expect_one_span_changed(plan.text(), one.apply(), *criterion.tick);
  }
  const base::Result<Plan> ticked = Plan::parse(all.apply(), plan.file());
  ASSERT_TRUE(ticked) << base::describe(ticked.error());
  ASSERT_EQ(ticked->criteria.size(), plan.criteria.size());
  for (const Criterion& criterion : ticked->criteria)
    EXPECT_TRUE(criterion.ticked || !criterion.tick) << criterion.text;
  PlanEdits again(*ticked);
  for (const Criterion& criterion : ticked->criteria) {
    if (criterion.tick) {
      ASSERT_TRUE(again.set_tick(criterion.ordinal, Tick::on));
    }
  }
  EXPECT_TRUE(again.empty());
}

base::Result<Plan> parse_edited(const PlanEdits& edits, const Plan& plan) {
  return Plan::parse(edits.apply(), plan.file());
}

// One entry, another for each text: they are alike.
void expect_ledger_edits_hold(const Plan& plan) {
  if (plan.ledger.empty()) return;
  const LedgerEntry& entry = plan.ledger[plan.text().size() % plan.ledger.size()];
  PlanEdits edits(plan);
  if (!edits.set_phase(entry.phase, PhaseStatus::deferred)) return;  // listed twice
  expect_one_span_changed(plan.text(), edits.apply(), entry.span);
  const base::Result<Plan> changed = parse_edited(edits, plan);
  ASSERT_TRUE(changed) << base::describe(changed.error());
  EXPECT_EQ(changed->phase_status(entry.phase), PhaseStatus::deferred) << edits.apply();
  EXPECT_EQ(changed->ledger.size(), plan.ledger.size());
  PlanEdits again(*changed);
  ASSERT_TRUE(again.set_phase(entry.phase, PhaseStatus::deferred));
  EXPECT_TRUE(again.empty());
}

void expect_marker_edits_hold(const Plan& plan) {
  PlanEdits edits(plan);
  if (!edits.set_marker(MarkerKind::halt, "QA:blocked")) return;  // the plan ends inside code
  const base::Result<Plan> changed = parse_edited(edits, plan);
  ASSERT_TRUE(changed) << base::describe(changed.error());
  ASSERT_FALSE(changed->markers.empty()) << plan.text() << "\n-> " << edits.apply();
  EXPECT_EQ(changed->markers.back().kind, MarkerKind::halt);
  EXPECT_EQ(changed->markers.back().target, "QA:blocked");
  PlanEdits again(*changed);
  ASSERT_TRUE(again.set_marker(MarkerKind::halt, "QA:blocked"));
  EXPECT_TRUE(again.empty());
  EXPECT_FALSE(again.set_marker(MarkerKind::proceed, "QA"));
}

void expect_entropy_edits_hold(const Plan& plan) {
  constexpr Decimal kSpent{.units = 1, .digits = 2};
  PlanEdits edits(plan);
  if (!edits.spend_entropy(kSpent)) return;  // nothing remains
  const base::Result<Plan> changed = parse_edited(edits, plan);
  ASSERT_TRUE(changed) << base::describe(changed.error());
  ASSERT_TRUE(changed->entropy && changed->entropy->remaining) << edits.apply();
  const Decimal expected = subtract(plan.entropy->remaining->value, kSpent);
  EXPECT_TRUE(std::is_eq(compare(changed->entropy->remaining->value, expected)))
      << plan.entropy->text << " -> " << changed->entropy->text;
}

// A damaged plan is a plan or an error that says where; both must keep their promises.
void expect_sound(const std::string& text) {
  const base::Result<Plan> plan = Plan::parse(text, "plan.md");
  if (!plan) {
    EXPECT_EQ(plan.error().kind, base::ErrorKind::input);
    EXPECT_TRUE(plan.error().where.has_value());
    return;
  }
  ASSERT_EQ(plan->text(), text);
  EXPECT_EQ(PlanEdits(*plan).apply(), text);
  expect_spans_inside(*plan);
  expect_ticks_hold(*plan);
  expect_ledger_edits_hold(*plan);
  expect_marker_edits_hold(*plan);
  expect_entropy_edits_hold(*plan);
}

TEST(PlanProperty, EveryPrefixIsAPlanOrAnError) {
  for (std::size_t length = 0; length <= real_plan().size(); ++length) expect_sound(real_plan().substr(0, length));
}

TEST(PlanProperty, EveryCutIsAPlanOrAnError) {
  for (std::size_t start = 0; start < real_plan().size(); start += 23) {
    std::string cut = real_plan();
    expect_sound(cut.erase(start, 40));
  }
}

// Pieces that Markdown, YAML and the preamble give a meaning to.
constexpr std::string_view kPieces[] = {"\n",
                                        "\r\n",
                                        "\r",
                                        "\t",
                                        " ",
                                        "```",
                                        "~~~~",
                                        "```gantry\ncheck: x\n```\n",
                                        "- [ ] ",
                                        "- [x] ",
                                        "[]",
                                        "[ x ]",
                                        "|",
                                        "\\|",
                                        "### Track B: ",
                                        "## Exit Criteria\n",
                                        "1. ",
                                        "7) ",
                                        "> ",
                                        "> > ",
                                        "---\n",
                                        "***\n",
                                        "===\n",
                                        "<!--",
                                        "-->",
                                        "<div>",
                                        "`",
                                        "``",
                                        "**",
                                        "~~",
                                        "\xE2\x9F\xBF[QA]",
                                        "\xE2\x9F\x82[X]",
                                        "\xC3\xA2\xC5\xB8\xC2\xBF[",
                                        "]",
                                        "{",
                                        "}",
                                        "ledger: {",
                                        "entropy: ",
                                        "handles:\n",
                                        "  - a: b\n",
                                        "0.10",
                                        "%",
                                        "(30%)",
                                        "\xFF",
                                        "\xEF\xBB\xBF",
                                        "    ",
                                        "#",
                                        "&amp;",
                                        "[a](b)",
                                        "![a](b)",
                                        "<a@b.c>",
                                        "\\",
                                        ": ",
                                        "- "};

TEST(PlanProperty, TwoThousandMutationsAreSound) {
  std::mt19937 random(20251214);
  const auto below = [&](std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random);
  };
  for (int round = 0; round < 2000; ++round) {
    std::string text = real_plan();
    for (std::size_t edits = 1 + below(6); edits > 0; --edits) {
      const std::size_t at = below(text.size());
      switch (below(4)) {
        case 0: text.erase(at, 1 + below(30)); break;
        case 1: text.insert(at, kPieces[below(std::size(kPieces))]); break;
        case 2: text[at] = static_cast<char>(1 + below(255)); break;
        default: text.insert(at, text.substr(below(text.size()), below(200))); break;
      }
    }
    SCOPED_TRACE(testing::Message() << "mutation " << round << " of seed 20251214");
    expect_sound(text);
    if (testing::Test::HasFailure()) return;
  }
}

RC_GTEST_PROP(PlanProperty, TextMadeOfPiecesIsSound, ()) {
  const auto picks =
      *rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(0, std::size(kPieces)));
  std::string text = "### Track A: T\n1. s\n\n## Exit Criteria\n- [ ] c\n";
  for (const std::size_t pick : picks) text += kPieces[pick];
  expect_sound(text);
  RC_ASSERT(!testing::Test::HasFailure());
}

std::string with_line_ends(std::string_view text, std::string_view end) {
  std::string changed;
  for (const char c : text) c == '\n' ? changed += end : changed += c;
  return changed;
}

TEST(PlanProperty, LineEndsMarksAndTabsStayAsTheyAre) {
  const base::Result<Plan> original = Plan::parse(real_plan(), "plan.md");
  ASSERT_TRUE(original);
  for (const std::string_view end : {"\r\n", "\r"}) {
    const std::string text = with_line_ends(real_plan(), end);
    const base::Result<Plan> plan = Plan::parse(text, "plan.md");
    ASSERT_TRUE(plan);
    EXPECT_EQ(dump(*plan), dump(*original));
    expect_sound(text);
  }
  const std::string no_final_newline = real_plan().substr(0, real_plan().size() - 1);
  EXPECT_EQ(dump(*Plan::parse(no_final_newline, "plan.md")), dump(*original));
  const std::string with_mark = "\xEF\xBB\xBF" + real_plan();
  EXPECT_EQ(dump(*Plan::parse(with_mark, "plan.md")), dump(*original));
  expect_sound(with_mark);
}

// Each of these is known to take a Markdown parser quadratic time or deep recursion, or could take ours. Half a megabyte that
// took quadratic time would run into the test's time limit.
constexpr std::size_t kHostileBytes = 512U << 10;

void expect_quick(std::string_view frame, std::string_view unit) {
  std::string text(frame);
  while (text.size() < kHostileBytes) text += unit;
  const base::Result<Plan> plan = Plan::parse(text, "plan.md");
  EXPECT_TRUE(plan || plan.error().where) << frame << unit << "…";
}

TEST(PlanProperty, HostileMarkdownIsReadInLinearTime) {
  constexpr std::string_view kUnits[] = {">",         "> ",      "- ",
                                         "1. ",       "[",       "]",
                                         "![",        "[a](",    "<",
                                         "<?",        "<!A",     "<!--",
                                         "<![CDATA[", "`",       "*a_ ",
                                         "*_",        "**a ",    "\\",
                                         "&",         "~~",      "|",
                                         "|a\n|-\n",  "\t",      "#",
                                         "```\n",     "<a b=\"", "<a\n",
                                         "[a]: b\n",  "[^a]",    "a\n===\n",
                                         "- - ",      "  - a\n", "\xE2\x9F\xBF[",
                                         "\xC3\xA2",  "+ * - ",  "> - ",
                                         "a_b_",      "`\\",     "> a\n",
                                         "- a\n\n",   "1. a\n",  "<!--\n"};
  for (const std::string_view unit : kUnits) expect_quick("### Track A: T\n1. s\n\n## Exit Criteria\n- [ ] ", unit);
}

TEST(PlanProperty, HostilePreamblesAndTablesAreReadInLinearTime) {
  for (const std::string_view unit : {"{", "A:b,", "A:b\n", "(", "#", ";", "; ledger=", "0.1 ", ".", "a"}) {
    for (const std::string_view frame : {"ledger: {", "ledger:\n  ", "entropy: ", "handles: "})
      expect_quick(frame, unit);
  }
  expect_quick("handles:\n", "  - a: b\n");
  expect_quick("handles:\n", "  - a\n");
  for (const std::string_view unit : {"|", "a | b |\n| ", "|-", "\\|", "\n|---|"}) {
    expect_quick("### Track A: T\n1. s\n\n## Remaining Items\n| Item | Status |\n|---|---|\n| ", unit);
  }
}

TEST(PlanProperty, AHundredThousandItemsAreRead) {
  std::string text = "### Track A: T\n";
  for (int i = 1; i <= 100'000; ++i) text += std::to_string(i) + ". step\n";
  text += "\n## Exit Criteria\n\n";
  for (int i = 0; i < 100'000; ++i) text += "- [ ] done\n";
  const base::Result<Plan> plan = Plan::parse(text, "plan.md");
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->tracks[0].steps.size(), 100'000U);
  EXPECT_EQ(plan->criteria.back().ordinal, 100'000);
}

// Runs of backticks of every length, none with a partner.
TEST(PlanProperty, BackticksWithoutPartnersAreReadInLinearTime) {
  std::string text = "### Track A: T\n1. s\n";
  for (std::size_t length = 1; text.size() < (1U << 20); ++length) text += std::string(length, '`') + " x ";
  EXPECT_TRUE(Plan::parse(text, "plan.md"));
}

TEST(PlanProperty, NestingIsNoDeeperThanItsLimit) {
  std::string text = "### Track A: T\n";
  std::string indent;
  for (int depth = 0; depth < 500; ++depth) {
    text += indent + "- x\n";
    indent += "  ";
  }
  expect_sound(text);
  const DocumentLines document(text, "plan.md");
  const MarkdownBlock root = parse_markdown(document, 0, document.count());
  std::size_t deepest = 0;
  const auto measure = [&](const auto& self, const MarkdownBlock& block, std::size_t depth) -> void {
    deepest = std::max(deepest, depth);
    for (const MarkdownBlock& child : block.children) self(self, child, depth + 1);
  };
  measure(measure, root, 0);
  EXPECT_LE(deepest, 2 * kMarkdownNestingMax + 2);
}

}  // namespace
}  // namespace gantry::launch
