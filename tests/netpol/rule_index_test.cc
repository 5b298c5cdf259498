// Rules by the ports that they open, against asking each rule.

#include "netpol/rule_index.h"

#include "base/yaml.h"
#include "netpol/peer_match.h"
#include "netpol/random_cluster.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace gantry::netpol {
namespace {

using kube::Direction;
using kube::Port;
using kube::Protocol;

// One policy with so many rules for single ports, ranges, names and everything.
std::string long_policy(Dice& dice, std::size_t rules) {
  std::string text;
  for (std::size_t r = 0; r < rules; ++r) {
    std::string ports;
    for (std::size_t p = dice.below(4); p > 0; --p) {
      const std::size_t first = dice.between(1, 30);
      const std::string protocol = dice.percent(30) ? ", protocol: UDP" : "";
      switch (dice.below(6)) {
        case 0: ports += fmt::format("{{port: {}, endPort: {}{}}}, ", first, first + dice.below(5), protocol); break;
        case 1: ports += fmt::format("{{port: {}{}}}, ", dice.percent(50) ? "web" : "dns", protocol); break;
        case 2: ports += "{protocol: SCTP}, "; break;
        default: ports += fmt::format("{{port: {}{}}}, ", first, protocol);
      }
    }
    text += ports.empty() ? "\n    - {}" : fmt::format("\n    - ports: [{}]", ports);
  }
  return text;
}

kube::Snapshot make_snapshot(Dice& dice) {
  const std::string text = fmt::format(R"(
apiVersion: v1
kind: Pod
metadata: {{name: web, namespace: shop}}
spec:
  containers:
    - name: main
      image: web
      ports: [{{name: web, containerPort: 8}}, {{name: dns, containerPort: 5, protocol: UDP}}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{name: short, namespace: shop}}
spec:
  podSelector: {{}}
  ingress:{}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{name: long, namespace: shop}}
spec:
  podSelector: {{}}
  ingress:{}
)",
                                       long_policy(dice, dice.between(1, 5)), long_policy(dice, 40));
  return *kube::build_snapshot(*base::load_yaml(text, "policies.yaml"));
}

TEST(RuleIndex, FindsWhateverOpensAPort) {
  std::size_t opening = 0;
  for (std::uint32_t seed = 0; seed < 20; ++seed) {
    Dice dice(seed);
    const Reachability reach = *analyse(make_snapshot(dice));
    RuleIndex index(reach);
    for (const kube::NetworkPolicy& policy : reach.snapshot()->network_policies)
      for (const Protocol protocol : {Protocol::tcp, Protocol::udp, Protocol::sctp})
        for (const std::optional<EndpointId> destination : {std::optional<EndpointId>(), std::optional(EndpointId{0})})
          for (std::uint16_t port = 1; port < 40; ++port) {
            std::vector<std::size_t> each;
            for (std::size_t r = 0; r < policy.ingress.size(); ++r)
              if (ports_of(policy.ingress[r], destination, reach).contains(protocol, Port{port})) each.push_back(r);
            ASSERT_EQ(index.opening(policy, Direction::ingress, protocol, Port{port}, destination), each)
                << "seed " << seed << ", " << policy.name() << " " << port << "/" << to_string(protocol);
            opening += each.size();
          }
  }
  EXPECT_GT(opening, 10'000U);
}

TEST(RuleIndex, KnowsThePoliciesOfANamespace) {
  const ClusterTheme theme{.policies_max = 12, .rejected = 20};
  std::size_t found = 0;
  for (std::uint32_t seed = 0; seed < 100; ++seed) {
    RandomCluster cluster = make_random_cluster(seed, theme);
    const kube::Snapshot snapshot = *kube::build_snapshot(std::move(cluster.documents));
    const Reachability reach =
        *analyse(snapshot, {.endpoints = cluster.options, .profile = {}, .without_rejected = seed % 2 == 0});
    RuleIndex index(reach);
    for (const kube::Namespace& name_space : snapshot->namespaces)
      for (const Direction direction : {Direction::ingress, Direction::egress}) {
        RuleIndex::Policies expected;
        for (const kube::NetworkPolicy& policy : snapshot->network_policies)
          if (policy.name_space() == name_space.name() && policy.isolates(direction) &&
              !(policy.object.rejected() && reach.options().without_rejected))
            expected.push_back(&policy);
        ASSERT_EQ(index.isolating(name_space.name(), direction), expected) << "seed " << seed;
        found += expected.size();
      }
  }
  EXPECT_GT(found, 100U);
}

}  // namespace
}  // namespace gantry::netpol
