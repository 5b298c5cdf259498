#include "disruption/budget.h"

#include <algorithm>

namespace gantry::disruption {

using kube::IntOrPercent;
using kube::Rounding;
using kube::WorkloadKind;

std::string to_string(const BudgetBounds& bounds) {
  if (bounds.min_available) return "minAvailable " + to_string(*bounds.min_available);
  if (bounds.max_unavailable) return "maxUnavailable " + to_string(*bounds.max_unavailable);
  return "neither bound";
}

// Both percentages round up; it is the Deployment's maxUnavailable that rounds down, and the two are confused (§2.2).
BudgetNumbers compute_budget(const BudgetBounds& bounds, const BudgetCounts& counts) {
  BudgetNumbers numbers;
  numbers.healthy = counts.healthy;
  if (bounds.unbounded()) return numbers;  // expected and desired stay 0, so nothing is allowed
  if (!bounds.asks_scale()) {
    numbers.expected = counts.matched;
    numbers.desired = bounds.min_available->value;
  } else if (!counts.scaled) {
    numbers.sync_failed = true;
    return numbers;
  } else {
    numbers.expected = *counts.scaled;
    numbers.desired = bounds.min_available
                          ? bounds.min_available->resolve(numbers.expected, Rounding::up)
                          : std::max<std::int64_t>(
                                0, numbers.expected - bounds.max_unavailable->resolve(numbers.expected, Rounding::up));
  }
  if (numbers.expected > 0) numbers.allowed = std::max<std::int64_t>(0, numbers.healthy - numbers.desired);
  return numbers;
}

bool has_scale(WorkloadKind kind) {
  switch (kind) {
    case WorkloadKind::deployment:
    case WorkloadKind::stateful_set:
    case WorkloadKind::replica_set:
    case WorkloadKind::replication_controller: return true;
    case WorkloadKind::daemon_set:
    case WorkloadKind::job:
    case WorkloadKind::cron_job:
    case WorkloadKind::pod: return false;
  }
  return false;
}

}  // namespace gantry::disruption
