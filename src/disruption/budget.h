#pragma once

// What a PodDisruptionBudget comes to: the disruption controller's counts, exactly (disruption reference, §2.2 and §2.3;
// Kubernetes, pkg/controller/disruption).
//
//   compute_budget({.min_available = IntOrPercent::percent(67)}, {.matched = 3, .scaled = 3, .healthy = 3})
//     // expected 3, desired 3 (67 % of 3 rounds up), allowed 0
//
// Healthy is what the controller calls healthy: Ready, not terminating. `minReadySeconds` plays no part.

#include "kube/int_or_percent.h"
#include "kube/policy.h"
#include "kube/workload.h"

#include <cstdint>
#include <optional>
#include <string>

namespace gantry::disruption {

// The two fields of a budget's spec; a valid one has at most one of them.
struct BudgetBounds {
  std::optional<kube::IntOrPercent> min_available = {};
  std::optional<kube::IntOrPercent> max_unavailable = {};

  static BudgetBounds of(const kube::PodDisruptionBudget& budget) {
    return {budget.min_available, budget.max_unavailable};
  }
  bool unbounded() const { return !min_available && !max_unavailable; }
  // An integer minAvailable is compared with the pods that are there; the others ask the owners' scale.
  bool asks_scale() const { return !unbounded() && !(min_available && !min_available->is_percent()); }
};
std::string to_string(const BudgetBounds& bounds);  // "minAvailable 2", "maxUnavailable 30%", "neither bound"

// What the controller counts. None is negative.
struct BudgetCounts {
  std::int64_t matched = 0;  // pods that the selector matches, terminating and terminal ones included
  // The sum of spec.replicas over the distinct controllers of those pods. Absent: one of them has no scale, the lookup fails.
  std::optional<std::int64_t> scaled = 0;
  std::int64_t healthy = 0;
};

struct BudgetNumbers {
  std::int64_t expected = 0;  // E
  std::int64_t desired = 0;   // D
  std::int64_t healthy = 0;   // H
  std::int64_t allowed = 0;   // A, never negative, never above max(0, H - D)
  // The controller failed to find a scale and failed safe: nothing is allowed, permanently (condition SyncFailed).
  bool sync_failed = false;

  // It admits nothing even with every expected pod healthy.
  bool always_blocks() const { return sync_failed || expected <= 0 || desired >= expected; }
  friend bool operator==(const BudgetNumbers&, const BudgetNumbers&) = default;
};

BudgetNumbers compute_budget(const BudgetBounds& bounds, const BudgetCounts& counts);

// Whether the kind has a scale that the disruption controller can read (§2.3).
bool has_scale(kube::WorkloadKind kind);

// Votes that must stay for a majority of `voters`: 1, 2, 2, 3, 3, 4, 4 for 1 … 7 (§9.1).
constexpr std::int64_t majority_of(std::int64_t voters) { return voters / 2 + 1; }

}  // namespace gantry::disruption
