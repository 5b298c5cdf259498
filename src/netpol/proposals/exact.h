#pragma once

// The narrowest words of a policy for somebody: selectors and ranges that mean this workload or region and, as far as labels can
// tell, nobody else.

#include "kube/network.h"
#include "netpol/reachability.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace gantry::netpol {

// Labels that select the pods of a class. Nothing for addresses, for pods on the host's network (no selector matches them), and
// for pods without labels.
std::optional<kube::LabelSelector> exact_selector(const Reachability& reach, EndpointId pods);

// A peer in a policy of `name_space`. Nothing where exact_selector() gives nothing.
std::optional<kube::PolicyPeer> exact_peer(const Reachability& reach, EndpointId endpoint,
                                           const std::string& name_space);

std::vector<kube::PolicyPort> exact_ports(const PortSet& ports);

// Who is to be admitted by one subject in one direction, and on which ports.
using PeerPorts = std::map<EndpointId, PortSet>;

// A rule for each set of ports: together they admit exactly these. Nothing when a peer cannot be named.
std::optional<std::vector<kube::PolicyRule>> exact_rules(const Reachability& reach, const PeerPorts& wanted,
                                                         const std::string& name_space);

// A policy that isolates the subject in these directions and admits exactly these peers. Nothing when somebody cannot be named.
struct ExactPolicy {
  EndpointId subject;
  std::optional<PeerPorts> ingress;  // absent: the direction is not isolated
  std::optional<PeerPorts> egress;
};
std::optional<kube::NetworkPolicy> exact_policy(const Reachability& reach, const ExactPolicy& wanted);

}  // namespace gantry::netpol
