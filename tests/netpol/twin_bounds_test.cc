// The twin against itself where something is open: what judge() is sure of holds in every completion, and where nothing
// is open it is always sure.

#include "netpol/random_cluster.h"
#include "netpol/twin.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace gantry::netpol {
namespace {

struct Tally {
  std::size_t flows = 0;
  std::size_t open = 0;
  std::size_t decided_by_completions = 0;
};

// Random pairs of pods of random clusters.
Tally try_clusters(const ClusterTheme& theme, std::uint32_t clusters) {
  constexpr std::size_t kFlowsInCluster = 60;
  Tally tally;
  for (std::uint32_t seed = 1; seed <= clusters; ++seed) {
    const RandomCluster cluster = make_random_cluster(seed, theme);
    const base::Result<kube::Snapshot> snapshot = kube::build_snapshot(cluster.documents);
    EXPECT_TRUE(snapshot) << snapshot.error().message;
    const TwinWorld world = make_twin_world(*snapshot, {.endpoints = cluster.options, .profile = {}});
    Dice dice(seed);
    for (std::size_t i = 0; i < kFlowsInCluster && !world.pods.empty(); ++i) {
      const TwinFlow flow{.source = {.pod = &dice.pick(world.pods), .address = {}},
                          .destination = {.pod = &dice.pick(world.pods), .address = {}},
                          .port = kube::Port{static_cast<std::uint16_t>(dice.percent(50) ? 80 : 8080)}};
      const Access judged = judge(world, flow).access;
      const std::optional<Access> completed = complete(world, flow);
      ++tally.flows;
      tally.open += judged == Access::depends;
      if (!completed) continue;
      tally.decided_by_completions += judged == Access::depends && *completed != Access::depends;
      if (judged == Access::depends) continue;
      EXPECT_EQ(judged, *completed) << "seed " << seed << "\n" << to_yaml(cluster.documents);
    }
  }
  return tally;
}

TEST(TwinBounds, WhatIsCertainHoldsInEveryCompletion) {
  const ClusterTheme open{.ip_blocks = 40,
                          .dual_stack = 40,
                          .nodes_max = 2,
                          .admin_policies_max = 3,
                          .equal_priorities = 60,
                          .derived = 30,
                          .without_address = 30,
                          .mentioned = 40};
  const Tally tally = try_clusters(open, 80);
  EXPECT_GT(tally.open, tally.flows / 50);
  // The two bounds are near each other, or the engine would have too much room between them.
  EXPECT_LT(tally.decided_by_completions, tally.open / 4);
}

TEST(TwinBounds, NothingIsOpenWhereAllIsKnown) {
  const Tally tally =
      try_clusters({.dual_stack = 40, .host_network = 10, .nodes_max = 2, .admin_policies_max = 3}, 100);
  EXPECT_EQ(tally.open, 0U);
}

}  // namespace
}  // namespace gantry::netpol
