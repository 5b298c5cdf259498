#pragma once

// Who could come: of all namespaces and pods that somebody might create, one for whom a flow with those who are there is as it
// must not be (network policy reference, §16).

#include "base/result.h"
#include "netpol/doors.h"
#include "netpol/stranger.h"

#include <string>
#include <vector>

namespace gantry::netpol {

struct Resident {
  EndpointId endpoint;
  PortSet ports;  // that the question is about; on the resident for ingress, on the stranger for egress
};

struct OpenWorldQuestion {
  Outcome wanted = Outcome::open;
  kube::Direction direction = kube::Direction::ingress;  // of the residents' side
  std::vector<Resident> residents;
  std::vector<Wish> outside;               // the stranger is none of these
  std::vector<Wish> among;                 // and, unless it is empty, one of these
  std::vector<kube::Cidr> claimed_ranges;  // ipBlocks inside them admit nobody who counts
};

// A stranger for each resident and each rule at its side that decides.
struct Intruder {
  EndpointId resident;
  PortSet ports;
  Access access = Access::yes;  // yes: it is as wanted; depends: it may be
  std::vector<RulePlace> by;    // empty: nothing isolates the resident
  Stranger stranger;
};

// Errors: input, for a question with too many cases or too many different ports.
base::Result<std::vector<Intruder>> find_intruders(const Reachability& reach, const OpenWorldQuestion& question);

// The ports in parts that no set tells apart. Errors: input, for too many parts.
base::Result<std::vector<PortSet>> split(const PortSet& ports, const std::set<PortSet>& sets);

}  // namespace gantry::netpol
