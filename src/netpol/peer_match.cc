#include "netpol/peer_match.h"

#include <algorithm>
#include <array>
#include <vector>

namespace gantry::netpol {

using kube::Cidr;
using kube::IpAddress;
using kube::IpBlock;
using kube::IpFamily;
using kube::Match;
using kube::Protocol;

namespace {

bool meet(const Cidr& a, const Cidr& b) { return a.contains(b) || b.contains(a); }

IpAddress with_bit(IpAddress address, int bit) {
  const int from_the_right = (address.family == IpFamily::v4 ? 32 : 128) - 1 - bit;
  if (from_the_right >= 64) {
    address.high |= 1ULL << (from_the_right - 64);
  } else {
    address.low |= 1ULL << from_the_right;
  }
  return address;
}

// How much of a range is in the block.
Match match_range(const IpBlock& block, const Cidr& range) {
  if (!meet(block.cidr, range) || std::ranges::any_of(block.except, [&](const Cidr& e) { return e.contains(range); }))
    return Match::no;
  const bool whole = block.cidr.contains(range) &&
                     std::ranges::none_of(block.except, [&](const Cidr& except) { return meet(except, range); });
  return whole ? Match::yes : Match::unknown;
}

bool contains(const IpBlock& block, const IpAddress& address) {
  return block.cidr.contains(address) &&
         std::ranges::none_of(block.except, [&](const Cidr& except) { return except.contains(address); });
}

Match of(bool value) { return value ? Match::yes : Match::no; }

// All of them the same, or nobody can say.
class Vote {
 public:
  void add(Match match) { match_ = !match_ || *match_ == match ? match : Match::unknown; }
  std::optional<Match> result() const { return match_; }

 private:
  std::optional<Match> match_;
};

PortSet resolved(const Reachability& reach, std::optional<EndpointId> destination, Protocol protocol,
                 const std::string& name) {
  return destination ? reach.resolve(*destination, protocol, name) : PortSet::all_of(protocol);
}

constexpr std::array kProtocols = {Protocol::tcp, Protocol::udp, Protocol::sctp};

PortSet ports_of(const kube::PolicyPort& port, std::optional<EndpointId> destination, const Reachability& reach) {
  const Profile& profile = reach.options().profile;
  if (port.protocol == Protocol::sctp && !profile.sctp_is_enforced) return {};
  if (!port.port) return PortSet::all_of(port.protocol);
  if (const auto* name = std::get_if<std::string>(&*port.port))
    return resolved(reach, destination, port.protocol, *name);
  const kube::Port first = std::get<kube::Port>(*port.port);
  const kube::Port last = port.end_port && profile.end_port_is_enforced ? *port.end_port : first;
  return PortSet::of(port.protocol, kube::PortRange{first, last});
}

PortSet ports_of(const kube::AdminPort& port, std::optional<EndpointId> destination, const Reachability& reach) {
  PortSet ports;
  for (const Protocol protocol : kProtocols) {
    if (port.protocol && *port.protocol != protocol) continue;
    if (!port.name.empty()) {
      ports = ports.united(resolved(reach, destination, protocol, port.name));
    } else {
      ports = ports.united(port.range ? PortSet::of(protocol, *port.range) : PortSet::all_of(protocol));
    }
  }
  return ports;
}

}  // namespace

Match both(Match a, Match b) {
  if (a == Match::no || b == Match::no) return Match::no;
  return a == Match::yes && b == Match::yes ? Match::yes : Match::unknown;
}

Match either(Match a, Match b) {
  if (a == Match::yes || b == Match::yes) return Match::yes;
  return a == Match::no && b == Match::no ? Match::no : Match::unknown;
}

bool covered(const Cidr& range, std::span<const Cidr> others) {
  if (std::ranges::any_of(others, [&](const Cidr& other) { return other.contains(range); })) return true;
  if (std::ranges::none_of(others, [&](const Cidr& other) { return range.contains(other); })) return false;
  // Something inside is covered, so the range has more than one address.
  const Cidr lower{range.address, range.prefix + 1};
  const Cidr upper{with_bit(range.address, range.prefix), range.prefix + 1};
  return covered(lower, others) && covered(upper, others);
}

Match match_unknown_address(const IpBlock& block, IpFamily family, const AnalysisOptions& options) {
  if (block.cidr.address.family != family || !options.profile.ip_block_matches_pods) return Match::no;
  Vote vote;
  for (const Cidr& range : options.endpoints.pod_ranges)
    if (range.address.family == family) vote.add(match_range(block, range));
  if (vote.result()) return *vote.result();
  return block.cidr.prefix == 0 && block.except.empty() ? Match::yes : Match::unknown;
}

Match match_address(const IpBlock& block, const Endpoint& endpoint, IpFamily family, const AnalysisOptions& options) {
  if (!endpoint.is_pods()) return of(match_range(block, endpoint.range) == Match::yes);
  if (!options.profile.ip_block_matches_pods && !endpoint.host_network) return Match::no;
  Vote vote;
  for (const IpAddress& address : endpoint.ips)
    if (address.family == family) vote.add(of(contains(block, address)));
  if (vote.result()) return *vote.result();
  return match_unknown_address(block, family, options);
}

Match match_peer(const kube::NetworkPolicy& policy, const kube::PolicyPeer& peer, const Endpoint& endpoint,
                 IpFamily family, const AnalysisOptions& options) {
  if (peer.ip_block) return match_address(*peer.ip_block, endpoint, family, options);
  if (!endpoint.is_pods() || (endpoint.host_network && !options.profile.host_network_pods_are_policed))
    return Match::no;
  const Match by_namespace = peer.namespace_selector ? kube::match(*peer.namespace_selector, endpoint.namespace_labels)
                                                     : of(endpoint.name_space == policy.name_space());
  return peer.pod_selector ? both(by_namespace, kube::match(*peer.pod_selector, endpoint.labels)) : by_namespace;
}

Match match_pods(const kube::AdminPods& pods, const Endpoint& endpoint) {
  // hostNetwork pods are never selected (§12.2).
  if (!endpoint.is_pods() || endpoint.host_network) return Match::no;
  return both(kube::match(pods.namespaces, endpoint.namespace_labels), kube::match(pods.pods, endpoint.labels));
}

Match match_unknown_address(std::span<const Cidr> networks, IpFamily family, const AnalysisOptions& options) {
  Match best = Match::no;
  for (const Cidr& range : networks)
    best = either(best, match_unknown_address({.cidr = range, .except = {}, .where = {}}, family, options));
  return best;
}

Match match_peer(const kube::AdminPeer& peer, const Endpoint& endpoint, IpFamily family,
                 const AnalysisOptions& options) {
  switch (peer.kind) {
    case kube::AdminPeer::Kind::pods: return match_pods(peer.pods, endpoint);
    case kube::AdminPeer::Kind::networks: {
      Match best = Match::no;
      for (const Cidr& range : peer.networks)
        best = either(best, match_address({.cidr = range, .except = {}, .where = {}}, endpoint, family, options));
      return best;
    }
    // Which addresses are nodes', or a name's, the policies do not say.
    case kube::AdminPeer::Kind::nodes:
    case kube::AdminPeer::Kind::domain_names:
      return endpoint.is_pods() && !endpoint.host_network ? Match::no : Match::unknown;
    case kube::AdminPeer::Kind::unknown: return Match::no;
  }
  return Match::no;
}

PortSet ports_of(const kube::PolicyRule& rule, std::optional<EndpointId> destination, const Reachability& reach) {
  if (rule.ports.empty()) return PortSet::everything();
  PortSet ports;
  for (const kube::PolicyPort& port : rule.ports) ports = ports.united(ports_of(port, destination, reach));
  return ports;
}

bool opens(const kube::PolicyRule& rule, Protocol protocol, kube::Port port, std::optional<EndpointId> destination,
           const Reachability& reach) {
  if (rule.ports.empty()) return true;
  return std::ranges::any_of(rule.ports, [&](const kube::PolicyPort& each) {
    if (each.protocol != protocol) return false;
    // Most ports are numbers, and of those no set is made.
    const auto* number = each.port ? std::get_if<kube::Port>(&*each.port) : nullptr;
    if (number && !each.end_port && *number != port) return false;
    return ports_of(each, destination, reach).contains(protocol, port);
  });
}

PortSet ports_of(const kube::AdminRule& rule, std::optional<EndpointId> destination, const Reachability& reach) {
  if (rule.ports.empty()) return PortSet::everything();
  PortSet ports;
  for (const kube::AdminPort& port : rule.ports) ports = ports.united(ports_of(port, destination, reach));
  return ports;
}

}  // namespace gantry::netpol
