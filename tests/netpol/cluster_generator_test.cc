// The large clusters of the benchmarks are what they say: well formed, of the size that was asked for, the same each
// time.

#include "netpol/cluster_generator.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace gantry::netpol {
namespace {

TEST(ClusterGenerator, MakesWhatItWasAskedFor) {
  const ClusterShape shape{.pods = 300, .policies = 90, .namespaces = 7, .dual_stack = true};
  const std::vector<std::string> lists = make_cluster_lists(shape);
  EXPECT_EQ(lists, make_cluster_lists(shape));
  const base::Result<kube::Snapshot> snapshot = read_lists(lists);
  ASSERT_TRUE(snapshot) << snapshot.error().message;
  const kube::SnapshotData& data = **snapshot;
  EXPECT_TRUE(data.findings.empty()) << data.findings.front().message;
  constexpr std::size_t kSystemPods = 5;
  EXPECT_EQ(data.pods.size(), shape.pods + kSystemPods);
  EXPECT_EQ(data.network_policies.size(), shape.policies);
  EXPECT_EQ(data.namespaces.size(), shape.namespaces + 3);
  EXPECT_TRUE(snapshot->live());
  for (const kube::Pod& pod : data.pods) {
    EXPECT_EQ(pod.ips.size(), 2U);
    const kube::Workload* owner = snapshot->workload_of(pod);
    ASSERT_NE(owner, nullptr) << pod.name();
    EXPECT_EQ(owner->kind, kube::WorkloadKind::deployment);
  }
}

TEST(ClusterGenerator, GivesEachPodItsOwnAddress) {
  const base::Result<kube::Snapshot> snapshot =
      read_lists(make_cluster_lists({.pods = 5'000, .policies = 0, .namespaces = 10, .dual_stack = true}));
  ASSERT_TRUE(snapshot);
  std::vector<kube::IpAddress> addresses;
  for (const kube::Pod& pod : (*snapshot)->pods) addresses.insert(addresses.end(), pod.ips.begin(), pod.ips.end());
  std::sort(addresses.begin(), addresses.end());
  EXPECT_EQ(std::adjacent_find(addresses.begin(), addresses.end()), addresses.end());
}

TEST(ClusterGenerator, MakesClustersThatHurt) {
  struct Row {
    Adversary adversary;
    std::size_t size;
    std::size_t pods;
    std::size_t policies;
  };
  for (const Row& row : {Row{Adversary::unique_labels, 50, 50, 50}, Row{Adversary::many_blocks, 1'000, 1'000, 2},
                         Row{Adversary::every_port, 200, 1'000, 1}, Row{Adversary::crowded_namespace, 100, 1'000, 100},
                         Row{Adversary::deep_not_in, 20, 1'000, 20}, Row{Adversary::dual_stack, 60, 60, 97}}) {
    SCOPED_TRACE(to_string(row.adversary));
    const base::Result<kube::Snapshot> snapshot = read_lists(make_adversary_lists(row.adversary, row.size));
    ASSERT_TRUE(snapshot) << snapshot.error().message;
    EXPECT_TRUE((*snapshot)->findings.empty()) << (*snapshot)->findings.front().message;
    EXPECT_EQ((*snapshot)->pods.size(), row.pods);
    EXPECT_EQ((*snapshot)->network_policies.size(), row.policies);
  }
}

}  // namespace
}  // namespace gantry::netpol
