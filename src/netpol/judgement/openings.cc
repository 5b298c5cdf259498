#include "netpol/judgement/openings.h"

#include <algorithm>
#include <array>
#include <map>
#include <tuple>
#include <unordered_map>

namespace gantry::netpol {

namespace {

using kube::Port;
using kube::Protocol;
using Reach = UnneededOpening::Reach;

// Ports of data stores and of what controls others: whoever reaches them has more than a page to read.
constexpr std::array<std::uint16_t, 32> kSensitivePorts = {
    22,   1433, 1521, 2181, 2379, 2380, 2888, 3306, 3888, 4222, 5432,  5672,  6222,  6333,  6334,  6379,
    6443, 7000, 8001, 8200, 8444, 8500, 9042, 9092, 9200, 9300, 10250, 11211, 15672, 16379, 26257, 27017};

bool is_sensitive(const PortSet& ports) {
  return std::ranges::any_of(kSensitivePorts,
                             [&](std::uint16_t port) { return ports.contains(Protocol::tcp, Port{port}); });
}

PortSet ports_of(const Need& need) {
  if (need.ports.empty()) return PortSet::all_of(need.protocol);
  PortSet ports;
  for (const Port port : need.ports) ports = ports.united(PortSet::of(need.protocol, port));
  return ports;
}

// Needed ports by destination and source, and the ports of each destination that a need speaks of.
class NeededPorts {
 public:
  NeededPorts(const Parties& parties, const Needs& needs) {
    for (const Need& need : needs.needs) {
      const PortSet ports = ports_of(need);
      const std::vector<EndpointId> sources = parties.possible(need.source);
      const std::vector<EndpointId> destinations = parties.endpoints_of(need.destination);
      // Somebody whom the input does not have may be behind any address.
      if (destinations.empty()) {
        for (const EndpointId source : sources) join(somewhere_[source], ports);
      }
      for (const EndpointId destination : destinations) {
        if (!need.ports.empty()) join(spoken_of_[destination], ports);
        for (const EndpointId source : sources) join(by_destination_[destination][source], ports);
      }
    }
  }

  const std::map<EndpointId, PortSet>& sources_of(EndpointId destination) const {
    static const std::map<EndpointId, PortSet> kNone;
    const auto it = by_destination_.find(destination);
    return it == by_destination_.end() ? kNone : it->second;
  }
  // Ports that the source needs of somebody who is not in the input.
  PortSet needed_somewhere(EndpointId source) const {
    const auto it = somewhere_.find(source);
    return it == somewhere_.end() ? PortSet() : it->second;
  }
  PortSet spoken_of(EndpointId destination) const {
    const auto it = spoken_of_.find(destination);
    return it == spoken_of_.end() ? PortSet() : it->second;
  }

 private:
  static void join(PortSet& into, const PortSet& ports) { into = into.united(ports); }

  std::unordered_map<EndpointId, std::map<EndpointId, PortSet>> by_destination_;
  std::unordered_map<EndpointId, PortSet> spoken_of_;
  std::unordered_map<EndpointId, PortSet> somewhere_;
};

// Ports that somebody listens on, as far as anything says so; all of them when nothing does.
PortSet listening_ports(const Endpoint& endpoint, const PortSet& spoken_of) {
  PortSet ports = spoken_of;
  if (endpoint.spec) {
    for (const auto* containers : {&endpoint.spec->containers, &endpoint.spec->init_containers}) {
      for (const kube::Container& container : *containers)
        for (const kube::ContainerPort& port : container.ports)
          ports = ports.united(PortSet::of(port.protocol, port.port));
    }
  }
  return ports.empty() ? PortSet::everything() : ports;
}

// Ports that Services target by number, whether or not a container declares them.
class TargetedPorts {
 public:
  explicit TargetedPorts(const kube::Snapshot& snapshot) : snapshot_(snapshot) {}

  PortSet of(const Endpoint& endpoint) const {
    PortSet ports;
    for (const kube::Service& service : kube::in_namespace(snapshot_->services, endpoint.name_space)) {
      if (!service.selector || kube::match(*service.selector, endpoint.labels) == kube::Match::no) continue;
      for (const kube::ServicePort& port : service.ports)
        if (const Port* number = std::get_if<Port>(&port.target))
          ports = ports.united(PortSet::of(port.protocol, *number));
    }
    return ports;
  }

 private:
  const kube::Snapshot& snapshot_;
};

// Addresses that no router of the Internet knows (RFC 1918, RFC 6598, RFC 4193): pods and nodes mostly have such.
bool is_private(const kube::Cidr& range) {
  static const std::vector<kube::Cidr> kRanges = [] {
    std::vector<kube::Cidr> ranges;
    for (const char* text : {"10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"})
      ranges.push_back(*kube::Cidr::parse(text));
    return ranges;
  }();
  return std::ranges::any_of(kRanges, [&](const kube::Cidr& known) { return known.contains(range); });
}

class OpeningFinder {
 public:
  OpeningFinder(const Reachability& reach, const Parties& parties, const Needs& needs)
      : reach_(reach), endpoints_(reach.endpoints()), needed_(parties, needs), targeted_(reach.snapshot()) {
    for (std::size_t i = 0; i < endpoints_.size(); ++i) {
      const EndpointId id{static_cast<std::uint32_t>(i)};
      const Endpoint& endpoint = endpoints_[id];
      if (endpoint.kind == Endpoint::Kind::addresses && endpoint.zone == Endpoint::Zone::outside)
        (is_private(endpoint.range) && reach.options().endpoints.pod_ranges.empty() ? private_ : outside_).add(id);
      // Policies do not hold for pods on the host's network, and pods to ask about are none.
      if (endpoint.kind == Endpoint::Kind::pods && !endpoint.host_network) pods_.add(id);
      if (endpoint.kind == Endpoint::Kind::pods) by_namespace_[endpoint.name_space].add(id);
    }
  }

  Openings find() {
    for (const EndpointId id : pods_.ids()) {
      if (reach_.isolating(id, kube::Direction::ingress).empty() && !has_admin_policies()) {
        found_.open_to_all.push_back(id);
      } else {
        find_openings_to(id);
      }
      if (!reach_.isolating(id, kube::Direction::egress).empty()) find_ways_out(id);
    }
    std::ranges::stable_sort(found_.groups, [](const OpeningGroup& a, const OpeningGroup& b) {
      return std::tuple(a.reach, a.sensitive) > std::tuple(b.reach, b.sensitive);
    });
    return std::move(found_);
  }

 private:
  bool has_admin_policies() const { return !reach_.snapshot()->admin_policies.empty(); }

  void find_openings_to(EndpointId destination) {
    const Endpoint& endpoint = endpoints_[destination];
    const PortSet listening = listening_ports(endpoint, needed_.spoken_of(destination).united(targeted_.of(endpoint)));
    destination_start_ = found_.groups.size();
    for (const kube::IpFamily family : endpoints_.families()) {
      for (const Opening& opening : reach_.sources_of(destination, family)) {
        const PortSet ports = opening.ports.intersected(listening);
        if (!ports.empty()) add_opening(destination, ports, opening.certain);
      }
    }
  }

  // Those without any need are one set; the others are looked at one by one.
  void add_opening(EndpointId destination, const PortSet& ports, const EndpointSet& sources) {
    const std::map<EndpointId, PortSet>& needing = needed_.sources_of(destination);
    EndpointSet those;
    std::map<PortSet, EndpointSet> partly;
    for (const auto& [source, needed] : needing) {
      if (!sources.contains(source)) continue;
      those.add(source);
      const PortSet unneeded = ports.without(needed);
      if (!unneeded.empty()) partly[unneeded].add(source);
    }
    const EndpointSet rest = sources.without(those);
    if (!rest.empty()) partly[ports].unite(rest);
    for (const auto& [unneeded, set] : partly) split_by_reach(destination, unneeded, set);
  }

  void split_by_reach(EndpointId destination, const PortSet& ports, const EndpointSet& sources) {
    const EndpointSet& own = by_namespace_[endpoints_[destination].name_space];
    const EndpointSet pods = sources.intersected(pods_);
    add_group(destination, ports, Reach::external, sources.intersected(outside_));
    add_group(destination, ports, Reach::cross_namespace, sources.intersected(private_));
    add_group(destination, ports, Reach::cross_namespace, pods.without(own));
    add_group(destination, ports, Reach::same_namespace, pods.intersected(own));
  }

  void add_group(EndpointId destination, const PortSet& ports, Reach reach, const EndpointSet& sources) {
    if (sources.empty()) return;
    const auto is_pods = [&](const EndpointSet& set) { return endpoints_[*set.first()].is_pods(); };
    const auto is_same = [&](const OpeningGroup& group) {
      return group.destination == destination && group.reach == reach && group.ports == ports &&
             is_pods(group.sources) == is_pods(sources);
    };
    // Both families say the same about pods.
    const auto first = found_.groups.begin() + static_cast<std::ptrdiff_t>(destination_start_);
    const auto known = std::find_if(first, found_.groups.end(), is_same);
    if (known != found_.groups.end()) return known->sources.unite(sources);
    found_.groups.push_back({destination, ports, reach, sources, is_sensitive(ports)});
  }

  void find_ways_out(EndpointId source) {
    for (const Opening& opening : reach_.destinations_of(source)) {
      const EndpointSet regions = opening.certain.intersected(outside_);
      if (regions.empty() || needed_.needed_somewhere(source).meets(opening.ports)) continue;
      const bool is_needed = std::ranges::any_of(regions.ids(), [&](EndpointId region) {
        const std::map<EndpointId, PortSet>& sources = needed_.sources_of(region);
        const auto it = sources.find(source);
        return it != sources.end() && it->second.meets(opening.ports);
      });
      if (!is_needed) found_.ways_out.push_back({source, opening.ports, regions});
    }
  }

  const Reachability& reach_;
  const Endpoints& endpoints_;
  NeededPorts needed_;
  TargetedPorts targeted_;
  EndpointSet outside_;
  EndpointSet private_;  // where nobody says which addresses are the pods'
  EndpointSet pods_;
  std::map<std::string, EndpointSet> by_namespace_;
  Openings found_;
  std::size_t destination_start_ = 0;  // of the groups of the destination at hand
};

}  // namespace

Openings find_openings(const Reachability& reach, const Parties& parties, const Needs& needs) {
  return OpeningFinder(reach, parties, needs).find();
}

std::vector<UnneededOpening> list_pairs(const Openings& openings) {
  std::vector<UnneededOpening> pairs;
  for (const OpeningGroup& group : openings.groups) {
    for (const EndpointId source : group.sources.ids()) {
      if (pairs.size() >= kOpeningsMax) return pairs;
      pairs.push_back({source, group.destination, group.ports, group.reach, group.sensitive});
    }
  }
  return pairs;
}

}  // namespace gantry::netpol
