// NetworkPolicy: networking.k8s.io/v1 with its defaults and validation (network policy reference, §2 to §5 and §11).

#include "kube/readers.h"
#include "kube/words.h"

#include <fmt/format.h>

#include <algorithm>

namespace gantry::kube {

namespace {

constexpr std::string_view kRootFields[] = {"apiVersion", "kind", "metadata", "spec", "status"};
constexpr std::string_view kSpecFields[] = {"egress", "ingress", "podSelector", "policyTypes"};
constexpr std::string_view kIngressFields[] = {"from", "ports"};
constexpr std::string_view kEgressFields[] = {"ports", "to"};
constexpr std::string_view kPeerFields[] = {"ipBlock", "namespaceSelector", "podSelector"};
constexpr std::string_view kPortFields[] = {"endPort", "port", "protocol"};
constexpr std::string_view kIpBlockFields[] = {"cidr", "except"};

constexpr Choice<Direction> kPolicyTypes[] = {{"Ingress", Direction::ingress}, {"Egress", Direction::egress}};
constexpr std::size_t kPolicyTypesMax = 2;

Written written(const Fields& holder, std::string_view key) {
  if (holder.node() == nullptr || holder.node()->get(key) == nullptr) return Written::absent;
  const base::Node* list = holder.find(key);
  return list == nullptr || (list->is_array() && list->array().empty()) ? Written::empty : Written::listed;
}

// §4. Nothing when the port can't be read: leaving it out opens nothing.
std::optional<PolicyPort> parse_port(const Fields& fields) {
  fields.only(kPortFields);
  PolicyPort port;
  port.where = fields.pos();
  port.protocol = fields.protocol("protocol");
  port.protocol_written = fields.has("protocol");
  port.port = fields.port_ref("port");
  port.end_port = fields.port("endPort");
  const bool unreadable = (fields.has("port") && !port.port) || (fields.has("endPort") && !port.end_port) ||
                          (port.protocol_written && !find_protocol(fields.text("protocol", "TCP")));
  if (unreadable) return std::nullopt;
  if (!port.end_port) return port;
  const Port* first = port.port ? std::get_if<Port>(&*port.port) : nullptr;
  if (first == nullptr) {
    fields.reject("endPort", "needs a port that is a number beside it");
    return std::nullopt;
  }
  if (*port.end_port < *first) {
    fields.reject("endPort", fmt::format("({}) must not be below port ({})", port.end_port->value(), first->value()));
    return std::nullopt;
  }
  return port;
}

// §5: each exception lies inside the range and is smaller than it. Nothing when one does not: the block would be too wide.
std::optional<IpBlock> parse_ip_block(const Fields& fields) {
  fields.only(kIpBlockFields);
  fields.require("cidr");
  const std::optional<Cidr> cidr = fields.cidr("cidr");
  if (!cidr) return std::nullopt;
  IpBlock block{.cidr = *cidr, .except = fields.cidrs("except"), .where = fields.pos()};
  const auto fits = [&](const Cidr& except) {
    return block.cidr.contains(except) && except.prefix > block.cidr.prefix;
  };
  const auto wrong = std::ranges::find_if_not(block.except, fits);
  if (wrong == block.except.end()) return block;
  fields.reject("except",
                fmt::format("{} must be a smaller range inside {}", to_string(*wrong), to_string(block.cidr)));
  return std::nullopt;
}

// §3. Nothing when it can't be read.
std::optional<PolicyPeer> parse_peer(const Fields& fields) {
  fields.only(kPeerFields);
  PolicyPeer peer;
  peer.where = fields.pos();
  peer.pod_selector = fields.selector("podSelector");
  peer.namespace_selector = fields.selector("namespaceSelector");
  const Fields block = fields.map("ipBlock");
  if (block.present()) peer.ip_block = parse_ip_block(block);
  const bool has_selector = fields.has("podSelector") || fields.has("namespaceSelector");
  if (!has_selector && !fields.has("ipBlock")) {
    fields.reject({}, "must name at least one of podSelector, namespaceSelector and ipBlock");
    return std::nullopt;
  }
  if (has_selector && fields.has("ipBlock")) {
    fields.reject("ipBlock", "may not stand beside a selector", "make it a peer of its own");
    return std::nullopt;
  }
  const bool unreadable = (fields.has("podSelector") && !peer.pod_selector) ||
                          (fields.has("namespaceSelector") && !peer.namespace_selector) ||
                          (fields.has("ipBlock") && !peer.ip_block);
  return unreadable ? std::nullopt : std::optional(std::move(peer));
}

// Nothing when peers or ports were given and none of them can be read: without any, a rule means everybody.
std::optional<PolicyRule> parse_rule(const Fields& fields, Direction direction) {
  const std::string_view peers_key = direction == Direction::ingress ? "from" : "to";
  fields.only(direction == Direction::ingress ? std::span<const std::string_view>(kIngressFields) : kEgressFields);
  PolicyRule rule;
  rule.where = fields.pos();
  rule.peers_where = fields.key_pos(peers_key);
  rule.peers_written = written(fields, peers_key);
  rule.ports_written = written(fields, "ports");
  fields.each(peers_key, [&](const Fields& peer) {
    if (std::optional<PolicyPeer> parsed = parse_peer(peer)) rule.peers.push_back(*std::move(parsed));
  });
  fields.each("ports", [&](const Fields& port) {
    if (std::optional<PolicyPort> parsed = parse_port(port)) rule.ports.push_back(*std::move(parsed));
  });
  const bool lost = (rule.peers_written == Written::listed && rule.peers.empty()) ||
                    (rule.ports_written == Written::listed && rule.ports.empty());
  return lost ? std::nullopt : std::optional(std::move(rule));
}

std::vector<PolicyRule> parse_rules(const Fields& spec, Direction direction) {
  std::vector<PolicyRule> rules;
  spec.each(to_string(direction), [&](const Fields& fields) {
    if (std::optional<PolicyRule> rule = parse_rule(fields, direction)) rules.push_back(*std::move(rule));
  });
  return rules;
}

// §2.1: what is not written follows from whether there are egress rules.
void parse_types(const Fields& spec, NetworkPolicy& policy) {
  policy.types_where = spec.pos("policyTypes");
  const std::vector<std::string> words = spec.texts("policyTypes");
  for (const std::string& word : words) {
    const auto* type = std::ranges::find(kPolicyTypes, word, &Choice<Direction>::word);
    if (type != std::end(kPolicyTypes)) {
      policy.written_types.push_back(type->value);
    } else {
      spec.reject("policyTypes", fmt::format("must hold Ingress and Egress only, not {}", quoted(word)));
    }
  }
  if (words.size() > kPolicyTypesMax) spec.reject("policyTypes", "must not hold more than two entries");
  if (words.empty()) {
    policy.isolates_ingress = true;
    policy.isolates_egress = policy.egress_written == Written::listed;
  } else {
    policy.isolates_ingress = std::ranges::find(policy.written_types, Direction::ingress) != policy.written_types.end();
    policy.isolates_egress = std::ranges::find(policy.written_types, Direction::egress) != policy.written_types.end();
  }
}

}  // namespace

NetworkPolicy parse_network_policy(const Object& object, Problems& problems) {
  // A dropped selector makes a rule wider than it was meant to be.
  problems.raise_unknown_fields(base::Severity::high);
  const Fields root(*object.document, problems);
  root.only(kRootFields);
  const Fields spec = root.map("spec");
  spec.only(kSpecFields);
  NetworkPolicy policy;
  policy.object = object;
  policy.pod_selector_written = spec.has("podSelector");
  policy.pod_selector_where = spec.pos("podSelector");
  policy.pod_selector = spec.selector("podSelector").value_or(LabelSelector());
  policy.ingress_written = written(spec, "ingress");
  policy.egress_written = written(spec, "egress");
  policy.ingress = parse_rules(spec, Direction::ingress);
  policy.egress = parse_rules(spec, Direction::egress);
  parse_types(spec, policy);
  if (!spec.present()) root.require("spec");
  return policy;
}

}  // namespace gantry::kube
