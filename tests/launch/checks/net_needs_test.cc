// net.needs: needs against verdicts, as a step of a plan asks for them.

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

using test::db_admits;
using test::deny_all;
using test::kFromScraper;
using test::kFromWeb;
using test::policy;

struct Case {
  std::string_view name;
  std::string policies;
  std::string_view block;  // besides `check: net.needs`
  std::string_view verdict;
};

const std::string kRight = deny_all() + db_admits(fmt::format("{}, {}", kFromWeb, kFromScraper));
const std::string kNoScraper = deny_all() + db_admits(kFromWeb);
// Nobody of its own namespace needs the database; and its port is sensitive.
const std::string kJobToo =
    kRight + policy("job", "data",
                    "podSelector: {matchLabels: {app: db}}, ingress: [{from: [{namespaceSelector: {matchLabels: {tier: "
                    "front}}, podSelector: {matchLabels: {app: job}}}], ports: [{port: 5432}]}]");
const std::string kJobsOpen =
    kRight + policy("job", "shop", "podSelector: {matchLabels: {app: web}}, ingress: [{from: [{podSelector: {}}]}]");

const Case kCases[] = {
    {"all are admitted", kRight, "", "pass"},
    {"one is blocked", kNoScraper, "", "fail net.blocked-need"},
    {"one is blocked at both ends of the question", kNoScraper, "from: ops/scraper\nto: data/*\n",
     "fail net.blocked-need"},
    {"the blocked one is not asked about", kNoScraper, "from: shop/*\n", "pass"},
    {"a list of sources by labels", kNoScraper, "from: [{namespaces: {tier: front}}, ops/scraper]\n",
     "fail net.blocked-need"},
    {"surer needs alone", kNoScraper, "confidence: declared\nflows: [{from: shop/web, to: data/db, port: 5432}]\n",
     "pass"},
    {"an opening that nobody needs", kJobToo, "", "fail net.unneeded-opening"},
    {"an opening as a warning", kJobToo, "unneeded: warn\n", "pass net.unneeded-opening"},
    {"an opening that nobody asks about", kJobToo, "unneeded: ignore\n", "pass"},
    {"an opening out of scope", kJobToo, "from: [shop/web, ops/scraper]\n", "pass"},
    {"an opening in scope", kJobToo, "from: shop/job\n", "fail net.unneeded-opening"},
    {"an opening in scope, as a warning", kJobToo, "from: shop/job\nunneeded: warn\n", "undecided"},
    {"an opening to a destination in scope", kJobToo, "to: data/db\n", "fail net.unneeded-opening"},
    {"an opening that a stated flow explains", kJobToo, "flows: [{from: shop/job, to: data/db, port: 5432}]\n", "pass"},
    {"a stated flow is blocked", kRight, "flows: [{from: shop/job, to: shop/web, port: 8080}]\n",
     "fail net.blocked-need"},
    {"a namespace to itself", kJobsOpen, "", "fail net.unneeded-opening"},
    {"without any policy", "", "", "fail net.open-to-all"},
    {"egress without DNS",
     kRight +
         policy("web", "shop",
                "podSelector: {matchLabels: {app: web}}, policyTypes: [Egress], egress: [{to: [{namespaceSelector: "
                "{matchLabels: {tier: data}}}], ports: [{port: 5432}]}]"),
     "", "fail net.dns-missing"},
    {"an address may be the client's",
     deny_all() + db_admits("{from: [{ipBlock: {cidr: 10.1.0.0/16}}], ports: [{port: 5432}, {port: 9187}]}"),
     "unneeded: ignore\n", "error net.need-profile net.undecided-need"},
    {"the client's address is known",
     deny_all() + db_admits("{from: [{ipBlock: {cidr: 10.1.0.0/16}}], ports: [{port: 5432}, {port: 9187}]}"),
     "unneeded: ignore\npod_ranges: [10.1.0.0/16]\n", "pass net.need-profile"},
    {"the plugin matches no pod by its address",
     deny_all() + db_admits("{from: [{ipBlock: {cidr: 10.1.0.0/16}}], ports: [{port: 5432}, {port: 9187}]}"),
     "unneeded: ignore\npod_ranges: [10.1.0.0/16]\nprofile: cilium\n", "fail net.blocked-need net.need-profile"},
    {"nothing is needed of whom it asks about", kRight, "to: shop/job\n", "undecided"},
    {"a source that is not there", kRight, "from: shop/wep\n", "undecided"},
    {"a stated flow of nobody", kRight, "flows: [{from: shop/wep, to: data/db, port: 5432}]\n", "undecided"},
    {"a stated flow without a port", kRight, "flows: [{from: shop/web, to: data/db}]\n", "undecided"},
    {"a stated flow with a name for a port", kRight, "flows: [{from: shop/web, to: data/db, port: sql}]\n",
     "undecided"},
    {"a flow with a key too many", kRight, "flows: [{from: shop/web, too: data/db, port: 5432}]\n", "undecided"},
    {"a word that is none", kRight, "unneeded: warm\n", "undecided"},
    {"a confidence that is none", kRight, "confidence: sure\n", "undecided"},
    {"a key that is none", kRight, "form: shop/web\n", "undecided"},
    {"a range that is none", kRight, "pod_ranges: [10.1.0.0]\n", "undecided"},
};

test::CheckRun judge(const Case& row) {
  return test::run_check(fmt::format("check: net.needs\n{}", row.block),
                         {.manifests = std::string(test::kShopWithoutPolicies) + row.policies});
}

TEST(NetNeeds, LeadToTheirVerdict) {
  for (const Case& row : kCases) EXPECT_EQ(test::verdict_and_rules(judge(row)), row.verdict) << row.name;
}

TEST(NetNeeds, SayWhatTheyFound) {
  std::string text;
  for (const Case& row : kCases) text += fmt::format("== {}\n{}", row.name, test::dump(judge(row)));
  EXPECT_TRUE(gantry::test::matches_golden(text, "launch/checks/net_needs.txt"));
}

// What a reader of the evidence counts, and can look up line by line.
TEST(NetNeeds, KeepCountsAndTheListAsEvidence) {
  const test::CheckRun run = test::run_check("check: net.needs\n", {.manifests = test::shop()});
  ASSERT_TRUE(run) << base::describe(run.error());
  const auto count = [&](std::string_view name) {
    const auto metric = std::ranges::find(run->metrics, name, &base::Metric::name);
    return metric == run->metrics.end() ? -1.0 : metric->value;
  };
  EXPECT_EQ(count("needs_admitted_count"), 2);
  EXPECT_EQ(count("needs_blocked_count"), 0);
  EXPECT_EQ(count("unneeded_openings_count"), 0);
  EXPECT_EQ(count("needs_count"), count("needs_admitted_count") + count("needs_with_unknown_party_count"));
  ASSERT_EQ(run->artifacts.size(), 2U);
  EXPECT_EQ(run->artifacts[0].name, "needs.txt");
  EXPECT_TRUE(run->artifacts[0].content.contains("shop/web -> data/db 5432/TCP")) << run->artifacts[0].content;
  EXPECT_TRUE(run->artifacts[0].content.contains("manifests.yaml:21:17")) << run->artifacts[0].content;
  EXPECT_EQ(run->artifacts[1].name, "needs.json");
  EXPECT_EQ(run->evidence_class, base::EvidenceClass::static_analysis);
}

TEST(NetNeeds, OfNobodyAreUndecided) {
  const test::CheckRun run = test::run_check("check: net.needs\n", {.manifests = deny_all()});
  ASSERT_FALSE(run);
  EXPECT_EQ(run.error().message, "there is no workload and no pod among the manifests");
}

}  // namespace
}  // namespace gantry::launch
