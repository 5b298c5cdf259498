#include "netpol/proposals/exact.h"

#include "base/yaml.h"
#include "netpol/proposals/edits.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <set>

namespace gantry::netpol {

using kube::Direction;
using kube::NetworkPolicy;
using kube::PolicyPeer;
using kube::PolicyRule;

namespace {

constexpr std::string_view kNameLabel = "kubernetes.io/metadata.name";
constexpr std::size_t kObjectNameMax = 253;  // a DNS subdomain

// What a workload finds its pods by is what people write into policies too, when it is nothing but equalities.
std::optional<kube::LabelSelector> selector_of_workload(const kube::Workload& workload) {
  if (!workload.selector || workload.selector->selects_everything()) return std::nullopt;
  const bool is_plain =
      std::ranges::all_of(workload.selector->requirements(), [](const kube::Requirement& requirement) {
        return requirement.op == kube::SelectorOperator::in && requirement.values.size() == 1;
      });
  return is_plain ? workload.selector : std::nullopt;
}

// Whether it selects pods of nobody else in the namespace.
bool is_selective(const Reachability& reach, const Endpoint& endpoint, const kube::LabelSelector& selector) {
  return std::ranges::none_of(reach.endpoints().all(), [&](const Endpoint& other) {
    return other.kind == Endpoint::Kind::pods && other.name_space == endpoint.name_space &&
           other.workload != endpoint.workload && kube::match(selector, other.labels) != kube::Match::no;
  });
}

std::string free_name(const kube::Snapshot& snapshot, const std::string& name_space, const std::string& wanted) {
  std::string name = wanted.substr(0, kObjectNameMax - 8);
  for (int number = 2; kube::find_named(snapshot->network_policies, name_space, name); ++number)
    name = fmt::format("{}-{}", wanted.substr(0, kObjectNameMax - 8), number);
  return name;
}

std::string workload_name(const Reachability& reach, const Endpoint& endpoint) {
  if (endpoint.workload) return reach.snapshot()->workloads[*endpoint.workload].name();
  return endpoint.pods.empty() ? "pods" : reach.snapshot()->pods[endpoint.pods.front()].name();
}

}  // namespace

std::optional<kube::LabelSelector> exact_selector(const Reachability& reach, EndpointId pods) {
  const Endpoint& endpoint = reach.endpoints()[pods];
  if (endpoint.kind != Endpoint::Kind::pods || endpoint.host_network) return std::nullopt;
  if (endpoint.workload) {
    const kube::Workload& workload = reach.snapshot()->workloads[*endpoint.workload];
    std::optional<kube::LabelSelector> selector = selector_of_workload(workload);
    if (selector && is_selective(reach, endpoint, *selector)) return selector;
    if (!workload.pod_template.labels.empty()) return kube::LabelSelector::from_labels(workload.pod_template.labels);
  }
  if (endpoint.labels.known.empty()) return std::nullopt;
  return kube::LabelSelector::from_labels(endpoint.labels.known);
}

std::optional<PolicyPeer> exact_peer(const Reachability& reach, EndpointId id, const std::string& name_space) {
  const Endpoint& endpoint = reach.endpoints()[id];
  PolicyPeer peer;
  if (endpoint.kind == Endpoint::Kind::addresses) {
    peer.ip_block = kube::IpBlock{.cidr = endpoint.range, .except = endpoint.holes, .where = {}};
    return peer;
  }
  peer.pod_selector = exact_selector(reach, id);
  if (!peer.pod_selector) return std::nullopt;
  if (endpoint.name_space != name_space) {
    kube::LabelSet labels;
    labels.set(std::string(kNameLabel), endpoint.name_space);
    peer.namespace_selector = kube::LabelSelector::from_labels(labels);
  }
  return peer;
}

std::vector<kube::PolicyPort> exact_ports(const PortSet& ports) {
  std::vector<kube::PolicyPort> list;
  for (const kube::Protocol protocol : {kube::Protocol::tcp, kube::Protocol::udp, kube::Protocol::sctp}) {
    for (const kube::PortRange& range : ports.ranges(protocol)) {
      kube::PolicyPort port;
      port.protocol = protocol;
      port.protocol_written = true;
      const bool is_every = range.first.value() == 1 && range.last.value() == 65535;
      if (!is_every) port.port = range.first;
      if (!is_every && range.last != range.first) port.end_port = range.last;
      list.push_back(std::move(port));
    }
  }
  return list;
}

std::optional<std::vector<PolicyRule>> exact_rules(const Reachability& reach, const PeerPorts& wanted,
                                                   const std::string& name_space) {
  std::map<PortSet, std::vector<PolicyPeer>> by_ports;
  for (const auto& [id, ports] : wanted) {
    std::optional<PolicyPeer> peer = exact_peer(reach, id, name_space);
    if (!peer) return std::nullopt;
    std::vector<PolicyPeer>& peers = by_ports[ports];
    // Several classes of one workload have the same words.
    const bool is_there =
        std::ranges::any_of(peers, [&](const PolicyPeer& each) { return yaml_of(each) == yaml_of(*peer); });
    if (!is_there) peers.push_back(std::move(*peer));
  }
  std::vector<PolicyRule> rules;
  for (auto& [ports, peers] : by_ports) {
    PolicyRule rule;
    rule.peers = std::move(peers);
    rule.ports = exact_ports(ports);
    rule.peers_written = kube::Written::listed;
    rule.ports_written = kube::Written::listed;
    rules.push_back(std::move(rule));
  }
  return rules;
}

std::optional<NetworkPolicy> exact_policy(const Reachability& reach, const ExactPolicy& wanted) {
  const Endpoint& endpoint = reach.endpoints()[wanted.subject];
  const std::optional<kube::LabelSelector> selector = exact_selector(reach, wanted.subject);
  if (!selector) return std::nullopt;
  NetworkPolicy policy;
  policy.pod_selector = *selector;
  policy.isolates_ingress = wanted.ingress.has_value();
  policy.isolates_egress = wanted.egress.has_value();
  const auto add = [&](Direction direction, const std::optional<PeerPorts>& peers, std::vector<PolicyRule>& rules) {
    if (!peers) return true;
    policy.written_types.push_back(direction);
    std::optional<std::vector<PolicyRule>> exact = exact_rules(reach, *peers, endpoint.name_space);
    if (exact) rules = std::move(*exact);
    return exact.has_value();
  };
  if (!add(Direction::ingress, wanted.ingress, policy.ingress)) return std::nullopt;
  if (!add(Direction::egress, wanted.egress, policy.egress)) return std::nullopt;
  const std::string_view suffix = !wanted.egress ? "-ingress" : !wanted.ingress ? "-egress" : "";
  policy.object.id = {.group = "networking.k8s.io",
                      .kind = "NetworkPolicy",
                      .name_space = endpoint.name_space,
                      .name = free_name(reach.snapshot(), endpoint.name_space,
                                        fmt::format("{}-needs{}", workload_name(reach, endpoint), suffix))};
  policy.object.version = "v1";
  if (base::Result<base::Node> document = base::load_yaml_document(yaml_of(policy), "proposal"))
    policy.object.document = std::make_shared<const base::Node>(std::move(*document));
  return policy;
}

}  // namespace gantry::netpol
