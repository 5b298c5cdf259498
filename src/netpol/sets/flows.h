#pragma once

// The flows among those who are there that one policy set allows and another does not, set against set: work grows with what the
// rows of both tell apart, not with pairs of pods.

#include "netpol/reachability.h"
#include "netpol/sets/likeness.h"

#include <functional>

namespace gantry::netpol {

struct SetFlow {
  EndpointId source;
  EndpointId destination;
  kube::IpFamily family = kube::IpFamily::v4;
  PortSet ports;
  Access access = Access::yes;  // yes: open in the one and shut in the other; depends: perhaps
};
Flow one_flow(const SetFlow& flow);

// Each of them, until `visit` says no. The analyses have the same endpoints.
void each_difference(const Reachability& open, const Reachability& shut, Likeness& likeness,
                     const std::function<bool(const SetFlow&)>& visit);

}  // namespace gantry::netpol
