#include "netpol/judgement/parties.h"

namespace gantry::netpol {

Parties::Parties(const Reachability& reach)
    : endpoints_(reach.endpoints()), by_workload_(reach.snapshot()->workloads.size()) {
  for (std::size_t i = 0; i < endpoints_.pod_class_count(); ++i) {
    const EndpointId id{static_cast<std::uint32_t>(i)};
    if (const std::optional<std::size_t> workload = endpoints_[id].workload) by_workload_[*workload].push_back(id);
  }
}

std::vector<EndpointId> Parties::endpoints_of(const NeedParty& party) const {
  if (const auto* workload = std::get_if<NeedWorkload>(&party)) return by_workload_[workload->workload];
  if (const auto* outside = std::get_if<NeedOutside>(&party)) return of(*outside);
  return of(std::get<NeedSpecial>(party));
}

std::vector<EndpointId> Parties::possible(const NeedParty& party) const {
  std::vector<EndpointId> found = endpoints_of(party);
  const NeedSpecial* special = std::get_if<NeedSpecial>(&party);
  const bool comes_from_a_node = special && (*special == NeedSpecial::nodes || *special == NeedSpecial::api_server);
  if (!found.empty() || !comes_from_a_node) return found;
  for (std::size_t i = endpoints_.pod_class_count(); i < endpoints_.size(); ++i)
    found.emplace_back(static_cast<std::uint32_t>(i));
  return found;
}

std::vector<EndpointId> Parties::of(const NeedOutside& outside) const {
  if (const auto address = kube::IpAddress::parse(outside.host)) {
    const std::optional<EndpointId> region = endpoints_.region_of(*address);
    return region ? std::vector<EndpointId>{*region} : std::vector<EndpointId>();
  }
  const base::Result<kube::Cidr> range = kube::Cidr::parse(outside.host);
  return range ? endpoints_.regions_of(*range) : std::vector<EndpointId>();
}

std::vector<EndpointId> Parties::of(NeedSpecial special) const {
  switch (special) {
    case NeedSpecial::internet: return regions_in(Endpoint::Zone::outside);
    case NeedSpecial::nodes:
    case NeedSpecial::api_server: return regions_in(Endpoint::Zone::nodes);
    // Pods that are not in the input.
    case NeedSpecial::cluster_dns:
    case NeedSpecial::ingress_controller:
    case NeedSpecial::prometheus: return {};
  }
  return {};
}

std::vector<EndpointId> Parties::regions_in(Endpoint::Zone zone) const {
  std::vector<EndpointId> found;
  for (std::size_t i = endpoints_.pod_class_count(); i < endpoints_.size(); ++i) {
    const EndpointId id{static_cast<std::uint32_t>(i)};
    if (endpoints_[id].zone == zone) found.push_back(id);
  }
  return found;
}

std::vector<EndpointId> endpoints_of(const NeedParty& party, const Reachability& reach) {
  return Parties(reach).endpoints_of(party);
}

}  // namespace gantry::netpol
