// AdminNetworkPolicy, BaselineAdminNetworkPolicy (policy.networking.k8s.io/v1alpha1) and ClusterNetworkPolicy (v1alpha2), with
// the validation of their CustomResourceDefinitions (network policy reference, §12.1).

#include "kube/readers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace gantry::kube {

namespace {

constexpr std::string_view kRootFields[] = {"apiVersion", "kind", "metadata", "spec", "status"};
constexpr std::string_view kSpecFields[] = {"egress", "ingress", "priority", "subject", "tier"};
constexpr std::string_view kPodsFields[] = {"namespaceSelector", "podSelector"};

constexpr Bounds kPriority{0, 1000};

// What differs between the three kinds.
struct Dialect {
  std::string_view kind;
  AdminKind value;
  AdminTier tier;
  bool has_priority;
  bool may_pass;
  bool may_name_domains;
  std::string_view allow_word;
  std::string_view ports_key;
  std::size_t rules_max;  // in each direction
  std::size_t peers_max;  // in each rule
};
constexpr std::array<Dialect, 3> kDialects = {{
    {"AdminNetworkPolicy", AdminKind::admin_network_policy, AdminTier::admin, true, true, true, "Allow", "ports", 100,
     100},
    {"BaselineAdminNetworkPolicy", AdminKind::baseline_admin_network_policy, AdminTier::baseline, false, false, false,
     "Allow", "ports", 100, 100},
    {"ClusterNetworkPolicy", AdminKind::cluster_network_policy, AdminTier::admin, true, true, true, "Accept",
     "protocols", 25, 25},
}};
constexpr std::size_t kNetworksMax = 25;
constexpr std::string_view kOnlyBaselineName = "default";

constexpr Choice<AdminTier> kTiers[] = {{"Admin", AdminTier::admin}, {"Baseline", AdminTier::baseline}};

const Dialect& dialect_of(std::string_view kind) {
  const auto it = std::ranges::find(kDialects, kind, &Dialect::kind);
  return it == kDialects.end() ? kDialects.front() : *it;
}

AdminAction parse_action(const Fields& rule, const Dialect& dialect) {
  const Choice<AdminAction> choices[] = {
      {dialect.allow_word, AdminAction::allow}, {"Deny", AdminAction::deny}, {"Pass", AdminAction::pass}};
  const std::size_t count = dialect.may_pass ? 3 : 2;
  rule.require("action");
  return rule.choice<AdminAction>("action", std::span(choices).first(count)).value_or(AdminAction::deny);
}

// `pods: {namespaceSelector, podSelector}`, both required.
AdminPods parse_pods(const Fields& pods) {
  pods.only(kPodsFields);
  pods.require("namespaceSelector");
  pods.require("podSelector");
  return {.namespaces = pods.selector("namespaceSelector").value_or(LabelSelector()),
          .pods = pods.selector("podSelector").value_or(LabelSelector())};
}

// `namespaces: <selector>`. Early versions could say "the same tenant" there.
LabelSelector parse_namespaces(const Fields& holder) {
  const base::Node* value = holder.find("namespaces");
  for (const std::string_view key : {"sameLabels", "notSameLabels"}) {
    if (value == nullptr || value->get(key) == nullptr) continue;
    holder.reject("namespaces", fmt::format("has {}, which was removed from the API", key),
                  "write one policy for each group of namespaces, by their labels");
    return {};
  }
  return holder.selector("namespaces").value_or(LabelSelector());
}

AdminPods parse_subject(const Fields& spec) {
  const Fields subject = spec.map("subject");
  spec.require("subject");
  if (!subject.present()) return {};
  if (subject.has("namespaces") == subject.has("pods")) subject.reject({}, "must name either namespaces or pods");
  const Fields pods = subject.map("pods");
  if (pods.present()) return parse_pods(pods);
  return {.namespaces = parse_namespaces(subject), .pods = {}};
}

AdminPeer parse_peer(const Fields& fields, Direction direction, AdminAction action, const Dialect& dialect) {
  AdminPeer peer;
  peer.where = fields.pos();
  const bool egress = direction == Direction::egress;
  const Fields pods = fields.map("pods");
  if (fields.has("namespaces")) {
    peer.kind = AdminPeer::Kind::pods;
    peer.pods.namespaces = parse_namespaces(fields);
  } else if (pods.present()) {
    peer.kind = AdminPeer::Kind::pods;
    peer.pods = parse_pods(pods);
  } else if (egress && fields.has("nodes")) {
    peer.kind = AdminPeer::Kind::nodes;
    peer.nodes = fields.selector("nodes").value_or(LabelSelector());
  } else if (egress && fields.has("networks")) {
    peer.kind = AdminPeer::Kind::networks;
    peer.networks = fields.cidrs("networks");
    if (peer.networks.empty()) fields.reject("networks", "must hold at least one range");
    if (peer.networks.size() > kNetworksMax)
      fields.reject("networks", fmt::format("must not hold more than {} ranges", kNetworksMax));
  } else if (egress && fields.has("domainNames")) {
    peer.kind = AdminPeer::Kind::domain_names;
    peer.domain_names = fields.texts("domainNames");
    if (action != AdminAction::allow) fields.reject("domainNames", "may only be used to allow");
    if (!dialect.may_name_domains) fields.reject("domainNames", fmt::format("may not stand in a {}", dialect.kind));
  }
  std::size_t given = 0;
  for (const std::string_view key : {"namespaces", "pods", "nodes", "networks", "domainNames"})
    given += fields.has(key);
  if (given > 1) fields.reject({}, "must name exactly one kind of peer");
  if (given == 0 && (!fields.present() || fields.node()->map().empty())) fields.reject({}, "names no peer");
  return peer;
}

std::optional<PortRange> parse_range(const Fields& fields) {
  fields.require("start");
  fields.require("end");
  const std::optional<Port> first = fields.port("start");
  const std::optional<Port> last = fields.port("end");
  if (!first || !last) return std::nullopt;
  if (*last <= *first) {
    fields.reject("end", fmt::format("({}) must be above start ({})", last->value(), first->value()));
    return std::nullopt;
  }
  return PortRange{*first, *last};
}

// v1alpha1: exactly one of portNumber, portRange, namedPort.
AdminPort parse_v1_port(const Fields& fields) {
  AdminPort port;
  port.where = fields.pos();
  const Fields number = fields.map("portNumber");
  const Fields range = fields.map("portRange");
  if (number.present()) {
    port.protocol = number.protocol("protocol");
    number.require("port");
    if (const std::optional<Port> one = number.port("port")) port.range = PortRange{*one, *one};
  } else if (range.present()) {
    port.protocol = range.protocol("protocol");
    port.range = parse_range(range);
  } else {
    port.name = fields.text("namedPort");
  }
  if (number.present() + range.present() + fields.has("namedPort") != 1) {
    fields.reject({}, "must be exactly one of portNumber, portRange and namedPort");
  }
  return port;
}

// v1alpha2: exactly one of tcp, udp, sctp, destinationNamedPort.
AdminPort parse_v2_protocol(const Fields& fields) {
  static constexpr Choice<Protocol> kNames[] = {
      {"tcp", Protocol::tcp}, {"udp", Protocol::udp}, {"sctp", Protocol::sctp}};
  AdminPort port;
  port.where = fields.pos();
  port.name = fields.text("destinationNamedPort");
  int given = fields.has("destinationNamedPort");
  for (const Choice<Protocol>& name : kNames) {
    const Fields protocol = fields.map(name.word);
    if (!protocol.present()) continue;
    ++given;
    port.protocol = name.value;
    const Fields destination = protocol.map("destinationPort");
    const Fields range = destination.map("range");
    if (const std::optional<Port> one = destination.port("number")) {
      port.range = PortRange{*one, *one};
    } else if (range.present()) {
      port.range = parse_range(range);
    } else if (!destination.present()) {
      // The texts say that this means every port, the published schema refuses it (network policy reference, §12.1).
      protocol.doubt({}, "has no destinationPort: every port, where the API server takes it",
                     "write destinationPort: {range: {start: 1, end: 65535}} for every port");
    }
  }
  if (given != 1) fields.reject({}, "must be exactly one of tcp, udp, sctp and destinationNamedPort");
  return port;
}

AdminRule parse_rule(const Fields& fields, Direction direction, const Dialect& dialect) {
  const bool ingress = direction == Direction::ingress;
  const std::string_view peers_key = ingress ? "from" : "to";
  std::array<std::string_view, 4> known = {"action", "name", peers_key, dialect.ports_key};
  std::ranges::sort(known);
  fields.only(known);
  AdminRule rule;
  rule.where = fields.pos();
  rule.name = fields.text("name");
  rule.action = parse_action(fields, dialect);
  fields.each(peers_key,
              [&](const Fields& peer) { rule.peers.push_back(parse_peer(peer, direction, rule.action, dialect)); });
  const bool is_v1 = dialect.ports_key == "ports";
  fields.each(dialect.ports_key,
              [&](const Fields& port) { rule.ports.push_back(is_v1 ? parse_v1_port(port) : parse_v2_protocol(port)); });
  if (rule.peers.empty()) fields.reject(peers_key, "must name at least one peer");
  if (rule.peers.size() > dialect.peers_max) {
    fields.reject(peers_key, fmt::format("must not name more than {} peers", dialect.peers_max));
  }
  const bool has_names = std::ranges::any_of(rule.ports, [](const AdminPort& port) { return !port.name.empty(); });
  const bool has_addresses =
      std::ranges::any_of(rule.peers, [](const AdminPeer& p) { return p.kind != AdminPeer::Kind::pods; });
  if (has_names && has_addresses)
    fields.reject({}, "has a named port, which only pods have, and peers that are no pods");
  return rule;
}

std::vector<AdminRule> parse_rules(const Fields& spec, Direction direction, const Dialect& dialect) {
  std::vector<AdminRule> rules;
  spec.each(to_string(direction),
            [&](const Fields& fields) { rules.push_back(parse_rule(fields, direction, dialect)); });
  if (rules.size() > dialect.rules_max) {
    spec.reject(to_string(direction), fmt::format("must not hold more than {} rules", dialect.rules_max));
  }
  return rules;
}

}  // namespace

std::string_view to_string(AdminAction action) {
  switch (action) {
    case AdminAction::allow: return "allow";
    case AdminAction::deny: return "deny";
    case AdminAction::pass: return "pass";
  }
  return "deny";
}

AdminPolicy parse_admin_policy(const Object& object, Problems& problems) {
  const Dialect& dialect = dialect_of(object.id.kind);
  problems.raise_unknown_fields(base::Severity::high);
  const Fields root(*object.document, problems);
  root.only(kRootFields);
  const Fields spec = root.map("spec");
  spec.only(kSpecFields);
  AdminPolicy policy;
  policy.object = object;
  policy.kind = dialect.value;
  policy.tier = dialect.tier;
  if (policy.kind == AdminKind::cluster_network_policy) {
    spec.require("tier");
    policy.tier = spec.choice<AdminTier>("tier", kTiers).value_or(AdminTier::admin);
  }
  if (dialect.has_priority) {
    spec.require("priority");
    policy.priority = spec.integer_or("priority", 0, kPriority);
  }
  if (policy.kind == AdminKind::baseline_admin_network_policy && object.id.name != kOnlyBaselineName) {
    root.reject({}, "a BaselineAdminNetworkPolicy must be named \"default\": there is only one");
  }
  policy.subject = parse_subject(spec);
  policy.subject_where = spec.pos("subject");
  policy.ingress = parse_rules(spec, Direction::ingress, dialect);
  policy.egress = parse_rules(spec, Direction::egress, dialect);
  return policy;
}

}  // namespace gantry::kube
