// Members of a replicated StatefulSet talk to each other on ports that no client uses (§14.1: NATS routes 6222, etcd 2380, …).

#include "netpol/needs/containers.h"
#include "netpol/needs/sources.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

namespace gantry::netpol {

namespace {

using kube::Port;

// Ports that the products which form ensembles keep for it.
constexpr std::array<std::uint16_t, 24> kPeerPorts = {2380, 2888,  3888,  4369,  4567,  5701,  6222,  7000,
                                                      7001, 7946,  8201,  8300,  8301,  8302,  9093,  9094,
                                                      9300, 11800, 16379, 25672, 26257, 26380, 33061, 47500};
// Words in the name of such a port.
constexpr std::array<std::string_view, 16> kPeerWords = {
    "cluster", "dist",       "election", "epmd", "gossip",      "inter", "internal", "leader",
    "member",  "memberlist", "peer",     "raft", "replication", "route", "serf",     "transport"};

bool names_peers(std::string_view name) {
  return std::ranges::any_of(base::split(name, '-'), [](std::string_view word) {
    return std::ranges::any_of(kPeerWords,
                               [&](std::string_view peer) { return word == peer || word == std::string(peer) + "s"; });
  });
}

// Ports behind Services that clients use: all but the one that gives the members their names.
std::set<Port> client_ports(const NeedCollector& needs, std::size_t index, const std::string& governing) {
  std::set<Port> ports;
  for (const kube::Service& service :
       kube::in_namespace(needs.snapshot()->services, needs.snapshot()->workloads[index].name_space())) {
    if (service.headless && service.name() == governing) continue;
    const std::vector<std::size_t>& behind = needs.directory().workloads_behind(service);
    if (std::ranges::find(behind, index) == behind.end()) continue;
    for (const kube::ServicePort& port : service.ports)
      for (const Port number : needs.directory().ports_of(index, port.target, port.protocol)) ports.insert(number);
  }
  return ports;
}

void collect_set(NeedCollector& needs, std::size_t index) {
  const kube::Workload& set = needs.snapshot()->workloads[index];
  const std::set<Port> clients = client_ports(needs, index, set.service_name);
  // With a headless Service alone nothing says which of the ports are the members' own; then only known ones count.
  const bool has_clients = !clients.empty();
  for (const kube::Container* container : containers_of(*set.pod_template.spec)) {
    for (const kube::ContainerPort& port : container->ports) {
      const bool is_known =
          std::ranges::find(kPeerPorts, port.port.value()) != kPeerPorts.end() || names_peers(port.name);
      const bool is_extra = has_clients && !clients.contains(port.port);
      const bool is_scraped = base::to_lower_ascii(port.name).find("metrics") != std::string::npos;
      if (!is_known && (!is_extra || is_scraped)) continue;
      needs.add_flow(NeedWorkload{index}, {NeedWorkload{index}, port.protocol, {port.port}}, {},
                     {.origin = NeedOrigin::stateful_peers,
                      .confidence = is_known ? Confidence::strong : Confidence::weak,
                      .where = port.where,
                      .text = fmt::format("port {}{} of {} members", port.port.value(),
                                          port.name.empty() ? "" : fmt::format(" ({})", port.name), set.replicas())});
    }
  }
}

}  // namespace

void collect_stateful_peers(NeedCollector& needs) {
  for (std::size_t i = 0; i < needs.snapshot()->workloads.size(); ++i) {
    const kube::Workload& workload = needs.snapshot()->workloads[i];
    if (workload.kind == kube::WorkloadKind::stateful_set && has_peers(needs.snapshot(), i)) collect_set(needs, i);
  }
}

}  // namespace gantry::netpol
