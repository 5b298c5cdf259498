#pragma once

// How traffic from outside finds a Service: Ingress, and the Gateway API (gateway.networking.k8s.io, all served versions).

#include "base/source.h"
#include "kube/labels.h"
#include "kube/object.h"
#include "kube/port.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gantry::kube {

// ---- Ingress ----

struct IngressBackend {
  std::string service;          // "" when a resource stands behind it
  std::optional<PortRef> port;  // of the Service; a number, or its name
  std::string resource;         // "StorageBucket icons", when it is no Service
  base::SourcePos where;
};

struct IngressPath {
  std::string path;
  std::string path_type;  // "Prefix", "Exact", "ImplementationSpecific"
  IngressBackend backend;
};

struct IngressRule {
  std::string host;  // "": every host
  std::vector<IngressPath> paths;
  base::SourcePos where;
};

struct IngressTls {
  std::vector<std::string> hosts;
  std::string secret;
};

struct Ingress {
  Object object;
  std::string class_name;  // spec.ingressClassName, or the older annotation; "": the default class
  std::optional<IngressBackend> default_backend;
  std::vector<IngressRule> rules;
  std::vector<IngressTls> tls;
};

struct IngressClass {
  Object object;
  std::string controller;
  bool is_default = false;
};

// ---- Gateway API ----

struct GatewayClass {
  Object object;
  std::string controller;
};

enum class AllowedFrom : std::uint8_t { same, all, selector, none };

struct Listener {
  std::string name;
  std::string hostname;
  Port port;
  std::string protocol;  // "HTTP", "HTTPS", "TLS", "TCP", "UDP"
  std::vector<std::string> certificate_secrets;
  AllowedFrom allowed_from = AllowedFrom::same;
  LabelSelector allowed_namespaces;  // of AllowedFrom::selector
  base::SourcePos where;
};

struct Gateway {
  Object object;
  std::string class_name;
  std::vector<Listener> listeners;
  std::vector<std::string> addresses;
};

// An object of any kind, with the namespace filled in.
struct TargetRef {
  std::string group;
  std::string kind;
  std::string name_space;
  std::string name;
  friend bool operator==(const TargetRef&, const TargetRef&) = default;
};

struct RouteParent {
  TargetRef gateway;         // a Gateway, or a Service for a mesh
  std::string section_name;  // the listener's name; "": all
  std::optional<Port> port;
  base::SourcePos where;
};

struct RouteBackend {
  TargetRef target;  // a Service unless it says otherwise; another namespace needs a ReferenceGrant
  std::optional<Port> port;
  std::int64_t weight = 1;
  base::SourcePos where;
};

struct RouteRule {
  std::vector<RouteBackend> backends;
  std::vector<RouteBackend> mirrors;  // of RequestMirror filters
  std::vector<std::string> paths;     // of HTTP matches, or "service/method" of gRPC ones, for people
  base::SourcePos where;
};

enum class RouteKind : std::uint8_t { http, grpc, tls, tcp, udp };

struct Route {
  Object object;
  RouteKind kind = RouteKind::http;
  std::vector<RouteParent> parents;
  std::vector<std::string> hostnames;
  std::vector<RouteRule> rules;
};

// Who may refer across namespaces to what is in this object's own.
struct ReferenceGrant {
  struct From {
    std::string group;
    std::string kind;
    std::string name_space;
  };
  struct To {
    std::string group;
    std::string kind;
    std::string name;  // "": all of that kind
  };
  Object object;
  std::vector<From> from;
  std::vector<To> to;
};

}  // namespace gantry::kube
