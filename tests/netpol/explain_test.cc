// What explain() says: each tier that can decide, each field that can fail, and the words for both. The scenarios hold the
// sentences of the reference's rows; here stands what a sentence is made of.

#include "base/yaml.h"
#include "netpol/reachability.h"
#include "support/golden.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::netpol {
namespace {

constexpr std::string_view kHead = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n";
constexpr std::string_view kAdminHead = "apiVersion: policy.networking.k8s.io/v1alpha1\nkind: AdminNetworkPolicy\n";

std::string policy(std::string_view name, std::string_view spec) {
  return fmt::format("---\n{}metadata: {{name: {}, namespace: shop}}\nspec: {}\n", kHead, name, spec);
}
std::string admin(std::string_view name, int priority, std::string_view rules) {
  return fmt::format("---\n{}metadata: {{name: {}}}\nspec: {{priority: {}, subject: {{namespaces: {{}}}}, {}}}\n",
                     kAdminHead, name, priority, rules);
}
std::string baseline(std::string_view rules) {
  return fmt::format(
      "---\napiVersion: policy.networking.k8s.io/v1alpha1\nkind: BaselineAdminNetworkPolicy\nmetadata: {{name: "
      "default}}\nspec: {{subject: {{namespaces: {{}}}}, {}}}\n",
      rules);
}

struct Asked {
  Reachability reach;
  Flow flow;
};

// The cluster of the scenarios with these policies, and "shop/web -> data/db:80" or an address at either end.
std::optional<Asked> ask(const std::string& policies, std::string_view source, std::string_view destination, Flow flow,
                         const AnalysisOptions& given = {}) {
  AnalysisOptions options = given;
  options.endpoints.pod_ranges = {*kube::Cidr::parse("10.244.0.0/16")};
  std::vector<base::Node> documents =
      *base::load_yaml(test::read_test_file("netpol/scenarios/cluster.yaml"), "cluster.yaml");
  if (!policies.empty()) std::ranges::move(*base::load_yaml(policies, "policies.yaml"), std::back_inserter(documents));
  const base::Result<Reachability> reach = analyse(*kube::build_snapshot(std::move(documents)), options);
  if (!reach) return std::nullopt;
  const auto find = [&](std::string_view name) -> EndpointId {
    if (const auto address = kube::IpAddress::parse(name)) return *reach->endpoints().region_of(*address);
    const std::size_t slash = name.find('/');
    const std::vector<EndpointId> found = reach->endpoints().find(name.substr(0, slash), name.substr(slash + 1));
    for (std::uint32_t i = 0; found.empty() && i < reach->endpoints().size(); ++i)
      if (reach->endpoints()[EndpointId(i)].name == name) return EndpointId(i);
    return found.front();
  };
  flow.source = find(source);
  flow.destination = find(destination);
  return Asked{*reach, flow};
}

Flow tcp(std::uint16_t port) {
  return {.source = EndpointId(0), .destination = EndpointId(0), .port = kube::Port(port), .family = {}};
}

// ---- Sentences ----

struct Sentence {
  const char* what;
  std::string policies;
  const char* source;
  const char* destination;
  std::uint16_t port;
  const char* says;
  std::optional<ProfileTopic> turned = {};
};

const std::string kDenyAll = policy("deny", "{podSelector: {}}");
constexpr const char* kAnybody = "[{namespaces: {}}]";

const Sentence kSentences[] = {
    {"nothing isolates", "", "shop/web", "shop/api", 80,
     "allowed: of the source, no policy isolates its egress; of the destination, no policy isolates its ingress"},
    {"an address at an end", "", "192.0.2.1", "shop/api", 80,
     "allowed: of the source, no policy holds for its egress; of the destination, no policy isolates its ingress"},
    {"a pod and itself", kDenyAll, "shop/web", "shop/web", 80,
     "allowed: no policy can keep a pod from its own address"},
    {"the own node", kDenyAll, "172.18.0.1", "shop/web", 80,
     "allowed: of the source, no policy holds for its egress; of the destination, its own node is exempt from ingress "
     "rules"},
    {"one rule admits", policy("p", "{podSelector: {}, ingress: [{from: [{podSelector: {}}], ports: [{port: 80}]}]}"),
     "shop/web", "shop/api", 80,
     "allowed: of the source, no policy isolates its egress; of the destination, its ingress is admitted by "
     "NetworkPolicy shop/p ingress[0].from[0].ports[0]"},
    {"more rules admit than are listed",
     policy("p", "{podSelector: {}, ingress: [{}, {}, {from: [{podSelector: {}}]}, {ports: [{}]}, {}]}"), "shop/web",
     "shop/api", 80,
     "allowed: of the source, no policy isolates its egress; of the destination, its ingress is admitted by "
     "NetworkPolicy shop/p ingress[0], NetworkPolicy shop/p ingress[1], NetworkPolicy shop/p ingress[2].from[0] and 2 "
     "more"},
    {"the administrator admits",
     kDenyAll + admin("a", 1, fmt::format("ingress: [{{action: Allow, from: {}}}]", kAnybody)), "data/db", "shop/api",
     80,
     "allowed: of the source, no policy isolates its egress; of the destination, its ingress is admitted by "
     "AdminNetworkPolicy a ingress[0].from[0]"},
    {"no rule in that direction", kDenyAll, "shop/web", "shop/api", 80,
     "denied at the destination, where NetworkPolicy shop/deny comes nearest: it has no ingress rule, so it admits "
     "nobody"},
    {"both sides refuse: the source comes first", policy("p", "{podSelector: {}, policyTypes: [Ingress, Egress]}"),
     "shop/web", "shop/api", 80,
     "denied at the source, where NetworkPolicy shop/p comes nearest: it has no egress rule, so it admits nobody"},
    {"the nearest of several",
     kDenyAll +
         policy("far",
                "{podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {app: x}}}], ports: [{port: "
                "1}]}]}") +
         policy("near", "{podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {app: x}}}]}]}"),
     "shop/web", "shop/api", 80,
     "denied at the destination, where NetworkPolicy shop/near ingress[0].from[0] comes nearest: shop/web: it has "
     "app=web, not app=x"},
    {"namespace labels",
     policy("p", "{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: c}}}]}]}"), "data/db",
     "shop/api", 80,
     "denied at the destination, where NetworkPolicy shop/p ingress[0].from[0] comes nearest: namespace data: it has "
     "team=b, not team=c"},
    {"another namespace", policy("p", "{podSelector: {}, ingress: [{from: [{podSelector: {}}]}]}"), "data/db",
     "shop/api", 80,
     "denied at the destination, where NetworkPolicy shop/p ingress[0].from[0] comes nearest: without a "
     "namespaceSelector it means pods of shop only"},
    {"an address outside of the range",
     policy("p", "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 192.0.2.0/24, except: [192.0.2.7/32]}}]}]}"),
     "192.0.2.7", "shop/api", 80,
     "denied at the destination, where NetworkPolicy shop/p ingress[0].from[0] comes nearest: 192.0.2.7/32 is not in "
     "192.0.2.0/24 except 192.0.2.7/32"},
    {"an address and a selector", policy("p", "{podSelector: {}, ingress: [{from: [{podSelector: {}}]}]}"), "192.0.2.7",
     "shop/api", 80,
     "denied at the destination, where NetworkPolicy shop/p ingress[0].from[0] comes nearest: selectors match pods "
     "only, not the address 0.0.0.0/0"},
    {"a hostNetwork pod and a selector", policy("p", "{podSelector: {}, ingress: [{from: [{podSelector: {}}]}]}"),
     "shop/agent", "shop/api", 80,
     "denied at the destination, where NetworkPolicy shop/p ingress[0].from[0] comes nearest: selectors overlook pods "
     "on the host network"},
    {"a hostNetwork pod that is policed, and its labels",
     policy("p", "{podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {app: web}}}]}]}"), "shop/agent",
     "shop/api", 80,
     "denied at the destination, where NetworkPolicy shop/p ingress[0].from[0] comes nearest: shop/agent: it has "
     "app=agent, not app=web",
     ProfileTopic::host_network_pods},
    {"another protocol", policy("p", "{podSelector: {}, ingress: [{ports: [{protocol: UDP, port: 80}]}]}"), "shop/web",
     "shop/api", 80,
     "denied at the destination, where NetworkPolicy shop/p ingress[0] comes nearest: it opens 80/UDP, not 80/TCP"},
    {"another name", policy("p", "{podSelector: {}, ingress: [{ports: [{port: http}]}]}"), "shop/web", "shop/api", 80,
     "denied at the destination, where NetworkPolicy shop/p ingress[0] comes nearest: it opens http/TCP, not 80/TCP"},
    {"a range that the plugin overlooks",
     policy("p", "{podSelector: {}, ingress: [{ports: [{port: 80, endPort: 90}]}]}"), "shop/web", "shop/api", 85,
     "denied at the destination, where NetworkPolicy shop/p ingress[0] comes nearest: it opens 80/TCP (this plugin "
     "overlooks endPort), not 85/TCP",
     ProfileTopic::end_port},
    {"pods' addresses that the plugin overlooks",
     policy("p", "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.244.0.0/16}}]}]}"), "data/db", "shop/api", 80,
     "denied at the destination, where NetworkPolicy shop/p ingress[0].from[0] comes nearest: an ipBlock matches no "
     "pods on this plugin",
     ProfileTopic::ip_block_on_pods},
    {"the administrator denies", admin("a", 1, fmt::format("ingress: [{{action: Deny, from: {}}}]", kAnybody)),
     "shop/web", "shop/api", 80, "denied at the destination by AdminNetworkPolicy a ingress[0].from[0]"},
    {"the baseline denies", baseline(fmt::format("egress: [{{action: Deny, to: {}}}]", kAnybody)), "shop/web",
     "shop/api", 80, "denied at the source by BaselineAdminNetworkPolicy default egress[0].to[0]"},
    {"a label that nobody knows",
     policy("p", "{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: c}}}]}]}"),
     "elsewhere/guest", "shop/api", 80,
     "depends at the destination on what the input does not say: an address, a label, or the order of equal "
     "priorities"},
};

TEST(Explain, SaysWhyInASentence) {
  for (const Sentence& each : kSentences) {
    SCOPED_TRACE(each.what);
    AnalysisOptions options;
    if (each.turned) options.profile = options.profile.flipped(*each.turned);
    const std::optional<Asked> asked = ask(each.policies, each.source, each.destination, tcp(each.port), options);
    ASSERT_TRUE(asked);
    EXPECT_EQ(asked->reach.explain(asked->flow).sentence, each.says);
  }
}

TEST(Explain, SaysThatItMayBeTheOwnNode) {
  AnalysisOptions options;
  options.endpoints.node_ranges = {*kube::Cidr::parse("172.19.0.0/16")};
  const std::string late =
      "---\n{apiVersion: v1, kind: Pod, metadata: {name: late, namespace: shop}, spec: {containers: [{name: c, image: "
      "i}]}}\n";
  const std::optional<Asked> asked = ask(kDenyAll + late, "172.19.0.9", "shop/late", tcp(80), options);
  ASSERT_TRUE(asked);
  const Explanation why = asked->reach.explain(asked->flow);
  EXPECT_EQ(why.sentence,
            "depends at the destination on whether the other end is its own node, which no policy keeps out");
  EXPECT_EQ(why.ingress.decided_by, DecidedBy::own_node);
  ASSERT_EQ(why.ingress.refusals.size(), 1U);
}

// A pod that does not exist may be in a namespace that has no name yet.
TEST(Explain, NamesNoNamespaceThatHasNoName) {
  AnalysisOptions options;
  options.endpoints.hypothetical = {
      {.name = "labels(ns: team=c)", .name_space = {}, .namespace_labels = {}, .labels = {}}};
  options.endpoints.hypothetical.front().namespace_labels.set("team", "c");
  const std::string policies =
      policy("p", "{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: b}}}]}]}");
  const std::optional<Asked> asked = ask(policies, "labels(ns: team=c)", "shop/api", tcp(80), options);
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->reach.explain(asked->flow).sentence,
            "denied at the destination, where NetworkPolicy shop/p ingress[0].from[0] comes nearest: its namespace: it "
            "has team=c, not team=b");
}

// ---- What the sentence is made of ----

TEST(Explain, ListsTheRefusalsOfEachPolicyNearestFirst) {
  const std::string policies =
      kDenyAll +
      policy("two",
             "{podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {app: x}}}], ports: [{port: 1}]}]}") +
      policy("one",
             "{podSelector: {}, ingress: [{ports: [{port: 1}]}, {from: [{ipBlock: {cidr: 192.0.2.0/24}}], ports: "
             "[{port: 1}]}]}");
  const std::optional<Asked> asked = ask(policies, "shop/web", "shop/api", tcp(80));
  ASSERT_TRUE(asked);
  const Explanation why = asked->reach.explain(asked->flow);
  std::string text;
  for (const Refusal& refusal : why.ingress.refusals)
    text += fmt::format("{} line {}: {}: {}\n", to_string(refusal.place), refusal.place.where.line,
                        to_string(refusal.missed), refusal.message);
  EXPECT_EQ(
      text,
      "NetworkPolicy shop/one ingress[0] line 15: port: it opens 1/TCP, not 80/TCP\n"
      "NetworkPolicy shop/two ingress[0].from[0] line 10: pod labels: shop/web: it has app=web, not app=x; it opens "
      "1/TCP, not 80/TCP\n"
      "NetworkPolicy shop/deny line 2: no rules: it has no ingress rule, so it admits nobody\n");
}

TEST(Explain, ListsEveryRuleThatAdmits) {
  const std::string policies =
      policy("p", "{podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {app: x}}}, {podSelector: {}}]}]}") +
      policy("q", "{podSelector: {matchLabels: {app: api}}, ingress: [{ports: [{port: 81}, {port: 80}]}]}");
  const std::optional<Asked> asked = ask(policies, "shop/web", "shop/api", tcp(80));
  ASSERT_TRUE(asked);
  const Explanation why = asked->reach.explain(asked->flow);
  std::vector<std::string> places;
  for (const RulePlace& place : why.ingress.admitting) places.push_back(to_string(place));
  EXPECT_EQ(places, (std::vector<std::string>{"NetworkPolicy shop/p ingress[0].from[1]",
                                              "NetworkPolicy shop/q ingress[0].ports[1]"}));
  EXPECT_TRUE(why.ingress.refusals.empty());
  EXPECT_EQ(why.egress.decided_by, DecidedBy::nothing);
}

// Of two policies whose order is not defined, both are named.
TEST(Explain, NamesBothOfATie) {
  const std::string policies = admin("a", 1, fmt::format("ingress: [{{action: Allow, from: {}}}]", kAnybody)) +
                               admin("b", 1, fmt::format("ingress: [{{action: Deny, from: {}}}]", kAnybody));
  const std::optional<Asked> asked = ask(policies, "shop/web", "shop/api", tcp(80));
  ASSERT_TRUE(asked);
  const Explanation why = asked->reach.explain(asked->flow);
  EXPECT_EQ(why.access, Access::depends);
  ASSERT_EQ(why.ingress.admitting.size(), 1U);
  ASSERT_EQ(why.ingress.denying.size(), 1U);
  EXPECT_EQ(to_string(why.ingress.admitting.front()), "AdminNetworkPolicy a ingress[0].from[0]");
  EXPECT_EQ(to_string(why.ingress.denying.front()), "AdminNetworkPolicy b ingress[0].from[0]");
}

TEST(Explain, WritesPlacesAsTheyAreFoundInAPolicy) {
  const kube::ObjectId id{"networking.k8s.io", "NetworkPolicy", "shop", "p"};
  const struct {
    kube::Direction direction;
    std::optional<std::size_t> rule, peer, port;
    const char* text;
  } kPlaces[] = {
      {kube::Direction::ingress, {}, {}, {}, "NetworkPolicy shop/p"},
      {kube::Direction::ingress, 1, {}, {}, "NetworkPolicy shop/p ingress[1]"},
      {kube::Direction::ingress, 1, 2, {}, "NetworkPolicy shop/p ingress[1].from[2]"},
      {kube::Direction::egress, 0, 2, 3, "NetworkPolicy shop/p egress[0].to[2].ports[3]"},
      {kube::Direction::egress, 0, {}, 3, "NetworkPolicy shop/p egress[0].ports[3]"},
  };
  for (const auto& each : kPlaces)
    EXPECT_EQ(to_string(RulePlace{.policy = id,
                                  .direction = each.direction,
                                  .rule = each.rule,
                                  .peer = each.peer,
                                  .port = each.port,
                                  .where = {}}),
              each.text);
}

}  // namespace
}  // namespace gantry::netpol
