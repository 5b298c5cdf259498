// The topics on which a claim's verdict turns, against the claim judged once more by whoever answers each topic otherwise:
// an analysis of its own that shares nothing. Over random small clusters and random claims.

#include "netpol/claims.h"
#include "netpol/compare.h"
#include "netpol/profiles.h"
#include "netpol/random_cluster.h"
#include "netpol/twin.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace gantry::netpol {
namespace {

using kube::Protocol;

constexpr ClaimKind kKinds[] = {ClaimKind::only, ClaimKind::never, ClaimKind::must, ClaimKind::isolated};
constexpr std::uint16_t kPorts[] = {80, 81, 8080, 8081};
constexpr Protocol kProtocols[] = {Protocol::tcp, Protocol::tcp, Protocol::udp, Protocol::sctp};

// A pod alone, or all of its namespace.
Party random_pods(const kube::Snapshot& snapshot, Dice& dice) {
  const kube::Pod& pod = dice.pick(snapshot->pods);
  return *Party::parse(fmt::format("{}/{}", pod.name_space(), dice.percent(60) ? pod.name() : "*"));
}

Party random_address(const kube::Snapshot& snapshot, Dice& dice) {
  const std::vector<kube::IpAddress> addresses = telling_addresses(snapshot, {});
  return *Party::parse(to_string(dice.pick(addresses)));
}

Claim random_claim(const kube::Snapshot& snapshot, Dice& dice) {
  Claim claim;
  claim.kind = dice.pick(kKinds);
  claim.world = World::closed;
  claim.destinations.push_back(random_pods(snapshot, dice));
  if (dice.percent(60)) claim.ports.push_back({dice.pick(kProtocols), kube::Port{dice.pick(kPorts)}, {}});
  if (claim.kind == ClaimKind::isolated) {
    if (dice.percent(50)) claim.direction = kube::Direction::egress;
    return claim;
  }
  for (std::size_t i = dice.between(1, 3); i > 0; --i)
    claim.sources.push_back(dice.percent(25) ? random_address(snapshot, dice) : random_pods(snapshot, dice));
  if (claim.kind == ClaimKind::only && dice.percent(40)) claim.needed.push_back(claim.sources.front());
  return claim;
}

std::string names_of(const std::vector<ProfileTopic>& topics) {
  std::vector<std::string_view> names;
  for (const ProfileTopic topic : topics) names.push_back(to_string(topic));
  return fmt::format("{}", fmt::join(names, ", "));
}

// One cluster as whoever answers a topic otherwise sees it.
struct Other {
  ProfileTopic topic;
  Reachability reach;
};

std::vector<Other> find_others(const kube::Snapshot& snapshot, const AnalysisOptions& options) {
  std::vector<Other> others;
  for (const ProfileTopic topic : profile_topics()) {
    AnalysisOptions turned = options;
    turned.profile = options.profile.flipped(topic);
    others.push_back({topic, *analyse(snapshot, turned)});
  }
  return others;
}

std::vector<ProfileTopic> turned_topics(const std::vector<Other>& others, const Claim& claim, ClaimVerdict verdict) {
  std::vector<ProfileTopic> turned;
  for (const Other& other : others) {
    const base::Result<ClaimResult> result = judge_claim(other.reach, claim);
    if (!result || result->verdict != verdict) turned.push_back(other.topic);
  }
  return turned;
}

TEST(ClaimTopics, AreThoseWhoseOtherAnswerTurnsTheVerdict) {
  const ClusterTheme theme{.pods_max = 8,
                           .policies_max = 8,
                           .end_ports = 30,
                           .ip_blocks = 40,
                           .host_network = 15,
                           .nodes_max = 2,
                           .sidecars = 30,
                           .admin_policies_max = 2};
  Dice dice(test_seed());
  std::size_t turned_count = 0;
  for (int round = 0; round < 40; ++round) {
    const auto seed = static_cast<std::uint32_t>(dice.below(1'000'000));
    const RandomCluster cluster = make_random_cluster(seed, theme);
    const kube::Snapshot snapshot = *kube::build_snapshot(cluster.documents);
    if (snapshot->pods.empty()) continue;
    std::vector<Claim> claims;
    for (int i = 0; i < 12; ++i) claims.push_back(random_claim(snapshot, dice));
    AnalysisOptions options{.endpoints = cluster.options, .profile = {}, .without_rejected = true};
    add_to(options.endpoints, claims);
    const Reachability reach = *analyse(snapshot, options);
    const std::vector<Other> others = find_others(snapshot, options);
    for (const Claim& claim : claims) {
      const base::Result<ClaimResult> result = judge_claim(reach, claim);
      if (!result) continue;  // about a pod that has ended
      const std::vector<ProfileTopic> turned = turned_topics(others, claim, result->verdict);
      ASSERT_EQ(names_of(result->depends_on), names_of(turned))
          << to_string(claim) << ", " << to_string(result->verdict) << "\ncluster " << seed << "\n"
          << to_yaml(cluster.documents);
      turned_count += turned.size();
    }
  }
  // Else this would compare nothing with nothing.
  EXPECT_GT(turned_count, 10U);
}

}  // namespace
}  // namespace gantry::netpol
