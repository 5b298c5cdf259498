// Destinations that nobody has made yet: each row is two tenants with a pod each, policies, and a claim about whoever will be a tenant.
// Whether all of them are found is open_world_test.cc's.

#include "netpol/newcomers.h"

#include "base/yaml.h"
#include "netpol/claims.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace gantry::netpol {
namespace {

constexpr std::string_view kTenants = R"(
{apiVersion: v1, kind: Namespace, metadata: {name: a, labels: {tenant: a}}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: b, labels: {tenant: b}}}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: a, labels: {app: web}}
spec: {containers: [{name: c, image: i}]}
---
apiVersion: v1
kind: Pod
metadata: {name: db, namespace: b, labels: {app: db, role: main}}
spec: {containers: [{name: c, image: i, ports: [{name: sql, containerPort: 5432}, {name: metrics, containerPort: 9187}]}]}
)";

std::string policy(std::string_view name_space, std::string_view spec) {
  return fmt::format(
      "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: p, namespace: {}}}\nspec: "
      "{{{}}}\n",
      name_space, spec);
}

std::string admin(std::string_view spec) {
  return fmt::format(
      "---\napiVersion: policy.networking.k8s.io/v1alpha2\nkind: ClusterNetworkPolicy\nmetadata: {{name: tenants}}\n"
      "spec: {{tier: Admin, priority: 1, {}}}\n",
      spec);
}

constexpr std::string_view kFromA = "ingress: [{action: Deny, from: [{namespaces: {matchLabels: {tenant: a}}}]}]";
const std::string kBothShut = policy("a", "podSelector: {}, policyTypes: [Egress]") + policy("b", "podSelector: {}");
const std::string kDbByRole = policy("b", "podSelector: {matchLabels: {role: main}}");
const std::string kSqlFromA =
    policy("b",
           "podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {tenant: a}}}], ports: [{port: "
           "sql}]}]");

constexpr std::string_view kTenantsApart =
    "{claim: never, world: open, destination: {namespaces: {tenant: b}}, sources: [{namespaces: {tenant: a}}]}";
constexpr std::string_view kDbApart =
    "{claim: never, world: open, destination: {namespace: b, pods: {app: db}}, sources: [{namespaces: {}}]}";

struct Case {
  std::string_view name;
  std::string policies;
  std::string_view claim;
  std::string_view verdict;
  std::string_view says = {};  // in the summary
};

const Case kCases[] = {
    {"the administrator parts all tenants",
     admin(fmt::format("subject: {{namespaces: {{matchLabels: {{tenant: b}}}}}}, {}", kFromA)), kTenantsApart,
     "proved"},
    {"the administrator parts the tenants that there are",
     admin(fmt::format("subject: {{namespaces: {{matchLabels: {{kubernetes.io/metadata.name: b}}}}}}, {}", kFromA)),
     kTenantsApart, "refuted", "in a namespace that is not among the manifests, labelled tenant=b"},
    {"the administrator parts all tenants, and one is let in first",
     admin("subject: {namespaces: {matchLabels: {tenant: b}}}, ingress: [{action: Accept, from: [{pods: "
           "{namespaceSelector: {matchLabels: {tenant: a, probe: 'yes'}}, podSelector: {}}}]}, {action: Deny, from: "
           "[{namespaces: {matchLabels: {tenant: a}}}]}]"),
     kTenantsApart, "refuted", "probe=yes"},
    {"both namespaces are shut, two to come are not", kBothShut, kTenantsApart, "refuted",
     "any pod in a namespace that is not among the manifests, labelled tenant=a could reach every port of any pod in a "
     "namespace that is not among the manifests, labelled tenant=b"},
    {"both namespaces are shut, and both are named", kBothShut,
     "{claim: never, world: open, destination: {namespace: b}, sources: [{namespace: a}]}", "proved"},
    {"a namespace is shut to whoever may come", policy("b", "podSelector: {}"), kDbApart, "proved"},
    {"a policy selects by a label that the claim does not ask for", kDbByRole, kDbApart, "refuted",
     "any pod labelled app=db, without role=main in namespace b"},
    {"that is nobody's business who names a workload", kDbByRole,
     "{claim: never, world: open, destination: b/db, sources: [{namespaces: {}}]}", "proved"},
    {"nor in the closed world", kDbByRole,
     "{claim: never, world: closed, destination: {namespace: b, pods: {app: db}}, sources: [{namespaces: {}}]}",
     "proved"},
    {"a name that a pod to come may give to any port", kSqlFromA,
     "{claim: never, world: open, ports: [9187], destination: {namespace: b}, sources: [{namespaces: {tenant: a}}]}",
     "refuted", "9187/TCP of any pod in namespace b"},
    {"a number instead of the name", policy("b", "podSelector: {}, ingress: [{ports: [{port: 5432}]}]"),
     "{claim: never, world: open, ports: [9187], destination: {namespace: b}, sources: [{namespaces: {tenant: a}}]}",
     "proved"},
    {"a pod to come may give no port that name", kSqlFromA,
     "{claim: must, world: open, ports: [5432], destination: {namespace: b}, sources: [{namespaces: {tenant: a}}]}",
     "refuted", "5432/TCP of any pod in namespace b"},
    {"every pod to come takes that number", policy("b", "podSelector: {}, ingress: [{ports: [{port: 5432}]}]"),
     "{claim: must, world: open, ports: [5432], destination: {namespace: b}, sources: [{namespaces: {tenant: a}}]}",
     "proved"},
    {"nobody leaves, save who has another label",
     policy("b", "podSelector: {matchLabels: {app: db}}, policyTypes: [Egress]"),
     "{claim: isolated, world: open, direction: egress, destination: {namespace: b}}", "refuted",
     "without app=db in namespace b"},
    {"nobody leaves", policy("b", "podSelector: {}, policyTypes: [Egress]"),
     "{claim: isolated, world: open, direction: egress, destination: {namespace: b}}", "proved"},
    {"only the tenant itself", policy("b", "podSelector: {}, ingress: [{from: [{podSelector: {}}]}]"),
     "{claim: only, world: open, ports: [9187], destination: {namespace: b, pods: {app: db}}, sources: [{namespace: "
     "b}]}",
     "proved"},
    {"the tenant itself must, and does", policy("b", "podSelector: {}, ingress: [{from: [{podSelector: {}}]}]"),
     "{claim: only, world: open, ports: [9187], destination: {namespace: b}, sources: [{namespace: b}], needed: "
     "[{namespace: b}]}",
     "proved"},
    {"the tenant itself must, and who has no such label does not",
     policy("b", "podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {app: db}}}]}]"),
     "{claim: only, world: open, ports: [9187], destination: b/db, sources: [{namespace: b}], needed: [{namespace: "
     "b}]}",
     "refuted", "without app=db in namespace b could not reach 9187/TCP of Pod b/db"},
    {"of those who must, only who is there is asked without a world",
     policy("b", "podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {app: db}}}]}]"),
     "{claim: only, ports: [9187], destination: b/db, sources: [{namespace: b}], needed: [{namespace: b}]}", "proved"},
    {"the tenant itself must, and a destination to come is shut to it",
     policy("b", "podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {}}]}]") + "---\n" +
         std::string("apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: all, namespace: b}\n"
                     "spec: {podSelector: {}}\n"),
     "{claim: only, world: open, ports: [9187], destination: {namespace: b}, sources: [{namespace: b}], needed: "
     "[{namespace: b}]}",
     "refuted", "any pod without app=db in namespace b: NetworkPolicy b/all stops it"},
    {"those who must are let in by a name that a pod to come may not give", kSqlFromA,
     "{claim: only, world: open, ports: [5432], destination: {namespace: b}, sources: [{namespaces: {tenant: a}}], "
     "needed: [{namespaces: {tenant: a}}]}",
     "refuted", "5432/TCP of any pod in namespace b"},
    {"an address is let in to whoever may come",
     policy("b", "podSelector: {}") + "---\n" +
         std::string("apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: edge, namespace: b}\n"
                     "spec: {podSelector: {matchLabels: {edge: 'yes'}}, ingress: [{from: [{ipBlock: {cidr: "
                     "203.0.113.0/24}}]}]}\n"),
     "{claim: isolated, world: open, pod_ranges: [10.0.0.0/8], destination: {namespace: b}}", "refuted",
     "addresses of 203.0.113.0/24"},
};

struct Judged {
  Claim claim;
  base::Result<ClaimResult> result;
};

Judged judge(const std::string& policies, std::string_view claim) {
  Judged judged{.claim = parse_claims(*base::load_yaml_document(fmt::format("[{}]", claim), "claims.yaml"))->front(),
                .result = ClaimResult()};
  AnalysisOptions options;
  add_to(options.endpoints, {judged.claim});
  const kube::Snapshot snapshot =
      *kube::build_snapshot(*base::load_yaml(std::string(kTenants) + policies, "tenants.yaml"));
  judged.result = judge_claim(*analyse(snapshot, options), judged.claim);
  return judged;
}

TEST(Newcomers, AreJudgedAsThoseWhoAreThere) {
  for (const Case& each : kCases) {
    const Judged judged = judge(each.policies, each.claim);
    ASSERT_TRUE(judged.result) << each.name << ": " << base::describe(judged.result.error());
    EXPECT_EQ(to_string(judged.result->verdict), each.verdict) << each.name << ": " << judged.result->summary;
    EXPECT_TRUE(judged.result->summary.contains(each.says)) << each.name << ": " << judged.result->summary;
  }
}

TEST(Newcomers, AreToldWithLabelsThatWouldDo) {
  const Judged judged = judge(kDbByRole, kDbApart);
  ASSERT_TRUE(judged.result);
  ASSERT_FALSE(judged.result->findings.empty());
  const base::Finding& finding = judged.result->findings.front();
  EXPECT_EQ(finding.rule, "net.never-open-world");
  EXPECT_EQ(finding.severity, base::Severity::high);
  EXPECT_TRUE(finding.explanation.contains("the destination is a pod labelled app=db in namespace b"))
      << finding.explanation;
  ASSERT_FALSE(judged.result->counterexamples.empty());
  const Counterexample& example = judged.result->counterexamples.front();
  EXPECT_EQ(example.world, World::open);
  EXPECT_EQ(example.name_space, "b");
  EXPECT_EQ(*example.pod_labels.find("app"), "db");
}

// Six labels that are independent of each other are 64 kinds of pods; eleven are more than anybody wants to wait for.
TEST(Newcomers, OfTooManyKindsAreNotDecided) {
  const auto policies = [](int count) {
    std::string text;
    for (int i = 0; i < count; ++i)
      text += fmt::format(
          "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: p{0}, namespace: b}}\n"
          "spec: {{podSelector: {{matchLabels: {{k{0}: x}}}}}}\n",
          i);
    return policy("b", "podSelector: {}") + text;
  };
  EXPECT_TRUE(judge(policies(6), kDbApart).result);
  const Judged judged = judge(policies(11), kDbApart);
  ASSERT_FALSE(judged.result);
  EXPECT_EQ(judged.result.error().message,
            "there are too many kinds of pods to decide about every destination that could come");
  EXPECT_TRUE(judged.result.error().where);
}

TEST(NamePorts, OnceForEachWayThatMatters) {
  const auto ways = [](const std::string& policies, Outcome wanted) {
    return name_ports(*kube::build_snapshot(*base::load_yaml(std::string(kTenants) + policies, "tenants.yaml")), wanted)
        ->size();
  };
  const auto rule = [](std::string_view action, std::string_view name) {
    return fmt::format("{{action: {}, from: [{{namespaces: {{}}}}], protocols: [{{destinationNamedPort: {}}}]}}",
                       action, name);
  };
  EXPECT_EQ(ways(kBothShut, Outcome::open), 1U);
  EXPECT_EQ(ways(kSqlFromA, Outcome::open), 1U) << "that name can only open";
  EXPECT_EQ(ways(admin(fmt::format("subject: {{namespaces: {{}}}}, ingress: [{}, {}]", rule("Deny", "sql"),
                                   rule("Accept", "web"))),
                 Outcome::open),
            4U);
}

// One name that denies and another that accepts: a pod that gives its port the second alone gets through.
TEST(Newcomers, MayGiveOneNameAndNotTheOther) {
  const auto rule = [](std::string_view action, std::string_view name) {
    return fmt::format("{{action: {}, from: [{{namespaces: {{}}}}], protocols: [{{destinationNamedPort: {}}}]}}",
                       action, name);
  };
  const std::string names = admin(
      fmt::format("subject: {{namespaces: {{}}}}, ingress: [{}, {}]", rule("Deny", "sql"), rule("Accept", "web")));
  constexpr std::string_view kClaim =
      "{claim: never, world: open, ports: [9187], destination: {namespace: b}, sources: [{namespaces: {tenant: a}}]}";
  const Judged judged = judge(policy("b", "podSelector: {}") + names, kClaim);
  ASSERT_TRUE(judged.result) << base::describe(judged.result.error());
  EXPECT_EQ(judged.result->verdict, ClaimVerdict::refuted) << judged.result->summary;
}

}  // namespace
}  // namespace gantry::netpol
