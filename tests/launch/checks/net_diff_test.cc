// net.diff: a cluster beside its manifests, one way of drifting apart at a time.

#include "launch/checks/check_run.h"
#include "launch/checks/small_shop.h"
#include "support/golden.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace gantry::launch {
namespace {

using test::db_admits;
using test::deny_all;
using test::kFromScraper;
using test::kFromWeb;
using test::policy;

std::string with(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

std::string shop_with(std::string_view policies) {
  return std::string(test::kShopWithoutPolicies) + std::string(policies);
}

struct Case {
  std::string_view name;
  std::string cluster;
  std::string manifests;
  std::string_view block;  // besides `check: net.diff`
  std::string_view verdict;
};

const std::string kFromShop = "{from: [{namespaceSelector: {matchLabels: {tier: front}}}], ports: [{port: 5432}]}";
const std::string kMesh = policy("mesh", "shop", "podSelector: {}, ingress: [{ports: [{port: 15012}]}]");
constexpr std::string_view kIgnoreMesh =
    "ignore: [{policy: NetworkPolicy shop/mesh, reason: the mesh's operator writes it}]\n";

const Case kCases[] = {
    {"the same", test::shop(), test::shop(), "", "pass"},
    {"the same, written otherwise",
     shop_with(
         deny_all() +
         policy("db", "data",
                fmt::format("ingress: [{}, {}], podSelector: {{matchExpressions: [{{key: app, operator: "
                            "In, values: [db]}}]}}",
                            with(std::string(kFromWeb), "port: 5432", "protocol: TCP, port: 5432"), kFromScraper))),
     test::shop(), "", "pass"},
    {"others have policies of their own",
     test::shop() + policy("dns", "kube-system", "podSelector: {}, policyTypes: [Ingress]"), test::shop(), "", "pass"},
    {"a policy was not applied", shop_with(deny_all()), test::shop(), "", "fail net.cluster-closes net.not-applied"},
    {"a default deny was not applied",
     with(test::shop(), policy("deny-all", "shop", "podSelector: {}, policyTypes: [Ingress]"), ""), test::shop(), "",
     "fail net.cluster-opens net.not-applied"},
    {"a policy that nobody wrote down", test::shop() + kMesh, test::shop(), "",
     "fail net.cluster-opens net.not-in-manifests"},
    {"a policy of somebody else's", test::shop() + kMesh, test::shop(), kIgnoreMesh, "pass"},
    {"a policy of somebody else's that is gone", test::shop(), test::shop(), kIgnoreMesh, "pass net.ignored-in-vain"},
    {"an older text that opens more", shop_with(deny_all() + db_admits(fmt::format("{}, {}", kFromShop, kFromScraper))),
     test::shop(), "", "fail net.cluster-opens net.policy-differs"},
    {"an older text that opens another port", with(test::shop(), "ports: [{port: 5432}]}", "ports: [{port: 5433}]}"),
     test::shop(), "", "fail net.cluster-closes net.cluster-opens net.policy-differs"},
    {"another text that means the same to who is there",
     with(test::shop(), "matchLabels: {tier: front}", "matchLabels: {kubernetes.io/metadata.name: shop}"), test::shop(),
     "", "fail net.policy-differs"},
    {"a rule too many that admits nobody",
     shop_with(deny_all() + db_admits(fmt::format("{}, {}, {{from: [{{podSelector: {{matchLabels: {{app: none}}}}}}]}}",
                                                  kFromWeb, kFromScraper))),
     test::shop(), "", "fail net.policy-differs"},
    {"the direction is another",
     with(test::shop(), "podSelector: {matchLabels: {app: db}}, policyTypes: [Ingress]",
          "podSelector: {matchLabels: {app: db}}, policyTypes: [Ingress, Egress]"),
     test::shop(), "", "fail net.cluster-closes net.policy-differs"},
    {"a namespace lost the label", with(test::shop(), "{name: shop, labels: {tier: front}}", "{name: shop}"),
     test::shop(), "", "fail net.cluster-closes net.labels-differ"},
    {"pods have another label", with(test::shop(), "labels: {app: job}", "labels: {app: job, track: old}"),
     with(test::shop(), "labels: {app: job}", "labels: {app: job, track: new}"), "", "fail net.labels-differ"},
    {"a workload is not there yet",
     with(test::shop(), "{name: scraper, namespace: ops}", "{name: scraper-1, namespace: ops}"), test::shop(), "",
     "pass net.not-compared"},
    {"an administrator's policy that nobody wrote down",
     test::shop() +
         "---\napiVersion: policy.networking.k8s.io/v1alpha1\nkind: AdminNetworkPolicy\nmetadata: {name: "
         "open-up}\nspec: {priority: 10, subject: {namespaces: {}}, ingress: [{action: Allow, from: [{namespaces: "
         "{}}]}]}\n",
     test::shop(), "", "fail net.cluster-opens net.not-in-manifests"},
    {"a policy that the API server refuses", test::shop(),
     test::shop() + policy("bad", "shop", "podSelector: {}, ingress: [{ports: [{port: 70000}]}]"), "",
     "fail net.not-applied"},
    {"nothing to compare with", test::shop(), shop_with(""), "", "undecided"},
    {"no reason", test::shop(), test::shop(), "ignore: [{policy: NetworkPolicy shop/mesh}]\n", "undecided"},
    {"a key that is none", test::shop(), test::shop(), "ignor: []\n", "undecided"},
};

test::CheckRun judge(const Case& row) {
  test::FakeCluster cluster(row.cluster);
  return test::run_check(fmt::format("check: net.diff\n{}", row.block),
                         {.manifests = row.manifests, .kubectl = &cluster});
}

TEST(NetDiff, LeadsToItsVerdict) {
  for (const Case& row : kCases) EXPECT_EQ(test::verdict_and_rules(judge(row)), row.verdict) << row.name;
}

TEST(NetDiff, SaysWhatItFound) {
  std::string text;
  for (const Case& row : kCases) text += fmt::format("== {}\n{}", row.name, test::dump(judge(row)));
  EXPECT_TRUE(gantry::test::matches_golden(text, "launch/checks/net_diff.txt"));
}

TEST(NetDiff, IsEvidenceOfALiveCluster) {
  const test::CheckRun run = judge(kCases[0]);
  ASSERT_TRUE(run) << base::describe(run.error());
  EXPECT_EQ(run->evidence_class, base::EvidenceClass::live_read);
  ASSERT_EQ(run->artifacts.size(), 1U);
  EXPECT_EQ(run->artifacts[0].name, "net-diff.json");
  EXPECT_EQ(find_check("net.diff")->cluster, ClusterUse::required);
}

TEST(NetDiff, OfAClusterThatDoesNotAnswerIsUndecided) {
  test::FakeCluster cluster(base::environment_error("the cluster does not answer", "log in again").error());
  const test::CheckRun run = test::run_check("check: net.diff\n", {.manifests = test::shop(), .kubectl = &cluster});
  ASSERT_FALSE(run);
  EXPECT_EQ(run.error().message, "the cluster does not answer");
  EXPECT_EQ(run.error().kind, base::ErrorKind::environment);
}

}  // namespace
}  // namespace gantry::launch
