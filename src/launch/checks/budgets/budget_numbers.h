#pragma once

// What a PodDisruptionBudget comes to, with every pod healthy (disruption reference, §2.2 and §2.3).

#include "kube/snapshot.h"
#include "launch/checks/system/pod_classes.h"

#include <cstdint>
#include <string>
#include <vector>

namespace gantry::launch {

// The pods of one controller that a budget matches.
struct BudgetedPods {
  std::string owner;                         // "StatefulSet shop/db"
  const kube::Workload* workload = nullptr;  // null: not in the snapshot
  std::int64_t matched = 0;                  // pods that the selector matches
  std::int64_t wanted = 0;                   // spec.replicas of the controller; 0 where it has no scale
};

struct BudgetNumbers {
  std::vector<BudgetedPods> owners;
  std::int64_t expected = 0;  // E
  std::int64_t desired = 0;   // D
  std::int64_t allowed = 0;   // A
  // The controller cannot find the scale of an owner, and admits nothing (§2.3).
  bool sync_fails = false;
};

BudgetNumbers compute_budget(const kube::Snapshot& snapshot, const std::vector<PodClass>& pods,
                             const kube::PodDisruptionBudget& budget);

// How many pods a workload has at its quietest: an autoscaler's minReplicas, else what is written, else 1. A budget that
// holds then is the one that is relied on (disruption reference, B1).
std::int64_t lowest_replicas(const kube::Snapshot& snapshot, const kube::Workload& workload);

// Whether the workload's kind has a scale that the disruption controller can read.
bool has_scale(const kube::Workload& workload);

// Votes that must stay for a majority of n voters.
constexpr std::int64_t majority_of(std::int64_t voters) { return voters / 2 + 1; }

// The service by whose image the workload is known to vote, "" when it is none (disruption reference, §9.1).
std::string_view quorum_service(const kube::Workload& workload);

}  // namespace gantry::launch
