#pragma once

// Selectors that select nothing, or not what is meant, each with its one cause: NP001, NP002, NP003, NP015, NP016, NP019,
// NP021, NP032, NP034 and NP044 tell the causes apart. A selector that has several symptoms has the first cause that explains
// them.

#include "base/finding.h"
#include "netpol/lint/context.h"

#include <cstdint>
#include <string>
#include <vector>

namespace gantry::netpol::linting {

enum class SelectorCause : std::uint8_t {
  no_pod,           // NP001
  peer_is_nobody,   // NP002
  or_not_and,       // NP003
  workload_labels,  // NP015
  label_never_set,  // NP016
  wrong_namespace,  // NP019
  unsatisfiable,    // NP021
  job_labels,       // NP032
  leaked_label,     // NP034
  outside,          // NP044
};

struct SelectorProblem {
  SelectorCause cause = SelectorCause::no_pod;
  const kube::NetworkPolicy* policy = nullptr;
  base::SourcePos where = {};
  // What makes two problems one mistake: the same in one policy, or the same everywhere.
  std::string mistake = {};
  std::string message = {};
  std::string fix = {};
  std::optional<base::Severity> severity = {};  // when it is not the rule's
};

std::vector<SelectorProblem> diagnose_selectors(const kube::Snapshot& snapshot, const Index& index);

}  // namespace gantry::netpol::linting
