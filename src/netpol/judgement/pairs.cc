#include "netpol/judgement/pairs.h"

#include "netpol/judgement/service_routes.h"

#include <algorithm>
#include <utility>

namespace gantry::netpol {

namespace {

using kube::Direction;
using kube::Port;

// ---- Both parties are there ----

// Over the families that pods have: a client whose one family is closed takes the other.
Access best_access(const Reachability& reach, EndpointId source, EndpointId destination, kube::Protocol protocol,
                   Port port) {
  Access best = Access::no;
  for (const kube::IpFamily family : reach.endpoints().families()) {
    best = std::max(
        best,
        reach.access(
            {.source = source, .destination = destination, .protocol = protocol, .port = port, .family = family}));
  }
  return best;
}

bool is_loopback(const Reachability& reach, EndpointId source, EndpointId destination) {
  return source == destination && reach.endpoints()[source].count < 2;
}

// Ports that a client or a policy could take for the container's: the Service's own, and what it targets.
std::vector<Port> mistaken_ports(const Reachability& reach, const Need& need, EndpointId source,
                                 EndpointId destination) {
  std::vector<Port> ports;
  // At its own address every port is open to it.
  if (!need.route || !need.route->service_port || is_loopback(reach, source, destination)) return ports;
  ports.push_back(*need.route->service_port);
  const kube::Service* service =
      kube::find_named(reach.snapshot()->services, need.route->name_space, need.route->service);
  const kube::ServicePort* port = service ? service->find_port(*need.route->service_port) : nullptr;
  if (port == nullptr) return ports;
  const PortSet targets = reach.resolve(destination, port->protocol, port->target);
  for (const kube::PortRange& range : targets.ranges(port->protocol)) ports.push_back(range.first);
  return ports;
}

void judge_pair(const Reachability& reach, const ServiceRoutes& routes, const Need& need, JudgedNeed judged,
                std::vector<JudgedNeed>& into) {
  judged.access = Access::no;
  // Policies see the API servers' own port behind their Service, the higher of the two on nodes (network policy reference, §14.1).
  const bool to_api_server = need.destination == NeedParty(NeedSpecial::api_server);
  judged.port = to_api_server ? need.ports.back() : need.ports.front();
  for (const Port port : need.ports) {
    const Access access = routes.access(need, judged.source, judged.destination, port);
    if (access <= judged.access) continue;
    judged.access = access;
    judged.port = port;
  }
  if (judged.access == Access::no) {
    const std::vector<Port> mistaken = mistaken_ports(reach, need, judged.source, judged.destination);
    const auto open = std::ranges::find_if(mistaken, [&](Port port) {
      return std::ranges::find(need.ports, port) == need.ports.end() &&
             best_access(reach, judged.source, judged.destination, need.protocol, port) == Access::yes;
    });
    if (open != mistaken.end()) judged.open_instead = *open;
    judged.wrong_port = judged.open_instead.has_value();
    const Explanation why = explain_sides(reach, {.source = judged.source,
                                                  .destination = judged.destination,
                                                  .protocol = need.protocol,
                                                  .port = judged.port,
                                                  .family = reach.endpoints().families().front()});
    // A side that nothing isolates lets everything pass: only one that a rule opened was meant to.
    const bool egress_opened = why.egress.access == Access::yes && !why.egress.admitting.empty();
    const bool ingress_opened = why.ingress.access == Access::yes && !why.ingress.admitting.empty();
    judged.half_open = egress_opened != ingress_opened && (egress_opened || ingress_opened);
  }
  judged.depends_on = routes.depends_on(need, judged.source, judged.destination, judged.port);
  into.push_back(std::move(judged));
}

// Of all addresses of the Internet some are enough: a policy may keep out those that are private.
void keep_most_open(std::vector<JudgedNeed>& judged, std::size_t from) {
  if (judged.size() <= from) return;
  const auto best = std::max_element(judged.begin() + static_cast<std::ptrdiff_t>(from), judged.end(),
                                     [](const JudgedNeed& a, const JudgedNeed& b) { return a.access < b.access; });
  judged[from] = *best;
  judged.resize(from + 1);
}

// ---- One party is not there ----

bool names_port(const Reachability& reach, const kube::PolicyRule& rule, const Need& need, EndpointId known,
                Direction side) {
  if (rule.ports.empty()) return true;
  return std::ranges::any_of(rule.ports, [&](const kube::PolicyPort& port) {
    if (port.protocol != need.protocol) return false;
    if (!port.port || need.ports.empty()) return true;
    const Port* number = std::get_if<Port>(&*port.port);
    // A name on the other party: nobody can look it up.
    if (number == nullptr && side == Direction::egress) return true;
    return std::ranges::any_of(need.ports, [&](Port wanted) {
      if (number == nullptr) return reach.resolve(known, need.protocol, *port.port).contains(need.protocol, wanted);
      return port.end_port ? *number <= wanted && wanted <= *port.end_port : *number == wanted;
    });
  });
}

// Whether a peer can be the party that is not there. Selectors match pods only; those of another namespace than the
// policy's own need a namespaceSelector.
Access could_mean(const kube::PolicyRule& rule, const NeedParty& party) {
  if (rule.peers.empty()) return Access::yes;
  const NeedSpecial* special = std::get_if<NeedSpecial>(&party);
  const bool is_pod = special && (*special == NeedSpecial::cluster_dns || *special == NeedSpecial::prometheus ||
                                  *special == NeedSpecial::ingress_controller);
  const bool is_possible = std::ranges::any_of(rule.peers, [&](const kube::PolicyPeer& peer) {
    return peer.ip_block.has_value() || (is_pod && peer.namespace_selector.has_value());
  });
  return is_possible ? Access::depends : Access::no;
}

Access judge_side(const Reachability& reach, const Need& need, EndpointId known, Direction side,
                  const NeedParty& other) {
  const std::vector<const kube::NetworkPolicy*> isolating = reach.isolating(known, side);
  if (isolating.empty()) return Access::yes;
  Access best = Access::no;
  for (const kube::NetworkPolicy* policy : isolating) {
    for (const kube::PolicyRule& rule : policy->rules(side))
      if (names_port(reach, rule, need, known, side)) best = std::max(best, could_mean(rule, other));
  }
  return best;
}

}  // namespace

std::vector<JudgedNeed> judge_pairs(const Reachability& reach, const Parties& parties, const Needs& needs) {
  const ServiceRoutes routes(reach);
  std::vector<JudgedNeed> judged;
  for (std::size_t i = 0; i < needs.needs.size(); ++i) {
    const Need& need = needs.needs[i];
    if (need.ports.empty()) continue;
    const bool from_internet = need.source == NeedParty(NeedSpecial::internet);
    const std::vector<EndpointId> sources = parties.endpoints_of(need.source);
    for (const EndpointId destination : parties.endpoints_of(need.destination)) {
      const std::size_t first = judged.size();
      for (const EndpointId source : sources) {
        // Its own address no policy keeps from it; that of its Service is another matter.
        if (is_loopback(reach, source, destination) && !routes.is_translated(need)) continue;
        judge_pair(reach, routes, need,
                   JudgedNeed{.need = i, .source = source, .destination = destination, .open_instead = {}}, judged);
      }
      if (from_internet) keep_most_open(judged, first);
    }
  }
  return judged;
}

void add_topics(const Reachability& reach, const Needs& needs, std::vector<JudgedNeed>& judged) {
  for (const ProfileTopic topic : reach.topics()) {
    const Reachability other = reach.with_profile(reach.options().profile.flipped(topic));
    const ServiceRoutes routes(other);
    for (JudgedNeed& each : judged)
      if (routes.access(needs.needs[each.need], each.source, each.destination, each.port) != each.access)
        each.depends_on.push_back(topic);
  }
}

std::vector<OneSidedNeed> judge_one_sided(const Reachability& reach, const Parties& parties, const Needs& needs) {
  std::vector<OneSidedNeed> judged;
  for (std::size_t i = 0; i < needs.needs.size(); ++i) {
    const Need& need = needs.needs[i];
    const std::vector<EndpointId> sources = parties.endpoints_of(need.source);
    const std::vector<EndpointId> destinations = parties.endpoints_of(need.destination);
    if (sources.empty() == destinations.empty()) continue;
    const Direction side = sources.empty() ? Direction::ingress : Direction::egress;
    const NeedParty& other = sources.empty() ? need.source : need.destination;
    for (const EndpointId known : sources.empty() ? destinations : sources)
      judged.push_back({i, known, side, judge_side(reach, need, known, side, other)});
  }
  return judged;
}

}  // namespace gantry::netpol
