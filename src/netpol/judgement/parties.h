#pragma once

// Parties of needs as endpoints.

#include "netpol/judgement.h"

#include <cstddef>
#include <vector>

namespace gantry::netpol {

class Parties {
 public:
  explicit Parties(const Reachability& reach);

  // Those that the party is, as far as the input says who that is.
  std::vector<EndpointId> endpoints_of(const NeedParty& party) const;
  // Those that the party may be: the same, and every address for nodes that nobody knows the addresses of.
  std::vector<EndpointId> possible(const NeedParty& party) const;

 private:
  std::vector<EndpointId> of(const NeedOutside& outside) const;
  std::vector<EndpointId> of(NeedSpecial special) const;
  std::vector<EndpointId> regions_in(Endpoint::Zone zone) const;

  const Endpoints& endpoints_;
  std::vector<std::vector<EndpointId>> by_workload_;
};

}  // namespace gantry::netpol
