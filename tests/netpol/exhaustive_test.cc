// The engine against its stupid twin on every world of a small grammar, so that no corner of it is left to luck.
//
// A world: one to three pods, each in one of two namespaces with one of two labels; and up to two NetworkPolicies of
// the grammar below: in one of the namespaces, for all pods there or those with the first label, in one of ten forms.
// Worlds that differ only in the order of pods or policies are one.
//
//   pods      4 kinds of pods: 4 + 10 + 20 = 34 sets of one to three
//   policies  2 namespaces * 2 subjects * 10 forms = 40; none, one, or two different ones: 1 + 40 + 780 = 821
//   worlds    34 * 821 = 27,914
//
// In each, every ordered pair of pods, at a port that the grammar names, its neighbour, and the same number of another
// protocol.

#include "base/yaml.h"
#include "netpol/compare.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gantry::netpol {
namespace {

constexpr std::size_t kWorlds = 27'914;
constexpr std::size_t kParts = 4;  // so that they can run side by side

constexpr std::string_view kNamespaces[] = {"left", "right"};
constexpr std::string_view kLabels[] = {"a", "b"};
constexpr std::string_view kSubjects[] = {"{}", "{matchLabels: {app: a}}"};
constexpr std::string_view kForms[] = {
    "policyTypes: [Ingress]",
    "ingress: [{}]",
    "ingress: [{from: [{podSelector: {matchLabels: {app: a}}}]}]",
    "ingress: [{from: [{namespaceSelector: {}, podSelector: {matchExpressions: [{key: app, operator: NotIn, values: "
    "[a]}]}}]}]",
    "ingress: [{from: [{namespaceSelector: {matchLabels: {team: left}}}], ports: [{port: 80}]}]",
    "policyTypes: [Egress]",
    "policyTypes: [Egress], egress: [{to: [{podSelector: {}}], ports: [{port: 80}]}]",
    "policyTypes: [Egress], egress: [{to: [{namespaceSelector: {matchLabels: {team: right}}}, {podSelector: "
    "{matchLabels: "
    "{app: b}}}]}]",
    "policyTypes: [Ingress, Egress]",
    "ingress: [{ports: [{}]}], egress: [{to: [{namespaceSelector: {}}], ports: [{protocol: UDP}]}]",
};

// Every object that some world has, read once; worlds are put together out of them.
struct Parts {
  std::vector<kube::Namespace> namespaces;
  std::vector<kube::Pod> pods;  // by kind, each three times
  std::vector<kube::Workload> workloads;
  std::vector<kube::NetworkPolicy> policies;
};

Parts make_parts() {
  std::string text;
  for (const std::string_view name_space : kNamespaces) {
    text += fmt::format("---\n{{apiVersion: v1, kind: Namespace, metadata: {{name: {0}, labels: {{team: {0}}}}}}}\n",
                        name_space);
    for (const std::string_view label : kLabels) {
      for (int copy = 0; copy < 3; ++copy) {
        text += fmt::format(
            "---\n{{apiVersion: v1, kind: Pod, metadata: {{name: {1}{2}, namespace: {0}, uid: u, labels: {{app: "
            "{1}}}}}, spec: "
            "{{containers: [{{name: c, image: i}}]}}, status: {{phase: Running}}}}\n",
            name_space, label, copy);
      }
    }
    for (std::size_t subject = 0; subject < std::size(kSubjects); ++subject) {
      for (std::size_t form = 0; form < std::size(kForms); ++form) {
        text += fmt::format(
            "---\n{{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {{name: p{1}-{2}, namespace: "
            "{0}}}, spec: "
            "{{podSelector: {3}, {4}}}}}\n",
            name_space, subject, form, kSubjects[subject], kForms[form]);
      }
    }
  }
  const base::Result<kube::Snapshot> all = kube::build_snapshot(*base::load_yaml(text, "grammar.yaml"));
  EXPECT_TRUE(all && (*all)->findings.empty());
  return {(*all)->namespaces, (*all)->pods, (*all)->workloads, (*all)->network_policies};
}

// Every set of one to three kinds, as indices into Parts::pods.
std::vector<std::vector<std::size_t>> pod_sets(std::size_t kinds) {
  std::vector<std::vector<std::size_t>> sets;
  for (std::size_t a = 0; a < kinds; ++a) {
    sets.push_back({3 * a});
    for (std::size_t b = a; b < kinds; ++b) {
      sets.push_back({3 * a, 3 * b + 1});
      for (std::size_t c = b; c < kinds; ++c) sets.push_back({3 * a, 3 * b + 1, 3 * c + 2});
    }
  }
  return sets;
}

std::vector<std::vector<std::size_t>> policy_sets(std::size_t policies) {
  std::vector<std::vector<std::size_t>> sets = {{}};
  for (std::size_t a = 0; a < policies; ++a) {
    sets.push_back({a});
    for (std::size_t b = a + 1; b < policies; ++b) sets.push_back({a, b});
  }
  return sets;
}

kube::Snapshot make_world(const Parts& parts, const std::vector<std::size_t>& pods,
                          const std::vector<std::size_t>& policies) {
  auto data = std::make_shared<kube::SnapshotData>();
  data->namespaces = parts.namespaces;
  for (const std::size_t pod : pods) {
    data->pods.edit().push_back(parts.pods[pod]);
    data->workloads.edit().push_back(parts.workloads[*parts.pods[pod].workload]);
    data->pods.edit().back().workload = data->workloads.size() - 1;
  }
  for (const std::size_t policy : policies) data->network_policies.edit().push_back(parts.policies[policy]);
  return kube::Snapshot(std::move(data));
}

// Empty when engine and twin agree on every flow.
std::string judge_world(const kube::Snapshot& snapshot, std::size_t& flows) {
  using kube::Port;
  using kube::Protocol;
  static constexpr std::pair<Protocol, std::uint16_t> kPorts[] = {
      {Protocol::tcp, 80}, {Protocol::tcp, 81}, {Protocol::udp, 80}};
  const base::Result<Reachability> reach = analyse(snapshot);
  if (!reach) return reach.error().message;
  const TwinWorld world = make_twin_world(snapshot, {});
  for (std::size_t source = 0; source < world.pods.size(); ++source) {
    for (std::size_t destination = 0; destination < world.pods.size(); ++destination) {
      if (source == destination) continue;
      const EndpointId source_id = *reach->endpoints().class_of(source);
      const EndpointId destination_id = *reach->endpoints().class_of(destination);
      for (const auto& [protocol, number] : kPorts) {
        const Access said = reach->access(
            {.source = source_id, .destination = destination_id, .protocol = protocol, .port = Port{number}});
        const TwinFlow flow{.source = {.pod = &world.pods[source], .address = {}},
                            .destination = {.pod = &world.pods[destination], .address = {}},
                            .protocol = protocol,
                            .port = Port{number}};
        const Access twin = judge(world, flow).access;
        ++flows;
        if (said != twin) {
          return fmt::format("{}/{} -> {}/{} {}/{}: {}, twin: {}", world.pods[source].name_space,
                             world.pods[source].name, world.pods[destination].name_space, world.pods[destination].name,
                             number, kube::to_string(protocol), to_string(said), to_string(twin));
        }
      }
    }
  }
  return {};
}

class Exhaustive : public testing::TestWithParam<std::size_t> {};

TEST_P(Exhaustive, EveryWorldOfTheGrammar) {
  const Parts parts = make_parts();
  const auto pods = pod_sets(parts.pods.size() / 3);
  const auto policies = policy_sets(parts.policies.size());
  ASSERT_EQ(pods.size() * policies.size(), kWorlds);
  std::size_t flows = 0;
  for (std::size_t i = GetParam(); i < kWorlds; i += kParts) {
    const kube::Snapshot snapshot = make_world(parts, pods[i / policies.size()], policies[i % policies.size()]);
    const std::string wrong = judge_world(snapshot, flows);
    ASSERT_EQ(wrong, "") << "world " << i << "\n" << kube::dump(snapshot);
  }
  EXPECT_GT(flows, kWorlds / kParts);
}

INSTANTIATE_TEST_SUITE_P(Part, Exhaustive, testing::Range<std::size_t>(0, kParts));

}  // namespace
}  // namespace gantry::netpol
