// Any text as YAML whose first document says what is given (nodes, claims, kubectl's flags) and whose others are manifests: an error
// with words for it, or a drain and an upgrade that end, in order of time, with no budget below zero and no gap in any pod's track.

#include "base/yaml.h"
#include "disruption/disruption.h"
#include "kube/snapshot.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <utility>
#include <vector>

namespace gantry::disruption {
namespace {

// Small clusters show every mistake that large ones do, and a run stays in the milliseconds.
constexpr std::int64_t kNodesMost = 8;
constexpr std::int64_t kPodsMost = 40;

void require(bool condition) {
  if (!condition) std::abort();
}

bool is_small(const kube::Snapshot& snapshot, const ClusterOptions& options) {
  std::int64_t nodes = static_cast<std::int64_t>(snapshot->nodes.size());
  for (const NodeGroup& group : options.nodes) nodes += group.count;
  std::int64_t pods = static_cast<std::int64_t>(snapshot->pods.size());
  for (const kube::Workload& workload : snapshot->workloads) {
    pods += std::min(kPodsMost + 1, highest_replicas(snapshot, workload));
    pods += std::min(kPodsMost + 1, workload.replicas());
  }
  return nodes <= kNodesMost && pods <= kPodsMost;
}

void require_sound(const base::Result<Rehearsal>& rehearsal) {
  if (!rehearsal) return require(!rehearsal.error().message.empty());
  for (std::size_t i = 1; i < rehearsal->events.size(); ++i)
    require(rehearsal->events[i - 1].at <= rehearsal->events[i].at);
  for (const BudgetOutcome& budget : rehearsal->budgets) require(budget.lowest_allowed >= 0);
  for (const NodeOutcome& node : rehearsal->nodes) {
    require(node.begin <= node.end && rehearsal->verdict >= node.verdict);
    require((node.verdict == Verdict::stuck) == !node.why_stuck.empty());
  }
  for (const PodTrack& track : compute_tracks(*rehearsal))
    for (std::size_t i = 1; i < track.spans.size(); ++i) require(track.spans[i - 1].to == track.spans[i].from);
  find_drain_problems(*rehearsal);
}

void rehearse(const base::Node& given_node, std::vector<base::Node> manifests) {
  const base::Result<GivenDrain> given = parse_given(given_node, base::Node());
  if (!given) return require(!given.error().message.empty());
  const base::Result<kube::Snapshot> snapshot = kube::build_snapshot(std::move(manifests));
  if (!snapshot || !is_small(*snapshot, given->cluster)) return;
  ClusterOptions options = given->cluster;
  options.surge_nodes = 1;
  const base::Result<Cluster> cluster = Cluster::build(*snapshot, options);
  if (!cluster) return require(!cluster.error().message.empty());
  find_budget_mistakes(*cluster);
  find_workload_mistakes(*cluster);
  require_sound(rehearse_drain(*cluster, {.flags = given->flags, .parallel = 2}));
  require_sound(rehearse_upgrade(*cluster, {}));
  for (std::uint32_t i = 0; i < cluster->invariants().size(); ++i)
    if (const base::Result<GroupSearch> found =
            search_group(*cluster, InvariantIndex(i), {.rollout = true, .states_max = 300, .walks = 3});
        !found)
      require(!found.error().message.empty());
}

}  // namespace
}  // namespace gantry::disruption

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  gantry::base::Result<std::vector<gantry::base::Node>> documents = gantry::base::load_yaml(text, "fuzz.yaml");
  if (!documents || documents->empty()) return 0;
  const gantry::base::Node given = std::move(documents->front());
  documents->erase(documents->begin());
  gantry::disruption::rehearse(given, *std::move(documents));
  return 0;
}
