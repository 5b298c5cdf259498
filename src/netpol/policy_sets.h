#pragma once

// Claims about two policy sets (network policy reference, §16 and §17.12):
//
//   contained  every flow that the one set allows the other allows too
//   equal      both allow the same flows
//
// Both are laid over the pods of one system, so that policies are compared and nothing else; what a change of everything opens and
// closes is in diff.h. Closed world: the flows among those who are there, and addresses. Open world: those of every pod that could
// ever be created as well, with those who are there and, where the claim asks for that world, with one another.

#include "base/result.h"
#include "kube/snapshot.h"
#include "netpol/claims.h"

#include <stop_token>

namespace gantry::netpol {

struct PolicySets {
  kube::Snapshot system;  // whose pods it is about
  // The policies count, and nothing else of them.
  kube::Snapshot policies;  // of `Claim::policies`; the system itself where that names none
  kube::Snapshot others;    // of `Claim::others`
};

// Errors: input, at the claim, when a set has no policy or none that selects a pod: it would allow everything, and the claim would be
// about nothing; when the open world has more cases than can be looked at; as analyse().
base::Result<ClaimResult> judge_sets(const PolicySets& sets, const Claim& claim, const AnalysisOptions& options = {},
                                     std::stop_token stop = {});

}  // namespace gantry::netpol
