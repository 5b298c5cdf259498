// Nodes: Kubernetes API reference, core/v1.

#include "kube/readers.h"

namespace gantry::kube {

ClusterNode parse_cluster_node(const Object& object, Problems& problems) {
  const Fields root(*object.document, problems);
  const Fields spec = root.map("spec");
  const Fields status = root.map("status");
  const Fields info = status.map("nodeInfo");
  ClusterNode node;
  node.object = object;
  node.capacity = status.resources("capacity");
  node.allocatable = status.has("allocatable") ? status.resources("allocatable") : node.capacity;
  node.taints = parse_taints(spec);
  node.unschedulable = spec.flag("unschedulable");
  status.each("conditions", [&](const Fields& condition) {
    node.conditions.push_back(
        {.type = condition.text("type"), .status = condition.text("status"), .reason = condition.text("reason")});
  });
  status.each("addresses", [&](const Fields& entry) {
    const std::string type = entry.text("type");
    if (type != "InternalIP" && type != "ExternalIP") return;
    if (const auto address = IpAddress::parse(entry.text("address"))) node.addresses.push_back(*address);
  });
  node.pod_cidr = spec.text("podCIDR");
  node.kubelet_version = info.text("kubeletVersion");
  return node;
}

}  // namespace gantry::kube
