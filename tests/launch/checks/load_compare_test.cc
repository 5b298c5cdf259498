// load.compare: two runs second by second. What chance does is not told apart, what it does not do is, and few seconds tell nothing.

#include "launch/checks/made_up_run.h"
#include "support/golden.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::launch {
namespace {

// So many seconds around a latency, each off by up to a twentieth. The last one is dropped, as part of one.
std::vector<double> around(double ms, int seconds, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> off(0.95, 1.05);
  std::vector<double> values;
  for (int i = 0; i <= seconds; ++i) values.push_back(ms * off(random));
  return values;
}

struct Case {
  std::string_view name;
  std::vector<double> before, after;
  std::string_view block;
  std::string_view verdict;
};

const Case kCases[] = {
    {"as before", around(30, 60, 1), around(30, 60, 2), "", "pass"},
    {"a little slower, and surely so", around(30, 60, 1), around(31.5, 60, 2), "", "pass load.compare-differs"},
    {"a little slower is too much", around(30, 60, 1), around(31.5, 60, 2), "tolerance: 2\n",
     "fail load.compare-worse"},
    {"slower, and more than is tolerated is not ruled out", around(30, 60, 1), around(31.5, 60, 2), "tolerance: 5.5\n",
     "error load.compare-open"},
    {"slower", around(30, 60, 1), around(36, 60, 2), "", "fail load.compare-worse"},
    {"faster", around(30, 60, 1), around(20, 60, 2), "", "pass load.compare-differs"},
    {"twice as slow, of little", around(0.3, 60, 1), around(0.6, 60, 2), "", "fail load.compare-worse"},
    {"slower by less than anybody notices", around(0.3, 60, 1), around(0.4, 60, 2), "", "pass load.compare-differs"},
    {"slower by little, which counts here", around(2, 60, 1), around(3.5, 60, 2), "least: 1ms\n",
     "fail load.compare-worse"},
    {"slower by little, which does not", around(2, 60, 1), around(2.5, 60, 2), "least: 1ms\n",
     "pass load.compare-differs"},
    {"three seconds are none", around(30, 3, 1), around(36, 3, 2), "", "error load.compare-few-samples"},
    {"so few seconds might hide it", around(30, 7, 7), around(31.4, 7, 9), "tolerance: 3\n",
     "error load.compare-few-samples"},
};

constexpr std::string_view kBlock = "check: load.compare\nfigures: [p95, rate]\n";

base::Timestamp at(int hour) { return base::Timestamp(std::chrono::hours(24 * 365 * 50 + hour)); }

// A run of load.js that passed.
base::Evidence run_at(
    test::MadeUpEvidence& evidence, int hour, const std::string& summary,
    const std::function<void(LoadRecord&)>& change = [](LoadRecord&) {}) {
  base::Evidence run = test::load_evidence(evidence, "load.js", summary, change).evidence;
  run.id = fmt::format("e{}", hour);
  run.started = at(hour);
  return run;
}
void set_current(test::MadeUpEvidence& evidence, base::Evidence run) {
  evidence.all = {test::load_evidence(evidence, "load.js", "{}")};
  evidence.all[0].evidence = std::move(run);
}

TEST(LoadCompare, TellsApartWhatChanceDoesNotDo) {
  std::string all;
  for (const Case& c : kCases) {
    test::MadeUpEvidence evidence;
    evidence.earlier = {run_at(evidence, 1, test::summary_of(c.before))};
    set_current(evidence, run_at(evidence, 2, test::summary_of(c.after)));
    const test::CheckRun run =
        test::run_check(fmt::format("{}{}", kBlock, c.block), {.manifests = {}, .found = &evidence});
    EXPECT_EQ(test::verdict_and_rules(run), c.verdict) << c.name;
    all += fmt::format("== {}\n{}{}", c.name, test::dump(run), run ? run->artifacts.at(0).content : "");
  }
  EXPECT_TRUE(gantry::test::matches_golden(all, "launch/checks/load_compare.txt"));
}

TEST(LoadCompare, ComparesErrorsToo) {
  test::MadeUpEvidence evidence;
  evidence.earlier = {run_at(evidence, 1, test::summary_of(around(30, 60, 1)))};
  set_current(evidence, run_at(evidence, 2, test::summary_of(around(30, 60, 2), 4)));
  EXPECT_EQ(test::verdict_and_rules(test::run_check("check: load.compare\n", {.manifests = {}, .found = &evidence})),
            "fail load.compare-worse");
}

// How many times what is tolerated, for a waiver: it covers what it was given for, and no run that is much worse.
TEST(LoadCompare, SaysHowMuchWorse) {
  const struct {
    double ms;
    std::string_view block;
    double extent;
  } cases[] = {{36, "", 2}, {45, "", 5}, {36, "tolerance: 5\n", 4}, {36, "tolerance: 0\nleast: 0ms\n", 20}};
  for (const auto& c : cases) {
    test::MadeUpEvidence evidence;
    evidence.earlier = {run_at(evidence, 1, test::summary_of(around(30, 60, 1)))};
    set_current(evidence, run_at(evidence, 2, test::summary_of(around(c.ms, 60, 2))));
    const test::CheckRun run =
        test::run_check(fmt::format("{}{}", kBlock, c.block), {.manifests = {}, .found = &evidence});
    ASSERT_TRUE(run);
    ASSERT_EQ(run->findings.size(), 1U) << test::dump(run);
    const std::optional<double> extent = find_extent(run->extents, run->findings[0].fingerprint());
    EXPECT_NEAR(extent.value_or(0), c.extent, c.extent / 10) << c.ms << " " << c.block;
  }
}

// The baseline stays where it is: neither a run that is worse, nor many that are a little so, nor time move it.
TEST(LoadCompare, HoldsOnToTheFirstRunThatPassed) {
  test::MadeUpEvidence evidence;
  const test::CheckInput input{.manifests = {}, .found = &evidence};
  const auto judge = [&input](std::string_view block) {
    return test::verdict_and_rules(test::run_check(block, input));
  };
  set_current(evidence, run_at(evidence, 5, test::summary_of(around(30, 40, 1))));
  EXPECT_EQ(judge("check: load.compare\n"), "undecided");
  base::Evidence failed = run_at(evidence, 1, test::summary_of(around(30, 40, 2)));
  failed.verdict = base::Verdict::fail;
  evidence.earlier = {failed};
  EXPECT_EQ(judge("check: load.compare\n"), "undecided");
  evidence.earlier.push_back(run_at(evidence, 2, test::summary_of(around(24, 40, 3))));
  for (const int hour : {3, 4}) evidence.earlier.push_back(run_at(evidence, hour, test::summary_of(around(30, 40, 4))));
  EXPECT_EQ(judge("check: load.compare\n"), "fail load.compare-worse");
  // Until somebody accepts another one.
  EXPECT_EQ(judge(fmt::format("check: load.compare\nsince: {}\n", base::format_rfc3339(at(3)))), "pass");
  EXPECT_EQ(judge(fmt::format("check: load.compare\nsince: {}\n", base::format_rfc3339(at(5)))),
            "pass load.compare-new-baseline");
  EXPECT_EQ(judge(fmt::format("check: load.compare\nsince: {}\n", base::format_rfc3339(at(6)))), "undecided");
}

TEST(LoadCompare, KeepsItsBaselineInAFile) {
  const std::string block = fmt::format("{}baseline: base.json\n", kBlock);
  test::MadeUpEvidence evidence;
  test::CheckInput input{.manifests = {}, .found = &evidence};
  set_current(evidence, run_at(evidence, 1, test::summary_of(around(30, 40, 1))));
  EXPECT_EQ(test::verdict_and_rules(test::run_check(block, input)), "undecided");
  const auto drafted = test::draft_document(block, input);
  ASSERT_TRUE(drafted && *drafted);
  input.files.emplace("base.json", (*drafted)->text);
  EXPECT_EQ(test::verdict_and_rules(test::run_check(block, input)), "pass load.compare-new-baseline");
  set_current(evidence, run_at(evidence, 2, test::summary_of(around(36, 40, 2))));
  EXPECT_EQ(test::verdict_and_rules(test::run_check(block, input)), "fail load.compare-worse");
  // It is replaced by nobody but who deletes it, and by no run that failed.
  EXPECT_FALSE(*test::draft_document(block, input));
  evidence.all[0].evidence.verdict = base::Verdict::fail;
  input.files.clear();
  EXPECT_FALSE(*test::draft_document(block, input));
}

struct Other {
  std::string_view name;
  std::function<void(LoadRecord&)> change;
};
const Other kOthers[] = {
    {"another script", [](LoadRecord& r) { r.script_digest = "sha256:7777"; }},
    {"another module", [](LoadRecord& r) { r.files["lib/think.js"] = "sha256:7777"; }},
    {"other VUs",
     [](LoadRecord& r) {
       r.options.set("vus", base::Node(100));
       r.scenarios = {"baseline: constant-vus, 100 VUs for 1m0s"};
     }},
    {"another target", [](LoadRecord& r) { r.target.name = "staging"; }},
    {"a dependency is off", [](LoadRecord& r) { r.target.dependencies[0].is_on = false; }},
    {"declared to do without",
     [](LoadRecord& r) {
       r.target.without = {"openmeter", "nats"};
     }},
    {"another machine", [](LoadRecord& r) { r.machine = "64 processors, Example CPU"; }},
};

TEST(LoadCompare, SaysWhyTwoRunsCannotBeCompared) {
  std::string all;
  for (const Other& c : kOthers) {
    test::MadeUpEvidence evidence;
    evidence.earlier = {run_at(evidence, 1, test::summary_of(around(30, 40, 1)))};
    set_current(evidence, run_at(evidence, 2, test::summary_of(around(30, 40, 2)), c.change));
    const test::CheckRun run = test::run_check(kBlock, {.manifests = {}, .found = &evidence});
    EXPECT_EQ(test::verdict_and_rules(run), "error load.compare-other-load") << c.name;
    all += fmt::format("== {}\n{}", c.name, test::dump(run));
    if (run) all += fmt::format("  fix: {}\n", run->findings.at(0).fix);
  }
  // The program that is tested is what is compared.
  test::MadeUpEvidence evidence;
  evidence.earlier = {run_at(evidence, 1, test::summary_of(around(30, 40, 1)))};
  set_current(evidence, run_at(evidence, 2, test::summary_of(around(30, 40, 2)), [](LoadRecord& r) {
                r.target.digest = "sha256:7777";
                r.target.version = "1.0.1";
              }));
  EXPECT_EQ(test::verdict_and_rules(test::run_check(kBlock, {.manifests = {}, .found = &evidence})), "pass");
  EXPECT_TRUE(gantry::test::matches_golden(all, "launch/checks/load_compare_other.txt"));
}

TEST(LoadCompare, RefusesWhatIsNoBaseline) {
  test::MadeUpEvidence evidence;
  set_current(evidence, run_at(evidence, 1, test::summary_of(around(30, 40, 1))));
  const std::string texts[] = {"{}", "{\"metrics\": {}}", "no JSON", test::summary_of(around(30, 40, 2))};
  std::string all;
  for (const std::string& text : texts)
    all += test::dump(test::run_check(fmt::format("{}baseline: base.json\n", kBlock),
                                      {.manifests = {}, .files = {{"base.json", text}}, .found = &evidence}));
  for (const std::string_view line :
       {"figures: [p75]", "tolerance: -1", "since: yesterday", "since: 2026-11-30\nbaseline: base.json"})
    all += test::dump(
        test::run_check(fmt::format("check: load.compare\n{}\n", line), {.manifests = {}, .found = &evidence}));
  EXPECT_TRUE(gantry::test::matches_golden(all, "launch/checks/load_compare_refused.txt"));
}

}  // namespace
}  // namespace gantry::launch
