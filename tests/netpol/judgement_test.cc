// Needs against verdicts (network policy reference, §14.4): one small shop, and policies with one mistake each.

#include "netpol/judgement.h"

#include "netpol/needs/dump_needs.h"
#include "support/golden.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace gantry::netpol {
namespace {

// shop/web calls shop/db (through a Service whose port is not the container's) and data/cache; shop/job calls nobody.
constexpr std::string_view kShop = R"(
{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {tier: front}}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: data, labels: {tier: data}}}
---
{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop, labels: {app: web}},
  spec: {containers: [{name: web, image: web, ports: [{name: http, containerPort: 8080}],
    env: [{name: DATABASE_URL, value: 'postgres://db:15432/x'}, {name: REDIS_URL, value: 'redis://cache.data:6379'}]}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: job, namespace: shop, labels: {app: job}}, spec: {containers: [{name: job, image: job}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: db, namespace: shop, labels: {app: db}},
  spec: {containers: [{name: db, image: db, ports: [{name: sql, containerPort: 5432}]}]}}
---
{apiVersion: v1, kind: Service, metadata: {name: db, namespace: shop}, spec: {selector: {app: db}, ports: [{port: 15432, targetPort: sql}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: cache, namespace: data, labels: {app: cache}},
  spec: {containers: [{name: cache, image: cache, ports: [{containerPort: 6379}]}]}}
---
{apiVersion: v1, kind: Service, metadata: {name: cache, namespace: data}, spec: {selector: {app: cache}, ports: [{port: 6379}]}}
)";

std::string policy(std::string_view name, std::string_view name_space, std::string_view spec) {
  return fmt::format(
      "---\n{{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {{name: {}, namespace: {}}}, spec: "
      "{{{}}}}}\n",
      name, name_space, spec);
}

// Policies under which the shop works and nothing is open that nobody needs.
struct Policies {
  std::string shop = policy("deny", "shop", "podSelector: {}, policyTypes: [Ingress]");
  std::string data = policy("deny", "data", "podSelector: {}, policyTypes: [Ingress]");
  std::string db = policy("db", "shop",
                          "podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {matchLabels: {app: "
                          "web}}}], ports: [{port: 5432}]}]");
  std::string cache = policy("cache", "data",
                             "podSelector: {matchLabels: {app: cache}}, ingress: [{from: [{namespaceSelector: "
                             "{matchLabels: {tier: front}}, podSelector: "
                             "{matchLabels: {app: web}}}], ports: [{port: 6379}]}]");
  std::string more;
  std::string text() const { return fmt::format("{}{}{}{}{}{}", kShop, shop, data, db, cache, more); }
};

std::string findings_of(const std::string& yaml) {
  const kube::Snapshot snapshot = test::snapshot_of(yaml);
  const base::Result<Reachability> reach = analyse(snapshot);
  EXPECT_TRUE(reach);
  if (!reach) return {};
  std::string text;
  for (const base::Finding& finding : judge_needs(*reach, infer_needs(snapshot)).findings) {
    text += fmt::format("{} {} {}: {}\n  fix: {}\n", finding.rule, base::to_string(finding.severity), finding.object,
                        finding.message, finding.fix);
    EXPECT_NE(finding.where.file, nullptr) << finding.message;
    EXPECT_FALSE(finding.explanation.empty());
  }
  return text;
}

// The egress rules of shop/web, with what it calls and DNS.
constexpr std::string_view kToDb = "{to: [{podSelector: {matchLabels: {app: db}}}], ports: [{port: 5432}]}";
constexpr std::string_view kToCache = "{to: [{namespaceSelector: {matchLabels: {tier: data}}}], ports: [{port: 6379}]}";
constexpr std::string_view kToDns =
    "{to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}}], "
    "ports: [{protocol: UDP, port: 53}, {port: 53}]}";

std::string web_egress(std::string_view rules) {
  return policy("web-egress", "shop",
                fmt::format("podSelector: {{matchLabels: {{app: web}}}}, policyTypes: [Egress], egress: [{}]", rules));
}
std::string db_ingress(std::string_view from, std::string_view ports) {
  return policy(
      "db", "shop",
      fmt::format("podSelector: {{matchLabels: {{app: db}}}}, ingress: [{{from: [{}], ports: [{}]}}]", from, ports));
}
constexpr std::string_view kFromWeb = "{podSelector: {matchLabels: {app: web}}}";
constexpr std::string_view kIngress =
    "---\n{apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop}, spec: {selector: {app: web}, ports: "
    "[{port: 80, "
    "targetPort: http}]}}\n---\n{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: web, namespace: "
    "shop}, "
    "spec: {defaultBackend: {service: {name: web, port: {number: 80}}}}}\n";
constexpr std::string_view kWebhook =
    "---\n{apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop}, spec: {selector: {app: web}, ports: "
    "[{port: 443, "
    "targetPort: http}]}}\n---\n{apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingWebhookConfiguration, "
    "metadata: {name: w}, "
    "webhooks: [{name: a.b.c, admissionReviewVersions: [v1], sideEffects: None, clientConfig: {service: {name: web, "
    "namespace: shop}}}]}\n";

struct Variant {
  const char* what;
  void (*change)(Policies& policies);
};

const Variant kVariants[] = {
    {"nothing is wrong", [](Policies&) {}},
    {"a port by its name", [](Policies& p) { p.db = db_ingress(kFromWeb, "{port: sql}"); }},
    {"another pod label",
     [](Policies& p) { p.db = db_ingress("{podSelector: {matchLabels: {app: wed}}}", "{port: 5432}"); }},
    {"another namespace label",
     [](Policies& p) {
       p.cache = policy("cache", "data",
                        "podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {tier: frnt}}}], ports: "
                        "[{port: 6379}]}]");
     }},
    {"another port", [](Policies& p) { p.db = db_ingress(kFromWeb, "{port: 5433}"); }},
    {"the Service's port", [](Policies& p) { p.db = db_ingress(kFromWeb, "{port: 15432}"); }},
    {"another protocol", [](Policies& p) { p.db = db_ingress(kFromWeb, "{protocol: UDP, port: 5432}"); }},
    {"no rule at all", [](Policies& p) { p.db.clear(); }},
    {"egress is opened and ingress is not",
     [](Policies& p) {
       p.db.clear();
       p.more = web_egress(fmt::format("{}, {}, {}", kToDb, kToCache, kToDns));
     }},
    {"ingress is opened and egress is not",
     [](Policies& p) { p.more = web_egress(fmt::format("{}, {}", kToCache, kToDns)); }},
    {"both sides refuse",
     [](Policies& p) {
       p.db.clear();
       p.more = web_egress(fmt::format("{}, {}", kToCache, kToDns));
     }},
    {"all of egress is opened as needed",
     [](Policies& p) { p.more = web_egress(fmt::format("{}, {}, {}", kToDb, kToCache, kToDns)); }},
    {"egress without DNS", [](Policies& p) { p.more = web_egress(fmt::format("{}, {}", kToDb, kToCache)); }},
    {"egress with DNS over UDP alone",
     [](Policies& p) {
       p.more = web_egress(fmt::format("{}, {}, {}", kToDb, kToCache, "{ports: [{protocol: UDP, port: 53}]}"));
     }},
    {"two pods under one policy without DNS",
     [](Policies& p) {
       p.more = policy("egress", "shop",
                       fmt::format("podSelector: {{}}, policyTypes: [Egress], egress: [{}, {}]", kToDb, kToCache)) +
                "---\n{apiVersion: v1, kind: Pod, metadata: {name: api, namespace: shop, labels: {app: web}}, spec: "
                "{containers: [{name: c, image: c, env: [{name: A, value: 'postgres://db:15432'}]}]}}\n";
     }},
    {"one rule that opens a whole namespace to itself",
     [](Policies& p) { p.more = policy("own", "shop", "podSelector: {}, ingress: [{from: [{podSelector: {}}]}]"); }},
    {"a way out that nobody needs",
     [](Policies& p) {
       p.more = web_egress(fmt::format("{}, {}, {}, {}", kToDb, kToCache, kToDns,
                                       "{to: [{ipBlock: {cidr: 203.0.113.0/24}}], ports: [{port: 443}]}"));
     }},
    {"open to its own namespace", [](Policies& p) { p.db = db_ingress("{podSelector: {}}", "{port: 5432}"); }},
    {"open to other namespaces",
     [](Policies& p) {
       p.db = db_ingress("{podSelector: {matchLabels: {app: web}}}, {namespaceSelector: {matchLabels: {tier: data}}}",
                         "{port: 5432}");
     }},
    {"open to the outside",
     [](Policies& p) {
       p.db = db_ingress("{podSelector: {matchLabels: {app: web}}}, {ipBlock: {cidr: 203.0.113.0/24}}", "{port: 5432}");
     }},
    {"open to every address, whichever a pod has",
     [](Policies& p) { p.db = db_ingress("{ipBlock: {cidr: 0.0.0.0/0}}", "{port: 5432}"); }},
    {"open on a port that nobody listens on",
     [](Policies& p) { p.db = db_ingress(kFromWeb, "{port: 5432}, {port: 9999}"); }},
    {"a namespace without policies",
     [](Policies& p) {
       p.shop.clear();
       p.db.clear();
     }},
    {"by addresses that nobody knows yet",
     [](Policies& p) { p.db = db_ingress("{ipBlock: {cidr: 10.0.0.0/8}}", "{port: 5432}"); }},
    {"the administrator denies",
     [](Policies& p) {
       p.more =
           "---\n{apiVersion: policy.networking.k8s.io/v1alpha1, kind: AdminNetworkPolicy, metadata: {name: no-db}, "
           "spec: {priority: 1, "
           "subject: {namespaces: {matchLabels: {tier: front}}}, ingress: [{action: Deny, from: [{namespaces: {}}], "
           "ports: [{portNumber: "
           "{protocol: TCP, port: 5432}}]}]}}\n";
     }},
    {"an ingress controller that is not here is not let in", [](Policies& p) { p.more = kIngress; }},
    {"an ingress controller that is not here may be let in",
     [](Policies& p) {
       p.more = std::string(kIngress) + policy("web", "shop",
                                               "podSelector: {matchLabels: {app: web}}, ingress: [{from: "
                                               "[{namespaceSelector: {matchLabels: {name: edge}}}], ports: "
                                               "[{port: http}]}]");
     }},
    {"a webhook that no address reaches", [](Policies& p) { p.more = kWebhook; }},
    {"a webhook that addresses reach",
     [](Policies& p) {
       p.more = std::string(kWebhook) + policy("web", "shop",
                                               "podSelector: {matchLabels: {app: web}}, ingress: [{from: [{ipBlock: "
                                               "{cidr: 192.0.2.0/24}}], ports: [{port: 8080}]}]");
     }},
    {"a guess that is blocked",
     [](Policies& p) {
       p.more =
           "---\n{apiVersion: v1, kind: Pod, metadata: {name: guess, namespace: shop, labels: {app: guess}}, spec: "
           "{containers: [{name: c, "
           "image: c, env: [{name: STORE_TYPE, value: db}]}]}}\n";
     }},
    {"a host that got a prefix where it is defined",
     [](Policies& p) {
       p.more =
           "---\n{apiVersion: v1, kind: Service, metadata: {name: prod-mail, namespace: shop}, spec: {selector: {app: "
           "web}, ports: [{port: 25}]}}\n---\n{apiVersion: v1, kind: Pod, metadata: {name: sender, namespace: shop}, "
           "spec: {containers: [{name: c, image: c, env: [{name: MAIL_URL, value: 'smtp://mail:25'}]}]}}\n";
     }},
    {"a host that is nobody's name",
     [](Policies& p) {
       p.more =
           "---\n{apiVersion: v1, kind: Pod, metadata: {name: typo, namespace: shop}, spec: {containers: [{name: c, "
           "image: c, env: [{name: "
           "DB_HOST, value: dbb}]}]}}\n";
     }},
};

TEST(JudgeNeeds, SaysWhatIsWrongWhereAndWhatMendsIt) {
  std::string all;
  for (const Variant& variant : kVariants) {
    Policies policies;
    variant.change(policies);
    all += fmt::format("== {}\n{}", variant.what, findings_of(policies.text()));
  }
  EXPECT_TRUE(gantry::test::matches_golden(all, "netpol/judgements.txt"));
}

}  // namespace
}  // namespace gantry::netpol
