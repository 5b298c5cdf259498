#include "netpol/sets/flows.h"

#include <utility>

namespace gantry::netpol {

using kube::Direction;
using kube::IpFamily;

namespace {

// Nobody comes from these: their addresses are the pods' (who are judged as pods), or no source's at all.
bool is_no_source(const Endpoint& endpoint) {
  using Zone = Endpoint::Zone;
  return !endpoint.is_pods() &&
         (endpoint.zone == Zone::pods || endpoint.zone == Zone::services || endpoint.zone == Zone::loopback);
}

// Some sources of one destination, and ports on which both sets answer alike for all of them.
struct Sources {
  EndpointSet certain;   // open in the one for certain, and shut in the other
  EndpointSet possible;  // perhaps
};

class Differences {
 public:
  Differences(const Reachability& open, const Reachability& shut, Likeness& likeness,
              const std::function<bool(const SetFlow&)>& visit)
      : open_(open), shut_(shut), likeness_(likeness), visit_(visit) {}

  // False when nobody wants to hear more; so below.
  bool look(EndpointId destination, IpFamily family);

 private:
  bool tell(const Sources& sources, const PortSet& ports, EndpointId destination, IpFamily family);
  bool counts(EndpointId source, EndpointId destination, IpFamily family) const;

  const Reachability& open_;
  const Reachability& shut_;
  Likeness& likeness_;
  const std::function<bool(const SetFlow&)>& visit_;
};

bool Differences::look(EndpointId destination, IpFamily family) {
  const std::vector<Opening> shut = shut_.sources_of(destination, family);
  for (const Opening& opening : open_.sources_of(destination, family)) {
    PortSet left = opening.ports;
    for (const Opening& other : shut) {
      const PortSet ports = left.intersected(other.ports);
      if (ports.empty()) continue;
      left = left.without(ports);
      const Sources sources{opening.certain.without(other.possible), opening.possible.without(other.certain)};
      if (!tell(sources, ports, destination, family)) return false;
    }
    if (!left.empty() && !tell({opening.certain, opening.possible}, left, destination, family)) return false;
  }
  return true;
}

bool Differences::counts(EndpointId source, EndpointId destination, IpFamily family) const {
  const Endpoint& from = open_.endpoints()[source];
  const Endpoint& to = open_.endpoints()[destination];
  // A pod to its own address: no policy can forbid it (§7). Addresses have no flows among themselves.
  if (is_no_source(from) || (source == destination && from.count < 2) || (!from.is_pods() && !to.is_pods()))
    return false;
  return (from.is_pods() || from.range.address.family == family) &&
         (to.is_pods() || (to.range.address.family == family && to.zone != Endpoint::Zone::loopback));
}

bool Differences::tell(const Sources& sources, const PortSet& ports, EndpointId destination, IpFamily family) {
  for (const EndpointId source : sources.possible.ids()) {
    if (!counts(source, destination, family)) continue;
    const bool is_certain = sources.certain.contains(source);
    if (!is_certain && likeness_.grows(source, Direction::egress) && likeness_.grows(destination, Direction::ingress))
      continue;
    if (!visit_({.source = source,
                 .destination = destination,
                 .family = family,
                 .ports = ports,
                 .access = is_certain ? Access::yes : Access::depends}))
      return false;
  }
  return true;
}

}  // namespace

Flow one_flow(const SetFlow& flow) {
  for (const kube::Protocol protocol : {kube::Protocol::tcp, kube::Protocol::udp, kube::Protocol::sctp})
    if (const auto& ranges = flow.ports.ranges(protocol); !ranges.empty())
      return {.source = flow.source,
              .destination = flow.destination,
              .protocol = protocol,
              .port = ranges.front().first,
              .family = flow.family};
  return {};
}

void each_difference(const Reachability& open, const Reachability& shut, Likeness& likeness,
                     const std::function<bool(const SetFlow&)>& visit) {
  Differences differences(open, shut, likeness, visit);
  for (const IpFamily family : open.endpoints().families())
    for (std::uint32_t i = 0; i < open.endpoints().size(); ++i)
      if (!differences.look(EndpointId(i), family)) return;
}

}  // namespace gantry::netpol
