// Policies by the labels of those whom they select, against asking each policy of the namespace.

#include "netpol/subject_index.h"

#include "netpol/random_cluster.h"

#include <gtest/gtest.h>

#include <string>

namespace gantry::netpol {
namespace {

using kube::Direction;
using kube::Match;

SubjectIndex::Selecting ask_each(const Reachability& reach, const Endpoint& endpoint, Direction direction) {
  SubjectIndex::Selecting selecting;
  for (const kube::NetworkPolicy& policy : reach.snapshot()->network_policies) {
    if (policy.name_space() != endpoint.name_space || !policy.isolates(direction)) continue;
    if (policy.object.rejected() && reach.options().without_rejected) continue;
    if (const Match match = kube::match(policy.pod_selector, endpoint.labels); match != Match::no)
      selecting.emplace_back(&policy, match);
  }
  return selecting;
}

// Some of its labels are there with a value that nobody knows, or any other may be there.
void forget(Endpoint& endpoint, Dice& dice) {
  if (dice.percent(20)) endpoint.labels.others_possible = true;
  if (endpoint.labels.known.empty() || dice.percent(60)) return;
  const std::string key = endpoint.labels.known.begin()->first;
  endpoint.labels.known.erase(key);
  endpoint.labels.present = {key};
}

TEST(SubjectIndex, FindsWhoeverSelects) {
  const ClusterTheme theme{.policies_max = 12,
                           .admin_policies_max = 0,
                           .derived = 20,
                           .mentioned = 20,
                           .hypothetical_max = 2,
                           .rejected = 10};
  std::size_t certain = 0;
  std::size_t unknown = 0;
  for (std::uint32_t seed = 0; seed < 200; ++seed) {
    RandomCluster cluster = make_random_cluster(seed, theme);
    const kube::Snapshot snapshot = *kube::build_snapshot(std::move(cluster.documents));
    const Reachability reach =
        *analyse(snapshot, {.endpoints = cluster.options, .profile = {}, .without_rejected = seed % 2 == 0});
    SubjectIndex index(reach);
    Dice dice(seed);
    for (std::size_t i = 0; i < reach.endpoints().pod_class_count(); ++i) {
      Endpoint endpoint = reach.endpoints().all()[i];
      forget(endpoint, dice);
      for (const Direction direction : {Direction::ingress, Direction::egress}) {
        const SubjectIndex::Selecting expected = ask_each(reach, endpoint, direction);
        ASSERT_EQ(index.selecting(endpoint, direction), expected) << "seed " << seed << ", " << endpoint.name;
        for (const auto& [policy, match] : expected) ++(match == Match::yes ? certain : unknown);
      }
    }
  }
  EXPECT_GT(certain, 500U);
  EXPECT_GT(unknown, 100U);
}

}  // namespace
}  // namespace gantry::netpol
