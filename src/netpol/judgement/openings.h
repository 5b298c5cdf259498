#pragma once

// What is open and needed by nobody.

#include "netpol/endpoint_set.h"
#include "netpol/judgement.h"
#include "netpol/judgement/parties.h"

#include <vector>

namespace gantry::netpol {

// Sources of one kind that may open the same ports of one destination.
struct OpeningGroup {
  EndpointId destination;
  PortSet ports;
  UnneededOpening::Reach reach = UnneededOpening::Reach::same_namespace;
  EndpointSet sources;
  bool sensitive = false;
};

// A way out that a rule opens and nothing is known to be needed behind it.
struct WayOut {
  EndpointId source;
  PortSet ports;
  EndpointSet regions;
};

struct Openings {
  std::vector<OpeningGroup> groups;     // widest blast radius first
  std::vector<EndpointId> open_to_all;  // destinations that no policy isolates
  std::vector<WayOut> ways_out;
};

Openings find_openings(const Reachability& reach, const Parties& parties, const Needs& needs);

// Each pair of the groups, at most kOpeningsMax.
std::vector<UnneededOpening> list_pairs(const Openings& openings);

}  // namespace gantry::netpol
