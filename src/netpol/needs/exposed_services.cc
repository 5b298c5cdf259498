// Services of type LoadBalancer and NodePort, and ports of nodes, ask the outside in (§13).

#include "netpol/needs/containers.h"
#include "netpol/needs/sources.h"

#include <fmt/format.h>

namespace gantry::netpol {

namespace {

using kube::Service;
using kube::ServiceType;

std::vector<NeedParty> clients_of(const Service& service) {
  if (service.type == ServiceType::node_port) return {NeedSpecial::nodes};
  if (service.source_ranges.empty()) return {NeedSpecial::internet};
  std::vector<NeedParty> ranges;
  for (const kube::Cidr& range : service.source_ranges) ranges.emplace_back(NeedOutside{to_string(range)});
  return ranges;
}

void add_service(NeedCollector& needs, const Service& service) {
  for (const kube::ServicePort& port : service.ports) {
    const NeedEvidence evidence{
        .origin = NeedOrigin::exposed_service,
        .confidence = Confidence::certain,
        .where = port.where,
        .text = fmt::format("Service {}/{} of type {}", service.name_space(), service.name(), to_string(service.type))};
    const Resolution found = needs.directory().listeners_of(service, port);
    const ServiceRoute route{service.name_space(), service.name(), port.port};
    for (const NeedParty& client : clients_of(service)) {
      if (found.listeners.empty() && !found.problem.empty()) {
        needs.add_dangling({client, fmt::format("{}.{}", service.name(), service.name_space()), port.port,
                            found.problem, "", evidence});
      }
      for (const Listener& listener : found.listeners) needs.add_flow(client, listener, route, evidence);
    }
  }
}

// A pod's port at its node's address: whoever reaches the node.
void add_host_ports(NeedCollector& needs, std::size_t index) {
  const kube::PodSpec& spec = *needs.snapshot()->workloads[index].pod_template.spec;
  if (spec.host_network) return;
  for (const kube::Container* container : containers_of(spec)) {
    for (const kube::ContainerPort& port : container->ports) {
      if (!port.host_port) continue;
      needs.add_flow(NeedSpecial::nodes, {NeedWorkload{index}, port.protocol, {port.port}}, {},
                     {.origin = NeedOrigin::exposed_service,
                      .confidence = Confidence::weak,
                      .where = port.where,
                      .text = fmt::format("hostPort {}", port.host_port->value())});
    }
  }
}

}  // namespace

void collect_exposed_services(NeedCollector& needs) {
  for (const Service& service : needs.snapshot()->services) {
    if (service.type == ServiceType::load_balancer || service.type == ServiceType::node_port)
      add_service(needs, service);
  }
  for (const std::size_t index : independent_workloads(needs.snapshot())) add_host_ports(needs, index);
}

}  // namespace gantry::netpol
