#pragma once

// What the eviction API answers (disruption reference, §3; Kubernetes, pkg/registry/core/pod/storage/eviction.go).
//
//   const EvictionAnswer answer = answer_eviction({.pod = {.ready = true}, .budgets_matched = 1, .budget = {...}});
//   answer.status   // 201, 429 with a cause, 500 when two budgets match, …
//
// A pure function of what the API server sees at that moment. Who carries out the answer (takes the disruption from the budget,
// deletes the pod) is the caller.

#include "disruption/budget.h"
#include "kube/policy.h"
#include "kube/workload.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gantry::disruption {

// HTTP's numbers, as clients see them.
enum class EvictionStatus : std::uint16_t {
  created = 201,
  forbidden = 403,
  not_found = 404,
  too_many_requests = 429,
  server_error = 500,
};

// Why. Each belongs to one status.
enum class EvictionCause : std::uint8_t {
  // 201
  no_budget,           // no budget matches
  not_counted,         // terminal, Pending or terminating already: budgets are not consulted (§3.1, row 4)
  unhealthy_allowed,   // not Ready, and the policy is AlwaysAllow (row 7)
  unhealthy_in_quota,  // not Ready, and enough others are healthy (row 8)
  spent,               // a disruption was taken from the budget
  // 403
  namespace_terminating,
  budget_negative,
  budget_overfull,  // more than 2000 entries in disruptedPods
  // 404
  no_pod,
  // 429
  budget_not_observed,  // the controller has not caught up with the spec: retry after 10 s
  budget_exhausted,     // cause DisruptionBudget
  // 500
  several_budgets,
};
std::string_view to_string(EvictionCause cause);  // "no-budget", …

// The pod as the API server has it.
struct EvictionPod {
  bool exists = true;
  kube::PodPhase phase = kube::PodPhase::running;
  bool ready = true;
  bool terminating = false;
  bool namespace_terminating = false;
};

// The status of the one budget that matches, as it is stored at that moment.
struct EvictionBudget {
  kube::UnhealthyPodEvictionPolicy policy = kube::UnhealthyPodEvictionPolicy::if_healthy_budget;
  std::int64_t generation = 1;
  std::int64_t observed_generation = 1;
  std::int64_t desired_healthy = 0;
  std::int64_t current_healthy = 0;
  std::int64_t disruptions_allowed = 0;
  std::int64_t disrupted_pods = 0;  // entries
};

struct EvictionRequest {
  EvictionPod pod = {};
  std::int64_t budgets_matched = 0;
  EvictionBudget budget = {};  // meaningless unless exactly one matches
};

struct EvictionAnswer {
  EvictionStatus status = EvictionStatus::created;
  EvictionCause cause = EvictionCause::no_budget;
  std::optional<std::chrono::seconds> retry_after = {};  // of a 429 that says when

  bool admitted() const { return status == EvictionStatus::created; }
  // The caller takes one disruption from the budget.
  bool spends() const { return cause == EvictionCause::spent; }
  friend bool operator==(const EvictionAnswer&, const EvictionAnswer&) = default;
};

EvictionAnswer answer_eviction(const EvictionRequest& request);

// More entries than this in disruptedPods, and the API server answers 403.
inline constexpr std::int64_t kDisruptedPodsMax = 2000;

// What a client that follows the protocol does next (§3.4, §4.4).
enum class ClientReaction : std::uint8_t { wait_for_deletion, done, retry, give_up };
ClientReaction reaction_to(const EvictionAnswer& answer, bool pod_terminating);

}  // namespace gantry::disruption
