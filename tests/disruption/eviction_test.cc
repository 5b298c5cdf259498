#include "disruption/eviction.h"

#include <gtest/gtest.h>

#include <ostream>

namespace gantry::disruption {

void PrintTo(const EvictionAnswer& answer, std::ostream* out) {
  *out << static_cast<int>(answer.status) << " " << to_string(answer.cause);
}

namespace {

using Cause = EvictionCause;
using enum kube::UnhealthyPodEvictionPolicy;
using kube::PodPhase;

struct Case {
  const char* name;
  EvictionRequest request;
  EvictionStatus status;
  Cause cause;
};

// A running, Ready pod under one budget with that many disruptions left.
EvictionRequest ready_pod(std::int64_t allowed) {
  return {.pod = {},
          .budgets_matched = 1,
          .budget = {.desired_healthy = 2, .current_healthy = 2 + allowed, .disruptions_allowed = allowed}};
}

EvictionRequest unready_pod(kube::UnhealthyPodEvictionPolicy policy, std::int64_t desired, std::int64_t healthy) {
  return {.pod = {.ready = false},
          .budgets_matched = 1,
          .budget = {.policy = policy,
                     .desired_healthy = desired,
                     .current_healthy = healthy,
                     .disruptions_allowed = healthy > desired ? healthy - desired : 0}};
}

template <typename Change>
EvictionRequest with(EvictionRequest request, Change change) {
  change(request);
  return request;
}

// §3.1 and §3.2 row by row; pkg/registry/core/pod/storage/eviction_test.go has the same situations.
TEST(Eviction, DecisionOrder) {
  const auto exhausted = ready_pod(0);
  const Case cases[] = {
      {"row 2: no such pod",
       {.pod = {.exists = false}, .budgets_matched = 0, .budget = {}},
       EvictionStatus::not_found,
       Cause::no_pod},
      {"row 3: the namespace is going", with(exhausted, [](auto& r) { r.pod.namespace_terminating = true; }),
       EvictionStatus::forbidden, Cause::namespace_terminating},
      {"row 4: Pending pods are deleted whatever the budget",
       with(exhausted, [](auto& r) { r.pod.phase = PodPhase::pending; }), EvictionStatus::created, Cause::not_counted},
      {"row 4: so are finished ones", with(exhausted, [](auto& r) { r.pod.phase = PodPhase::succeeded; }),
       EvictionStatus::created, Cause::not_counted},
      {"row 4: and failed ones", with(exhausted, [](auto& r) { r.pod.phase = PodPhase::failed; }),
       EvictionStatus::created, Cause::not_counted},
      {"row 4: and terminating ones", with(exhausted, [](auto& r) { r.pod.terminating = true; }),
       EvictionStatus::created, Cause::not_counted},
      {"row 4 comes before row 6",
       with(exhausted,
            [](auto& r) {
              r.pod.terminating = true;
              r.budgets_matched = 2;
            }),
       EvictionStatus::created, Cause::not_counted},
      {"row 5: no budget", {.pod = {}, .budgets_matched = 0, .budget = {}}, EvictionStatus::created, Cause::no_budget},
      {"row 6: overlap, however much both allow", with(ready_pod(5), [](auto& r) { r.budgets_matched = 2; }),
       EvictionStatus::server_error, Cause::several_budgets},
      {"row 6 comes before row 7", with(unready_pod(always_allow, 2, 1), [](auto& r) { r.budgets_matched = 2; }),
       EvictionStatus::server_error, Cause::several_budgets},
      {"row 7: AlwaysAllow lets what is not Ready go below the budget", unready_pod(always_allow, 2, 1),
       EvictionStatus::created, Cause::unhealthy_allowed},
      {"row 7 comes before the generation",
       with(unready_pod(always_allow, 2, 1), [](auto& r) { r.budget.generation = 2; }), EvictionStatus::created,
       Cause::unhealthy_allowed},
      {"row 8: enough others are healthy", unready_pod(if_healthy_budget, 2, 2), EvictionStatus::created,
       Cause::unhealthy_in_quota},
      {"row 8: too few are", unready_pod(if_healthy_budget, 2, 1), EvictionStatus::too_many_requests,
       Cause::budget_exhausted},
      {"row 8: desired 0 is not enough to skip the budget", unready_pod(if_healthy_budget, 0, 0),
       EvictionStatus::too_many_requests, Cause::budget_exhausted},
      {"row 9: spends", ready_pod(1), EvictionStatus::created, Cause::spent},
      {"row 9: exhausted", ready_pod(0), EvictionStatus::too_many_requests, Cause::budget_exhausted},
      {"AlwaysAllow says nothing about Ready pods", with(exhausted, [](auto& r) { r.budget.policy = always_allow; }),
       EvictionStatus::too_many_requests, Cause::budget_exhausted},
      {"§3.2: the controller has not caught up", with(ready_pod(1), [](auto& r) { r.budget.generation = 2; }),
       EvictionStatus::too_many_requests, Cause::budget_not_observed},
      {"§3.2: a negative budget", with(ready_pod(1), [](auto& r) { r.budget.disruptions_allowed = -1; }),
       EvictionStatus::forbidden, Cause::budget_negative},
      {"§3.2: 2000 disrupted pods are bearable", with(ready_pod(1), [](auto& r) { r.budget.disrupted_pods = 2000; }),
       EvictionStatus::created, Cause::spent},
      {"§3.2: 2001 are not", with(ready_pod(1), [](auto& r) { r.budget.disrupted_pods = 2001; }),
       EvictionStatus::forbidden, Cause::budget_overfull},
  };
  for (const Case& c : cases) {
    const EvictionAnswer answer = answer_eviction(c.request);
    EXPECT_EQ(answer.status, c.status) << c.name;
    EXPECT_EQ(answer.cause, c.cause) << c.name << ": " << to_string(answer.cause);
  }
}

TEST(Eviction, OnlyOneAnswerSaysWhenToRetry) {
  EvictionRequest lagging = ready_pod(1);
  lagging.budget.generation = 2;
  EXPECT_EQ(answer_eviction(lagging).retry_after, std::chrono::seconds(10));
  EXPECT_FALSE(answer_eviction(ready_pod(0)).retry_after);
}

TEST(Eviction, OnlyTheLastRowSpends) {
  EXPECT_TRUE(answer_eviction(ready_pod(1)).spends());
  EXPECT_FALSE(answer_eviction(ready_pod(0)).spends());
  EXPECT_FALSE(answer_eviction(unready_pod(if_healthy_budget, 2, 2)).spends());
  EXPECT_FALSE(answer_eviction(unready_pod(always_allow, 2, 1)).spends());
}

// kubectl, pkg/drain/drain.go, evictPods: what each answer makes it do (§4.4).
TEST(Eviction, WhatClientsDoNext) {
  struct Reaction {
    EvictionStatus status;
    Cause cause;
    bool terminating;
    ClientReaction reaction;
  };
  const Reaction cases[] = {
      {EvictionStatus::created, Cause::spent, false, ClientReaction::wait_for_deletion},
      {EvictionStatus::not_found, Cause::no_pod, false, ClientReaction::done},
      {EvictionStatus::too_many_requests, Cause::budget_exhausted, false, ClientReaction::retry},
      {EvictionStatus::too_many_requests, Cause::budget_not_observed, false, ClientReaction::retry},
      {EvictionStatus::forbidden, Cause::namespace_terminating, false, ClientReaction::retry},
      {EvictionStatus::forbidden, Cause::namespace_terminating, true, ClientReaction::wait_for_deletion},
      {EvictionStatus::forbidden, Cause::budget_negative, false, ClientReaction::give_up},
      {EvictionStatus::server_error, Cause::several_budgets, false, ClientReaction::give_up},
  };
  for (const Reaction& c : cases)
    EXPECT_EQ(reaction_to({.status = c.status, .cause = c.cause, .retry_after = {}}, c.terminating), c.reaction)
        << to_string(c.cause);
}

}  // namespace
}  // namespace gantry::disruption
