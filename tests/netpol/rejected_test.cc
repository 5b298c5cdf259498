// What the API server refuses (network policy reference, §11), in both worlds (§10): the object is not there, and only
// the others are; or it has come in some other way, and what can be read of it counts, with nothing wider than it was
// written.

#include "base/yaml.h"
#include "netpol/compare.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace gantry::netpol {
namespace {

// Everything to `api` is denied by a policy that is in order; the one with the mistake means to allow.
constexpr std::string_view kCluster = R"(
{apiVersion: v1, kind: Namespace, metadata: {name: shop}}
---
{apiVersion: v1, kind: Pod, metadata: {name: api, namespace: shop, uid: u1, labels: {app: api}}, spec: {containers: [{name: c, image: i}]}, status: {phase: Running, podIP: 10.0.0.1}}
---
{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop, uid: u2, labels: {app: web}}, spec: {containers: [{name: c, image: i}]}, status: {phase: Running, podIP: 10.0.0.2}}
---
{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: deny, namespace: shop}, spec: {podSelector: {matchLabels: {app: api}}}}
---
)";

struct Row {
  const char* what;
  const char* policy;  // from `spec:` on
  Access as_read;      // web to api at TCP 80 when the policy is taken as far as it can be read; without it: no
};

constexpr Row kRows[] = {
    {"an unknown protocol", "{podSelector: {}, ingress: [{ports: [{protocol: ICMP}]}]}", Access::no},
    {"a protocol in lower case", "{podSelector: {}, ingress: [{ports: [{protocol: tcp, port: 80}]}]}", Access::no},
    {"an unknown protocol beside a good one", "{podSelector: {}, ingress: [{ports: [{protocol: ICMP}, {port: 80}]}]}",
     Access::yes},
    {"port 0", "{podSelector: {}, ingress: [{ports: [{port: 0}]}]}", Access::no},
    {"port 65536", "{podSelector: {}, ingress: [{ports: [{port: 65536}]}]}", Access::no},
    {"endPort below port", "{podSelector: {}, ingress: [{ports: [{port: 80, endPort: 79}]}]}", Access::no},
    {"endPort without port", "{podSelector: {}, ingress: [{ports: [{endPort: 80}]}]}", Access::no},
    {"endPort with a name", "{podSelector: {}, ingress: [{ports: [{port: http, endPort: 80}]}]}", Access::no},
    {"a name that is too long", "{podSelector: {}, ingress: [{ports: [{port: sixteen-letters-}]}]}", Access::no},
    {"a name in upper case", "{podSelector: {}, ingress: [{ports: [{port: HTTP}]}]}", Access::no},
    {"a quoted number", "{podSelector: {}, ingress: [{ports: [{port: \"80\"}]}]}", Access::no},
    {"a peer without fields", "{podSelector: {}, ingress: [{from: [{}]}]}", Access::no},
    {"a peer without fields beside a good one", "{podSelector: {}, ingress: [{from: [{}, {podSelector: {}}]}]}",
     Access::yes},
    {"a peer with ipBlock and selector",
     "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}, podSelector: {}}]}]}", Access::no},
    {"except outside of cidr",
     "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [11.0.0.0/16]}}]}]}", Access::no},
    {"except equal to cidr",
     "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.0.0.0/8]}}]}]}", Access::no},
    {"except of the other family",
     "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [\"fd00::/64\"]}}]}]}", Access::no},
    {"In without values",
     "{podSelector: {}, ingress: [{from: [{podSelector: {matchExpressions: [{key: app, operator: In}]}}]}]}",
     Access::no},
    {"Exists with values",
     "{podSelector: {}, ingress: [{from: [{podSelector: {matchExpressions: [{key: app, operator: Exists, values: "
     "[a]}]}}]}]}",
     Access::no},
    {"an unknown operator",
     "{podSelector: {}, ingress: [{from: [{podSelector: {matchExpressions: [{key: app, operator: Gt, values: "
     "[\"1\"]}]}}]}]}",
     Access::no},
    {"an unknown policy type", "{podSelector: {}, policyTypes: [ingress], ingress: [{}]}", Access::no},
    {"an unknown policy type beside a good one", "{podSelector: {}, policyTypes: [Ingress, Both], ingress: [{}]}",
     Access::yes},
};

kube::Snapshot read(const std::string& text) {
  base::Result<kube::Snapshot> snapshot = kube::build_snapshot(*base::load_yaml(text, "row.yaml"));
  EXPECT_TRUE(snapshot);
  return *std::move(snapshot);
}

Access web_to_api(const kube::Snapshot& snapshot, const AnalysisOptions& options) {
  const TwinWorld world = make_twin_world(snapshot, options);
  const TwinFlow flow{.source = {.pod = &world.pods[1], .address = {}},
                      .destination = {.pod = &world.pods[0], .address = {}},
                      .port = kube::Port{80}};
  return judge(world, flow).access;
}

TEST(Rejected, IsJudgedInBothWorlds) {
  const kube::Snapshot without = read(std::string(kCluster));
  ASSERT_EQ(web_to_api(without, {}), Access::no);
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.what);
    const kube::Snapshot snapshot = read(
        std::string(kCluster) +
        "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: allow, namespace: shop}, spec: " +
        row.policy + "}");
    ASSERT_EQ(snapshot->network_policies.size(), 2U);
    EXPECT_TRUE(snapshot->network_policies[0].object.rejected());
    const AnalysisOptions kept{.endpoints = {}, .profile = {}, .without_rejected = false};
    EXPECT_EQ(to_string(web_to_api(snapshot, {})), "no");
    EXPECT_EQ(to_string(web_to_api(snapshot, kept)), to_string(row.as_read));
    Compared compared;
    const Questions all{.flows_max = 5'000, .explained_every = 7, .openings = true, .facts = true};
    EXPECT_EQ(find_disagreement(snapshot, {}, all, 1, compared).value_or(""), "");
    EXPECT_EQ(find_disagreement(snapshot, kept, all, 1, compared).value_or(""), "");
    EXPECT_FALSE(report_unjudged(snapshot).empty());
  }
  EXPECT_TRUE(report_unjudged(without).empty());
}

}  // namespace
}  // namespace gantry::netpol
