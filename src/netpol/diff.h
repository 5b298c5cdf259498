#pragma once

// What a change opens and closes, before it is applied: two snapshots over one refinement of endpoints (network policy
// reference, §17.12). What two policy sets allow the same pods is proved in policy_sets.h.

#include "base/result.h"
#include "kube/snapshot.h"
#include "netpol/reachability.h"

#include <cstdint>
#include <string>
#include <vector>

namespace gantry::netpol {

struct FlowChange {
  enum class Kind : std::uint8_t { opened, closed, perhaps };
  Kind kind = Kind::opened;
  bool may_open = false;  // of `perhaps`: not certainly open before. Else it may close.
  std::string source;     // names of endpoints
  std::string destination;
  PortSet ports;
  std::vector<RulePlace> because;  // rules of the side in which it is open, that admit it
};

struct PolicyDiff {
  // By kind, then names: flows between endpoints that are in both. Those of a workload that comes or goes are its own doing.
  std::vector<FlowChange> changes;
  std::vector<std::string> added;  // workloads and policies only in the new one
  std::vector<std::string> removed;
  bool opens() const;     // certainly
  bool may_open() const;  // certainly or perhaps
  bool closes() const;    // certainly
};

// Both under the same options. Endpoints are matched by namespace, workload and what selectors tell apart. Errors: as analyse().
base::Result<PolicyDiff> compare(const kube::Snapshot& before, const kube::Snapshot& after,
                                 const AnalysisOptions& options = {});

}  // namespace gantry::netpol
