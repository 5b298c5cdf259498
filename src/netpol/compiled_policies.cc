#include "netpol/compiled_policies.h"

#include "netpol/peers.h"

#include <algorithm>
#include <set>
#include <string_view>

namespace gantry::netpol {

using kube::AdminAction;
using kube::AdminPeer;
using kube::Direction;
using kube::PortRange;

namespace {

bool any_port(const kube::NetworkPolicy& policy, bool (*is_so)(const kube::PolicyPort&)) {
  const auto in_rule = [is_so](const kube::PolicyRule& rule) { return std::ranges::any_of(rule.ports, is_so); };
  return std::ranges::any_of(policy.rules(Direction::ingress), in_rule) ||
         std::ranges::any_of(policy.rules(Direction::egress), in_rule);
}

bool has_block(const kube::NetworkPolicy& policy) {
  const auto in_rule = [](const kube::PolicyRule& rule) {
    return std::ranges::any_of(rule.peers, [](const kube::PolicyPeer& peer) { return peer.ip_block.has_value(); });
  };
  return std::ranges::any_of(policy.rules(Direction::ingress), in_rule) ||
         std::ranges::any_of(policy.rules(Direction::egress), in_rule);
}

bool has_name(const kube::PolicyPort& port) { return port.port && std::holds_alternative<std::string>(*port.port); }

const kube::AdminPolicy* find_admin(const kube::Snapshot& snapshot, const kube::ObjectId& id) {
  const auto found =
      std::ranges::find(snapshot->admin_policies, id,
                        [](const kube::AdminPolicy& each) -> const kube::ObjectId& { return each.object.id; });
  return found == snapshot->admin_policies.end() ? nullptr : &*found;
}

}  // namespace

bool speaks_of(const kube::NetworkPolicy& policy, ProfileTopic topic) {
  switch (topic) {
    case ProfileTopic::ip_block_on_pods: return has_block(policy);
    case ProfileTopic::end_port:
      return any_port(policy, [](const kube::PolicyPort& port) { return port.end_port.has_value(); });
    case ProfileTopic::sctp:
      return any_port(policy, [](const kube::PolicyPort& port) { return port.protocol == kube::Protocol::sctp; });
    case ProfileTopic::sidecar_port_names: return any_port(policy, has_name);
    case ProfileTopic::own_node_egress:  // an exemption, beside all policies
    case ProfileTopic::service_hairpin:
    case ProfileTopic::ip_block_on_cluster_ips:
    case ProfileTopic::service_ports: return false;  // of the way to a pod, not of who may reach it
    case ProfileTopic::host_network_pods:
    case ProfileTopic::baseline_finality:
    case ProfileTopic::admin_tiers: return true;
  }
  return true;
}

bool speaks_of(const CompiledPolicy& policy, ProfileTopic topic) {
  if (policy.network) return speaks_of(*policy.network, topic);
  if (!policy.admin || topic != ProfileTopic::sidecar_port_names) return policy.admin && !changes_rows_only(topic);
  return std::ranges::any_of(*policy.rules, [](const std::vector<CompiledRule>& rules) {
    return std::ranges::any_of(rules, [](const CompiledRule& rule) { return !rule.ports.names.empty(); });
  });
}

bool changes_rows_only(ProfileTopic topic) {
  switch (topic) {
    case ProfileTopic::ip_block_on_pods:
    case ProfileTopic::end_port:
    case ProfileTopic::sctp:
    case ProfileTopic::sidecar_port_names:
    case ProfileTopic::own_node_egress:
    case ProfileTopic::service_hairpin:
    case ProfileTopic::ip_block_on_cluster_ips:
    case ProfileTopic::service_ports: return true;
    case ProfileTopic::host_network_pods:
    case ProfileTopic::baseline_finality:
    case ProfileTopic::admin_tiers: return false;
  }
  return false;
}

bool CompiledPolicy::applies(Direction direction) const {
  return network ? network->isolates(direction) : !of(direction).empty();
}

CompiledPolicies::CompiledPolicies(const kube::Snapshot& snapshot, const Endpoints& endpoints,
                                   const CompileOptions& options)
    : endpoints_(endpoints),
      profile_(options.profile),
      without_rejected_(options.without_rejected),
      peers_(std::make_shared<Peers>(snapshot, endpoints, options)) {
  if (options.among) {
    std::set<std::string_view> namespaces;
    for (const EndpointId id : options.among->ids()) namespaces.insert(endpoints[id].name_space);
    for (const std::string_view each : namespaces)
      compile_network_policies(kube::in_namespace(snapshot->network_policies, each));
  } else {
    compile_network_policies(snapshot->network_policies);
  }
  if (profile_.admin_tiers_are_enforced) compile_admin_policies(snapshot->admin_policies);
}

CompiledPolicies::CompiledPolicies(const CompiledPolicies& before, const kube::Snapshot& after,
                                   const kube::ObjectId& changed)
    : endpoints_(before.endpoints_),
      profile_(before.profile_),
      without_rejected_(before.without_rejected_),
      peers_(before.peers_),
      policies_(before.policies_) {
  for (CompiledPolicy& each : policies_) {
    if (each.network)
      each.network = kube::find_named(after->network_policies, each.network->name_space(), each.network->name());
    if (each.admin) each.admin = find_admin(after, each.admin->object.id);
  }
  const kube::NetworkPolicy* now = kube::find_named(after->network_policies, changed.name_space, changed.name);
  const bool is_there = now && !(without_rejected_ && now->object.rejected());
  CompiledPolicy compiled{.subject = peers_->nobody(), .rules = std::make_shared<const CompiledPolicy::Rules>()};
  if (is_there) compiled = compile(*now);
  if (const std::optional<std::uint32_t> index = before.find(changed)) {
    policies_[*index] = std::move(compiled);
  } else if (is_there) {
    policies_.push_back(std::move(compiled));
  }
}

CompiledPolicies::CompiledPolicies(const CompiledPolicies& before, ProfileTopic topic)
    : endpoints_(before.endpoints_),
      profile_(before.profile_.flipped(topic)),
      without_rejected_(before.without_rejected_),
      peers_(before.peers_),
      policies_(before.policies_) {
  // The administrator's rules name ports too, and these are looked up when rows are computed.
  for (CompiledPolicy& each : policies_)
    if (each.network && speaks_of(each, topic)) each = compile(*each.network);
}

CompiledPolicies::~CompiledPolicies() = default;
CompiledPolicies::CompiledPolicies(CompiledPolicies&&) noexcept = default;

const EndpointSet& CompiledPolicies::universe() const { return peers_->universe(); }
std::size_t CompiledPolicies::selector_count() const { return peers_->selector_count(); }

std::optional<std::uint32_t> CompiledPolicies::find(const kube::ObjectId& network_policy) const {
  for (std::uint32_t i = 0; i < policies_.size(); ++i)
    if (policies_[i].network && policies_[i].network->object.id == network_policy) return i;
  return std::nullopt;
}

std::size_t CompiledPolicies::count() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(policies_, [](const CompiledPolicy& each) { return each.network || each.admin; }));
}

void CompiledPolicies::compile_network_policies(std::span<const kube::NetworkPolicy> policies) {
  for (const kube::NetworkPolicy& policy : policies)
    if (!without_rejected_ || !policy.object.rejected()) policies_.push_back(compile(policy));
}

CompiledPolicy CompiledPolicies::compile(const kube::NetworkPolicy& policy) {
  auto rules = std::make_shared<CompiledPolicy::Rules>();
  for (const Direction direction : {Direction::ingress, Direction::egress}) {
    if (!policy.isolates(direction)) continue;
    auto& compiled = rules->at(static_cast<std::size_t>(std::to_underlying(direction)));
    for (const kube::PolicyRule& rule : policy.rules(direction)) compiled.push_back(compile(policy, rule));
  }
  return {.network = &policy,
          .subject = peers_->in_namespace(policy.name_space(), &policy.pod_selector),
          .rules = std::move(rules)};
}

void CompiledPolicies::compile_admin_policies(std::span<const kube::AdminPolicy> policies) {
  for (const kube::AdminPolicy& policy : policies) {
    if (without_rejected_ && policy.object.rejected()) continue;
    auto rules = std::make_shared<CompiledPolicy::Rules>();
    for (const kube::AdminRule& rule : policy.ingress) (*rules)[0].push_back(compile(rule));
    for (const kube::AdminRule& rule : policy.egress) (*rules)[1].push_back(compile(rule));
    policies_.push_back({.admin = &policy, .subject = peers_->admin_pods(policy.subject), .rules = std::move(rules)});
  }
}

void add_port(const kube::PolicyPort& port, const Profile& profile, CompiledPorts& ports) {
  if (port.protocol == kube::Protocol::sctp && !profile.sctp_is_enforced) return;
  if (!port.port) {
    ports.numbers = ports.numbers.united(PortSet::all_of(port.protocol));
  } else if (const auto* name = std::get_if<std::string>(&*port.port)) {
    ports.names.push_back({.protocol = port.protocol, .name = *name});
  } else {
    const kube::Port first = std::get<kube::Port>(*port.port);
    const kube::Port last = profile.end_port_is_enforced ? port.end_port.value_or(first) : first;
    ports.numbers = ports.numbers.united(PortSet::of(port.protocol, PortRange{first, last}));
  }
}

CompiledRule CompiledPolicies::compile(const kube::NetworkPolicy& policy, const kube::PolicyRule& rule) {
  CompiledRule compiled;
  if (rule.ports.empty()) compiled.ports.numbers = PortSet::everything();
  for (const kube::PolicyPort& port : rule.ports) add_port(port, profile_, compiled.ports);
  if (rule.peers.empty()) compiled.peers.push_back(peers_->everybody());
  for (const kube::PolicyPeer& peer : rule.peers) {
    const kube::LabelSelector* pods = peer.pod_selector ? &*peer.pod_selector : nullptr;
    if (peer.ip_block) {
      compiled.peers.push_back(peers_->block(*peer.ip_block, profile_.ip_block_matches_pods));
    } else if (peer.namespace_selector) {
      compiled.peers.push_back(peers_->in_namespaces(*peer.namespace_selector, pods));
    } else {
      compiled.peers.push_back(peers_->in_namespace(policy.name_space(), pods));
    }
  }
  return compiled;
}

CompiledRule CompiledPolicies::compile(const kube::AdminRule& rule) {
  CompiledRule compiled;
  compiled.action = rule.action;
  if (rule.ports.empty()) compiled.ports.numbers = PortSet::everything();
  for (const kube::AdminPort& port : rule.ports) {
    if (!port.name.empty()) {
      compiled.ports.names.push_back({.protocol = port.protocol, .name = port.name});
    } else if (port.protocol) {
      const PortSet numbers = port.range ? PortSet::of(*port.protocol, *port.range) : PortSet::all_of(*port.protocol);
      compiled.ports.numbers = compiled.ports.numbers.united(numbers);
    }
  }
  for (const AdminPeer& peer : rule.peers) {
    switch (peer.kind) {
      case AdminPeer::Kind::pods: compiled.peers.push_back(peers_->admin_pods(peer.pods)); break;
      case AdminPeer::Kind::networks: compiled.peers.push_back(peers_->networks(peer.networks)); break;
      case AdminPeer::Kind::nodes: compiled.peers.push_back(peers_->nodes(peer.nodes)); break;
      case AdminPeer::Kind::domain_names: compiled.peers.push_back(peers_->outside_perhaps()); break;
      case AdminPeer::Kind::unknown:
        // §12.2: what a newer API means is unknown here: allow matches nobody, deny and pass deny everybody.
        compiled.peers.push_back(rule.action == AdminAction::allow ? peers_->nobody() : peers_->everybody());
        if (rule.action == AdminAction::pass) compiled.action = AdminAction::deny;
        break;
    }
  }
  return compiled;
}

PortSet CompiledPolicies::resolve(EndpointId endpoint, const PortName& name) const {
  PortSet numbers;
  // A pod that counts as its node has no names, as nodes have none (§4).
  if (endpoints_[endpoint].host_network && !profile_.host_network_pods_are_policed) return numbers;
  for (const Endpoint::NamedPort& port : endpoints_[endpoint].named_ports) {
    if (port.name != name.name || (name.protocol && port.protocol != *name.protocol)) continue;
    if (port.of_sidecar && !profile_.sidecar_port_names_count) continue;
    numbers = numbers.united(PortSet::of(port.protocol, port.port));
  }
  return numbers;
}

const std::vector<std::pair<PortSet, EndpointSet>>& CompiledPolicies::resolutions(const PortName& name) const {
  return peers_->resolutions(name, profile_.sidecar_port_names_count,
                             [this](EndpointId endpoint, const PortName& each) { return resolve(endpoint, each); });
}

}  // namespace gantry::netpol
