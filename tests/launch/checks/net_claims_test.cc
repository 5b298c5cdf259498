// The claims of a plan, judged: each row is a small system, a block and the verdict that it must lead to; what is then said stands
// in net_claims.txt.

#include "base/yaml.h"
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

struct Case {
  std::string_view name;
  std::string policies;
  std::string_view block;
  std::string_view verdict;  // and the rules that are found
  std::string others = {};   // of the second set
};

constexpr std::string_view kJobNever = "check: net.never\ndestination: data/db\nsources: [shop/job]\n";
constexpr std::string_view kWebMust = "check: net.must\ndestination: data/db\nports: [5432]\nsources: [shop/web]\n";
constexpr std::string_view kDbIsolated = "check: net.isolated\ndestination: data/db\nports: [9187]\n";
constexpr std::string_view kDbKeepsQuiet = "check: net.isolated\ndestination: data/db\ndirection: egress\n";

constexpr std::string_view kSameAsOthers = "check: net.equal\nto: others.yaml\n";
constexpr std::string_view kWithinOthers = "check: net.contained\nwithin: others.yaml\n";
constexpr std::string_view kFromEveryWeb =
    "{from: [{namespaceSelector: {}, podSelector: {matchLabels: {app: web}}}], ports: [{port: 5432}]}";

std::string web_may_leave_to(std::string_view rules) {
  return policy("web-egress", "shop",
                fmt::format("podSelector: {{matchLabels: {{app: web}}}}, policyTypes: [Egress], egress: [{}]", rules));
}

const Case kCases[] = {
    // ---- never: none of the sources
    {"never: only the web is admitted", deny_all() + db_admits(kFromWeb), kJobNever, "pass"},
    {"never: a namespace is admitted as a whole",
     deny_all() + db_admits("{from: [{namespaceSelector: {matchLabels: {tier: front}}}], ports: [{port: 5432}]}"),
     kJobNever, "fail net.never-violated"},
    {"never: nothing isolates it", "", kJobNever, "fail net.never-open-world net.never-violated"},
    {"never: an empty list admits everybody", deny_all() + db_admits("{from: []}"), kJobNever,
     "fail net.never-violated"},
    {"never: a dash too many admits the namespace",
     deny_all() +
         db_admits("{from: [{namespaceSelector: {matchLabels: {tier: front}}}, {podSelector: {matchLabels: {app: "
                   "web}}}], ports: [{port: 5432}]}"),
     kJobNever, "fail net.never-violated"},
    {"never: only a port that is not asked about", deny_all() + db_admits("{ports: [{port: 9187}]}"),
     "check: net.never\ndestination: data/db\nports: [sql]\nsources: [shop/job]\n", "pass"},
    {"never: the sources' own egress keeps them in",
     policy("job", "shop", "podSelector: {matchLabels: {app: job}}, policyTypes: [Egress]"), kJobNever, "pass"},
    {"never: addresses from outside",
     deny_all() + db_admits("{from: [{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/8]}}], ports: [{port: 5432}]}"),
     "check: net.never\ndestination: data/db\nsources: [203.0.113.0/24]\n", "fail net.never-violated"},
    {"never: addresses of an exception",
     deny_all() + db_admits("{from: [{ipBlock: {cidr: 0.0.0.0/0, except: [203.0.113.0/24]}}], ports: [{port: 5432}]}"),
     "check: net.never\ndestination: data/db\nsources: [203.0.113.0/24]\n", "pass"},
    {"never: an address that a pod may have decides",
     deny_all() + db_admits("{from: [{ipBlock: {cidr: 10.1.0.0/16}}], ports: [{port: 5432}]}"), kJobNever,
     "undecided-verdict"},
    {"never: pods get their addresses elsewhere",
     deny_all() + db_admits("{from: [{ipBlock: {cidr: 10.1.0.0/16}}], ports: [{port: 5432}]}"),
     "check: net.never\ndestination: data/db\nsources: [shop/job]\npod_ranges: [10.2.0.0/16]\n", "pass"},
    {"never: the plugin matches no pod by its address",
     deny_all() + db_admits("{from: [{ipBlock: {cidr: 10.1.0.0/16}}], ports: [{port: 5432}]}"),
     "check: net.never\nprofile: cilium\ndestination: data/db\nsources: [shop/job]\n", "pass net.claim-profile"},
    {"never: the plugin differs in one topic",
     deny_all() +
         db_admits("{from: [{namespaceSelector: {matchLabels: {tier: front}}}], ports: [{port: 5000, endPort: 6000}]}"),
     "check: net.never\ndiffers: [end-port]\ndestination: data/db\nports: [5432]\nsources: [shop/job]\n",
     "pass net.claim-profile"},
    {"never: who is meant does not exist", deny_all(), "check: net.never\ndestination: data/db\nsources: [shop/jop]\n",
     "undecided"},
    {"never: whom it protects does not exist", deny_all(),
     "check: net.never\ndestination: {namespace: data, pods: {app: bd}}\nsources: [shop/job]\n", "undecided"},
    {"never: a key is misspelt", deny_all(), "check: net.never\ndestination: data/db\nsurces: [shop/job]\n",
     "undecided"},
    {"never: somebody could come with the right label",
     deny_all() + db_admits("{from: [{namespaceSelector: {matchLabels: {tier: back}}}], ports: [{port: 5432}]}"),
     "check: net.never\ndestination: data/db\nsources: [{namespaces: {}}]\nworld: open\nports: [5432]\n",
     "fail net.never-open-world"},

    // ---- must: every source
    {"must: it is admitted", deny_all() + db_admits(kFromWeb), kWebMust, "pass"},
    {"must: nothing isolates it", "", kWebMust, "pass"},
    {"must: no rule at all", deny_all(), kWebMust, "fail net.must-blocked"},
    {"must: the pod's label is misspelt",
     deny_all() +
         db_admits("{from: [{namespaceSelector: {matchLabels: {tier: front}}, podSelector: {matchLabels: {app: "
                   "wed}}}], ports: [{port: 5432}]}"),
     kWebMust, "fail net.must-blocked"},
    {"must: the namespace's selector is missing",
     deny_all() + db_admits("{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 5432}]}"), kWebMust,
     "fail net.must-blocked"},
    {"must: another port is open",
     deny_all() + db_admits("{from: [{namespaceSelector: {matchLabels: {tier: front}}}], ports: [{port: 5433}]}"),
     kWebMust, "fail net.must-blocked"},
    {"must: another protocol is open",
     deny_all() +
         db_admits("{from: [{namespaceSelector: {matchLabels: {tier: front}}}], ports: [{port: 5432, protocol: UDP}]}"),
     kWebMust, "fail net.must-blocked"},
    {"must: the source may not leave", deny_all() + db_admits(kFromWeb) + web_may_leave_to("{ports: [{port: 53}]}"),
     kWebMust, "fail net.must-blocked"},
    {"must: both sides refuse", deny_all() + web_may_leave_to("{ports: [{port: 53}]}"), kWebMust,
     "fail net.must-blocked"},
    {"must: one of two sources", deny_all() + db_admits(kFromWeb),
     "check: net.must\ndestination: data/db\nports: [sql]\nsources: [shop/web, shop/job]\n", "fail net.must-blocked"},
    {"must: one of two ports", deny_all() + db_admits(kFromWeb),
     "check: net.must\ndestination: data/db\nports: [sql, metrics]\nsources: [shop/web]\n", "fail net.must-blocked"},
    {"must: an address may be the pod's",
     deny_all() + db_admits("{from: [{ipBlock: {cidr: 10.1.0.0/16}}], ports: [{port: 5432}]}"), kWebMust,
     "undecided-verdict"},
    {"must: a port that no container declares", deny_all() + db_admits(kFromWeb),
     "check: net.must\ndestination: data/db\nports: [5423]\nsources: [shop/web]\n", "undecided"},
    {"must: no port is named", deny_all(), "check: net.must\ndestination: data/db\nsources: [shop/web]\n", "undecided"},

    // ---- isolated: nobody at all
    {"isolated: the others are admitted elsewhere", deny_all() + db_admits(kFromWeb), kDbIsolated, "pass"},
    {"isolated: one is admitted", deny_all() + db_admits(kFromScraper), kDbIsolated, "fail net.isolated-violated"},
    {"isolated: nothing isolates it", "", kDbIsolated, "fail net.isolated-violated"},
    {"isolated: a rule without ports", deny_all() + db_admits("{from: [{namespaceSelector: {}}]}"), kDbIsolated,
     "fail net.isolated-violated"},
    {"isolated: on every port",
     deny_all() +
         db_admits("{from: [{namespaceSelector: {matchLabels: {tier: ops}}}], ports: [{port: 1, endPort: 1023}]}"),
     "check: net.isolated\ndestination: data/db\n", "fail net.isolated-violated"},
    {"isolated: a label that nobody has yet",
     deny_all() + db_admits("{from: [{namespaceSelector: {matchLabels: {tier: back}}}], ports: [{port: metrics}]}"),
     kDbIsolated, "pass net.isolated-open-world"},
    {"isolated: a label that nobody has yet, in the open world",
     deny_all() + db_admits("{from: [{namespaceSelector: {matchLabels: {tier: back}}}], ports: [{port: metrics}]}"),
     "check: net.isolated\ndestination: data/db\nports: [9187]\nworld: open\n", "fail net.isolated-open-world"},
    {"isolated: egress that nothing isolates", deny_all(), kDbKeepsQuiet, "fail net.isolated-violated"},
    {"isolated: egress without a rule",
     policy("quiet", "data", "podSelector: {matchLabels: {app: db}}, policyTypes: [Egress]"), kDbKeepsQuiet, "pass"},
    {"isolated: egress to DNS alone",
     policy("quiet", "data",
            "podSelector: {matchLabels: {app: db}}, policyTypes: [Egress], egress: [{ports: [{port: 53, protocol: "
            "UDP}]}]"),
     kDbKeepsQuiet, "fail net.isolated-violated"},
    {"isolated: a direction that is none", deny_all(),
     "check: net.isolated\ndestination: data/db\ndirection: outwards\n", "undecided"},

    // ---- equal, contained: two policy sets over the same pods
    {"equal: in other words",
     deny_all() + db_admits("{from: [{namespaceSelector: {matchLabels: {tier: front}}}], ports: [{port: 5432}]}"),
     kSameAsOthers, "pass net.equal-open-world",
     deny_all() + db_admits("{from: [{namespaceSelector: {matchLabels: {tier: front}}}], ports: [{port: sql}]}")},
    {"equal: for those who are there, not for whoever could come", deny_all() + db_admits(kFromWeb), kSameAsOthers,
     "pass net.equal-open-world", deny_all() + db_admits(kFromEveryWeb)},
    {"equal: not for whoever could come, in the open world", deny_all() + db_admits(kFromWeb),
     "check: net.equal\nto: others.yaml\nworld: open\n", "fail net.equal-open-world",
     deny_all() + db_admits(kFromEveryWeb)},
    {"equal: the others admit one more", deny_all() + db_admits(kFromWeb), kSameAsOthers,
     "fail net.equal-open-world net.equal-violated",
     deny_all() + db_admits(std::string(kFromWeb) + ", " + std::string(kFromScraper))},
    {"equal: an address that a pod may have decides",
     deny_all() + db_admits("{from: [{ipBlock: {cidr: 10.1.0.0/16}}], ports: [{port: 5432}]}"),
     "check: net.equal\nto: others.yaml\npod_ranges: [10.0.0.0/8]\n", "undecided-verdict",
     deny_all() + db_admits("{from: [{ipBlock: {cidr: 10.1.0.0/17}}], ports: [{port: 5432}]}")},
    {"equal: what is in doubt is in doubt in both",
     deny_all() + db_admits("{from: [{ipBlock: {cidr: 10.1.0.0/16}}], ports: [{port: 5432}]}"), kSameAsOthers, "pass",
     deny_all() + db_admits("{from: [{ipBlock: {cidr: 10.1.0.0/16}}], ports: [{port: 5432}]}")},
    {"contained: in a default deny and a rule more", deny_all(), kWithinOthers, "pass",
     deny_all() + db_admits(kFromWeb)},
    {"contained: what is in doubt may only grow",
     deny_all() + db_admits("{from: [{ipBlock: {cidr: 10.1.0.0/16}}], ports: [{port: 5432}]}"), kWithinOthers, "pass",
     deny_all() + db_admits("{from: [{ipBlock: {cidr: 10.1.0.0/16}}], ports: [{port: 5432}]}") +
         policy(
             "more", "data",
             "podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {}}], ports: [{port: 9187}]}]")},
    {"contained: a rule more than they", deny_all() + db_admits(kFromWeb), kWithinOthers, "fail net.contained-violated",
     deny_all()},
    {"contained: nothing isolates it here", deny_all(),
     "check: net.contained\npolicies: others.yaml\nwithin: manifests.yaml\n", "fail net.contained-violated",
     policy("deny-all", "data", "podSelector: {}, policyTypes: [Ingress]")},
    {"contained: the others name no such file", deny_all(), "check: net.contained\nwithin: other.yaml\n",
     "fail manifests.missing"},
    {"contained: the others are none", deny_all(), kWithinOthers, "undecided",
     "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n"},
    {"contained: the others select nobody", deny_all(), kWithinOthers, "undecided",
     policy("deny-all", "elsewhere", "podSelector: {}, policyTypes: [Ingress]")},
    {"contained: with a key of the other kind", deny_all(), "check: net.contained\nto: others.yaml\n", "undecided"},
};

test::CheckRun judge(const Case& row) {
  const std::string manifests = std::string(test::kShopWithoutPolicies) + row.policies;
  return test::run_check(row.block, {.manifests = manifests, .others = row.others});
}

TEST(NetClaims, LeadToTheirVerdict) {
  for (const Case& row : kCases) {
    const std::string_view expected = row.verdict == "undecided-verdict" ? "error" : row.verdict;
    const std::string found = test::verdict_and_rules(judge(row));
    if (row.verdict == "undecided-verdict") {
      EXPECT_TRUE(found.starts_with("error ")) << row.name << ": " << found;
    } else {
      EXPECT_EQ(found, expected) << row.name;
    }
  }
}

// What no system could make sense of is refused with the plan, not told as undecided once somebody runs it.
TEST(NetClaims, AreRefusedWithThePlanWhenTheyCannotBeRead) {
  const struct {
    std::string_view block;  // on line 2: the mistake
    std::string_view message;
    std::string_view help;
  } cases[] = {
      {"check: net.only\nsources: [{namespace: shop, pod: {app: web}}]\ndestination: data/db\nports: [5432]\n",
       "an entry of \"sources\" has an unknown key \"pod\"", "did you mean \"pods\"?"},
      {"check: net.only\nneeded: [{pods: {app: web}}]\nsources: []\ndestination: data/db\nports: [5432]\n",
       "an entry of \"needed\" does not say in which namespaces",
       "add \"namespaces\" with their labels, {} for all of them, or \"namespace\" with a name"},
      {"check: net.never\ndestination: {namespaces: {tier: data}, workload: db}\nsources: [shop/job]\n",
       "\"workload\" stands alone: it says all there is to say", ""},
      {"check: net.never\npod_ranges: [10.1.0.0]\nsources: [shop/job]\ndestination: data/db\n",
       "\"10.1.0.0\" is no address range: it has no prefix length",
       "write a range such as 10.0.0.0/8, or 10.1.2.3/32 for one address"},
      {"check: net.must\nports: [5432/tcp]\nsources: [shop/web]\ndestination: data/db\n",
       "\"5432/tcp\" names no protocol", "write TCP, UDP or SCTP behind the slash"},
      {"check: net.must\nworld: opne\nsources: [shop/web]\ndestination: data/db\nports: [5432]\n",
       "\"world\" of the net.must block is \"opne\", none of closed, open", "did you mean \"open\"?"},
      {"check: net.isolated\ndirection: igress\ndestination: data/db\n",
       "\"direction\" of the net.isolated block is \"igress\", none of ingress, egress", "did you mean \"ingress\"?"},
      {"check: net.isolated\nprofile: cillium\ndestination: data/db\n", "there is no profile \"cillium\"",
       "did you mean cilium?"},
      {"check: net.equal\ndiffers: [endport]\nto: others.yaml\n", "there is no topic \"endport\"",
       "did you mean end-port?"},
      {"check: net.needs\nprofile: bsic\n", "there is no profile \"bsic\"", "did you mean basic?"},
      {"check: net.lint\nprofile: conformat\n", "there is no profile \"conformat\"", "did you mean conformant?"},
      {"check: net.diff\nprofile: kube-router\n", "there is no profile \"kube-router\"",
       "there are: conformant, cilium, basic"},
      {"check: net.isolated\ndestination: {namespace: data, pods: {app: 1}}\n",
       "the value of label app must be a string, not an integer", "put it in quotes"},
  };
  for (const auto& c : cases) {
    const base::Result<base::Node> block = base::load_yaml_document(c.block, "plan.md");
    ASSERT_TRUE(block) << c.block;
    const base::Result<const CheckType*> check = validate_block(*block);
    ASSERT_FALSE(check) << c.block;
    EXPECT_EQ(check.error().kind, base::ErrorKind::input) << c.block;
    EXPECT_EQ(check.error().message, c.message);
    EXPECT_EQ(check.error().help, c.help) << c.block;
    ASSERT_TRUE(check.error().where) << c.block;
    EXPECT_EQ(check.error().where->line, 2U) << c.block;
  }
}

// gantry.yaml says for all blocks which plugin it is; a block that names one itself is about that.
TEST(NetClaims, AreJudgedByThePluginOfTheWorkspace) {
  const std::string manifests =
      std::string(test::kShopWithoutPolicies) + deny_all() +
      db_admits(
          "{from: [{namespaceSelector: {matchLabels: {tier: front}}}], ports: [{port: 5000, endPort: 6000}]}, "
          "{from: [{ipBlock: {cidr: 10.1.0.0/16}}], ports: [{port: 9187}]}");
  const std::string claim = "check: net.never\ndestination: data/db\nports: [5432]\nsources: [shop/job]\n";
  const struct {
    std::string_view network, block, verdict;
  } cases[] = {
      {"", "", "fail"},
      {"{profile: conformant}", "", "fail"},
      {"{profile: basic}", "", "pass"},
      {"{profile: cilium}", "", "fail"},
      {"{profile: cilium, differs: [end-port]}", "", "pass"},
      {"{differs: [end-port]}", "", "pass"},
      {"{differs: [end-port]}", "differs: []\n", "fail"},
      {"{profile: basic}", "differs: [end-port]\n", "fail"},
      {"{profile: basic}", "profile: cilium\n", "fail"},
      {"{profile: cilium, differs: [end-port]}", "profile: cilium\n", "fail"},
      {"{profile: cilium}", "profile: basic\n", "pass"},
  };
  for (const auto& c : cases) {
    const test::CheckRun run =
        test::run_check(claim + std::string(c.block), {.manifests = manifests, .network = std::string(c.network)});
    EXPECT_TRUE(test::verdict_and_rules(run).starts_with(c.verdict)) << c.network << " " << c.block << test::dump(run);
  }
}

TEST(NetClaims, SayWhatTheyFound) {
  std::string text;
  for (const Case& row : kCases) text += fmt::format("== {}\n{}", row.name, test::dump(judge(row)));
  EXPECT_TRUE(gantry::test::matches_golden(text, "launch/checks/net_claims.txt"));
}

}  // namespace
}  // namespace gantry::launch
