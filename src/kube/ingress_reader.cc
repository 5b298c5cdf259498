// Ingress and IngressClass: Kubernetes API reference, networking.k8s.io/v1.

#include "kube/readers.h"

#include <fmt/format.h>

namespace gantry::kube {

namespace {

constexpr std::string_view kSpecFields[] = {"defaultBackend", "ingressClassName", "rules", "tls"};
constexpr std::string_view kBackendFields[] = {"resource", "service"};
constexpr std::string_view kPathFields[] = {"backend", "path", "pathType"};
constexpr std::string_view kRuleFields[] = {"host", "http"};

constexpr std::string_view kClassAnnotation = "kubernetes.io/ingress.class";
constexpr std::string_view kDefaultAnnotation = "ingressclass.kubernetes.io/is-default-class";

IngressBackend parse_backend(const Fields& fields) {
  fields.only(kBackendFields);
  const Fields service = fields.map("service");
  const Fields port = service.map("port");
  const Fields resource = fields.map("resource");
  IngressBackend backend;
  backend.where = fields.pos();
  backend.service = service.text("name");
  if (const std::optional<Port> number = port.port("number")) backend.port = *number;
  // The port's name on the Service, not a container's: a DNS label, which may be longer.
  if (std::string name = port.text("name"); !name.empty()) backend.port = std::move(name);
  if (resource.present()) backend.resource = fmt::format("{} {}", resource.text("kind"), resource.text("name"));
  if (service.present() == resource.present()) fields.reject({}, "must name either a service or a resource");
  if (service.present() && !backend.port) service.reject("port", "must give a name or a number");
  return backend;
}

IngressRule parse_rule(const Fields& fields) {
  fields.only(kRuleFields);
  const Fields http = fields.map("http");
  IngressRule rule;
  rule.host = fields.text("host");
  rule.where = fields.pos();
  http.each("paths", [&](const Fields& path) {
    path.only(kPathFields);
    path.require("pathType");
    path.require("backend");
    const Fields backend = path.map("backend");
    rule.paths.push_back({.path = path.text("path"), .path_type = path.text("pathType"), .backend = {}});
    if (backend.present()) rule.paths.back().backend = parse_backend(backend);
  });
  return rule;
}

}  // namespace

Ingress parse_ingress(const Object& object, Problems& problems) {
  const Fields root(*object.document, problems);
  const Fields spec = root.map("spec");
  const Fields backend = spec.map("defaultBackend");
  Ingress ingress;
  ingress.object = object;
  const std::string* annotated = object.annotations.find(kClassAnnotation);
  ingress.class_name = spec.text("ingressClassName", annotated == nullptr ? "" : *annotated);
  // An older version has other fields, which nobody serves any more: its rules can't be judged.
  if (object.version != "v1") return ingress;
  spec.only(kSpecFields);
  if (backend.present()) ingress.default_backend = parse_backend(backend);
  spec.each("rules", [&](const Fields& rule) { ingress.rules.push_back(parse_rule(rule)); });
  spec.each("tls", [&](const Fields& tls) {
    ingress.tls.push_back({.hosts = tls.texts("hosts"), .secret = tls.text("secretName")});
  });
  if (!ingress.default_backend && ingress.rules.empty()) spec.reject({}, "needs a defaultBackend or rules");
  return ingress;
}

IngressClass parse_ingress_class(const Object& object, Problems& problems) {
  const Fields root(*object.document, problems);
  const Fields spec = root.map("spec");
  IngressClass ingress_class;
  ingress_class.object = object;
  ingress_class.controller = spec.text("controller");
  const std::string* is_default = object.annotations.find(kDefaultAnnotation);
  ingress_class.is_default = is_default != nullptr && *is_default == "true";
  return ingress_class;
}

}  // namespace gantry::kube
