#pragma once

// The machines of a cluster. Named ClusterNode, since a Node is an element of a document here.

#include "kube/address.h"
#include "kube/object.h"
#include "kube/pod_spec.h"

#include <string>
#include <string_view>
#include <vector>

namespace gantry::kube {

struct NodeCondition {
  std::string type;    // "Ready", "MemoryPressure", …
  std::string status;  // "True", "False", "Unknown"
  std::string reason;
};

struct ClusterNode {
  Object object;  // its labels are the node's labels
  ResourceList capacity;
  ResourceList allocatable;  // capacity when it is not reported
  std::vector<Taint> taints;
  bool unschedulable = false;  // cordoned
  std::vector<NodeCondition> conditions;
  std::vector<IpAddress> addresses;  // InternalIP and ExternalIP
  std::string pod_cidr;
  std::string kubelet_version;

  const std::string& name() const { return object.id.name; }
  // The Ready condition is "True", or there are no conditions at all (a node from a file).
  bool ready() const;
  // topology.kubernetes.io/zone, or the older failure-domain label; "" without.
  std::string_view zone() const;
};

// Whether labels and name of the node satisfy one of the terms.
bool matches_any(const std::vector<NodeSelectorTerm>& terms, const ClusterNode& node);

// What the pod's own spec says about the node: nodeName, nodeSelector, required node affinity. Taints, cordon and room are
// the scheduler's to judge.
bool may_run_on(const PodSpec& spec, const ClusterNode& node);

// Whether a DaemonSet's pod runs there: as above, and its taints are tolerated, by the pod or by what the DaemonSet controller
// adds to every pod of its own. A cordon is no obstacle.
bool daemon_runs_on(const PodSpec& spec, const ClusterNode& node);

}  // namespace gantry::kube
