// What must hold in every cluster, tried on random small ones. A failing case prints its seed and the manifests.

#include "disruption/small_cluster.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <vector>

namespace gantry::disruption {
namespace {

constexpr std::uint32_t kSeed = 4711;

struct RandomCluster {
  std::string documents;
  std::int64_t nodes = 1;
  std::int64_t replicas = 1;
  std::int64_t min_available = 0;
  bool apart = false;
  bool stateful = false;
};

RandomCluster make_random(std::mt19937& random) {
  RandomCluster made;
  made.nodes = 1 + static_cast<std::int64_t>(random() % 5);
  made.replicas = 1 + static_cast<std::int64_t>(random() % 4);
  made.min_available = static_cast<std::int64_t>(random() % 5);
  made.apart = random() % 2 == 0;
  made.stateful = random() % 2 == 0;
  made.documents = workload({.kind = made.stateful ? "StatefulSet" : "Deployment",
                             .replicas = made.replicas,
                             .spec = made.stateful ? "podManagementPolicy: Parallel" : "",
                             .pod = made.apart ? apart("db") : ""}) +
                   workload({.kind = "Deployment", .name = "other", .replicas = 2}) +
                   budget("db", "db", fmt::format("minAvailable: {}", made.min_available)) + service("db", "db");
  return made;
}

// Evictions alone never take what minAvailable keeps: whatever else moves pods, the budget has been asked.
TEST(Properties, EvictionsNeverGoBelowMinAvailable) {
  std::mt19937 random(kSeed);
  for (int i = 0; i < 300; ++i) {
    const RandomCluster made = make_random(random);
    const Cluster cluster = make_cluster(made.documents, made.nodes);
    const Rehearsal drill = drain(cluster, {.parallel = 1 + static_cast<std::int64_t>(random() % 3)});
    const std::int64_t ready = std::ranges::count_if(
        cluster.pods(), [](const ClusterPod& pod) { return pod.workload.ends_with("/db") && pod.node; });
    EXPECT_GE(drill.invariants[0].lowest, std::min(ready, made.min_available))
        << "seed " << kSeed << ", case " << i << "\n"
        << made.documents;
  }
}

// The stupid twin of one drain: pods of one workload under one integer budget, every order of evictions and returns tried by
// plain recursion over (pods per node that are healthy, pods waiting for a place).
class Twin {
 public:
  Twin(const RandomCluster& made, std::vector<int> on_node, std::size_t drained)
      : made_(made), drained_(drained), start_(std::move(on_node)) {}

  // Whether some course of events empties the node.
  bool can_empty() { return reaches(start_, 0); }

 private:
  bool reaches(std::vector<int> on_node, int waiting) {
    if (on_node[drained_] == 0) return true;
    if (!seen_.insert({on_node, waiting}).second) return false;
    int healthy = 0;
    for (const int count : on_node) healthy += count;
    if (healthy - made_.min_available > 0) {
      std::vector<int> next = on_node;
      --next[drained_];
      if (reaches(next, waiting + 1)) return true;
    }
    if (waiting == 0) return false;
    for (std::size_t node = 0; node < on_node.size(); ++node) {
      if (node == drained_ || (made_.apart && on_node[node] > 0)) continue;
      std::vector<int> next = on_node;
      ++next[node];
      if (reaches(next, waiting - 1)) return true;
    }
    return false;
  }

  const RandomCluster& made_;
  std::size_t drained_;
  std::vector<int> start_;
  std::set<std::pair<std::vector<int>, int>> seen_;
};

// Every `stuck` is confirmed by trying everything, and everything that is not stuck has a way.
TEST(Properties, StuckIsWhatBruteForceCannotEmpty) {
  std::mt19937 random(kSeed + 1);
  int stuck = 0;
  for (int i = 0; i < 300; ++i) {
    const RandomCluster made = make_random(random);
    const Cluster cluster = make_cluster(made.documents, made.nodes);
    std::vector<int> on_node(static_cast<std::size_t>(made.nodes));
    bool unplaced = false;
    for (const ClusterPod& pod : cluster.pods()) {
      if (!pod.workload.ends_with("/db")) continue;
      unplaced = unplaced || !pod.node;
      if (pod.node) ++on_node[pod.node->value()];
    }
    if (unplaced) continue;  // a Pending pod takes a place that the twin does not know of
    for (std::size_t node = 0; node < on_node.size(); ++node) {
      const Rehearsal drill =
          drain(cluster, {.nodes = {fmt::format("node-{}", node + 1)}, .after = AfterDrain::leave_cordoned});
      const bool is_stuck = drill.nodes[0].verdict == Verdict::stuck;
      ASSERT_EQ(is_stuck, !Twin(made, on_node, node).can_empty())
          << "seed " << kSeed + 1 << ", case " << i << ", node " << node << "\n"
          << made.documents;
      EXPECT_EQ(is_stuck, !drill.nodes[0].why_stuck.empty());
      stuck += is_stuck;
    }
  }
  EXPECT_GT(stuck, 50);
}

// The same cluster and options give the same events.
TEST(Properties, RehearsalsRepeatThemselves) {
  std::mt19937 random(kSeed + 2);
  for (int i = 0; i < 30; ++i) {
    const RandomCluster made = make_random(random);
    const std::vector<EventKind> all = {EventKind::evicted,   EventKind::evict_refused, EventKind::pod_scheduled,
                                        EventKind::pod_ready, EventKind::drained,       EventKind::stuck,
                                        EventKind::below,     EventKind::restored};
    EXPECT_EQ(tell(drain(make_cluster(made.documents, made.nodes)), all),
              tell(drain(make_cluster(made.documents, made.nodes)), all));
  }
}

// A budget, a label or a policy that changes by one changes the answer (mutation, §16).
TEST(Properties, ABudgetThatChangesByOneIsNoticed) {
  for (std::int64_t replicas = 2; replicas <= 5; ++replicas) {
    const auto verdict = [&](std::int64_t min_available) {
      return drain(make_cluster(workload({.replicas = replicas}) +
                                    budget("db", "db", fmt::format("minAvailable: {}", min_available)),
                                3))
          .verdict;
    };
    EXPECT_NE(verdict(replicas - 1), Verdict::stuck) << replicas;
    EXPECT_EQ(verdict(replicas), Verdict::stuck) << replicas;
  }
}

}  // namespace
}  // namespace gantry::disruption
