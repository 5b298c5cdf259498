#pragma once

// The machines of a rehearsal that no snapshot has: declared as groups of equal nodes. Manifests alone do not say how many
// nodes exist, so a rehearsal from manifests states its node model (disruption reference, §7 and §10.1).
//
//   declare_nodes({{.count = 3, .zones = {"a", "b", "c"}, .allocatable = {{"cpu", *Quantity::parse("4")}}}})
//     // node-1 in zone a, node-2 in b, node-3 in c, four cores each, memory not judged

#include "base/result.h"
#include "base/source.h"
#include "kube/cluster_node.h"
#include "kube/labels.h"
#include "kube/pod_spec.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gantry::disruption {

struct NodeGroup {
  std::int64_t count = 0;
  std::string name = "node";            // its nodes are "node-1", "node-2", …
  std::vector<std::string> zones = {};  // taken in turn; none: the nodes have no zone
  // cpu and memory that are not named are not judged, as if there were enough; 110 pods unless "pods" is named; other resources
  // that are not named do not exist on the node.
  kube::ResourceList allocatable = {};
  kube::LabelSet labels = {};
  std::vector<kube::Taint> taints = {};
  std::optional<base::SourcePos> where = {};
};

// Labels kubernetes.io/hostname and topology.kubernetes.io/zone are added where they are not written. Errors: input, with the
// group's position: no node at all, a count below one or above kNodesMax, an amount below zero, two nodes of one name.
base::Result<std::vector<kube::ClusterNode>> declare_nodes(const std::vector<NodeGroup>& groups);

// "3 nodes, zones a, b and c, cpu 4; memory is not judged"
std::string to_string(const std::vector<NodeGroup>& groups);

// Far above what a control plane bears (5,000); keeps `nodes: 1000000000` from costing memory.
inline constexpr std::int64_t kNodesMax = 20'000;
// The kubelet's default for how many pods a node takes.
inline constexpr std::int64_t kPodsOfNode = 110;

}  // namespace gantry::disruption
