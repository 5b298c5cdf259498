#pragma once

// The flows that the application needs, read from the manifests (network policy reference, §14): which workload, to which host and
// port, on which line it says so, and how sure one can be.

#include "base/finding.h"
#include "base/source.h"
#include "kube/labels.h"
#include "kube/port.h"
#include "kube/snapshot.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace gantry::netpol {

// Ordered: a later one is surer (§14.3).
enum class Confidence : std::uint8_t { weak, strong, certain, declared };
std::string_view to_string(Confidence confidence);

// What made us believe it, for people and for counting.
enum class NeedOrigin : std::uint8_t {
  environment,
  secret_reference,
  host_port_pair,
  config_document,
  command_line,
  probe,
  ingress_route,
  gateway_route,
  kong,
  scrape_config,
  scrape_annotation,
  service_monitor,
  stateful_peers,
  webhook,
  api_service,
  api_server,
  dns,
  grafana,
  exposed_service,
  autoscaler,
  declared,
};
std::string_view to_string(NeedOrigin origin);  // "environment variable", "Ingress route", …

// One reason for a need.
struct NeedEvidence {
  NeedOrigin origin = NeedOrigin::environment;
  Confidence confidence = Confidence::weak;
  base::SourcePos where;
  std::string text;  // "NATS_URL=nats://nats.kgents-agents:4222" ; never a Secret's value
};

// A party of a need. A workload by its index into the snapshot's workloads; or somebody who has none there.
struct NeedWorkload {
  std::size_t workload;
  friend auto operator<=>(const NeedWorkload&, const NeedWorkload&) = default;
};
// A name, an address or a range.
struct NeedOutside {
  std::string host;
  friend auto operator<=>(const NeedOutside&, const NeedOutside&) = default;
};
enum class NeedSpecial : std::uint8_t { api_server, cluster_dns, ingress_controller, prometheus, nodes, internet };
std::string_view to_string(NeedSpecial special);
using NeedParty = std::variant<NeedWorkload, NeedOutside, NeedSpecial>;

// How a host and port of the text were resolved to `ports`: which Service, and which of its ports the client dials.
struct ServiceRoute {
  std::string name_space;
  std::string service;
  std::optional<kube::Port> service_port;
  friend auto operator<=>(const ServiceRoute&, const ServiceRoute&) = default;
};

struct Need {
  NeedParty source;
  NeedParty destination;
  kube::Protocol protocol = kube::Protocol::tcp;
  // Container ports on the destination (after the Service's targetPort); several when the text does not say which; empty when
  // no port is known.
  std::vector<kube::Port> ports;
  std::optional<ServiceRoute> route;
  Confidence confidence = Confidence::weak;  // of its surest evidence
  std::vector<NeedEvidence> evidence;        // surest first
};

// A need whose destination is not there: a Service that is missing, selects nobody, or has no such port.
struct DanglingNeed {
  NeedParty source;
  std::string host;  // as written
  std::optional<kube::Port> port;
  std::string reason;   // "no Service nats-hub in namespace kgents-agents"
  std::string nearest;  // "nats"; "" when nothing is near
  NeedEvidence evidence;
};

// A flow that the team states ("flows" of a block): it overrides what was inferred.
struct DeclaredFlow {
  std::string source;       // "shop/web"
  std::string destination;  // "shop/db" or an address
  kube::Protocol protocol = kube::Protocol::tcp;
  std::optional<kube::Port> port;
  base::SourcePos where;
};

// Pods of another's making that talk to many and are often installed by another hand: ingress controllers, Prometheus. By their
// labels, when the usual ones do not hold.
struct NeedOptions {
  std::string cluster_domain = "cluster.local";
  std::optional<kube::LabelSelector> ingress_controller;  // its data-plane pods, in whatever namespace
  std::optional<kube::LabelSelector> prometheus;
  std::vector<DeclaredFlow> declared;
};

struct Needs {
  std::vector<Need> needs;  // one for each source, destination, protocol and route; in a stable order
  std::vector<DanglingNeed> dangling;
};

Needs infer_needs(const kube::Snapshot& snapshot, const NeedOptions& options = {});

// "kgents-infra/kgent-api", "example.com", "the API server".
std::string to_string(const NeedParty& party, const kube::Snapshot& snapshot);

}  // namespace gantry::netpol
