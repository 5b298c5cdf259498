// net.lint: which lints fail a step, and which may stay for a reason. What each lint finds is tests/netpol/lint's.

#include "launch/checks/check_run.h"
#include "launch/checks/small_shop.h"
#include "support/golden.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>

namespace gantry::launch {
namespace {

using test::policy;

struct Case {
  std::string_view name;
  std::string policies;  // besides the shop's
  std::string_view block;
  std::string_view verdict;
};

const std::string kSelectsNobody =
    policy("bd", "data", "podSelector: {matchLabels: {app: bd}}, policyTypes: [Ingress]");
// Trust in a label that others may set, to reach a database.
const std::string kSettable =
    policy("front", "data",
           "podSelector: {matchLabels: {app: db}}, ingress: [{from: [{namespaceSelector: {matchLabels: {tier: ops}}}], "
           "ports: [{port: 5432}]}]");

const Case kCases[] = {
    {"nothing", "", "", "pass NP017"},
    {"one of high severity", kSelectsNobody, "", "fail NP001 NP017 NP020"},
    {"one that may stay", kSelectsNobody, "ignore: [{rule: NP001, reason: the pods come next week}]\n",
     "pass NP001 NP017 NP020"},
    {"one that may stay there", kSelectsNobody,
     "ignore: [{rule: NP001, object: NetworkPolicy data/bd, reason: the pods come next week}]\n",
     "pass NP001 NP017 NP020"},
    {"one that may stay elsewhere", kSelectsNobody,
     "ignore: [{rule: NP001, object: NetworkPolicy data/db, reason: the pods come next week}]\n",
     "fail NP001 NP017 NP020 net.ignored-in-vain"},
    {"medium fails too", kSettable, "fail_at: medium\n", "fail NP017"},
    {"medium fails, and may stay", kSettable,
     "fail_at: medium\nignore: [{rule: NP017, reason: the platform team alone labels namespaces}]\n", "pass NP017"},
    {"an exception that nobody needs", "", "ignore: [{rule: NP024, reason: later}]\n",
     "pass NP017 net.ignored-in-vain"},
    {"no reason", "", "ignore: [{rule: NP024}]\n", "undecided"},
    {"an empty reason", "", "ignore: [{rule: NP024, reason: ' '}]\n", "undecided"},
    {"a lint that is none", "", "ignore: [{rule: NP0017, reason: later}]\n", "undecided"},
    {"a severity that is none", "", "fail_at: mediun\n", "undecided"},
    {"no list", "", "ignore: NP017\n", "undecided"},
};

test::CheckRun judge(const Case& row) {
  return test::run_check(fmt::format("check: net.lint\n{}", row.block), {.manifests = test::shop() + row.policies});
}

TEST(NetLint, LeadsToItsVerdict) {
  for (const Case& row : kCases) EXPECT_EQ(test::verdict_and_rules(judge(row)), row.verdict) << row.name;
}

TEST(NetLint, SaysWhatItFound) {
  std::string text;
  for (const Case& row : kCases) text += fmt::format("== {}\n{}", row.name, test::dump(judge(row)));
  EXPECT_TRUE(gantry::test::matches_golden(text, "launch/checks/net_lint.txt"));
}

// What may stay is told with its reason, and blocks nothing.
TEST(NetLint, KeepsWhatIsIgnoredWithTheReason) {
  const test::CheckRun run = judge(kCases[2]);
  ASSERT_TRUE(run);
  const auto ignored = std::ranges::find(run->findings, "NP001", &base::Finding::rule);
  ASSERT_NE(ignored, run->findings.end());
  EXPECT_EQ(ignored->severity, base::Severity::info);
  EXPECT_TRUE(ignored->explanation.contains("the pods come next week")) << ignored->explanation;
}

}  // namespace
}  // namespace gantry::launch
