#include "netpol/needs/sources.h"

#include <array>

namespace gantry::netpol {

std::span<const EvidenceSource> evidence_sources() {
  // DNS comes last: it follows from every name that the others found. Annotations come after the configurations of scrapers.
  static constexpr std::array kSources = {
      EvidenceSource{"environment variables", collect_environment},
      EvidenceSource{"command lines", collect_command_lines},
      EvidenceSource{"configuration files", collect_config_files},
      EvidenceSource{"probes and hooks", collect_probes},
      EvidenceSource{"members of StatefulSets", collect_stateful_peers},
      EvidenceSource{"Ingresses", collect_ingresses},
      EvidenceSource{"Gateway API routes", collect_gateway_routes},
      EvidenceSource{"routes of other makers", collect_other_routes},
      EvidenceSource{"exposed Services", collect_exposed_services},
      EvidenceSource{"calls of the API server", collect_api_server_calls},
      EvidenceSource{"scrape annotations", collect_scrapes},
      EvidenceSource{"monitors", collect_monitors},
      EvidenceSource{"clients of the API server", collect_api_clients},
      EvidenceSource{"autoscalers", collect_autoscalers},
      EvidenceSource{"declared flows", collect_declared},
      EvidenceSource{"DNS", collect_dns},
  };
  return kSources;
}

}  // namespace gantry::netpol
