// Whoever dials a name asks DNS first, over UDP and, for long answers, TCP (§14.1).

#include "netpol/needs/sources.h"

#include <fmt/format.h>

#include <array>

namespace gantry::netpol {

namespace {

using kube::Port;
using kube::Protocol;

constexpr Port kDns{53};

struct DnsService {
  std::string_view name_space;
  std::string_view name;
};
// Where clusters keep it; the pods' port is not always 53 (OpenShift: 5353).
constexpr std::array kDnsServices = {DnsService{"kube-system", "kube-dns"}, DnsService{"kube-system", "coredns"},
                                     DnsService{"openshift-dns", "dns-default"}};

// The pods that answer, as far as they are in the input.
std::vector<Listener> servers(const NeedCollector& needs, Protocol protocol, std::optional<ServiceRoute>& route) {
  for (const DnsService& known : kDnsServices) {
    const kube::Service* service = needs.directory().find_service(known.name_space, known.name);
    if (service == nullptr) continue;
    for (const kube::ServicePort& port : service->ports) {
      if (port.port != kDns || port.protocol != protocol) continue;
      std::vector<Listener> listeners = needs.directory().listeners_of(*service, port).listeners;
      if (listeners.empty()) continue;
      route = ServiceRoute{service->name_space(), service->name(), kDns};
      return listeners;
    }
  }
  return {{NeedSpecial::cluster_dns, protocol, {kDns}}};
}

bool asks_cluster_dns(const kube::PodSpec& spec) {
  if (spec.dns_policy == "ClusterFirstWithHostNet") return true;
  return spec.dns_policy == "ClusterFirst" && !spec.host_network;
}

}  // namespace

void collect_dns(NeedCollector& needs) {
  for (const Protocol protocol : {Protocol::udp, Protocol::tcp}) {
    std::optional<ServiceRoute> route;
    const std::vector<Listener> listeners = servers(needs, protocol, route);
    for (const auto& [index, reason] : needs.names_by_workload()) {
      if (!asks_cluster_dns(*needs.snapshot()->workloads[index].pod_template.spec)) continue;
      for (const Listener& listener : listeners) {
        needs.add_flow(NeedWorkload{index}, listener, route,
                       {.origin = NeedOrigin::dns,
                        .confidence = Confidence::strong,
                        .where = reason.where,
                        .text = fmt::format("a host by name: {}", reason.text)});
      }
    }
  }
}

}  // namespace gantry::netpol
