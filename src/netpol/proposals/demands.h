#pragma once

// What is asked of the policies on one side of a flow, and the edits that would grant it.

#include "netpol/judgement.h"
#include "netpol/proposals/edits.h"
#include "netpol/proposals/exact.h"

#include <cstddef>
#include <set>
#include <vector>

namespace gantry::netpol {

// That `subject` admits `peer` in a direction.
struct Demand {
  kube::Direction direction = kube::Direction::ingress;
  EndpointId subject;
  EndpointId peer;
  kube::Protocol protocol = kube::Protocol::tcp;
  kube::Port port{1};
  std::set<std::size_t> needs;  // that ask for it
};

struct Demands {
  std::vector<Demand> demands;
  std::vector<std::size_t> unmet;  // needs that no NetworkPolicy can admit: an administrator denies them
};

// Of the needs that are blocked under `reach`.
Demands find_demands(const Reachability& reach, const Needs& needs, const Judgement& judgement);

// An edit and the demands (by index) that it grants.
struct Candidate {
  TypedEdit typed;
  std::set<std::size_t> grants;
};

// Every edit that grants a demand: another peer or port in a rule, another rule in a policy that isolates the subject, another
// policy. `original` is the snapshot whose places the edits are to have; rules that `removed` takes are not extended.
std::vector<Candidate> find_candidates(const Reachability& reach, const Demands& demands,
                                       const kube::Snapshot& original, const std::vector<TypedEdit>& removed);

}  // namespace gantry::netpol
