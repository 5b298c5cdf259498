#pragma once

// How sets of endpoints are called in text for people: "every pod of shop" rather than twenty names.

#include "netpol/netpol.h"
#include "report/net_axis.h"

#include <map>
#include <string>

namespace gantry::report {

class SetNames {
 public:
  SetNames(const netpol::Reachability& reach, const Axis& axis);
  std::string of(const netpol::EndpointSet& set) const;

 private:
  std::string region_name(netpol::EndpointId id) const;

  const netpol::Reachability& reach_;
  const Axis& axis_;
  netpol::EndpointSet pods_;
  netpol::EndpointSet regions_;
  std::map<std::string, netpol::EndpointSet> by_name_space_;
};

}  // namespace gantry::report
