#include "netpol/judgement/service_routes.h"

#include "netpol/needs/collector.h"

#include <algorithm>
#include <array>

namespace gantry::netpol {

using kube::Direction;
using kube::IpFamily;

namespace {

constexpr std::array kRouteTopics = {ProfileTopic::service_hairpin, ProfileTopic::ip_block_on_cluster_ips,
                                     ProfileTopic::service_ports};

// A Service's address may be any of these regions; beyond so many, whether all are admitted is not looked at.
constexpr std::size_t kRegionsMax = 64;

// Those who look up the endpoints of a Service, and call them at their own addresses (§13 and §14).
bool is_direct(const Need& need) {
  constexpr std::array kDirect = {
      NeedOrigin::ingress_route,     NeedOrigin::gateway_route,   NeedOrigin::kong,
      NeedOrigin::scrape_config,     NeedOrigin::service_monitor, NeedOrigin::stateful_peers,
      NeedOrigin::scrape_annotation, NeedOrigin::exposed_service};
  return !need.evidence.empty() && std::ranges::find(kDirect, need.evidence.front().origin) != kDirect.end();
}

bool has_blocks(const Reachability& reach, EndpointId source) {
  const auto has_block = [](const kube::PolicyPeer& peer) { return peer.ip_block.has_value(); };
  return std::ranges::any_of(reach.isolating(source, Direction::egress), [&](const kube::NetworkPolicy* policy) {
    return std::ranges::any_of(
        policy->egress, [&](const kube::PolicyRule& rule) { return std::ranges::any_of(rule.peers, has_block); });
  });
}

}  // namespace

Explanation explain_sides(const Reachability& reach, const Flow& flow) {
  Explanation why;
  why.egress = reach.explain_side(flow, Direction::egress);
  why.ingress = reach.explain_side(flow, Direction::ingress);
  why.access = std::min(why.egress.access, why.ingress.access);
  return why;
}

const kube::Service* ServiceRoutes::service_of(const Need& need) const {
  return is_direct(need) ? nullptr : find_translating(reach_.snapshot(), need.route);
}

bool ServiceRoutes::is_policed(const Flow& flow) const {
  return !reach_.isolating(flow.source, Direction::egress).empty() ||
         !reach_.isolating(flow.destination, Direction::ingress).empty();
}

std::vector<EndpointId> ServiceRoutes::regions_of(const kube::Service& service, IpFamily family) const {
  std::vector<EndpointId> regions;
  for (const kube::IpAddress& address : service.cluster_ips)
    if (address.family == family)
      if (const std::optional<EndpointId> region = reach_.endpoints().region_of(address)) regions.push_back(*region);
  if (!service.cluster_ips.empty()) return regions;
  for (const kube::Cidr& range : reach_.options().endpoints.service_ranges)
    if (range.address.family == family) {
      const std::vector<EndpointId> those = reach_.endpoints().regions_of(range);
      regions.insert(regions.end(), those.begin(), those.end());
    }
  if (!reach_.options().endpoints.service_ranges.empty()) return regions;
  // Nobody knows where: anywhere but where other things are.
  for (std::size_t i = reach_.endpoints().pod_class_count(); i < reach_.endpoints().size(); ++i) {
    const EndpointId id(static_cast<std::uint32_t>(i));
    const Endpoint& endpoint = reach_.endpoints()[id];
    if (endpoint.range.address.family == family && endpoint.zone == Endpoint::Zone::outside) regions.push_back(id);
  }
  return regions;
}

Access ServiceRoutes::to_its_address(const kube::Service& service, const ServiceRoute& route, const Flow& flow) const {
  if (!has_blocks(reach_, flow.source)) return Access::no;
  const std::vector<EndpointId> regions = regions_of(service, flow.family);
  if (regions.empty() || regions.size() > kRegionsMax) return regions.empty() ? Access::no : Access::depends;
  Access best = Access::no;
  Access worst = Access::yes;
  for (const EndpointId region : regions) {
    const Flow to_region{.source = flow.source,
                         .destination = region,
                         .protocol = flow.protocol,
                         .port = *route.service_port,
                         .family = flow.family};
    const Access access = reach_.explain_side(to_region, Direction::egress).access;
    best = std::max(best, access);
    worst = std::min(worst, access);
  }
  return best == worst ? best : Access::depends;
}

// A second pod that a rollout brings is no other: the first, or it alone, answers.
bool ServiceRoutes::is_itself(const Flow& flow) const {
  const Endpoint& endpoint = reach_.endpoints()[flow.source];
  if (flow.source != flow.destination) return false;
  return endpoint.count < 2 || (endpoint.workload && !has_peers(reach_.snapshot(), *endpoint.workload));
}

Access ServiceRoutes::access(const kube::Service& service, const ServiceRoute& route, const Flow& flow,
                             const Profile& profile) const {
  Access access = Access::yes;
  if (!is_itself(flow)) {
    access = reach_.access(flow);
  } else if (profile.service_hairpin_is_policed) {
    access = explain_sides(reach_, flow).access;
  }
  if (!profile.ip_block_sees_pods_behind_services && access != Access::yes) {
    const Access ingress = reach_.explain_side(flow, Direction::ingress).access;
    if (ingress > access) access = std::max(access, std::min(ingress, to_its_address(service, route, flow)));
  }
  const bool are_equal = *route.service_port == flow.port;
  if (!profile.service_ports_may_differ && !are_equal && access != Access::no && is_policed(flow)) return Access::no;
  return access;
}

Access ServiceRoutes::access(const Need& need, EndpointId source, EndpointId destination, kube::Port port,
                             const Profile& profile) const {
  // What comes from outside is translated before it comes.
  const kube::Service* service = reach_.endpoints()[source].is_pods() ? service_of(need) : nullptr;
  Access best = Access::no;
  for (const IpFamily family : reach_.endpoints().families()) {
    const Flow flow{
        .source = source, .destination = destination, .protocol = need.protocol, .port = port, .family = family};
    best = std::max(best, service ? access(*service, *need.route, flow, profile) : reach_.access(flow));
  }
  return best;
}

Access ServiceRoutes::access(const Need& need, EndpointId source, EndpointId destination, kube::Port port) const {
  return access(need, source, destination, port, reach_.options().profile);
}

std::vector<ProfileTopic> ServiceRoutes::depends_on(const Need& need, EndpointId source, EndpointId destination,
                                                    kube::Port port) const {
  std::vector<ProfileTopic> topics;
  if (!is_translated(need) || !reach_.endpoints()[source].is_pods()) return topics;
  const Access as_is = access(need, source, destination, port);
  for (const ProfileTopic topic : kRouteTopics)
    if (access(need, source, destination, port, reach_.options().profile.flipped(topic)) != as_is)
      topics.push_back(topic);
  return topics;
}

}  // namespace gantry::netpol
