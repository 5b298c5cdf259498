#pragma once

// What is wrong with budgets and workloads before anything drains, and what a rehearsal found: the catalogue of the disruption
// reference, §11, each rule by its id. An explanation ends with the catalogue's own id in brackets.
//
//   std::vector<base::Finding> findings = find_budget_mistakes(cluster);
//   for (const FindingRule& rule : finding_rules()) …
//
// Positions are those of the manifests; messages hold nothing that changes by itself.

#include "base/finding.h"
#include "disruption/cluster.h"
#include "disruption/rehearsal.h"

#include <span>
#include <string_view>
#include <vector>

namespace gantry::disruption {

struct FindingRule {
  std::string_view id;                               // "pdb.blocks-forever"
  base::Severity severity = base::Severity::medium;  // unless a finding says otherwise
  std::string_view catalogue;                        // "B1", "W5"; several: "B1, B2"
  std::string_view why;                              // it matters at launch
};
// Sorted by id.
std::span<const FindingRule> finding_rules();

// About budgets (§11.1). Nodes play no part: any node model will do.
std::vector<base::Finding> find_budget_mistakes(const Cluster& cluster);
// Of those, what only the statuses of a live cluster's budgets show (B15).
std::vector<base::Finding> find_status_mistakes(const Cluster& cluster);
// About workloads and where they may be placed (§11.3).
std::vector<base::Finding> find_workload_mistakes(const Cluster& cluster);
// What a rehearsal ran into: nodes that are refused or stuck, invariants that broke, pods that fit nowhere.
std::vector<base::Finding> find_drain_problems(const Rehearsal& rehearsal);

}  // namespace gantry::disruption
