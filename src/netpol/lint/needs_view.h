#pragma once

// Needed flows as the lints ask for them: which are blocked, and at which side.

#include "netpol/lint/context.h"

#include <span>
#include <string>
#include <vector>

namespace gantry::netpol::linting {

// A need none of whose ports is open, for one pair of parties.
struct BlockedNeed {
  const Need* need = nullptr;
  kube::Port port{1};                               // the first of its ports
  kube::Direction side = kube::Direction::ingress;  // that blocks it
  GroupId group = 0;                                // of the pods at that side
  // One of those that isolate them; null when an administrator denies.
  const kube::NetworkPolicy* isolating = nullptr;
  base::SourcePos where = {};  // of that policy, or the administrator's rule
  std::string lacks = {};      // what keeps the nearest rule from admitting; may be empty
};

// Needs between workloads by the engine's verdicts; needs of parties that are not in the snapshot (the API server, a scraper
// of another team) when no rule at the pods' side could mean them.
std::vector<BlockedNeed> find_blocked_needs(const Context& context);

bool comes_from(const Need& need, NeedOrigin origin);
std::string source_name(const Context& context, const Need& need);
std::string destination_name(const Context& context, const Need& need);

// Names of those that need the pods of the policy and cannot reach them.
std::vector<std::string> blocked_sources_of(const Context& context, const kube::NetworkPolicy& policy);

}  // namespace gantry::netpol::linting
