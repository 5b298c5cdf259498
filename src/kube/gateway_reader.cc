// Gateway API objects: gateway.networking.k8s.io v1, v1beta1, v1alpha2 and v1alpha3, whose fields agree where they overlap.

#include "kube/readers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace gantry::kube {

namespace {

constexpr std::string_view kGatewayGroup = "gateway.networking.k8s.io";

constexpr std::array<Choice<AllowedFrom>, 4> kAllowedFrom = {{
    {"Same", AllowedFrom::same},
    {"All", AllowedFrom::all},
    {"Selector", AllowedFrom::selector},
    {"None", AllowedFrom::none},
}};

constexpr std::array<Choice<RouteKind>, 5> kRouteKinds = {{
    {"HTTPRoute", RouteKind::http},
    {"GRPCRoute", RouteKind::grpc},
    {"TLSRoute", RouteKind::tls},
    {"TCPRoute", RouteKind::tcp},
    {"UDPRoute", RouteKind::udp},
}};

// What a reference means when it leaves out group or kind.
struct RefDefaults {
  std::string_view group;
  std::string_view kind;
};
constexpr RefDefaults kParentDefaults{kGatewayGroup, "Gateway"};
constexpr RefDefaults kBackendDefaults{"", "Service"};

TargetRef parse_ref(const Fields& fields, const RefDefaults& defaults) {
  fields.require("name");
  // `group: ""` is core, and not the same as no group.
  return {.group = fields.optional_text("group").value_or(std::string(defaults.group)),
          .kind = fields.text("kind", defaults.kind),
          .name_space = fields.text("namespace", fields.problems().object().id.name_space),
          .name = fields.text("name")};
}

Listener parse_listener(const Fields& fields) {
  const Fields tls = fields.map("tls");
  const Fields allowed = fields.map("allowedRoutes");
  const Fields namespaces = allowed.map("namespaces");
  fields.require("name");
  fields.require("port");
  fields.require("protocol");
  Listener listener;
  listener.where = fields.pos();
  listener.name = fields.text("name");
  listener.hostname = fields.text("hostname");
  listener.port = fields.port("port").value_or(Port{});
  listener.protocol = fields.text("protocol");
  tls.each("certificateRefs", [&](const Fields& ref) { listener.certificate_secrets.push_back(ref.text("name")); });
  listener.allowed_from = namespaces.choice<AllowedFrom>("from", kAllowedFrom).value_or(AllowedFrom::same);
  listener.allowed_namespaces = namespaces.selector("selector").value_or(LabelSelector());
  return listener;
}

RouteBackend parse_backend(const Fields& fields) {
  return {.target = parse_ref(fields, kBackendDefaults),
          .port = fields.port("port"),
          .weight = fields.integer_or("weight", 1, kNotNegative),
          .where = fields.pos()};
}

// "/v1/agentese" of an HTTP match, "pkg.Service/Method" of a gRPC one.
std::string parse_match(const Fields& match) {
  const Fields path = match.map("path");
  const Fields method = match.map("method");
  if (path.present()) return path.text("value", "/");
  return method.present() ? fmt::format("{}/{}", method.text("service"), method.text("method")) : std::string();
}

RouteRule parse_rule(const Fields& fields, RouteKind kind) {
  RouteRule rule;
  rule.where = fields.pos();
  fields.each("backendRefs", [&](const Fields& backend) { rule.backends.push_back(parse_backend(backend)); });
  fields.each("filters", [&](const Fields& filter) {
    const Fields mirror = filter.map("requestMirror");
    const Fields backend = mirror.map("backendRef");
    if (backend.present()) rule.mirrors.push_back(parse_backend(backend));
  });
  const bool has_paths = kind == RouteKind::http || kind == RouteKind::grpc;
  if (!has_paths) return rule;
  fields.each("matches", [&](const Fields& match) {
    if (std::string path = parse_match(match); !path.empty()) rule.paths.push_back(std::move(path));
  });
  return rule;
}

}  // namespace

GatewayClass parse_gateway_class(const Object& object, Problems& problems) {
  const Fields root(*object.document, problems);
  const Fields spec = root.map("spec");
  spec.require("controllerName");
  return {.object = object, .controller = spec.text("controllerName")};
}

Gateway parse_gateway(const Object& object, Problems& problems) {
  const Fields root(*object.document, problems);
  const Fields spec = root.map("spec");
  Gateway gateway;
  gateway.object = object;
  spec.require("gatewayClassName");
  gateway.class_name = spec.text("gatewayClassName");
  spec.each("listeners", [&](const Fields& listener) { gateway.listeners.push_back(parse_listener(listener)); });
  spec.each("addresses", [&](const Fields& address) { gateway.addresses.push_back(address.text("value")); });
  return gateway;
}

Route parse_route(const Object& object, Problems& problems) {
  const Fields root(*object.document, problems);
  const Fields spec = root.map("spec");
  const auto kind = std::ranges::find(kRouteKinds, object.id.kind, &Choice<RouteKind>::word);
  Route route;
  route.object = object;
  route.kind = kind == kRouteKinds.end() ? RouteKind::http : kind->value;
  spec.each("parentRefs", [&](const Fields& parent) {
    route.parents.push_back({.gateway = parse_ref(parent, kParentDefaults),
                             .section_name = parent.text("sectionName"),
                             .port = parent.port("port"),
                             .where = parent.pos()});
  });
  route.hostnames = spec.texts("hostnames");
  spec.each("rules", [&](const Fields& rule) { route.rules.push_back(parse_rule(rule, route.kind)); });
  return route;
}

ReferenceGrant parse_reference_grant(const Object& object, Problems& problems) {
  const Fields root(*object.document, problems);
  const Fields spec = root.map("spec");
  ReferenceGrant grant;
  grant.object = object;
  spec.each("from", [&](const Fields& from) {
    grant.from.push_back(
        {.group = from.text("group"), .kind = from.text("kind"), .name_space = from.text("namespace")});
  });
  spec.each("to", [&](const Fields& to) {
    grant.to.push_back({.group = to.text("group"), .kind = to.text("kind"), .name = to.text("name")});
  });
  return grant;
}

}  // namespace gantry::kube
