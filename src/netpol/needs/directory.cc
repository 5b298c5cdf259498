#include "netpol/needs/directory.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <span>

namespace gantry::netpol {

namespace {

using kube::Port;
using kube::PortRef;
using kube::Service;
using kube::ServicePort;

// ExternalName may point at another ExternalName; a chain that is longer leads round in a circle.
constexpr int kAliasesMax = 4;

// Each member of a StatefulSet has a name and a number of its own.
kube::LabelKnowledge common_labels(const kube::Workload& workload, std::size_t index) {
  kube::LabelKnowledge labels = kube::derive_pod(workload, index, 0).labels;
  if (workload.kind != kube::WorkloadKind::stateful_set) return labels;
  for (const char* key : {"apps.kubernetes.io/pod-index", "statefulset.kubernetes.io/pod-name"}) {
    if (labels.known.erase(key)) labels.present.emplace_back(key);
  }
  std::ranges::sort(labels.present);
  return labels;
}

std::string ports_text(const Service& service) {
  std::vector<std::string> ports;
  for (const ServicePort& port : service.ports) {
    ports.push_back(port.name.empty() ? std::to_string(port.port.value())
                                      : fmt::format("{} ({})", port.port.value(), port.name));
  }
  return ports.empty() ? "none" : fmt::format("{}", fmt::join(ports, ", "));
}

const ServicePort* find_number(const Service& service, Port number, kube::Protocol protocol) {
  const auto is_it = [&](const ServicePort& port) { return port.port == number && port.protocol == protocol; };
  const auto exact = std::ranges::find_if(service.ports, is_it);
  if (exact != service.ports.end()) return &*exact;
  const auto any = std::ranges::find(service.ports, number, &ServicePort::port);
  return any == service.ports.end() ? nullptr : &*any;
}

void append(Resolution& to, Resolution from) {
  std::ranges::move(from.listeners, std::back_inserter(to.listeners));
  if (to.problem.empty()) to.problem = std::move(from.problem);
}

// Policies see the API servers' own address and port behind their Service.
Resolution api_server() {
  Resolution found;
  found.listeners.push_back({NeedSpecial::api_server, kube::Protocol::tcp, {Port{443}, Port{6443}}});
  return found;
}

std::string_view without_suffix(std::string_view text, std::string_view suffix) {
  return text.ends_with(suffix) ? text.substr(0, text.size() - suffix.size()) : text;
}

}  // namespace

Directory::Directory(const kube::Snapshot& snapshot, std::string cluster_domain)
    : snapshot_(snapshot), cluster_domain_(std::move(cluster_domain)) {
  for (std::size_t i = 0; i < snapshot->workloads.size(); ++i)
    labels_.push_back(common_labels(snapshot->workloads[i], i));
  for (const kube::ClusterNode& node : snapshot->nodes) {
    for (const kube::IpAddress& address : node.addresses) parties_by_address_.emplace(address, NeedSpecial::nodes);
  }
  for (const kube::Pod& pod : snapshot->pods) {
    if (!pod.workload || pod.terminal() || pod.spec->host_network) continue;
    for (const kube::IpAddress& address : pod.ips) parties_by_address_[address] = NeedWorkload{*pod.workload};
  }
  for (const Service& service : snapshot->services) {
    for (const auto* addresses : {&service.cluster_ips, &service.external_ips, &service.load_balancer_ips})
      for (const kube::IpAddress& address : *addresses) services_by_address_.emplace(address, &service);
    selected_.push_back(service.selector ? workloads_matching(service.name_space(), *service.selector)
                                         : std::vector<std::size_t>());
  }
}

const Service* Directory::find_service(std::string_view name_space, std::string_view name) const {
  return kube::find_named(snapshot_->services, name_space, name);
}

bool Directory::is_namespace(std::string_view name) const { return snapshot_.find_namespace(name) != nullptr; }

const std::vector<std::size_t>& Directory::workloads_behind(const Service& service) const {
  return selected_[static_cast<std::size_t>(&service - snapshot_->services.data())];
}

std::vector<std::size_t> Directory::workloads_matching(std::string_view name_space,
                                                       const kube::LabelSelector& selector) const {
  std::vector<std::size_t> found;
  for (const kube::Workload& workload : kube::in_namespace(snapshot_->workloads, name_space)) {
    const auto index = static_cast<std::size_t>(&workload - snapshot_->workloads.data());
    if (snapshot_.controller_of(workload) != nullptr) continue;
    if (kube::match(selector, labels_[index]) != kube::Match::no) found.push_back(index);
  }
  return found;
}

std::vector<Port> Directory::ports_of(std::size_t workload, const PortRef& port, kube::Protocol protocol) const {
  if (const Port* number = std::get_if<Port>(&port)) return {*number};
  return kube::find_named_ports(*snapshot_->workloads[workload].pod_template.spec, std::get<std::string>(port),
                                protocol);
}

// ---- Names ----

std::optional<Directory::ServiceName> Directory::service_named(std::string_view name_space,
                                                               std::string_view host) const {
  const std::string_view in_domain = without_suffix(host, "." + cluster_domain_);
  const std::string_view bare = without_suffix(in_domain, ".svc");
  const bool certainly = bare.size() != host.size();
  const std::vector<std::string_view> labels = base::split(bare, '.');
  const auto named = [&](std::string_view service, std::string_view in) {
    return ServiceName{std::string(in), std::string(service), certainly};
  };
  // The search path asks for the client's own namespace first, then for the cluster's Services.
  if (labels.size() == 1 && !certainly) return named(labels[0], name_space);
  if (labels.size() == 2 && !certainly && find_service(name_space, labels[1])) return named(labels[1], name_space);
  if (labels.size() == 2 && (certainly || find_service(labels[1], labels[0]) || is_namespace(labels[1])))
    return named(labels[0], labels[1]);
  // One pod of a headless Service.
  if (labels.size() == 3 && (certainly || find_service(labels[2], labels[1]))) return named(labels[1], labels[2]);
  return std::nullopt;
}

Resolution Directory::resolve(const Question& question) const { return resolve_within(question, 0); }

Resolution Directory::resolve_within(const Question& question, int aliases) const {
  if (kube::IpAddress::parse(question.host)) return resolve_address(question);
  if (const std::optional<ServiceName> name = service_named(question.name_space, question.host))
    return resolve_named(*name, question, aliases);
  Resolution outside;
  outside.listeners.push_back({NeedOutside{std::string(question.host)}, question.protocol, {}});
  if (question.port) outside.listeners.back().ports.push_back(*question.port);
  return outside;
}

Resolution Directory::resolve_named(const ServiceName& name, const Question& question, int aliases) const {
  const Service* service = find_service(name.name_space, name.name);
  if (service == nullptr) {
    if (name.name != "kubernetes" || name.name_space != "default") return missing_service(name);
    return api_server();  // not in manifests, and in every cluster
  }
  if (service->type == kube::ServiceType::external_name) return resolve_alias(*service, question, aliases);
  return resolve_port(*service, question);
}

namespace {

// "triad-redis" and "prod-triad-redis", as a kustomization's namePrefix or nameSuffix makes of it.
bool is_affixed(std::string_view longer, std::string_view name) {
  return longer.starts_with(fmt::format("{}-", name)) || longer.ends_with(fmt::format("-{}", name));
}

std::string_view nearest_service(std::string_view name, const std::vector<std::string_view>& services) {
  if (const auto nearest = base::nearest_name(name, services)) return *nearest;
  const auto affixed =
      std::ranges::find_if(services, [&](std::string_view service) { return is_affixed(service, name); });
  return affixed == services.end() ? std::string_view() : *affixed;
}

}  // namespace

Resolution Directory::missing_service(const ServiceName& name) const {
  Resolution missing;
  missing.is_missing = true;
  missing.problem = fmt::format("no Service {} in namespace {}", name.name, name.name_space);
  std::vector<std::string_view> near;
  for (const Service& service : kube::in_namespace(snapshot_->services, name.name_space))
    near.push_back(service.name());
  missing.nearest = nearest_service(name.name, near);
  for (const Service& service : snapshot_->services) {
    if (service.name() == name.name) missing.nearest = fmt::format("{}.{}", service.name(), service.name_space());
  }
  return missing;
}

Resolution Directory::resolve_alias(const Service& service, const Question& question, int aliases) const {
  if (aliases >= kAliasesMax) {
    Resolution circle;
    circle.problem =
        fmt::format("Service {}/{} is an ExternalName that leads back to itself", service.name_space(), service.name());
    return circle;
  }
  const std::string target = base::to_lower_ascii(without_suffix(service.external_name, "."));
  Question next = question;
  next.name_space = service.name_space();
  next.host = target;
  Resolution resolution = resolve_within(next, aliases + 1);
  resolution.is_service = true;
  return resolution;
}

// ---- Addresses ----

void Directory::add_address(const kube::IpAddress& address, kube::Protocol protocol, std::optional<Port> port,
                            Resolution& resolution) const {
  const auto known = parties_by_address_.find(address);
  const NeedParty party =
      known != parties_by_address_.end() ? known->second : NeedParty(NeedOutside{to_string(address)});
  resolution.listeners.push_back({party, protocol, {}});
  if (port) resolution.listeners.back().ports.push_back(*port);
}

Resolution Directory::resolve_address(const Question& question) const {
  const kube::IpAddress address = *kube::IpAddress::parse(question.host);
  const auto service = services_by_address_.find(address);
  if (service != services_by_address_.end()) return resolve_port(*service->second, question);
  Resolution found;
  add_address(address, question.protocol, question.port, found);
  return found;
}

// ---- Ports ----

Resolution Directory::resolve_port(const Service& service, const Question& question) const {
  if (service.headless && question.port) return resolve_headless(service, question);
  Resolution found;
  found.is_service = true;
  found.route = ServiceRoute{service.name_space(), service.name(), question.port};
  std::vector<const ServicePort*> ports;
  if (question.port) {
    if (const ServicePort* port = find_number(service, *question.port, question.protocol)) ports.push_back(port);
    if (ports.empty()) {
      found.problem = fmt::format("Service {}/{} has no port {}; its ports are {}", service.name_space(),
                                  service.name(), question.port->value(), ports_text(service));
      return found;
    }
  } else {
    const ServicePort* likely =
        question.likely_port ? find_number(service, *question.likely_port, question.protocol) : nullptr;
    for (const ServicePort& port : service.ports) {
      if (likely == nullptr || likely == &port) ports.push_back(&port);
    }
    found.port_is_guessed = ports.size() != 1;
    if (ports.size() == 1) found.route->service_port = ports.front()->port;
  }
  for (const ServicePort* port : ports) append(found, listeners_of(service, *port));
  return found;
}

// DNS answers with pods, and nothing translates the port: the client dials a container's (§8).
Resolution Directory::resolve_headless(const Service& service, const Question& question) const {
  Resolution found;
  found.is_service = true;
  found.route = ServiceRoute{service.name_space(), service.name(), question.port};
  if (!service.selector) {
    const ServicePort* port = find_number(service, *question.port, question.protocol);
    append(found, resolve_written_endpoints(service, port));
    return found;
  }
  const std::vector<std::size_t>& workloads = workloads_behind(service);
  if (workloads.empty())
    found.problem = fmt::format("Service {}/{} selects no pod", service.name_space(), service.name());
  for (const std::size_t workload : workloads)
    found.listeners.push_back({NeedWorkload{workload}, question.protocol, {*question.port}});
  return found;
}

Resolution Directory::resolve_service(std::string_view name_space, std::string_view name,
                                      const std::optional<PortRef>& port) const {
  const Service* service = find_service(name_space, name);
  if (service == nullptr) return missing_service({std::string(name_space), std::string(name), true});
  const Port* number = port ? std::get_if<Port>(&*port) : nullptr;
  if (service->type == kube::ServiceType::external_name) {
    return resolve_alias(*service,
                         {.name_space = name_space,
                          .host = name,
                          .port = number ? std::optional<Port>(*number) : std::nullopt,
                          .likely_port = {},
                          .protocol = kube::Protocol::tcp},
                         0);
  }
  Resolution found;
  found.is_service = true;
  found.route = ServiceRoute{service->name_space(), service->name(), {}};
  const auto is_it = [&](const ServicePort& candidate) {
    return !port || (number ? candidate.port == *number : candidate.name == std::get<std::string>(*port));
  };
  std::size_t ports_count = 0;
  for (const ServicePort& candidate : service->ports) {
    if (!is_it(candidate)) continue;
    ++ports_count;
    found.route->service_port = candidate.port;
    append(found, listeners_of(*service, candidate));
  }
  found.port_is_guessed = !port && ports_count > 1;
  if (ports_count != 1) found.route->service_port.reset();
  if (ports_count == 0) {
    found.problem = fmt::format("Service {}/{} has no port {}; its ports are {}", name_space, name,
                                port ? to_string(*port) : "at all", ports_text(*service));
  }
  return found;
}

Resolution Directory::listeners_of(const Service& service, const ServicePort& port) const {
  if (!service.selector) return resolve_written_endpoints(service, &port);
  Resolution found;
  const std::vector<std::size_t>& workloads = workloads_behind(service);
  if (workloads.empty()) {
    found.problem = fmt::format("Service {}/{} selects no pod", service.name_space(), service.name());
    return found;
  }
  for (const std::size_t workload : workloads) {
    std::vector<Port> ports = ports_of(workload, port.target, port.protocol);
    if (!ports.empty()) found.listeners.push_back({NeedWorkload{workload}, port.protocol, std::move(ports)});
  }
  if (found.listeners.empty()) {
    found.problem = fmt::format("no container behind Service {}/{} declares the port {} that its port {} targets",
                                service.name_space(), service.name(), to_string(port.target), port.port.value());
  }
  return found;
}

// Nobody selects its pods: whoever the Endpoints and EndpointSlices name. Without any, nobody can say, save for the API
// server's own Service, which has none in a list of manifests.
Resolution Directory::resolve_written_endpoints(const Service& service, const ServicePort* port) const {
  Resolution found;
  for (const kube::Endpoints& endpoints : kube::in_namespace(snapshot_->endpoints, service.name_space())) {
    if (endpoints.service != service.name()) continue;
    std::optional<Port> number;
    for (const kube::EndpointPort& candidate : endpoints.ports) {
      if (port == nullptr || candidate.name == port->name || endpoints.ports.size() == 1) number = candidate.port;
    }
    for (const kube::Endpoint& endpoint : endpoints.endpoints) {
      for (const kube::IpAddress& address : endpoint.addresses)
        add_address(address, port ? port->protocol : kube::Protocol::tcp, number, found);
    }
  }
  if (!found.listeners.empty()) return found;
  if (service.name() == "kubernetes" && service.name_space() == "default") return api_server();
  found.problem = fmt::format("Service {}/{} has no selector, and no Endpoints say where it leads",
                              service.name_space(), service.name());
  return found;
}

}  // namespace gantry::netpol
