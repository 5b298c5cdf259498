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

// Whoever is like those who are there is shut in both sets: others, who are all to come, have flows among themselves only.
constexpr std::string_view kShutThoseWhoAreThere = R"(---
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: shut}
spec:
  tier: Admin
  priority: 0
  subject: {pods: {namespaceSelector: {}, podSelector: {matchLabels: {u: '1'}}}}
  ingress: [{action: Deny, from: [{namespaces: {}}]}]
  egress: [{action: Deny, to: [{namespaces: {}}, {networks: [0.0.0.0/0]}]}]
)";

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
        pods.push_back(pod);
        // Two that are alike meet each other too.
        pod.name += " too";
        pods.push_back(std::move(pod));
      }
  return pods;
}

// What one set says of all flows, in an order that is the same for all sets.
struct Answers {
  std::vector<std::string> names;  // of the endpoints
  std::vector<Access> access;      // by source, destination and port
};
constexpr std::uint16_t kAskedPorts[] = {80, 81, 7};

bool is_asked(const Endpoint& from, const Endpoint& to) {
  return (from.is_pods() || to.is_pods()) && from.zone != Endpoint::Zone::loopback &&
         to.zone != Endpoint::Zone::loopback;
}

Answers ask_everybody(const std::string& policies, bool strangers) {
  AnalysisOptions options;
  options.endpoints.ranges = {*kube::Cidr::parse("10.0.0.0/8"), *kube::Cidr::parse("0.0.0.0/0")};
  if (strangers) options.endpoints.hypothetical = everybody();
  const Reachability reach = *analyse(snapshot_of(kTwoNamespaces + policies), options);
  std::map<std::string, EndpointId> by_name;
  for (std::uint32_t i = 0; i < reach.endpoints().size(); ++i)
    by_name.emplace(reach.endpoints()[EndpointId(i)].name, EndpointId(i));
  Answers answers;
  for (const auto& [from, source] : by_name) {
    answers.names.push_back(from);
    for (const auto& [to, destination] : by_name)
      for (const std::uint16_t port : kAskedPorts)
        answers.access.push_back(
            source == destination || !is_asked(reach.endpoints()[source], reach.endpoints()[destination])
                ? Access::no
                : reach.access({.source = source, .destination = destination, .port = kube::Port(port)}));
  }
  return answers;
}

struct Expected {
  bool refuted = false;   // open for certain in the one, shut for certain in the other
  bool in_doubt = false;  // anything else but the same certain answer, or more
  std::string by;
};

void compare_answers(const Answers& mine, const Answers& theirs, Expected& expected) {
  ASSERT_EQ(mine.names, theirs.names);
  const std::size_t ports = std::size(kAskedPorts);
  for (std::size_t i = 0; i < mine.access.size(); ++i) {
    const Access access = mine.access[i];
    const Access other = theirs.access[i];
    if (access == Access::yes && other == Access::no) {
      expected.refuted = true;
      expected.by = fmt::format("{} -> {}:{}", mine.names[i / ports / mine.names.size()],
                                mine.names[i / ports % mine.names.size()], kAskedPorts[i % ports]);
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

TEST(PolicySets, AgreeAboutThoseWhoAreAllToCome) {
  Seen seen;
  for (std::uint32_t seed = 1; seed <= 40 && !testing::Test::HasFailure(); ++seed)
    for (const ClaimKind kind : {ClaimKind::equal, ClaimKind::contained}) {
      Sets sets = make_sets(1000 + seed, false);
      sets.mine += kShutThoseWhoAreThere;
      sets.theirs += kShutThoseWhoAreThere;
      expect_agreement(sets, make_claim(kind, World::open), fmt::format("seed {} {}", seed, to_string(kind)), seen);
    }
  for (const ClaimKind kind : {ClaimKind::equal, ClaimKind::contained})
    for (const ClaimVerdict verdict : {ClaimVerdict::proved, ClaimVerdict::refuted})
      EXPECT_GT((seen[{kind, World::open, verdict}]), 2) << to_string(kind);
}

// By what name a pod to come calls its ports nobody knows: one that gives its port no such name is let through by the one set only.
TEST(PolicySets, MeetPodsThatNameTheirPortsAsTheyLike) {
  const auto set = [](const std::string& port) {
    return snapshot_of(
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: out, namespace: shop}\nspec: "
        "{podSelector: {}, policyTypes: [Egress], egress: [{to: [{namespaceSelector: {}}], ports: [{port: " +
        port + "}]}]}\n");
  };
  const PolicySets sets{.system = snapshot_of(kTwoNamespaces), .policies = set("80"), .others = set("http")};
  EXPECT_EQ(judge_sets(sets, make_claim(ClaimKind::contained, World::closed))->verdict, ClaimVerdict::proved);
  const base::Result<ClaimResult> open = judge_sets(sets, make_claim(ClaimKind::contained, World::open));
  EXPECT_EQ(open->verdict, ClaimVerdict::refuted) << open->summary;
  // The same name, whatever it turns out to mean, means it in both.
  const PolicySets alike{.system = snapshot_of(kTwoNamespaces), .policies = set("http"), .others = set("http")};
  EXPECT_EQ(judge_sets(alike, make_claim(ClaimKind::equal, World::open))->verdict, ClaimVerdict::proved);
}

// The administrator parts two kinds of namespaces of which there is none yet: only two who come meet it.
TEST(PolicySets, MeetTwoWhoAreBothToCome) {
  const auto set = [](const std::string& tenant, const std::string& more) {
    return snapshot_of(
        "apiVersion: policy.networking.k8s.io/v1alpha2\nkind: ClusterNetworkPolicy\nmetadata: {name: tenants}\nspec: "
        "{tier: Admin, priority: 1, subject: {namespaces: {matchLabels: {tenant: " +
        tenant + "}}}, ingress: [" + more + "{action: Deny, from: [{namespaces: {matchLabels: {tenant: blue}}}]}]}\n");
  };
  const std::string probe =
      "{action: Accept, from: [{pods: {namespaceSelector: {matchLabels: {tenant: blue}}, podSelector: {matchLabels: "
      "{probe: a}}}}]}, ";
  const PolicySets sets{.system = snapshot_of(kTwoNamespaces), .policies = set("red", probe), .others = set("red", "")};
  const base::Result<ClaimResult> closed = judge_sets(sets, make_claim(ClaimKind::contained, World::closed));
  EXPECT_EQ(closed->verdict, ClaimVerdict::proved) << closed->summary;
  const base::Result<ClaimResult> open = judge_sets(sets, make_claim(ClaimKind::contained, World::open));
  EXPECT_EQ(open->verdict, ClaimVerdict::refuted) << open->summary;
  EXPECT_TRUE(open->summary.contains("probe=a")) << open->summary;
  EXPECT_TRUE(open->summary.contains("tenant=red")) << open->summary;
  const PolicySets back{.system = sets.system, .policies = sets.others, .others = sets.policies};
  EXPECT_EQ(judge_sets(back, make_claim(ClaimKind::contained, World::open))->verdict, ClaimVerdict::proved);
}

}  // namespace
}  // namespace gantry::netpol
