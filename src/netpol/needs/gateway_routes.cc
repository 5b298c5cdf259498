// Gateway API: the pods of each Gateway that a route is attached to call its backends (§13). A backend in another namespace
// needs a ReferenceGrant there; without one the gateway answers with an error and calls nobody.

#include "netpol/needs/known_parties.h"
#include "netpol/needs/sources.h"

#include <fmt/format.h>

#include <algorithm>

namespace gantry::netpol {

namespace {

bool is_granted(const kube::Snapshot& snapshot, const kube::Route& route, const kube::TargetRef& target) {
  if (target.name_space == route.object.id.name_space) return true;
  for (const kube::ReferenceGrant& grant : kube::in_namespace(snapshot->reference_grants, target.name_space)) {
    const bool from = std::ranges::any_of(grant.from, [&](const kube::ReferenceGrant::From& f) {
      return f.kind == route.object.id.kind && f.name_space == route.object.id.name_space;
    });
    const bool to = std::ranges::any_of(grant.to, [&](const kube::ReferenceGrant::To& t) {
      return t.kind == target.kind && (t.name.empty() || t.name == target.name);
    });
    if (from && to) return true;
  }
  return false;
}

// The gateways of a route, and the Services (of a mesh, whose clients nobody names) left out.
std::vector<NeedParty> parents_of(const NeedCollector& needs, const kube::Route& route) {
  std::vector<NeedParty> parties;
  for (const kube::RouteParent& parent : route.parents) {
    if (parent.gateway.kind != "Gateway") continue;
    const kube::Gateway* gateway =
        kube::find_named(needs.snapshot()->gateways, parent.gateway.name_space, parent.gateway.name);
    const std::vector<NeedParty> pods =
        gateway ? gateway_pods(needs, *gateway) : std::vector<NeedParty>{NeedSpecial::ingress_controller};
    for (const NeedParty& party : pods)
      if (std::ranges::find(parties, party) == parties.end()) parties.push_back(party);
  }
  return parties;
}

void add_backend(NeedCollector& needs, const kube::Route& route, const NeedParty& gateway,
                 const kube::RouteBackend& backend) {
  const kube::TargetRef& target = backend.target;
  if (target.kind != "Service") return;
  const NeedEvidence evidence{
      .origin = NeedOrigin::gateway_route,
      .confidence = Confidence::certain,
      .where = backend.where,
      .text = fmt::format("{} routes to {}/{}", to_string(route.object.id), target.name_space, target.name)};
  if (!is_granted(needs.snapshot(), route, target)) {
    needs.add_dangling({gateway, fmt::format("{}.{}", target.name, target.name_space), backend.port,
                        fmt::format("no ReferenceGrant in namespace {} lets {} of namespace {} refer to it",
                                    target.name_space, route.object.id.kind, route.object.id.name_space),
                        "", evidence});
    return;
  }
  std::optional<kube::PortRef> port;
  if (backend.port) port = *backend.port;
  needs.add_service(gateway, {target.name_space, target.name, backend.port}, port, evidence);
}

}  // namespace

void collect_gateway_routes(NeedCollector& needs) {
  for (const kube::Route& route : needs.snapshot()->routes) {
    for (const NeedParty& gateway : parents_of(needs, route)) {
      for (const kube::RouteRule& rule : route.rules) {
        for (const auto* backends : {&rule.backends, &rule.mirrors})
          for (const kube::RouteBackend& backend : *backends) add_backend(needs, route, gateway, backend);
      }
    }
  }
}

}  // namespace gantry::netpol
