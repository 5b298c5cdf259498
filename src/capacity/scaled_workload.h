#pragma once

// What the manifests say of a workload that is sized or scaled: its pods' requests and limits as admission leaves them, its
// autoscaler, and how soon a pod can be Ready.

#include "base/result.h"
#include "capacity/traffic.h"
#include "kube/snapshot.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::capacity {

// Of one pod; nothing where a container says none. Points into the snapshot it was made from.
struct ScaledWorkload {
  const kube::Workload* workload = nullptr;                   // null: not in the snapshot
  const kube::HorizontalPodAutoscaler* autoscaler = nullptr;  // null: none scales it
  std::string name;                                           // "Deployment shop/web"
  std::optional<std::int64_t> cpu_request_milli;
  std::optional<std::int64_t> cpu_limit_milli;
  std::optional<double> memory_request_bytes;
  std::optional<double> memory_limit_bytes;
  std::vector<std::optional<std::int64_t>> requests_milli;  // for each metric of the autoscaler
  Millis ready_after{0};                                    // its probes allow no earlier
  // Share of the pod's CPU request that its largest container has; 1 for a single one.
  double largest_cpu_share = 1;
  // APIs that the autoscaler's metrics come from and that no APIService serves ("metrics.k8s.io"). Only where the snapshot knows
  // the cluster's APIServices; elsewhere nobody can say.
  std::vector<std::string> apis_missing;
  bool apis_known = false;
  const kube::PodDisruptionBudget* budget = nullptr;  // that selects its pods; null: none, or several
};

// "shop/web", or the only one there is when the name is empty. Errors: input, with the nearest name.
base::Result<const kube::HorizontalPodAutoscaler*> find_autoscaler(const kube::Snapshot& snapshot,
                                                                   std::string_view name, const base::SourcePos& where);
// A Deployment, StatefulSet, ReplicaSet or ReplicationController: "shop/web". Errors: as above.
base::Result<const kube::Workload*> find_scalable(const kube::Snapshot& snapshot, std::string_view name,
                                                  const base::SourcePos& where);

ScaledWorkload describe_scaled(const kube::Snapshot& snapshot, const kube::HorizontalPodAutoscaler& autoscaler);
ScaledWorkload describe_scaled(const kube::Snapshot& snapshot, const kube::Workload& workload);

}  // namespace gantry::capacity
