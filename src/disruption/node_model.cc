#include "disruption/node_model.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

namespace gantry::disruption {

namespace {

constexpr std::string_view kHostname = "kubernetes.io/hostname";
constexpr std::string_view kZone = "topology.kubernetes.io/zone";

base::Result<void> check_group(const NodeGroup& group, std::int64_t total) {
  if (group.count < 1)
    return base::input_error(fmt::format("a cluster of {} nodes cannot be drained", group.count), group.where,
                             "say how many nodes there are: one or more");
  if (group.count > kNodesMax || total > kNodesMax)
    return base::input_error(
        fmt::format("{} nodes are more than the {} that are rehearsed", std::max(group.count, total), kNodesMax),
        group.where, "check the number of nodes");
  for (const auto& [resource, amount] : group.allocatable)
    if (amount.is_negative())
      return base::input_error(fmt::format("a node cannot have {} of {}", to_string(amount), resource), group.where,
                               "write the node's allocatable amount, or leave it out");
  return {};
}

kube::ClusterNode make_node(const NodeGroup& group, std::int64_t number) {
  kube::ClusterNode node;
  node.object.id = {"", "Node", "", fmt::format("{}-{}", group.name, number + 1)};
  node.object.version = "v1";
  node.object.labels = group.labels;
  if (!node.object.labels.find(kHostname)) node.object.labels.set(std::string(kHostname), node.name());
  if (!group.zones.empty() && !node.object.labels.find(kZone))
    node.object.labels.set(std::string(kZone), group.zones[static_cast<std::size_t>(number) % group.zones.size()]);
  node.allocatable = group.allocatable;
  node.capacity = group.allocatable;
  node.taints = group.taints;
  return node;
}

std::string describe_group(const NodeGroup& group) {
  std::string text = fmt::format("{} {}", group.count, group.count == 1 ? "node" : "nodes");
  if (!group.zones.empty())
    text += fmt::format(", {} {}", group.zones.size() == 1 ? "zone" : "zones", fmt::join(group.zones, ", "));
  for (const auto& [resource, amount] : group.allocatable) text += fmt::format(", {} {}", resource, to_string(amount));
  for (const std::string_view resource : {"cpu", "memory"})
    if (!group.allocatable.contains(resource)) text += fmt::format(", {} not judged", resource);
  return text;
}

}  // namespace

base::Result<std::vector<kube::ClusterNode>> declare_nodes(const std::vector<NodeGroup>& groups) {
  if (groups.empty()) return base::input_error("no nodes are declared", {}, "say how many nodes there are");
  std::vector<kube::ClusterNode> nodes;
  std::set<std::string> names;
  std::int64_t total = 0;
  for (const NodeGroup& group : groups) {
    total += std::min(group.count, kNodesMax + 1);
    TRY(check_group(group, total));
    for (std::int64_t number = 0; number < group.count; ++number) {
      nodes.push_back(make_node(group, number));
      if (!names.insert(nodes.back().name()).second)
        return base::input_error(fmt::format("two nodes are called {}", nodes.back().name()), group.where,
                                 "give each group of nodes a name of its own");
    }
  }
  return nodes;
}

std::string to_string(const std::vector<NodeGroup>& groups) {
  std::vector<std::string> texts;
  for (const NodeGroup& group : groups) texts.push_back(describe_group(group));
  return fmt::format("{}", fmt::join(texts, "; "));
}

}  // namespace gantry::disruption
