#include "netpol/needs.h"

#include "netpol/needs/sources.h"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace gantry::netpol {

std::string_view to_string(Confidence confidence) {
  constexpr std::array<std::string_view, 4> kNames = {"weak", "strong", "certain", "declared"};
  return kNames.at(static_cast<std::size_t>(confidence));
}

std::string_view to_string(NeedOrigin origin) {
  switch (origin) {
    case NeedOrigin::environment: return "environment variable";
    case NeedOrigin::secret_reference: return "variable from a Secret";
    case NeedOrigin::host_port_pair: return "host and port variables";
    case NeedOrigin::config_document: return "configuration file";
    case NeedOrigin::command_line: return "command line";
    case NeedOrigin::probe: return "probe";
    case NeedOrigin::ingress_route: return "Ingress route";
    case NeedOrigin::gateway_route: return "Gateway API route";
    case NeedOrigin::kong: return "Kong configuration";
    case NeedOrigin::scrape_config: return "scrape configuration";
    case NeedOrigin::scrape_annotation: return "scrape annotation";
    case NeedOrigin::service_monitor: return "monitor object";
    case NeedOrigin::stateful_peers: return "members of a StatefulSet";
    case NeedOrigin::webhook: return "webhook";
    case NeedOrigin::api_service: return "aggregated API";
    case NeedOrigin::api_server: return "access to the API server";
    case NeedOrigin::dns: return "DNS";
    case NeedOrigin::grafana: return "Grafana data source";
    case NeedOrigin::exposed_service: return "exposed Service";
    case NeedOrigin::autoscaler: return "autoscaler";
    case NeedOrigin::declared: return "declared flow";
  }
  std::unreachable();
}

std::string_view to_string(NeedSpecial special) {
  switch (special) {
    case NeedSpecial::api_server: return "the API server";
    case NeedSpecial::cluster_dns: return "the cluster's DNS";
    case NeedSpecial::ingress_controller: return "the ingress controller";
    case NeedSpecial::prometheus: return "Prometheus";
    case NeedSpecial::nodes: return "the nodes";
    case NeedSpecial::internet: return "the Internet";
  }
  std::unreachable();
}

std::string to_string(const NeedParty& party, const kube::Snapshot& snapshot) {
  struct Namer {
    const kube::Snapshot& snapshot;
    std::string operator()(const NeedWorkload& party) const {
      const kube::Workload& workload = snapshot->workloads[party.workload];
      return fmt::format("{}/{}", workload.name_space(), workload.name());
    }
    std::string operator()(const NeedOutside& party) const { return party.host; }
    std::string operator()(NeedSpecial party) const { return std::string(netpol::to_string(party)); }
  };
  return std::visit(Namer{snapshot}, party);
}

Needs infer_needs(const kube::Snapshot& snapshot, const NeedOptions& options) {
  NeedCollector collector(snapshot, options);
  for (const EvidenceSource& source : evidence_sources()) source.collect(collector);
  return collector.take();
}

}  // namespace gantry::netpol
