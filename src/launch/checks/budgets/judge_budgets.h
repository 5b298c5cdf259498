#pragma once

// What is wrong with budgets (disruption reference, §11.1; its ids are in the explanations).

#include "base/finding.h"
#include "kube/snapshot.h"
#include "launch/checks/budgets/budget_numbers.h"
#include "launch/checks/system/pod_classes.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace gantry::launch {

struct JudgedBudget {
  const kube::PodDisruptionBudget* budget = nullptr;
  BudgetNumbers numbers;
};

// One budget against its pods and a drain that takes `evictions` of them at once.
void judge_budget(const JudgedBudget& judged, std::int64_t evictions, const std::vector<PodClass>& pods,
                  std::vector<base::Finding>& findings);

// Pods that one of the budgets shares with any budget of the system: pdb.overlap.
void judge_overlaps(const kube::Snapshot& system, const std::vector<PodClass>& pods,
                    const std::vector<const kube::PodDisruptionBudget*>& budgets, std::vector<base::Finding>& findings);

// Workloads that should have a budget and do not; of one namespace, or "" for all.
void judge_unprotected(const kube::Snapshot& system, const std::vector<PodClass>& pods, std::string_view name_space,
                       std::vector<base::Finding>& findings);

}  // namespace gantry::launch
