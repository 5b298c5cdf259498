#pragma once

// Destinations that could come: of all pods that somebody might create and a claim's destinations would mean, one of each kind.
// Two pods that the same selectors match fare alike, and selectors are as many as policies have: so what holds for one of each kind
// holds for whoever could come. Who is at the other end, there or to come, is then a question about one who is there
// (open_world.h).

#include "base/result.h"
#include "netpol/doors.h"
#include "netpol/stranger.h"

#include <vector>

namespace gantry::netpol {

struct NewcomerQuestion {
  std::vector<Wish> among;  // each is one of these
  // The newcomers' own side of the flows that are in question (ingress: they are the destination).
  kube::Direction side = kube::Direction::ingress;
};
// Errors: input, when there are more kinds than can be looked at.
base::Result<std::vector<Stranger>> find_newcomers(const kube::Snapshot& snapshot, const NewcomerQuestion& question);

// The system with them in it, as pods that do not exist, last of all pods and in their order.
void add_to(EndpointOptions& options, const std::vector<Stranger>& newcomers);

// What a newcomer calls its ports is its own to say. The same policies with no names of ports in them, once for each way to name
// ports that could make a difference: a rule about a name is then one about every port, or is not there. Errors: input, for too
// many ways.
base::Result<std::vector<kube::Snapshot>> name_ports(const kube::Snapshot& snapshot, Outcome wanted);
// The same for a flow that the one set of policies opens and the other does not: in both, each time, a newcomer names its ports alike.
struct NamedSets {
  kube::Snapshot open;
  kube::Snapshot shut;
};
base::Result<std::vector<NamedSets>> name_ports(const NamedSets& sets);

}  // namespace gantry::netpol
