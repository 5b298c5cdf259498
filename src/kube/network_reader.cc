// Namespaces, Services and their endpoints: Kubernetes API reference, core/v1 and discovery.k8s.io/v1.

#include "kube/names.h"
#include "kube/readers.h"
#include "kube/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

namespace gantry::kube {

namespace {

constexpr std::string_view kServiceFields[] = {
    "allocateLoadBalancerNodePorts",
    "clusterIP",
    "clusterIPs",
    "externalIPs",
    "externalName",
    "externalTrafficPolicy",
    "healthCheckNodePort",
    "internalTrafficPolicy",
    "ipFamilies",
    "ipFamilyPolicy",
    "loadBalancerClass",
    "loadBalancerIP",
    "loadBalancerSourceRanges",
    "ports",
    "publishNotReadyAddresses",
    "selector",
    "sessionAffinity",
    "sessionAffinityConfig",
    "trafficDistribution",
    "type",
};
constexpr std::string_view kServicePortFields[] = {"appProtocol", "name", "nodePort", "port", "protocol", "targetPort"};
static_assert(std::ranges::is_sorted(kServiceFields) && std::ranges::is_sorted(kServicePortFields));

constexpr std::array<Choice<ServiceType>, 4> kServiceTypes = {{
    {"ClusterIP", ServiceType::cluster_ip},
    {"NodePort", ServiceType::node_port},
    {"LoadBalancer", ServiceType::load_balancer},
    {"ExternalName", ServiceType::external_name},
}};
constexpr Choice<TrafficPolicy> kTrafficPolicies[] = {{"Cluster", TrafficPolicy::cluster},
                                                      {"Local", TrafficPolicy::local}};

ServicePort parse_service_port(const Fields& fields) {
  fields.only(kServicePortFields);
  fields.require("port");
  ServicePort port;
  port.where = fields.pos();
  port.name = fields.text("name");
  if (!port.name.empty()) {
    if (const auto why = invalid_dns_label(port.name))
      fields.reject("name", fmt::format("{} {}", quoted(port.name), *why));
  }
  port.protocol = fields.protocol("protocol");
  port.port = fields.port("port").value_or(Port{});
  // 0 and "" are Go's zero values: not written.
  const base::Node* target = fields.find("targetPort");
  const bool zero = target != nullptr && ((target->is_integer() && target->integer() == 0) ||
                                          (target->is_string() && target->string().empty()));
  const std::optional<PortRef> ref = zero ? std::nullopt : fields.port_ref("targetPort");
  port.target = ref.value_or(PortRef(port.port));
  port.target_written = ref.has_value();
  if (fields.integer("nodePort", {0, 65535}).value_or(0) != 0) port.node_port = fields.port("nodePort");
  port.app_protocol = fields.text("appProtocol");
  return port;
}

// core/v1: with several ports each needs a name of its own; a number and protocol may appear once.
void check_service_ports(const Fields& spec, const std::vector<ServicePort>& ports) {
  std::set<std::string_view> names;
  std::set<std::pair<Port, Protocol>> numbers;
  for (std::size_t i = 0; i < ports.size(); ++i) {
    const ServicePort& port = ports[i];
    const auto refuse = [&](const std::string& why) { spec.problems().reject(port.where, spec.path("ports") + why); };
    if (ports.size() > 1 && port.name.empty()) refuse(fmt::format("[{}] needs a name, since there are several", i));
    if (!port.name.empty() && !names.insert(port.name).second) {
      refuse(fmt::format(" has the name {} twice", quoted(port.name)));
    } else if (port.port != Port{} && !numbers.emplace(port.port, port.protocol).second) {
      refuse(fmt::format(" has {} {} twice", to_string(port.protocol), port.port.value()));
    }
  }
}

void parse_service_addresses(const Fields& spec, Service& service) {
  const std::string cluster_ip = spec.text("clusterIP");
  service.headless = cluster_ip == "None";
  service.cluster_ips = spec.addresses("clusterIPs");
  const std::optional<IpAddress> address = IpAddress::parse(cluster_ip);
  if (address && service.cluster_ips.empty()) service.cluster_ips.push_back(*address);
  if (!cluster_ip.empty() && !service.headless && !address) spec.reject("clusterIP", "must be None or an IP address");
  service.external_ips = spec.addresses("externalIPs");
  for (const std::string& family : spec.texts("ipFamilies")) {
    if (family == "IPv4") service.ip_families.push_back(IpFamily::v4);
    if (family == "IPv6") service.ip_families.push_back(IpFamily::v6);
  }
}

bool has_cluster_ip(ServiceType type) { return type != ServiceType::external_name; }

// EndpointSlice conditions: nil means ready.
Endpoint parse_slice_endpoint(const Fields& fields) {
  const Fields conditions = fields.map("conditions");
  const Fields target = fields.map("targetRef");
  Endpoint endpoint;
  endpoint.addresses = fields.addresses("addresses");
  endpoint.hostname = fields.text("hostname");
  endpoint.node = fields.text("nodeName");
  if (target.text("kind") == "Pod") endpoint.pod = target.text("name");
  endpoint.ready = conditions.flag("ready", true);
  endpoint.terminating = conditions.flag("terminating");
  return endpoint;
}

Endpoint parse_address_endpoint(const Fields& fields, bool ready) {
  const Fields target = fields.map("targetRef");
  Endpoint endpoint;
  if (const auto address = IpAddress::parse(fields.text("ip"))) endpoint.addresses.push_back(*address);
  endpoint.hostname = fields.text("hostname");
  endpoint.node = fields.text("nodeName");
  if (target.text("kind") == "Pod") endpoint.pod = target.text("name");
  endpoint.ready = ready;
  return endpoint;
}

std::vector<EndpointPort> parse_endpoint_ports(const Fields& holder) {
  std::vector<EndpointPort> ports;
  holder.each("ports", [&](const Fields& port) {
    ports.push_back({.name = port.text("name"), .protocol = port.protocol("protocol"), .port = port.port("port")});
  });
  return ports;
}

}  // namespace

std::string_view to_string(ServiceType type) {
  return std::ranges::find(kServiceTypes, type, &Choice<ServiceType>::value)->word;
}

std::string_view to_string(Direction direction) { return direction == Direction::ingress ? "ingress" : "egress"; }

const ServicePort* Service::find_port(const PortRef& wanted) const {
  const auto it = std::ranges::find_if(ports, [&](const ServicePort& candidate) {
    if (const Port* number = std::get_if<Port>(&wanted)) return candidate.port == *number;
    return candidate.name == std::get<std::string>(wanted);
  });
  return it == ports.end() ? nullptr : &*it;
}

Namespace parse_namespace(const Object& object, Problems& problems) {
  const Fields root(*object.document, problems);
  const Fields metadata = root.map("metadata");
  const Fields status = root.map("status");
  Namespace name_space;
  name_space.object = object;
  name_space.defined = true;
  name_space.labels.known = object.labels;
  name_space.terminating = metadata.has("deletionTimestamp") || status.text("phase") == "Terminating";
  return name_space;
}

Service parse_service(const Object& object, Problems& problems) {
  const Fields root(*object.document, problems);
  const Fields spec = root.map("spec");
  const Fields status = root.map("status");
  const Fields balancer = status.map("loadBalancer");
  spec.only(kServiceFields);
  Service service;
  service.object = object;
  service.type = spec.choice<ServiceType>("type", kServiceTypes).value_or(ServiceType::cluster_ip);
  service.selector = spec.selector_map("selector");
  // An empty map is the same as none: nobody selects pods for it.
  if (service.selector && service.selector->selects_everything()) service.selector.reset();
  spec.each("ports", [&](const Fields& port) { service.ports.push_back(parse_service_port(port)); });
  parse_service_addresses(spec, service);
  service.external_name = spec.text("externalName");
  service.external_traffic =
      spec.choice<TrafficPolicy>("externalTrafficPolicy", kTrafficPolicies).value_or(TrafficPolicy::cluster);
  service.internal_traffic =
      spec.choice<TrafficPolicy>("internalTrafficPolicy", kTrafficPolicies).value_or(TrafficPolicy::cluster);
  service.source_ranges = spec.cidrs("loadBalancerSourceRanges");
  service.publishes_not_ready = spec.flag("publishNotReadyAddresses");
  balancer.each("ingress", [&](const Fields& ingress) {
    if (const auto address = IpAddress::parse(ingress.text("ip"))) service.load_balancer_ips.push_back(*address);
  });
  check_service_ports(spec, service.ports);
  if (service.ports.empty() && has_cluster_ip(service.type) && !service.headless)
    spec.reject("ports", "must hold at least one port");
  if (service.type == ServiceType::external_name && service.external_name.empty()) spec.require("externalName");
  return service;
}

std::vector<Endpoints> parse_endpoints(const Object& object, Problems& problems) {
  const Fields root(*object.document, problems);
  std::vector<Endpoints> all;
  root.each("subsets", [&](const Fields& subset) {
    Endpoints& endpoints = all.emplace_back();
    endpoints.object = object;
    endpoints.service = object.id.name;
    endpoints.ports = parse_endpoint_ports(subset);
    subset.each("addresses", [&](const Fields& a) { endpoints.endpoints.push_back(parse_address_endpoint(a, true)); });
    subset.each("notReadyAddresses",
                [&](const Fields& a) { endpoints.endpoints.push_back(parse_address_endpoint(a, false)); });
  });
  return all;
}

Endpoints parse_endpoint_slice(const Object& object, Problems& problems) {
  const Fields root(*object.document, problems);
  Endpoints endpoints;
  endpoints.object = object;
  const std::string* service = object.labels.find("kubernetes.io/service-name");
  if (service != nullptr) endpoints.service = *service;
  root.each("endpoints",
            [&](const Fields& endpoint) { endpoints.endpoints.push_back(parse_slice_endpoint(endpoint)); });
  endpoints.ports = parse_endpoint_ports(root);
  return endpoints;
}

}  // namespace gantry::kube
