#include "netpol/claim_hits.h"

#include "netpol/peer_match.h"

#include <algorithm>

namespace gantry::netpol {

using kube::Direction;

namespace {

// Of those who reach a target, who must not.
struct Forbidden {
  EndpointSet certain;
  EndpointSet possible;
};

Forbidden forbidden_of(const ClaimView& view, const Opening& opening) {
  const PartySet& sources = view.scope.sources;
  switch (view.claim.kind) {
    case ClaimKind::only: return {opening.certain.without(sources.possible), opening.possible.without(sources.certain)};
    case ClaimKind::never:
      return {opening.certain.intersected(sources.certain), opening.possible.intersected(sources.possible)};
    case ClaimKind::isolated: return {opening.certain, opening.possible};
    default: return {};  // the others forbid nobody
  }
}

// Nobody comes from these: their addresses are the pods' (who are judged as pods), or no source's at all.
bool is_no_source(const Endpoint& endpoint) {
  using Zone = Endpoint::Zone;
  if (endpoint.kind == Endpoint::Kind::hypothetical) return true;
  return !endpoint.is_pods() &&
         (endpoint.zone == Zone::pods || endpoint.zone == Zone::services || endpoint.zone == Zone::loopback);
}

// False when the visitor has seen enough.
bool visit_opening(const ClaimView& view, const Target& target, kube::IpFamily family, const Opening& opening,
                   const Visit& visit) {
  const Forbidden forbidden = forbidden_of(view, opening);
  for (const EndpointId other : forbidden.possible.ids()) {
    const Endpoint& endpoint = view.reach.endpoints()[other];
    if (is_loopback(endpoint, other, target.endpoint) || is_no_source(endpoint)) continue;
    // They are told of once, by a finding of their own.
    if (endpoint.is_pods() && endpoint.host_network && view.claim.kind == ClaimKind::only) continue;
    const Access access = forbidden.certain.contains(other) ? Access::yes : Access::depends;
    if (!visit(Met{.other = other, .access = access, .family = family}, opening.ports)) return false;
  }
  return true;
}

}  // namespace

Flow one_flow(const Hit& hit) {
  for (const kube::Protocol protocol : {kube::Protocol::tcp, kube::Protocol::udp, kube::Protocol::sctp})
    if (const auto& ranges = hit.ports.ranges(protocol); !ranges.empty())
      return {.source = hit.source,
              .destination = hit.destination,
              .protocol = protocol,
              .port = ranges.front().first,
              .family = hit.family};
  return {};
}

bool is_loopback(const Endpoint& endpoint, EndpointId a, EndpointId b) { return a == b && endpoint.count < 2; }

Hit make_hit(const ClaimView& view, const Target& target, const Met& met, const PortSet& ports) {
  const bool is_egress = view.side() == Direction::egress;
  return {.source = is_egress ? target.endpoint : met.other,
          .destination = is_egress ? met.other : target.endpoint,
          .ports = ports,
          .access = met.access,
          .family = met.family};
}

void each_hit(const ClaimView& view, const Target& target, const See& see, const Visit& visit) {
  const bool is_egress = view.side() == Direction::egress;
  for (const kube::IpFamily family : view.reach.endpoints().families())
    for (const Opening& opening : is_egress ? view.reach.destinations_of(target.endpoint, family, target.ports)
                                            : view.reach.sources_of(target.endpoint, family, target.ports))
      if (see(opening) && !visit_opening(view, target, family, opening, visit)) return;
}

void each_hit(const ClaimView& view, const Target& target, const Visit& visit) {
  if (view.claim.kind != ClaimKind::never)
    return each_hit(
        view, target, [](const Opening&) { return true; }, visit);
  for (const kube::IpFamily family : view.reach.endpoints().families())
    for (const Opening& opening :
         view.reach.sources_of(target.endpoint, family, target.ports, view.scope.sources.possible))
      if (!visit_opening(view, target, family, opening, visit)) return;
}

bool is_own_node(const ClaimView& view, const SideExplanation& side) {
  return side.decided_by == DecidedBy::own_node && view.claim.kind != ClaimKind::never;
}

bool is_claimed(const ClaimView& view, const std::vector<kube::Cidr>& claimed, const RulePlace& place) {
  if (view.claim.kind != ClaimKind::only || claimed.empty() || !place.rule || !place.peer) return false;
  const kube::NetworkPolicy* policy =
      kube::find_named(view.reach.snapshot()->network_policies, place.policy.name_space, place.policy.name);
  if (!policy || policy->object.id != place.policy) return false;
  const kube::PolicyPeer& peer = policy->rules(place.direction)[*place.rule].peers[*place.peer];
  return peer.ip_block && covered(peer.ip_block->cidr, claimed);
}

bool is_excused(const ClaimView& view, const std::vector<kube::Cidr>& claimed, const Hit& hit) {
  if (view.claim.kind == ClaimKind::never) return false;
  const SideExplanation side = view.reach.explain_side(one_flow(hit), view.side());
  if (is_own_node(view, side)) return true;
  return !side.admitting.empty() &&
         std::ranges::all_of(side.admitting, [&](const RulePlace& place) { return is_claimed(view, claimed, place); });
}

}  // namespace gantry::netpol
