#include "disruption/eviction.h"

namespace gantry::disruption {

using kube::PodPhase;
using kube::UnhealthyPodEvictionPolicy;

namespace {

struct CauseRow {
  EvictionCause cause;
  EvictionStatus status;
  std::string_view name;
};
constexpr CauseRow kCauses[] = {
    {EvictionCause::no_budget, EvictionStatus::created, "no-budget"},
    {EvictionCause::not_counted, EvictionStatus::created, "not-counted"},
    {EvictionCause::unhealthy_allowed, EvictionStatus::created, "unhealthy-allowed"},
    {EvictionCause::unhealthy_in_quota, EvictionStatus::created, "unhealthy-in-quota"},
    {EvictionCause::spent, EvictionStatus::created, "spent"},
    {EvictionCause::namespace_terminating, EvictionStatus::forbidden, "namespace-terminating"},
    {EvictionCause::budget_negative, EvictionStatus::forbidden, "budget-negative"},
    {EvictionCause::budget_overfull, EvictionStatus::forbidden, "budget-overfull"},
    {EvictionCause::no_pod, EvictionStatus::not_found, "no-pod"},
    {EvictionCause::budget_not_observed, EvictionStatus::too_many_requests, "budget-not-observed"},
    {EvictionCause::budget_exhausted, EvictionStatus::too_many_requests, "budget-exhausted"},
    {EvictionCause::several_budgets, EvictionStatus::server_error, "several-budgets"},
};

const CauseRow& row_of(EvictionCause cause) { return kCauses[static_cast<std::size_t>(cause)]; }

EvictionAnswer answer(EvictionCause cause) {
  return {.status = row_of(cause).status, .cause = cause, .retry_after = {}};
}

// §3.2, in its order.
EvictionAnswer ask_budget(const EvictionBudget& budget) {
  if (budget.observed_generation < budget.generation) {
    EvictionAnswer later = answer(EvictionCause::budget_not_observed);
    later.retry_after = std::chrono::seconds(10);
    return later;
  }
  if (budget.disruptions_allowed < 0) return answer(EvictionCause::budget_negative);
  if (budget.disrupted_pods > kDisruptedPodsMax) return answer(EvictionCause::budget_overfull);
  return answer(budget.disruptions_allowed == 0 ? EvictionCause::budget_exhausted : EvictionCause::spent);
}

}  // namespace

std::string_view to_string(EvictionCause cause) { return row_of(cause).name; }

// The rows of §3.1, in their order. Row 1 (two names that differ) is a malformed request that nobody here can make.
EvictionAnswer answer_eviction(const EvictionRequest& request) {
  const EvictionPod& pod = request.pod;
  if (!pod.exists) return answer(EvictionCause::no_pod);
  if (pod.namespace_terminating) return answer(EvictionCause::namespace_terminating);
  const bool finished = pod.phase == PodPhase::succeeded || pod.phase == PodPhase::failed;
  if (finished || pod.phase == PodPhase::pending || pod.terminating) return answer(EvictionCause::not_counted);
  if (request.budgets_matched == 0) return answer(EvictionCause::no_budget);
  if (request.budgets_matched > 1) return answer(EvictionCause::several_budgets);
  const EvictionBudget& budget = request.budget;
  if (!pod.ready) {
    if (budget.policy == UnhealthyPodEvictionPolicy::always_allow) return answer(EvictionCause::unhealthy_allowed);
    if (budget.current_healthy >= budget.desired_healthy && budget.desired_healthy > 0)
      return answer(EvictionCause::unhealthy_in_quota);
  }
  return ask_budget(budget);
}

ClientReaction reaction_to(const EvictionAnswer& answer, bool pod_terminating) {
  switch (answer.status) {
    case EvictionStatus::created: return ClientReaction::wait_for_deletion;
    case EvictionStatus::not_found: return ClientReaction::done;
    case EvictionStatus::too_many_requests: return ClientReaction::retry;
    case EvictionStatus::forbidden:
      if (answer.cause != EvictionCause::namespace_terminating) return ClientReaction::give_up;
      return pod_terminating ? ClientReaction::wait_for_deletion : ClientReaction::retry;
    case EvictionStatus::server_error: return ClientReaction::give_up;
  }
  return ClientReaction::give_up;
}

}  // namespace gantry::disruption
