#pragma once

// Claims, volumes and storage classes: what pins a pod to a zone or a node.

#include "base/source.h"
#include "kube/labels.h"
#include "kube/object.h"
#include "kube/pod_spec.h"
#include "kube/quantity.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gantry::kube {

struct PersistentVolumeClaim {
  Object object;
  std::optional<std::string> storage_class;  // absent: the default class; "": none at all
  std::vector<std::string> access_modes;     // "ReadWriteOnce", …
  std::string volume;                        // the bound volume, or the one asked for
  std::string volume_mode = "Filesystem";
  std::optional<Quantity> request;  // of storage
  std::optional<LabelSelector> selector;
  std::string phase;  // live: "Pending", "Bound", "Lost"
};

struct PersistentVolume {
  Object object;
  std::string storage_class;
  std::vector<std::string> access_modes;
  std::optional<Quantity> capacity;
  std::string claim_namespace;  // of the claim it is bound to, or reserved for
  std::string claim_name;
  std::string reclaim_policy = "Retain";
  // One of these must match the node. Absent: any node.
  std::optional<std::vector<NodeSelectorTerm>> node_required;
  std::string type;   // the field that says where it lives: "csi", "local", "hostPath", "nfs"
  std::string phase;  // live
};

struct StorageClass {
  Object object;
  std::string provisioner;
  bool is_default = false;
  bool waits_for_consumer = false;  // volumeBindingMode: WaitForFirstConsumer
  std::string reclaim_policy = "Delete";
  std::vector<NodeSelectorTerm> allowed_topologies;
};

}  // namespace gantry::kube
