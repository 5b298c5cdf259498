#include "launch/checks/references/references.h"
#include "launch/checks/system/rules.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace gantry::launch {

using base::Finding;
using base::SourcePos;
using kube::PortRef;
using kube::Service;

namespace {

// A Service that requests are handed to.
struct Backend {
  const std::string& from;  // "Ingress shop/web"
  const std::string& name_space;
  const std::string& service;
  std::optional<PortRef> port;
  const SourcePos& where;
};

void judge_backend(const World& world, const Backend& backend, std::vector<Finding>& findings) {
  const Service* service = kube::find_named(world.snapshot()->services, backend.name_space, backend.service);
  if (!service) {
    std::vector<std::string_view> known;
    for (const Service& each : kube::in_namespace(world.snapshot()->services, backend.name_space))
      known.push_back(each.name());
    findings.push_back(make_finding(
        "ref.backend-missing", backend.from, backend.where,
        fmt::format("{} leads to Service {}/{}, which is not there", backend.from, backend.name_space, backend.service),
        nearest_fix(backend.service, known, "add the Service")));
    return;
  }
  if (!backend.port || service->find_port(*backend.port)) return;
  std::vector<std::string> known;
  for (const kube::ServicePort& port : service->ports)
    known.push_back(port.name.empty() ? std::to_string(port.port.value())
                                      : fmt::format("{} ({})", port.port.value(), port.name));
  findings.push_back(
      make_finding("ref.backend-port-missing", backend.from, backend.where,
                   fmt::format("{} leads to port {} of Service {}/{}, which has no such port", backend.from,
                               to_string(*backend.port), backend.name_space, backend.service),
                   fmt::format("its ports are {}", fmt::join(known, ", "))));
}

void judge_tls_secret(const World& world, const std::string& from, const std::string& name_space,
                      const std::string& secret, const SourcePos& where, std::vector<Finding>& findings) {
  if (secret.empty() || world.find_secret(name_space, secret)) return;
  findings.push_back(
      make_finding("ref.secret-missing", from, where,
                   fmt::format("{} needs Secret {} in {} for TLS, which nothing declares", from, secret, name_space),
                   nearest_fix(secret, world.secret_names(name_space), "add the Secret, or what makes it")));
  findings.back().explanation = "TLS is refused, or answered with a certificate that nobody trusts.";
}

void judge_ingress(const World& world, const kube::Ingress& ingress, std::vector<Finding>& findings) {
  const std::string from = to_string(ingress.object.id);
  const std::string& name_space = ingress.object.id.name_space;
  const auto judge = [&](const kube::IngressBackend& backend) {
    if (!backend.service.empty())
      judge_backend(world, {from, name_space, backend.service, backend.port, backend.where}, findings);
  };
  if (ingress.default_backend) judge(*ingress.default_backend);
  for (const kube::IngressRule& rule : ingress.rules)
    for (const kube::IngressPath& path : rule.paths) judge(path.backend);
  for (const kube::IngressTls& tls : ingress.tls)
    judge_tls_secret(world, from, name_space, tls.secret, position_of(ingress.object, "spec", "tls"), findings);
}

void judge_route(const World& world, const kube::Route& route, std::vector<Finding>& findings) {
  const std::string from = to_string(route.object.id);
  const auto judge = [&](const kube::RouteBackend& backend) {
    if (backend.target.kind != "Service" || !backend.target.group.empty()) return;
    const std::optional<PortRef> port = backend.port ? std::optional<PortRef>(*backend.port) : std::nullopt;
    judge_backend(world, {from, backend.target.name_space, backend.target.name, port, backend.where}, findings);
  };
  for (const kube::RouteRule& rule : route.rules) {
    for (const kube::RouteBackend& backend : rule.backends) judge(backend);
    for (const kube::RouteBackend& mirror : rule.mirrors) judge(mirror);
  }
}

}  // namespace

void judge_routes(const World& world, const kube::Snapshot& judged, std::vector<Finding>& findings) {
  for (const kube::Ingress& ingress : judged->ingresses) judge_ingress(world, ingress, findings);
  for (const kube::Route& route : judged->routes) judge_route(world, route, findings);
  for (const kube::Gateway& gateway : judged->gateways)
    for (const kube::Listener& listener : gateway.listeners)
      for (const std::string& secret : listener.certificate_secrets)
        judge_tls_secret(world, to_string(gateway.object.id), gateway.object.id.name_space, secret, listener.where,
                         findings);
}

}  // namespace gantry::launch
