// Ingress: the controller's pods call the backends' pods (§13).

#include "netpol/needs/known_parties.h"
#include "netpol/needs/sources.h"

#include <fmt/format.h>

namespace gantry::netpol {

namespace {

void add_backend(NeedCollector& needs, const kube::Ingress& ingress, const std::vector<NeedParty>& controllers,
                 const kube::IngressBackend& backend, std::string_view path) {
  if (backend.service.empty()) return;
  const kube::Port* number = backend.port ? std::get_if<kube::Port>(&*backend.port) : nullptr;
  for (const NeedParty& controller : controllers) {
    needs.add_service(
        controller,
        {ingress.object.id.name_space, backend.service, number ? std::optional<kube::Port>(*number) : std::nullopt},
        backend.port,
        {.origin = NeedOrigin::ingress_route,
         .confidence = Confidence::certain,
         .where = backend.where,
         .text = fmt::format("{} routes {} to {}", to_string(ingress.object.id), path, backend.service)});
  }
}

}  // namespace

void collect_ingresses(NeedCollector& needs) {
  for (const kube::Ingress& ingress : needs.snapshot()->ingresses) {
    const std::vector<NeedParty> controllers = ingress_controllers(needs, ingress);
    if (ingress.default_backend) add_backend(needs, ingress, controllers, *ingress.default_backend, "what is left");
    for (const kube::IngressRule& rule : ingress.rules)
      for (const kube::IngressPath& path : rule.paths)
        add_backend(needs, ingress, controllers, path.backend, rule.host + (path.path.empty() ? "/" : path.path));
  }
}

}  // namespace gantry::netpol
