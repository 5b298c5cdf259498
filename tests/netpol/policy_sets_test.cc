// Two policy sets, against asking both about everybody: all who are there, and all labellings over a small vocabulary. The engine
// itself is held against its twin elsewhere.

#include "netpol/policy_sets.h"

#include "base/yaml.h"
#include "netpol/stranger.h"
#include "netpol/two_namespaces.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <map>
#include <random>

namespace gantry::netpol {
namespace {

using kube::Direction;

kube::Snapshot snapshot_of(const std::string& yaml) { return *kube::build_snapshot(*base::load_yaml(yaml, "w.yaml")); }

// "{u: '1'}" as a selector; "" for everything.
std::string selector(std::mt19937& random, const std::vector<const char*>& from) {
  return fmt::format("{{matchExpressions: [{}]}}", from[random() % from.size()]);
}

const std::vector<const char*> kPodSelectors = {"",
                                                "",
                                                "{key: u, operator: In, values: ['1']}",
                                                "{key: u, operator: NotIn, values: ['1']}",
                                                "{key: v, operator: Exists}",
                                                "{key: v, operator: DoesNotExist}, {key: u, operator: Exists}"};
const std::vector<const char*> kNamespaceSelectors = {
    "", "{key: t, operator: In, values: [a]}", "{key: t, operator: NotIn, values: [b]}",
    "{key: kubernetes.io/metadata.name, operator: In, values: [shop]}"};

std::string random_peer(std::mt19937& random) {
  switch (random() % 5) {
    case 0: return fmt::format("{{podSelector: {}}}", selector(random, kPodSelectors));
    case 1: return fmt::format("{{namespaceSelector: {}}}", selector(random, kNamespaceSelectors));
    case 2: return random() % 2 == 0 ? "{ipBlock: {cidr: 0.0.0.0/0}}" : "{ipBlock: {cidr: 10.0.0.0/8}}";
    default:
      return fmt::format("{{podSelector: {}, namespaceSelector: {}}}", selector(random, kPodSelectors),
                         selector(random, kNamespaceSelectors));
  }
}

std::string random_policy(std::mt19937& random, std::size_t number, bool with_names) {
  const bool ingress = random() % 3 != 0;
  std::vector<std::string> rules;
  for (std::size_t n = random() % 3; n > 0; --n) {
    const char* const ports[] = {"", ", ports: [{port: 80}]", ", ports: [{port: 81}]", ", ports: [{port: http}]"};
    rules.push_back(fmt::format("{{{}: [{}]{}}}", ingress ? "from" : "to", random_peer(random),
                                ports[random() % (with_names ? 4 : 3)]));
  }
  return fmt::format(
      "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: p{}, namespace: {}}}\nspec:\n"
      "  podSelector: {}\n  policyTypes: [{}]\n  {}: [{}]\n",
      number, random() % 3 == 0 ? "shop" : "db", selector(random, kPodSelectors), ingress ? "Ingress" : "Egress",
      ingress ? "ingress" : "egress", fmt::join(rules, ", "));
}

std::string random_admin_policy(std::mt19937& random, std::size_t number) {
  const auto pick = [&](std::vector<const char*> from) { return from[random() % from.size()]; };
  const bool ingress = random() % 2 == 0;
  return fmt::format(
      "---\napiVersion: policy.networking.k8s.io/v1alpha2\nkind: ClusterNetworkPolicy\nmetadata: {{name: c{}}}\nspec:\n"
      "  tier: {}\n  priority: {}\n  subject: {{namespaces: {}}}\n"
      "  {}: [{{action: {}, {}: [{{pods: {{namespaceSelector: {}, podSelector: {}}}}}]}}]\n",
      number, pick({"Admin", "Baseline"}), number, selector(random, kNamespaceSelectors),
      ingress ? "ingress" : "egress", pick({"Accept", "Deny", "Pass"}), ingress ? "from" : "to",
      selector(random, kNamespaceSelectors), selector(random, kPodSelectors));
}

// A set, and often one that is like it but for a policy or two.
struct Sets {
  std::string mine;
  std::string theirs;
};

Sets make_sets(std::uint32_t seed, bool with_names) {
  std::mt19937 random(seed);
  Sets sets;
  std::string common;
  for (std::size_t n = random() % 3; n > 0; --n) common += random_policy(random, n, with_names);
  if (random() % 4 == 0) common += random_admin_policy(random, 1);
  sets.mine = common;
  sets.theirs = common;
  for (std::size_t n = random() % 2; n > 0; --n) sets.mine += random_policy(random, 10 + n, with_names);
  for (std::size_t n = random() % 3; n > 0; --n) sets.theirs += random_policy(random, 20 + n, with_names);
  if (random() % 6 == 0) sets.theirs += random_admin_policy(random, 2);
  return sets;
}

std::vector<EndpointOptions::HypotheticalPod> everybody() {
  std::vector<EndpointOptions::HypotheticalPod> pods;
  std::vector<std::pair<std::string, std::string>> homes = {{"shop", "a"}, {"db", "b"}};
  for (const char* t : {"", "a", "b", "z"}) homes.emplace_back("fresh", t);
  for (const auto& [name, t] : homes)
    for (const char* u : {"", "1", "z"})
      for (const char* v : {"", "z"}) {
        EndpointOptions::HypotheticalPod pod{.name = fmt::format("{} t={} u={} v={}", name, t, u, v),
                                             .name_space = name,
                                             .namespace_labels = {},
                                             .labels = {}};
        pod.namespace_labels.set(std::string(kNamespaceNameLabel), name);
        if (!t.empty()) pod.namespace_labels.set("t", t);
        if (*u) pod.labels.set("u", u);
        if (*v) pod.labels.set("v", v);
        pods.push_back(std::move(pod));
      }
  return pods;
}

// What one set says of all flows, by a name for each.
std::map<std::string, Access> ask_everybody(const std::string& policies, bool strangers) {
  AnalysisOptions options;
  options.endpoints.ranges = {*kube::Cidr::parse("10.0.0.0/8"), *kube::Cidr::parse("0.0.0.0/0")};
  if (strangers) options.endpoints.hypothetical = everybody();
  const Reachability reach = *analyse(snapshot_of(kTwoNamespaces + policies), options);
  std::map<std::string, Access> answers;
  const auto is_there = [&](std::uint32_t i) { return reach.endpoints()[EndpointId(i)].kind == Endpoint::Kind::pods; };
  for (std::uint32_t i = 0; i < reach.endpoints().size(); ++i)
    for (std::uint32_t j = 0; j < reach.endpoints().size(); ++j) {
      const Endpoint& from = reach.endpoints()[EndpointId(i)];
      const Endpoint& to = reach.endpoints()[EndpointId(j)];
      if (i == j || (!is_there(i) && !is_there(j)) || from.zone == Endpoint::Zone::loopback ||
          to.zone == Endpoint::Zone::loopback)
        continue;
      for (const std::uint16_t port : std::initializer_list<std::uint16_t>{80, 81, 7})
        answers[fmt::format("{} -> {}:{}", from.name, to.name, port)] =
            reach.access({.source = EndpointId(i), .destination = EndpointId(j), .port = kube::Port(port)});
    }
  return answers;
}

struct Expected {
  bool refuted = false;   // open for certain in the one, shut for certain in the other
  bool in_doubt = false;  // anything else but the same certain answer, or more
  std::string by;
};

void compare_answers(const std::map<std::string, Access>& mine, const std::map<std::string, Access>& theirs,
                     Expected& expected) {
  for (const auto& [flow, access] : mine) {
    const Access other = theirs.at(flow);
    if (access == Access::yes && other == Access::no) {
      expected.refuted = true;
      expected.by = flow;
    }
    if (other < access || (access == Access::depends && other == Access::depends)) expected.in_doubt = true;
  }
}

Claim make_claim(ClaimKind kind, World world) {
  Claim claim;
  claim.kind = kind;
  claim.world = world;
  claim.policies = "mine";
  claim.others = "theirs";
  return claim;
}

using Seen = std::map<std::tuple<ClaimKind, World, ClaimVerdict>, int>;

void expect_agreement(const Sets& sets, const Claim& claim, const std::string& where, Seen& seen) {
  const bool strangers = claim.world == World::open;
  const base::Result<ClaimResult> result = judge_sets(
      {.system = snapshot_of(kTwoNamespaces), .policies = snapshot_of(sets.mine), .others = snapshot_of(sets.theirs)},
      claim);
  if (!result) return;  // one of them selects nobody
  Expected expected;
  const auto mine = ask_everybody(sets.mine, strangers);
  const auto theirs = ask_everybody(sets.theirs, strangers);
  compare_answers(mine, theirs, expected);
  if (claim.kind == ClaimKind::equal) compare_answers(theirs, mine, expected);
  ++seen[{claim.kind, *claim.world, result->verdict}];
  EXPECT_EQ(result->verdict == ClaimVerdict::refuted, expected.refuted)
      << where << ": " << result->summary << " / " << expected.by << "\n"
      << sets.mine << "======" << sets.theirs;
  if (!expected.refuted && !expected.in_doubt) {
    EXPECT_EQ(to_string(result->verdict), "proved") << where << ": " << result->summary << "\n"
                                                    << sets.mine << "======" << sets.theirs;
  }
  EXPECT_EQ(result->verdict == ClaimVerdict::refuted,
            std::ranges::any_of(result->counterexamples, [](const auto& each) { return each.access == Access::yes; }))
      << where;
}

TEST(PolicySets, AgreeWithAskingEverybody) {
  Seen seen;
  for (std::uint32_t seed = 1; seed <= 70 && !testing::Test::HasFailure(); ++seed)
    for (const ClaimKind kind : {ClaimKind::equal, ClaimKind::contained})
      for (const World world : {World::closed, World::open})
        expect_agreement(make_sets(seed, world == World::closed), make_claim(kind, world),
                         fmt::format("seed {} {} {}", seed, to_string(kind), to_string(world)), seen);
  for (const ClaimKind kind : {ClaimKind::equal, ClaimKind::contained})
    for (const World world : {World::closed, World::open})
      for (const ClaimVerdict verdict : {ClaimVerdict::proved, ClaimVerdict::refuted})
        EXPECT_GT((seen[{kind, world, verdict}]), 5) << to_string(kind) << " " << to_string(world);
}

// By what name a pod to come calls its ports nobody knows: no proof, and no refutation.
TEST(PolicySets, LeaveTheNamesOfPortsToComeOpen) {
  const auto set = [](const std::string& port) {
    return snapshot_of(
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: out, namespace: shop}\nspec: "
        "{podSelector: {}, policyTypes: [Egress], egress: [{to: [{namespaceSelector: {}}], ports: [{port: " +
        port + "}]}]}\n");
  };
  const PolicySets sets{.system = snapshot_of(kTwoNamespaces), .policies = set("80"), .others = set("http")};
  EXPECT_EQ(judge_sets(sets, make_claim(ClaimKind::contained, World::closed))->verdict, ClaimVerdict::proved);
  const base::Result<ClaimResult> open = judge_sets(sets, make_claim(ClaimKind::contained, World::open));
  EXPECT_EQ(open->verdict, ClaimVerdict::depends);
  EXPECT_TRUE(open->summary.contains("a pod that gives its ports such names")) << open->summary;
}

}  // namespace
}  // namespace gantry::netpol
