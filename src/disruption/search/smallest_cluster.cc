#include "disruption/search.h"

#include <algorithm>

namespace gantry::disruption {

namespace {

// The counts that people run in small: more tell nothing new about budgets and quorums.
constexpr std::int64_t kCounts[] = {1, 2, 3, 4, 6};

bool is_drainable(const Rehearsal& rehearsal) {
  const auto fails = [](const NodeOutcome& outcome) {
    return outcome.verdict == Verdict::stuck || outcome.verdict == Verdict::refused ||
           outcome.verdict == Verdict::quorum_lost;
  };
  return rehearsal.unplaced.empty() && std::ranges::none_of(rehearsal.nodes, fails);
}

}  // namespace

base::Result<SmallestCluster> find_smallest_cluster(const kube::Snapshot& snapshot, const ClusterOptions& options,
                                                    const DrainFlags& flags) {
  SmallestCluster result;
  ClusterOptions tried = options;
  tried.nodes.resize(1);
  for (const std::int64_t count : kCounts) {
    tried.nodes.front().count = count;
    const Cluster cluster = TRY(Cluster::build(snapshot, tried));
    const Rehearsal rehearsal = TRY(rehearse_drain(cluster, {.flags = flags, .events_max = 0}));
    const std::vector<ClusterPod> pods = cluster.pods();
    const auto homeless =
        static_cast<std::size_t>(std::ranges::count_if(pods, [](const ClusterPod& pod) { return !pod.node; }));
    result.tried.push_back({count, rehearsal.verdict, std::max(homeless, rehearsal.unplaced.size())});
    if (homeless > 0 || !is_drainable(rehearsal)) continue;
    result.nodes = count;
    break;
  }
  return result;
}

}  // namespace gantry::disruption
