#pragma once

// Whether a peer or a port of a written rule means an endpoint, or a pod of which nothing is known but its labels. For questions
// about single rules; what compares everybody with everybody works on compiled policies.

#include "netpol/reachability.h"

#include <optional>
#include <span>

namespace gantry::netpol {

// Every address of the range is in one of the others.
bool covered(const kube::Cidr& range, std::span<const kube::Cidr> others);

// The block, less its exceptions, and a pod that has some address of the family: by the ranges that pods get theirs from (§5).
kube::Match match_unknown_address(const kube::IpBlock& block, kube::IpFamily family, const AnalysisOptions& options);
kube::Match match_unknown_address(std::span<const kube::Cidr> networks, kube::IpFamily family,
                                  const AnalysisOptions& options);
kube::Match match_address(const kube::IpBlock& block, const Endpoint& endpoint, kube::IpFamily family,
                          const AnalysisOptions& options);

kube::Match match_peer(const kube::NetworkPolicy& policy, const kube::PolicyPeer& peer, const Endpoint& endpoint,
                       kube::IpFamily family, const AnalysisOptions& options);
kube::Match match_pods(const kube::AdminPods& pods, const Endpoint& endpoint);
// Peers of a kind that this version does not know match nobody: what that means depends on the rule's action.
kube::Match match_peer(const kube::AdminPeer& peer, const Endpoint& endpoint, kube::IpFamily family,
                       const AnalysisOptions& options);

// The numbers that a rule opens on a destination; on a stranger, which may declare any port by any name, when there is none.
PortSet ports_of(const kube::PolicyRule& rule, std::optional<EndpointId> destination, const Reachability& reach);
// Whether one port is among them.
bool opens(const kube::PolicyRule& rule, kube::Protocol protocol, kube::Port port,
           std::optional<EndpointId> destination, const Reachability& reach);
PortSet ports_of(const kube::AdminRule& rule, std::optional<EndpointId> destination, const Reachability& reach);

kube::Match both(kube::Match a, kube::Match b);
kube::Match either(kube::Match a, kube::Match b);

}  // namespace gantry::netpol
