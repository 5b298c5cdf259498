// Parts of policies as YAML, the way people write them.

#include "netpol/proposals/edits.h"

#include "base/node.h"
#include "base/yaml.h"

namespace gantry::netpol {

using base::Node;
using kube::Direction;

namespace {

Node map_of(std::vector<std::pair<std::string_view, Node>> members) {
  Node map = Node::empty_map();
  for (auto& [key, value] : members) map.set(key, std::move(value));
  return map;
}

template <typename List, typename Write>
Node list_of(const List& list, const Write& write) {
  Node node = Node::empty_array();
  for (const auto& element : list) node.array().push_back(write(element));
  return node;
}

constexpr std::string_view name_of(kube::SelectorOperator op) {
  switch (op) {
    case kube::SelectorOperator::in: return "In";
    case kube::SelectorOperator::not_in: return "NotIn";
    case kube::SelectorOperator::exists: return "Exists";
    case kube::SelectorOperator::does_not_exist: return "DoesNotExist";
  }
  return "";
}

Node node_of(const kube::LabelSelector& selector) {
  Node labels = Node::empty_map();
  Node expressions = Node::empty_array();
  for (const kube::Requirement& requirement : selector.requirements()) {
    if (requirement.op == kube::SelectorOperator::in && requirement.values.size() == 1) {
      labels.set(requirement.key, Node(requirement.values.front()));
      continue;
    }
    Node expression = map_of({{"key", Node(requirement.key)}, {"operator", Node(name_of(requirement.op))}});
    if (!requirement.values.empty())
      expression.set("values", list_of(requirement.values, [](const std::string& value) { return Node(value); }));
    expressions.array().push_back(std::move(expression));
  }
  Node node = Node::empty_map();
  if (!labels.map().empty()) node.set("matchLabels", std::move(labels));
  if (!expressions.array().empty()) node.set("matchExpressions", std::move(expressions));
  return node;
}

Node node_of(const kube::PolicyPeer& peer) {
  Node node = Node::empty_map();
  if (peer.ip_block) {
    Node block = map_of({{"cidr", Node(kube::to_string(peer.ip_block->cidr))}});
    if (!peer.ip_block->except.empty())
      block.set("except",
                list_of(peer.ip_block->except, [](const kube::Cidr& hole) { return Node(kube::to_string(hole)); }));
    node.set("ipBlock", std::move(block));
  }
  if (peer.namespace_selector) node.set("namespaceSelector", node_of(*peer.namespace_selector));
  if (peer.pod_selector) node.set("podSelector", node_of(*peer.pod_selector));
  return node;
}

Node node_of(const kube::PolicyPort& port) {
  Node node = map_of({{"protocol", Node(kube::to_string(port.protocol))}});
  if (port.port) {
    const kube::Port* number = std::get_if<kube::Port>(&*port.port);
    node.set("port", number ? Node(std::int64_t{number->value()}) : Node(std::get<std::string>(*port.port)));
  }
  if (port.end_port) node.set("endPort", Node(std::int64_t{port.end_port->value()}));
  return node;
}

Node node_of(const kube::PolicyRule& rule, Direction direction) {
  Node node = Node::empty_map();
  const auto peer_node = [](const kube::PolicyPeer& peer) { return node_of(peer); };
  const auto port_node = [](const kube::PolicyPort& port) { return node_of(port); };
  if (!rule.peers.empty()) node.set(direction == Direction::ingress ? "from" : "to", list_of(rule.peers, peer_node));
  if (!rule.ports.empty()) node.set("ports", list_of(rule.ports, port_node));
  return node;
}

std::string text_of(const Node& node) {
  std::string text = base::dump_yaml(node);
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

}  // namespace

std::string yaml_of(const kube::PolicyPeer& peer) { return text_of(node_of(peer)); }
std::string yaml_of(const kube::PolicyPort& port) { return text_of(node_of(port)); }
std::string yaml_of(const kube::PolicyRule& rule, Direction direction) { return text_of(node_of(rule, direction)); }

std::string yaml_of(const kube::NetworkPolicy& policy) {
  Node types = Node::empty_array();
  Node spec = map_of({{"podSelector", node_of(policy.pod_selector)}});
  if (policy.isolates_ingress) types.array().emplace_back("Ingress");
  if (policy.isolates_egress) types.array().emplace_back("Egress");
  spec.set("policyTypes", std::move(types));
  for (const Direction direction : {Direction::ingress, Direction::egress}) {
    if (policy.rules(direction).empty()) continue;
    spec.set(kube::to_string(direction),
             list_of(policy.rules(direction), [&](const kube::PolicyRule& rule) { return node_of(rule, direction); }));
  }
  return text_of(
      map_of({{"apiVersion", Node("networking.k8s.io/v1")},
              {"kind", Node("NetworkPolicy")},
              {"metadata", map_of({{"name", Node(policy.name())}, {"namespace", Node(policy.name_space())}})},
              {"spec", std::move(spec)}}));
}

}  // namespace gantry::netpol
