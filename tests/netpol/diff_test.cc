// Two random clusters that share their pods, compared flow by flow with the engine's own answers about each of them.

#include "netpol/diff.h"

#include "base/yaml.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>

namespace gantry::netpol {
namespace {

constexpr const char* kPods = R"(
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {t: a}}
---
apiVersion: v1
kind: Namespace
metadata: {name: db, labels: {t: b}}
)";

kube::Snapshot snapshot_of(const std::string& yaml) {
  return *kube::build_snapshot(*base::load_yaml(yaml, "world.yaml"));
}

std::string pod(const std::string& name_space, const std::string& name, const std::string& label) {
  return fmt::format(
      "---\napiVersion: v1\nkind: Pod\nmetadata: {{name: {}, namespace: {}, labels: {{u: '{}'}}}}\n"
      "spec: {{containers: [{{name: c, image: i, ports: [{{containerPort: 80}}]}}]}}\n",
      name, name_space, label);
}

std::string policy(const std::string& name, const std::string& name_space, const std::string& spec) {
  return fmt::format(
      "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: {}, namespace: {}}}\nspec: {}\n",
      name, name_space, spec);
}

std::string dump(const PolicyDiff& diff) {
  constexpr const char* kKinds[] = {"opened", "closed", "perhaps"};
  std::string text;
  for (const FlowChange& change : diff.changes) {
    text += fmt::format("{} {} -> {} {}", kKinds[static_cast<std::size_t>(change.kind)], change.source,
                        change.destination, to_string(change.ports));
    for (const RulePlace& place : change.because) text += "; " + to_string(place);
    text += "\n";
  }
  for (const std::string& name : diff.added) text += "+ " + name + "\n";
  for (const std::string& name : diff.removed) text += "- " + name + "\n";
  return text;
}

TEST(Diff, SaysWhatOpensAndWhatCloses) {
  const std::string base = kPods + pod("shop", "web", "1") + pod("db", "queue", "1");
  const std::string deny = policy("deny", "db", "{podSelector: {}, policyTypes: [Ingress]}");
  const std::string allow = policy("allow", "db",
                                   "{podSelector: {}, policyTypes: [Ingress], ingress: [{from: [{namespaceSelector: "
                                   "{matchLabels: {t: a}}}], ports: [{port: 80}]}]}");
  const PolicyDiff none = *compare(snapshot_of(base + deny), snapshot_of(base + deny));
  EXPECT_EQ(dump(none), "");
  EXPECT_FALSE(none.opens());
  EXPECT_EQ(dump(*compare(snapshot_of(base + deny), snapshot_of(base + deny + allow))),
            "opened shop/web -> db/queue 80/TCP; NetworkPolicy db/allow ingress[0].from[0].ports[0]\n+ NetworkPolicy "
            "db/allow\n");
  EXPECT_EQ(dump(*compare(snapshot_of(base + deny + allow), snapshot_of(base + deny))),
            "closed shop/web -> db/queue 80/TCP; NetworkPolicy db/allow ingress[0].from[0].ports[0]\n- NetworkPolicy "
            "db/allow\n");
}

// A workload that comes or goes is named; its flows are its own.
TEST(Diff, NamesWorkloadsThatComeAndGo) {
  EXPECT_EQ(dump(*compare(snapshot_of(kPods + pod("shop", "web", "1")), snapshot_of(kPods + pod("db", "queue", "1")))),
            "+ Pod db/queue\n- Pod shop/web\n");
}

std::string random_policies(std::mt19937& random) {
  const auto pick = [&](std::vector<const char*> from) { return std::string(from[random() % from.size()]); };
  std::string text;
  for (std::size_t n = random() % 4; n > 0; --n) {
    const bool ingress = random() % 2 == 0;
    const std::string peer =
        pick({"{podSelector: {matchLabels: {u: '1'}}}", "{namespaceSelector: {matchLabels: {t: a}}}",
              "{namespaceSelector: {}, podSelector: {matchLabels: {u: '2'}}}",
              "{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}", "{ipBlock: {cidr: 0.0.0.0/0}}"});
    const std::string ports = pick({"", ", ports: [{port: 80}]", ", ports: [{port: 80, endPort: 90}]"});
    text += policy(
        fmt::format("p{}", n), pick({"shop", "db"}),
        fmt::format("{{podSelector: {}, policyTypes: [{}], {}: [{{{}: [{}]{}}}]}}",
                    pick({"{}", "{matchLabels: {u: '1'}}", "{matchLabels: {u: '2'}}"}), ingress ? "Ingress" : "Egress",
                    ingress ? "ingress" : "egress", ingress ? "from" : "to", peer, ports));
  }
  return text;
}

TEST(Diff, AgreesWithBothSidesFlowByFlow) {
  std::string pods = kPods;
  for (const char* name_space : {"shop", "db"})
    for (const char* label : {"1", "2", "3"}) pods += pod(name_space, fmt::format("p{}", label), label);
  const std::vector<std::pair<std::string, std::string>> names = {{"shop", "p1"}, {"shop", "p2"}, {"shop", "p3"},
                                                                  {"db", "p1"},   {"db", "p2"},   {"db", "p3"}};
  const std::uint32_t seed = 3;
  std::mt19937 random(seed);
  for (int round = 0; round < 60; ++round) {
    const kube::Snapshot before = snapshot_of(pods + random_policies(random));
    const kube::Snapshot after = snapshot_of(pods + random_policies(random));
    const PolicyDiff diff = *compare(before, after);
    const Reachability was = *analyse(before);
    const Reachability is = *analyse(after);
    for (const auto& [source_space, source] : names)
      for (const auto& [target_space, target] : names)
        for (const std::uint16_t port : std::initializer_list<std::uint16_t>{80, 85, 91}) {
          const std::string from = source_space + "/" + source;
          const std::string to = target_space + "/" + target;
          if (from == to) continue;
          const auto ask = [&](const Reachability& reach) {
            return reach.access({.source = reach.endpoints().find(source_space, source).front(),
                                 .destination = reach.endpoints().find(target_space, target).front(),
                                 .port = kube::Port(port)});
          };
          const Access a = ask(was);
          const Access b = ask(is);
          const auto is_listed = [&](FlowChange::Kind kind) {
            return std::ranges::any_of(diff.changes, [&](const FlowChange& change) {
              return change.kind == kind && change.source == from && change.destination == to &&
                     change.ports.contains(kube::Protocol::tcp, kube::Port(port));
            });
          };
          const std::string where = fmt::format("seed {} round {}: {} -> {}:{}", seed, round, from, to, port);
          EXPECT_EQ(is_listed(FlowChange::Kind::opened), a == Access::no && b == Access::yes) << where;
          EXPECT_EQ(is_listed(FlowChange::Kind::closed), a == Access::yes && b == Access::no) << where;
          EXPECT_EQ(is_listed(FlowChange::Kind::perhaps), a != b && (a == Access::depends || b == Access::depends))
              << where;
          const bool may_open = std::ranges::any_of(diff.changes, [&](const FlowChange& change) {
            return change.may_open && change.source == from && change.destination == to &&
                   change.ports.contains(kube::Protocol::tcp, kube::Port(port));
          });
          // What was open for certain can only close.
          EXPECT_EQ(may_open, is_listed(FlowChange::Kind::perhaps) && a != Access::yes) << where;
        }
  }
}

}  // namespace
}  // namespace gantry::netpol
