// One changed policy, looked at alone, against an analysis of the changed snapshot: over random clusters and random
// changes, several in a row. Classes and regions may be cut otherwise (what a removed policy asked for still splits
// them), so pods and addresses are compared, not ids.

#include "netpol/compare.h"
#include "netpol/random_cluster.h"
#include "netpol/reachability.h"
#include "netpol/twin.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gantry::netpol {
namespace {

constexpr kube::Protocol kProtocols[] = {kube::Protocol::tcp, kube::Protocol::udp, kube::Protocol::sctp};
constexpr std::uint16_t kPorts[] = {1, 53, 80, 81, 8080, 8081, 9090, 65535};

// The ends of flows that both know: pods by their index, addresses.
std::vector<std::optional<EndpointId>> ends_of(const Reachability& reach,
                                               const std::vector<kube::IpAddress>& addresses) {
  std::vector<std::optional<EndpointId>> ends;
  for (std::size_t pod = 0; pod < reach.snapshot()->pods.size(); ++pod) ends.push_back(reach.endpoints().class_of(pod));
  for (const kube::IpAddress& address : addresses) ends.push_back(reach.endpoints().region_of(address));
  return ends;
}

Access access_in(const std::vector<Opening>& openings, EndpointId peer, kube::Protocol protocol, kube::Port port) {
  for (const Opening& opening : openings) {
    if (!opening.ports.contains(protocol, port)) continue;
    if (opening.certain.contains(peer)) return Access::yes;
    if (opening.possible.contains(peer)) return Access::depends;
  }
  return Access::no;
}

// The first difference, for people; empty when there is none.
std::string difference(const Reachability& changed, const Reachability& whole, Dice& dice) {
  const std::vector<kube::IpAddress> addresses = telling_addresses(whole.snapshot(), whole.options().endpoints);
  const auto ends = ends_of(changed, addresses);
  const auto same_ends = ends_of(whole, addresses);
  const kube::IpFamily family = dice.pick(changed.endpoints().families());
  for (std::size_t to = 0; to < ends.size(); ++to) {
    if (!ends[to] || !same_ends[to]) continue;
    const std::vector<Opening> sources = changed.sources_of(*ends[to], family);
    for (std::size_t from = 0; from < ends.size(); ++from) {
      if (!ends[from] || !same_ends[from]) continue;
      const kube::Protocol protocol = dice.pick(kProtocols);
      const kube::Port port{dice.pick(kPorts)};
      const Flow flow{*ends[from], *ends[to], protocol, port, family};
      const Access expected = whole.access({*same_ends[from], *same_ends[to], protocol, port, family});
      const std::string text = changed.endpoints()[flow.source].name + " -> " +
                               changed.endpoints()[flow.destination].name + " " + std::to_string(port.value()) + "/" +
                               std::string(to_string(protocol));
      if (changed.access(flow) != expected) return text;
      const bool is_between_others =
          flow.source != flow.destination &&
          (changed.endpoints()[flow.source].is_pods() || changed.endpoints()[flow.destination].is_pods());
      if (is_between_others && access_in(sources, flow.source, protocol, port) != expected) return "sources: " + text;
    }
  }
  for (const kube::NetworkPolicy& policy : whole.snapshot()->network_policies)
    for (std::size_t pod = 0; pod < whole.snapshot()->pods.size(); ++pod)
      if (ends[pod] &&
          changed.selected_by(policy).contains(*ends[pod]) != whole.selected_by(policy).contains(*same_ends[pod]))
        return "selected by " + to_string(policy.object.id);
  for (std::size_t pod = 0; pod < whole.snapshot()->pods.size(); ++pod)
    for (const kube::Direction direction : {kube::Direction::ingress, kube::Direction::egress}) {
      if (!ends[pod]) continue;
      std::vector<std::string> names[2];
      for (const auto* policy : changed.isolating(*ends[pod], direction)) names[0].push_back(policy->name());
      for (const auto* policy : whole.isolating(*same_ends[pod], direction)) names[1].push_back(policy->name());
      if (names[0] != names[1]) return "isolating " + changed.endpoints()[*ends[pod]].name;
    }
  return {};
}

// Another cluster's policy in one of this cluster's namespaces: most of its keys and ports are known here, some are
// not. Or one of its own, which isolates in one direction more, or less.
kube::NetworkPolicy random_policy(const Reachability& reach, const kube::Snapshot& stranger, Dice& dice) {
  const auto& own = reach.snapshot()->network_policies;
  if (!own.empty() && dice.percent(20)) {  // says something else of one direction
    kube::NetworkPolicy policy = dice.pick(own);
    bool& isolates = dice.percent(50) ? policy.isolates_ingress : policy.isolates_egress;
    isolates = !isolates;
    return policy;
  }
  kube::NetworkPolicy policy = dice.pick(stranger->network_policies);
  if (!own.empty() && dice.percent(50)) {
    policy.object.id = dice.pick(own).object.id;  // replaces one
  } else if (!reach.snapshot()->pods.empty()) {
    policy.object.id.name_space = dice.pick(reach.snapshot()->pods).name_space();
  }
  return policy;
}

Reachability change(const Reachability& reach, const kube::Snapshot& stranger, Dice& dice) {
  const auto& own = reach.snapshot()->network_policies;
  const bool takes_away = stranger->network_policies.empty() || (!own.empty() && dice.percent(30));
  if (!takes_away) return reach.with_policy(random_policy(reach, stranger, dice));
  if (own.empty()) return reach;
  return reach.without_policy(kube::ObjectId(dice.pick(own).object.id));
}

TEST(Change, IsWhatAnAnalysisOfTheChangedSnapshotSays) {
  const ClusterTheme theme{.policies_max = 8,
                           .ip_blocks = 30,
                           .host_network = 10,
                           .nodes_max = 2,
                           .admin_policies_max = 2,
                           .derived = 10,
                           .mentioned = 20,
                           .rejected = 10};
  Dice dice(test_seed());
  std::size_t taken_over = 0;
  for (int round = 0; round < 60; ++round) {
    const auto seed = static_cast<std::uint32_t>(dice.below(1'000'000));
    const RandomCluster cluster = make_random_cluster(seed, theme);
    const base::Result<kube::Snapshot> snapshot = kube::build_snapshot(cluster.documents);
    const base::Result<kube::Snapshot> stranger = kube::build_snapshot(make_random_cluster(seed + 1, theme).documents);
    ASSERT_TRUE(snapshot && stranger);
    const AnalysisOptions options{.endpoints = cluster.options, .profile = {}, .without_rejected = dice.percent(70)};
    Reachability reach = *analyse(*snapshot, options);
    for (int step = 0; step < 4; ++step) {
      const Reachability before = reach;
      reach = change(before, *stranger, dice);
      const Reachability whole = *analyse(reach.snapshot(), options);
      ASSERT_EQ(difference(reach, whole, dice), "") << "cluster " << seed << ", step " << step;
      ASSERT_EQ(reach.counts().policies, whole.counts().policies) << "cluster " << seed << ", step " << step;
      if (&reach.endpoints() == &before.endpoints()) ++taken_over;
    }
  }
  // Else this would compare analyses with themselves.
  EXPECT_GT(taken_over, 80U);
}

TEST(Change, LeavesTheOneBeforeAsItWas) {
  const RandomCluster cluster = make_random_cluster(7, {.policies_max = 8});
  const kube::Snapshot snapshot = *kube::build_snapshot(cluster.documents);
  const AnalysisOptions options{.endpoints = cluster.options, .profile = {}, .without_rejected = true};
  const Reachability before = *analyse(snapshot, options);
  Dice dice(1);
  for (const kube::NetworkPolicy& policy : snapshot->network_policies) {
    const Reachability without = before.without_policy(policy.object.id);
    EXPECT_EQ(without.snapshot()->network_policies.size() + 1, snapshot->network_policies.size());
    EXPECT_EQ(without.snapshot().find(policy.object.id), nullptr);
    EXPECT_EQ(without.snapshot()->pods.data(), snapshot->pods.data()) << "everything else is shared";
    EXPECT_EQ(difference(before, *analyse(snapshot, options), dice), "") << policy.name();
    // And back again.
    const Reachability again = without.with_policy(policy);
    EXPECT_NE(again.snapshot().find(policy.object.id), nullptr);
    EXPECT_EQ(difference(again, before, dice), "") << policy.name();
  }
}

}  // namespace
}  // namespace gantry::netpol
