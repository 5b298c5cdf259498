#pragma once

// Clusters as short text, for tests that look at few pods closely. Everything is in the namespace shop.

#include "disruption/disruption.h"
#include "kube/snapshot.h"

#include <cstdint>
#include <string>
#include <vector>

namespace gantry::disruption {

struct SmallWorkload {
  std::string kind = "StatefulSet";
  std::string name = "db";
  std::int64_t replicas = 3;
  std::string spec = {};       // a line of the workload's spec: "podManagementPolicy: Parallel"
  std::string pod = {};        // a line of the pod's spec: "terminationGracePeriodSeconds: 10"
  std::string container = {};  // more fields of the container: "resources: {requests: {cpu: 1}}"
  std::string image = "registry.example/main:1";
};
std::string workload(const SmallWorkload& workload);
// `bound`: "minAvailable: 2", or several fields.
std::string budget(const std::string& name, const std::string& app, const std::string& bound);
std::string service(const std::string& name, const std::string& app);
// Pods of the app are never two on one node; `key`: the topology.
std::string apart(const std::string& app, const std::string& key = "kubernetes.io/hostname");

// Both fail the running test when something cannot be read or built.
kube::Snapshot read(const std::string& documents);
Cluster make_cluster(const std::string& documents, const ClusterOptions& options);
Cluster make_cluster(const std::string& documents, std::int64_t nodes);

Rehearsal drain(const Cluster& cluster, const DrainOptions& options = {});
// "evicted shop/db-0 on node-1; …" of those kinds, in order.
std::string tell(const Rehearsal& rehearsal, const std::vector<EventKind>& kinds);
std::string verdicts(const Rehearsal& rehearsal);  // "node-1 clean, node-2 slow"

}  // namespace gantry::disruption
