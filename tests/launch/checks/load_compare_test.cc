// load.compare: two runs second by second. What chance does is not told apart, what it does not do is, and few seconds tell nothing.

#include "launch/checks/made_up_run.h"
#include "support/golden.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

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
    {"slower", around(30, 60, 1), around(36, 60, 2), "", "fail load.compare-worse"},
    {"faster", around(30, 60, 1), around(20, 60, 2), "", "pass load.compare-differs"},
    {"slower by less than anybody notices", around(0.3, 60, 1), around(0.6, 60, 2), "", "pass load.compare-differs"},
    {"slower by little, which counts here", around(2, 60, 1), around(3.5, 60, 2), "least: 1ms\n",
     "fail load.compare-worse"},
    {"three seconds are none", around(30, 3, 1), around(36, 3, 2), "", "error load.compare-few-samples"},
    {"so few seconds might hide it", around(30, 5, 7), around(31.4, 5, 9), "tolerance: 3\n",
     "error load.compare-few-samples"},
};

constexpr std::string_view kBlock = "check: load.compare\nbaseline: base.json\nfigures: [p95, rate]\n";

TEST(LoadCompare, TellsApartWhatChanceDoesNotDo) {
  std::string all;
  for (const Case& c : kCases) {
    test::MadeUpEvidence evidence;
    evidence.all.push_back(test::load_evidence(evidence, "load.js", test::summary_of(c.after)));
    const test::CheckRun run =
        test::run_check(fmt::format("{}{}", kBlock, c.block),
                        {.manifests = {}, .files = {{"base.json", test::summary_of(c.before)}}, .found = &evidence});
    EXPECT_EQ(test::verdict_and_rules(run), c.verdict) << c.name;
    all += fmt::format("== {}\n{}{}", c.name, test::dump(run), run ? run->artifacts.at(0).content : "");
  }
  EXPECT_TRUE(gantry::test::matches_golden(all, "launch/checks/load_compare.txt"));
}

TEST(LoadCompare, TakesTheLastRunThatPassed) {
  test::MadeUpEvidence evidence;
  evidence.all.push_back(test::load_evidence(evidence, "load.js", test::summary_of(around(30, 40, 1))));
  const test::CheckInput input{.manifests = {}, .found = &evidence};
  EXPECT_EQ(test::verdict_and_rules(test::run_check("check: load.compare\n", input)), "undecided");
  base::Evidence failed = test::load_evidence(evidence, "load.js", test::summary_of(around(30, 40, 2))).evidence;
  failed.verdict = base::Verdict::fail;
  evidence.earlier.push_back(failed);
  EXPECT_EQ(test::verdict_and_rules(test::run_check("check: load.compare\n", input)), "undecided");
  evidence.earlier.push_back(test::load_evidence(evidence, "load.js", test::summary_of(around(20, 40, 3))).evidence);
  EXPECT_EQ(test::verdict_and_rules(test::run_check("check: load.compare\n", input)), "fail load.compare-worse");
}

TEST(LoadCompare, RefusesWhatIsNoBaseline) {
  test::MadeUpEvidence evidence;
  evidence.all.push_back(test::load_evidence(evidence, "load.js", test::summary_of(around(30, 40, 1))));
  std::string other = test::summary_of(around(30, 40, 2));
  other.replace(other.find("baseline"), 8, "smoke");
  std::string slower = test::summary_of(around(30, 40, 2));
  slower.replace(slower.find("\"seconds\":1"), 11, "\"seconds\":2");
  const std::string texts[] = {"{}", "{\"metrics\": {}}", "no JSON", other, slower};
  std::string all;
  for (const std::string& text : texts)
    all += test::dump(test::run_check(kBlock, {.manifests = {}, .files = {{"base.json", text}}, .found = &evidence}));
  all += test::dump(test::run_check("check: load.compare\nfigures: [p75]\n", {.manifests = {}, .found = &evidence}));
  all += test::dump(test::run_check("check: load.compare\ntolerance: -1\n", {.manifests = {}, .found = &evidence}));
  EXPECT_TRUE(gantry::test::matches_golden(all, "launch/checks/load_compare_refused.txt"));
}

}  // namespace
}  // namespace gantry::launch
