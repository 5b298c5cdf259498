#pragma once

// Needs through a Service. Who reaches which port of whom is the same as without; but between the client and that port there is a
// translation, of which network plugins make different things (network policy reference, §7, §8 and §18): what a pod sends to itself
// that way, an ipBlock that holds the Service's address, a Service's port that is not the container's.

#include "kube/network.h"
#include "netpol/needs.h"
#include "netpol/reachability.h"

#include <vector>

namespace gantry::netpol {

class ServiceRoutes {
 public:
  explicit ServiceRoutes(const Reachability& reach) : reach_(reach) {}

  // Whether the need goes to an address that is translated: that of a Service with one.
  bool is_translated(const Need& need) const { return service_of(need) != nullptr; }
  // Over the families that pods have: a client whose one family is closed takes the other.
  Access access(const Need& need, EndpointId source, EndpointId destination, kube::Port port) const;
  // The topics whose other answer would give another access.
  std::vector<ProfileTopic> depends_on(const Need& need, EndpointId source, EndpointId destination,
                                       kube::Port port) const;

 private:
  Access access(const Need& need, EndpointId source, EndpointId destination, kube::Port port,
                const Profile& profile) const;
  Access access(const kube::Service& service, const ServiceRoute& route, const Flow& flow,
                const Profile& profile) const;
  const kube::Service* service_of(const Need& need) const;
  // Whether the source's egress rules admit the Service's own address and port.
  Access to_its_address(const kube::Service& service, const ServiceRoute& route, const Flow& flow) const;
  std::vector<EndpointId> regions_of(const kube::Service& service, kube::IpFamily family) const;
  bool is_policed(const Flow& flow) const;
  bool is_itself(const Flow& flow) const;

  const Reachability& reach_;
};

// Both sides of a flow; of one of a pod to itself as well, which needs no policy where nothing stands between.
Explanation explain_sides(const Reachability& reach, const Flow& flow);

}  // namespace gantry::netpol
