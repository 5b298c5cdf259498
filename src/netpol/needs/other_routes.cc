// Routes of other makers, which have no type of their own: Kong's TCPIngress, UDPIngress and plugins, OpenShift's Route.

#include "netpol/needs/documents.h"
#include "netpol/needs/known_parties.h"
#include "netpol/needs/sources.h"

#include <fmt/format.h>

#include <array>

namespace gantry::netpol {

namespace {

using base::Node;
using kube::Object;

std::optional<kube::PortRef> port_of(const Node* node) {
  constexpr std::int64_t kPortMax = 65535;
  if (node && node->is_integer() && node->integer() > 0 && node->integer() <= kPortMax)
    return kube::Port{static_cast<std::uint16_t>(node->integer())};
  if (node && node->is_string() && !node->string().empty()) return node->string();
  return std::nullopt;
}

NeedEvidence evidence_of(const Object& object, const Node& node, NeedOrigin origin, std::string_view service) {
  return {.origin = origin,
          .confidence = Confidence::certain,
          .where = node.pos(),
          .text = fmt::format("{} routes to {}", to_string(object.id), service)};
}

void add_kong_routes(NeedCollector& needs, const Object& object) {
  const Node* rules = object.document->find("spec", "rules");
  if (rules == nullptr || !rules->is_array()) return;
  for (const Node& rule : rules->array()) {
    const std::string service(rule.text("backend", "serviceName"));
    if (service.empty()) continue;
    for (const NeedParty& proxy : kong_proxies(needs)) {
      needs.add_service(proxy, {object.id.name_space, service, {}}, port_of(rule.find("backend", "servicePort")),
                        evidence_of(object, rule, NeedOrigin::kong, service));
    }
  }
}

// Plugins call out: authentication, log targets, rate-limit stores.
void add_kong_plugin(NeedCollector& needs, const Object& object) {
  const Node* config = object.document->get("config");
  if (config == nullptr) return;
  for (const NeedParty& proxy : kong_proxies(needs)) {
    const ConfigFile file{.source = proxy,
                          .name_space = object.id.name_space,
                          .name = to_string(object.id),
                          .text = {},
                          .where = {},
                          .placed = true};
    read_members(needs, file, *config, NeedOrigin::kong, {}, true);
  }
}

void add_openshift_route(NeedCollector& needs, const Object& object) {
  const Node* to = object.document->find("spec", "to");
  const std::string service(object.document->text("spec", "to", "name"));
  if (to == nullptr || service.empty()) return;
  // The port is one of the pods', by number or by the Service port's name.
  std::optional<kube::PortRef> port = port_of(object.document->find("spec", "port", "targetPort"));
  if (const kube::Service* found = needs.directory().find_service(object.id.name_space, service); found && port) {
    for (const kube::ServicePort& candidate : found->ports)
      if (candidate.target == *port) port = candidate.port;
  }
  for (const NeedParty& router : openshift_routers(needs)) {
    needs.add_service(router, {object.id.name_space, service, {}}, port,
                      evidence_of(object, *to, NeedOrigin::ingress_route, service));
  }
}

struct Reader {
  std::string_view group;
  std::string_view kind;
  void (*add)(NeedCollector& needs, const Object& object);
};
constexpr std::array kReaders = {
    Reader{"configuration.konghq.com", "KongClusterPlugin", add_kong_plugin},
    Reader{"configuration.konghq.com", "KongPlugin", add_kong_plugin},
    Reader{"configuration.konghq.com", "TCPIngress", add_kong_routes},
    Reader{"configuration.konghq.com", "UDPIngress", add_kong_routes},
    Reader{"route.openshift.io", "Route", add_openshift_route},
};

}  // namespace

void collect_other_routes(NeedCollector& needs) {
  for (const Object& object : needs.snapshot()->others) {
    for (const Reader& reader : kReaders)
      if (object.document && object.id.group == reader.group && object.id.kind == reader.kind)
        reader.add(needs, object);
  }
}

}  // namespace gantry::netpol
