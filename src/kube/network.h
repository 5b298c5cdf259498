#pragma once

// Namespaces, Services and NetworkPolicies, and what stands behind a Service.

#include "base/source.h"
#include "kube/address.h"
#include "kube/labels.h"
#include "kube/object.h"
#include "kube/port.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace gantry::kube {

// Every namespace that is defined, or that any object is in. `labels` always holds kubernetes.io/metadata.name with the right
// value: the API server sets it, whatever is written (network policy reference, §6).
struct Namespace {
  Object object;         // without a document when it is only mentioned
  bool defined = false;  // else its other labels are unknown
  LabelKnowledge labels;
  // A kubernetes.io/metadata.name that was written and that the API server overwrites.
  std::optional<std::string> written_name_label;
  bool terminating = false;

  const std::string& name() const { return object.id.name; }
};

// ---- Services ----

enum class ServiceType : std::uint8_t { cluster_ip, node_port, load_balancer, external_name };
std::string_view to_string(ServiceType type);  // "ClusterIP", …

enum class TrafficPolicy : std::uint8_t { cluster, local };

struct ServicePort {
  std::string name;  // may be empty
  Protocol protocol = Protocol::tcp;
  Port port;
  PortRef target;  // the same as `port` when not written
  bool target_written = false;
  std::optional<Port> node_port;
  std::string app_protocol;
  base::SourcePos where;
};

struct Service {
  Object object;
  ServiceType type = ServiceType::cluster_ip;
  // Absent: nobody selects its pods; its endpoints are written by hand.
  std::optional<LabelSelector> selector;
  std::vector<ServicePort> ports;
  bool headless = false;               // clusterIP: None
  std::vector<IpAddress> cluster_ips;  // live, or asked for
  std::vector<IpAddress> external_ips;
  std::vector<IpAddress> load_balancer_ips;  // live
  std::string external_name;
  TrafficPolicy external_traffic = TrafficPolicy::cluster;
  TrafficPolicy internal_traffic = TrafficPolicy::cluster;
  std::vector<Cidr> source_ranges;  // loadBalancerSourceRanges
  std::vector<IpFamily> ip_families;
  bool publishes_not_ready = false;

  const std::string& name_space() const { return object.id.name_space; }
  const std::string& name() const { return object.id.name; }
  const ServicePort* find_port(const PortRef& port) const;
};

struct Endpoint {
  std::vector<IpAddress> addresses;
  std::string hostname;
  std::string node;
  std::string pod;  // the name of the pod behind it, when it is one
  bool ready = true;
  bool terminating = false;
};

struct EndpointPort {
  std::string name;
  Protocol protocol = Protocol::tcp;
  std::optional<Port> port;  // absent: every port
};

// An EndpointSlice, or one subset of an Endpoints object.
struct Endpoints {
  Object object;
  std::string service;
  std::vector<Endpoint> endpoints;
  std::vector<EndpointPort> ports;
};

// ---- NetworkPolicy (networking.k8s.io/v1) ----

enum class Direction : std::uint8_t { ingress, egress };
std::string_view to_string(Direction direction);  // "ingress"

// How a list was written. For peers, both `absent` and `empty` mean everybody, the second mostly by accident (§2.2).
enum class Written : std::uint8_t { absent, empty, listed };  // empty: null or []

struct PolicyPort {
  Protocol protocol = Protocol::tcp;
  bool protocol_written = false;
  // None: every port of the protocol.
  std::optional<PortRef> port;
  std::optional<Port> end_port;
  base::SourcePos where;
};

struct IpBlock {
  Cidr cidr;
  std::vector<Cidr> except;
  base::SourcePos where;
};

// One peer: pods by selectors, or an address range.
struct PolicyPeer {
  std::optional<LabelSelector> pod_selector;        // alone: pods of the policy's own namespace
  std::optional<LabelSelector> namespace_selector;  // alone: all pods of those namespaces; both: AND
  std::optional<IpBlock> ip_block;
  base::SourcePos where;
};

struct PolicyRule {
  std::vector<PolicyPeer> peers;  // `from` or `to`; empty: everybody
  std::vector<PolicyPort> ports;  // empty: every port and protocol
  Written peers_written = Written::absent;
  Written ports_written = Written::absent;
  base::SourcePos where;
  base::SourcePos peers_where;  // the key `from` or `to`, when written
};

// Peers and ports that the API server would refuse are left out, as is a rule of which nothing else remains: then nothing
// opens that is not meant to. The policy is then `rejected`.
struct NetworkPolicy {
  Object object;
  LabelSelector pod_selector;
  bool pod_selector_written = true;
  base::SourcePos pod_selector_where;

  // The effective policyTypes, after the API server's defaults (§2.1).
  bool isolates_ingress = true;
  bool isolates_egress = false;
  std::vector<Direction> written_types;  // as written; empty: not written
  base::SourcePos types_where;

  std::vector<PolicyRule> ingress;
  std::vector<PolicyRule> egress;
  Written ingress_written = Written::absent;
  Written egress_written = Written::absent;

  const std::string& name_space() const { return object.id.name_space; }
  const std::string& name() const { return object.id.name; }
  bool isolates(Direction direction) const {
    return direction == Direction::ingress ? isolates_ingress : isolates_egress;
  }
  const std::vector<PolicyRule>& rules(Direction direction) const {
    return direction == Direction::ingress ? ingress : egress;
  }
};

}  // namespace gantry::kube
