#include "netpol/twin.h"

#include <algorithm>

namespace gantry::netpol {

namespace {

using kube::Direction;

// ---- Three values ----

Access from(bool value) { return value ? Access::yes : Access::no; }
Access both(Access a, Access b) { return std::min(a, b); }
Access either(Access a, Access b) { return std::max(a, b); }

// The answers that are possible so far.
struct Possible {
  bool no = false;
  bool yes = false;
  void add(Access access) {
    no = no || access != Access::yes;
    yes = yes || access != Access::no;
  }
  Access sum() const { return no && yes ? Access::depends : from(yes); }
};

// ---- Labels (§6) ----

bool has_value(const kube::Requirement& requirement, const std::string& value) {
  for (const std::string& wanted : requirement.values) {
    if (wanted == value) return true;
  }
  return false;
}

Access meets(const kube::Requirement& requirement, const kube::LabelKnowledge& labels) {
  using kube::SelectorOperator;
  for (const auto& [key, value] : labels.known) {
    if (key != requirement.key) continue;
    switch (requirement.op) {
      case SelectorOperator::in: return from(has_value(requirement, value));
      case SelectorOperator::not_in: return from(!has_value(requirement, value));
      case SelectorOperator::exists: return Access::yes;
      case SelectorOperator::does_not_exist: return Access::no;
    }
  }
  for (const std::string& key : labels.present) {
    if (key != requirement.key) continue;
    if (requirement.op == SelectorOperator::exists) return Access::yes;
    if (requirement.op == SelectorOperator::does_not_exist) return Access::no;
    return Access::depends;
  }
  if (labels.others_possible) return Access::depends;
  return from(requirement.op == SelectorOperator::not_in || requirement.op == SelectorOperator::does_not_exist);
}

Access matches(const kube::LabelSelector& selector, const kube::LabelKnowledge& labels) {
  Access all = Access::yes;
  for (const kube::Requirement& requirement : selector.requirements()) all = both(all, meets(requirement, labels));
  return all;
}

// ---- Ends of a flow ----

// §7: a hostNetwork pod is its node's address to policies, unless the plugin takes it for a pod.
bool is_node_address(const TwinWorld& world, const TwinPod& pod) {
  return pod.host_network && !world.profile.host_network_pods_are_policed;
}

template <typename Predicate>
Access address_is(const TwinEnd& end, kube::IpFamily family, const Predicate& predicate) {
  if (end.pod == nullptr) return from(end.address.family == family && predicate(end.address));
  Possible possible;
  for (const kube::IpAddress& address : end.pod->addresses) {
    if (address.family == family) possible.add(from(predicate(address)));
  }
  return possible.sum();
}

bool holds(const std::vector<kube::IpAddress>& addresses, const kube::IpAddress& address) {
  return std::find(addresses.begin(), addresses.end(), address) != addresses.end();
}

bool in_any(const std::vector<kube::Cidr>& ranges, const kube::IpAddress& address) {
  for (const kube::Cidr& range : ranges) {
    if (range.contains(address)) return true;
  }
  return false;
}

// §7: whether the other end is the node that the pod runs on, or a hostNetwork pod there. Open where a pod is not
// placed.
Access is_own_node(const TwinWorld& world, const TwinPod& pod, const TwinEnd& other) {
  const Access open = world.own_node ? from(*world.own_node) : Access::depends;
  if (other.pod != nullptr) {
    if (!is_node_address(world, *other.pod)) return Access::no;
    return pod.node && other.pod->node ? from(pod.node == other.pod->node) : open;
  }
  for (std::size_t i = 0; i < world.nodes.size(); ++i) {
    if (holds(world.nodes[i].addresses, other.address)) return pod.node ? from(*pod.node == i) : open;
  }
  const bool knows_its_own = pod.node && !world.nodes[*pod.node].addresses.empty();
  return in_any(world.node_ranges, other.address) && !knows_its_own ? open : Access::no;
}

// ---- Ports (§4) ----

// Whether a container of the pod declares the flow's port under that name.
bool declares(const TwinWorld& world, const TwinEnd& destination, const std::string& name, const TwinFlow& flow) {
  if (destination.pod == nullptr || destination.pod->spec == nullptr) return false;
  if (is_node_address(world, *destination.pod)) return false;
  const auto declared_by = [&](const kube::Container& container) {
    for (const kube::ContainerPort& port : container.ports) {
      if (port.name == name && port.protocol == flow.protocol && port.port == flow.port) return true;
    }
    return false;
  };
  for (const kube::Container& container : destination.pod->spec->containers) {
    if (declared_by(container)) return true;
  }
  for (const kube::Container& container : destination.pod->spec->init_containers) {
    if (container.sidecar && world.profile.sidecar_port_names_count && declared_by(container)) return true;
  }
  return false;
}

bool port_matches(const TwinWorld& world, const kube::PolicyPort& entry, const TwinFlow& flow) {
  if (entry.protocol != flow.protocol) return false;
  if (entry.protocol == kube::Protocol::sctp && !world.profile.sctp_is_enforced) return false;
  if (!entry.port) return true;
  if (const auto* name = std::get_if<std::string>(&*entry.port)) {
    return declares(world, flow.destination, *name, flow);
  }
  const kube::Port first = std::get<kube::Port>(*entry.port);
  const bool range = entry.end_port && world.profile.end_port_is_enforced;
  const kube::Port last = range ? *entry.end_port : first;
  return first <= flow.port && flow.port <= last;
}

bool ports_match(const TwinWorld& world, const kube::PolicyRule& rule, const TwinFlow& flow) {
  if (rule.ports.empty()) return true;  // §2.2
  for (const kube::PolicyPort& port : rule.ports) {
    if (port_matches(world, port, flow)) return true;
  }
  return false;
}

// ---- Peers (§3, §5) ----

Access block_matches(const TwinWorld& world, const kube::IpBlock& block, const TwinEnd& other, kube::IpFamily family) {
  const bool is_pod = other.pod != nullptr && !is_node_address(world, *other.pod);
  if (is_pod && !world.profile.ip_block_matches_pods) return Access::no;
  return address_is(other, family, [&](const kube::IpAddress& address) {
    return block.cidr.contains(address) && !in_any(block.except, address);
  });
}

Access peer_matches(const TwinWorld& world, const kube::NetworkPolicy& policy, const kube::PolicyPeer& peer,
                    const TwinEnd& other, kube::IpFamily family) {
  if (peer.ip_block) return block_matches(world, *peer.ip_block, other, family);
  if (other.pod == nullptr || is_node_address(world, *other.pod)) return Access::no;
  const Access in_namespace = peer.namespace_selector ? matches(*peer.namespace_selector, other.pod->namespace_labels)
                                                      : from(other.pod->name_space == policy.name_space());
  const Access is_pod = peer.pod_selector ? matches(*peer.pod_selector, other.pod->labels) : Access::yes;
  return both(in_namespace, is_pod);
}

Access rule_matches(const TwinWorld& world, const kube::NetworkPolicy& policy, const kube::PolicyRule& rule,
                    const TwinFlow& flow, const TwinEnd& other) {
  if (!ports_match(world, rule, flow)) return Access::no;
  if (rule.peers.empty()) return Access::yes;  // §2.2
  Access any = Access::no;
  for (const kube::PolicyPeer& peer : rule.peers)
    any = either(any, peer_matches(world, policy, peer, other, flow.family));
  return any;
}

// ---- NetworkPolicies (§2) ----

Access applies(const TwinWorld& world, const kube::NetworkPolicy& policy, const TwinPod& pod, Direction direction) {
  return policy.isolates(direction) ? selects(world, policy, pod) : Access::no;
}

Access admitted(const TwinWorld& world, const TwinPod& pod, const TwinFlow& flow, const TwinEnd& other,
                Direction direction) {
  Access any = Access::no;
  for (const kube::NetworkPolicy* policy : world.policies) {
    const Access applying = applies(world, *policy, pod, direction);
    if (applying == Access::no) continue;
    for (const kube::PolicyRule& rule : policy->rules(direction)) {
      any = either(any, both(applying, rule_matches(world, *policy, rule, flow, other)));
    }
  }
  return any;
}

// ---- The administrator's tiers (§12) ----

Access is_among(const kube::AdminPods& pods, const TwinPod& pod) {
  if (pod.host_network) return Access::no;
  return both(matches(pods.namespaces, pod.namespace_labels), matches(pods.pods, pod.labels));
}

Access is_selected_node(const TwinWorld& world, const kube::LabelSelector& selector, const TwinEnd& other,
                        kube::IpFamily family) {
  if (other.pod != nullptr) {
    if (!is_node_address(world, *other.pod)) return Access::no;
    return other.pod->node ? matches(selector, world.nodes[*other.pod->node].labels) : Access::depends;
  }
  if (other.address.family != family) return Access::no;
  for (const TwinNode& node : world.nodes) {
    if (node.defined && holds(node.addresses, other.address)) return matches(selector, node.labels);
  }
  return in_any(world.node_ranges, other.address) ? Access::depends : Access::no;
}

Access domain_matches(const TwinWorld& world, const kube::AdminPeer& peer, const TwinEnd& other) {
  // §12.2: a set of addresses outside of the cluster, of which nothing more is known.
  if (other.pod != nullptr || in_any(world.inner_ranges, other.address)) return Access::no;
  for (const TwinNode& node : world.nodes) {
    if (node.defined && holds(node.addresses, other.address)) return Access::no;
  }
  const auto known = world.domains.find(&peer);
  return known == world.domains.end() ? Access::depends : from(known->second);
}

Access peer_matches(const TwinWorld& world, const kube::AdminRule& rule, const kube::AdminPeer& peer,
                    const TwinEnd& other, kube::IpFamily family) {
  switch (peer.kind) {
    case kube::AdminPeer::Kind::pods: return other.pod == nullptr ? Access::no : is_among(peer.pods, *other.pod);
    case kube::AdminPeer::Kind::nodes: return is_selected_node(world, peer.nodes, other, family);
    case kube::AdminPeer::Kind::networks:
      return address_is(other, family, [&](const kube::IpAddress& a) { return in_any(peer.networks, a); });
    case kube::AdminPeer::Kind::domain_names: return domain_matches(world, peer, other);
    case kube::AdminPeer::Kind::unknown: return from(rule.action != kube::AdminAction::allow);
  }
  return Access::no;
}

bool port_matches(const TwinWorld& world, const kube::AdminPort& entry, const TwinFlow& flow) {
  if (entry.protocol && *entry.protocol != flow.protocol) return false;
  if (!entry.name.empty()) return declares(world, flow.destination, entry.name, flow);
  return !entry.range || (entry.range->first <= flow.port && flow.port <= entry.range->last);
}

Access rule_matches(const TwinWorld& world, const kube::AdminRule& rule, const TwinFlow& flow, const TwinEnd& other) {
  bool port = rule.ports.empty();
  for (const kube::AdminPort& entry : rule.ports) port = port || port_matches(world, entry, flow);
  if (!port) return Access::no;
  Access any = Access::no;
  for (const kube::AdminPeer& peer : rule.peers) any = either(any, peer_matches(world, rule, peer, other, flow.family));
  return any;
}

// What a tier may say: something final, or nothing (or Pass).
struct Outcomes {
  bool allow = false;
  bool deny = false;
  bool silent = false;
  bool pass = false;
};

bool fails_closed(const kube::AdminRule& rule) {
  return std::any_of(rule.peers.begin(), rule.peers.end(),
                     [](const kube::AdminPeer& p) { return p.kind == kube::AdminPeer::Kind::unknown; });
}

void add(Outcomes& outcomes, const kube::AdminRule& rule) {
  switch (rule.action) {
    case kube::AdminAction::allow: outcomes.allow = true; return;
    case kube::AdminAction::deny: outcomes.deny = true; return;
    case kube::AdminAction::pass: (fails_closed(rule) ? outcomes.deny : outcomes.pass) = true; return;
  }
}

// The first rule that matches decides.
Outcomes consult(const TwinWorld& world, const kube::AdminPolicy& policy, const TwinPod& pod, const TwinFlow& flow,
                 const TwinEnd& other, Direction direction) {
  Outcomes outcomes;
  const Access subject = is_among(policy.subject, pod);
  for (const kube::AdminRule& rule : direction == Direction::ingress ? policy.ingress : policy.egress) {
    const Access match = both(subject, rule_matches(world, rule, flow, other));
    if (match != Access::no) add(outcomes, rule);
    if (match == Access::yes) return outcomes;
  }
  outcomes.silent = true;
  return outcomes;
}

Outcomes consult_tier(const TwinWorld& world, kube::AdminTier tier, const TwinPod& pod, const TwinFlow& flow,
                      const TwinEnd& other, Direction direction) {
  Outcomes outcomes{.silent = true};
  if (!world.profile.admin_tiers_are_enforced) return outcomes;
  const auto& policies = world.admin_policies;
  for (std::size_t first = 0; first < policies.size();) {
    std::size_t last = first + 1;
    while (!world.order_is_known && last < policies.size() && policies[last]->priority == policies[first]->priority)
      ++last;
    // Of equal priority: any of them can come first, and none has to speak before another.
    bool all_may_be_silent = true;
    for (; first < last; ++first) {
      if (policies[first]->tier != tier) continue;
      const Outcomes own = consult(world, *policies[first], pod, flow, other, direction);
      outcomes.allow = outcomes.allow || own.allow;
      outcomes.deny = outcomes.deny || own.deny;
      outcomes.pass = outcomes.pass || own.pass;
      all_may_be_silent = all_may_be_silent && own.silent;
    }
    if (!all_may_be_silent) {
      outcomes.silent = false;
      return outcomes;
    }
  }
  return outcomes;
}

// ---- One end of a flow (§12.2) ----

TwinSide judge_baseline(const TwinWorld& world, const TwinPod& pod, const TwinFlow& flow, const TwinEnd& other,
                        Direction direction) {
  const Outcomes baseline = consult_tier(world, kube::AdminTier::baseline, pod, flow, other, direction);
  Possible possible;
  if (baseline.deny) possible.add(Access::no);
  if (baseline.allow || baseline.pass || baseline.silent) possible.add(Access::yes);
  const bool spoke = baseline.allow || baseline.deny;
  return {possible.sum(), spoke ? DecidedBy::baseline : DecidedBy::nothing};
}

TwinSide judge_below_admin(const TwinWorld& world, const TwinPod& pod, const TwinFlow& flow, const TwinEnd& other,
                           Direction direction) {
  const Access isolated = isolates(world, pod, direction);
  const Direction opposite = direction == Direction::ingress ? Direction::egress : Direction::ingress;
  const Access beyond_baseline =
      world.profile.baseline_is_decided_per_direction ? Access::no : isolates(world, pod, opposite);
  Possible possible;
  TwinSide side{.access = Access::yes, .decided_by = DecidedBy::network_policy};
  if (isolated != Access::no) possible.add(admitted(world, pod, flow, other, direction));
  if (isolated != Access::yes) {
    side.decided_by = DecidedBy::nothing;
    if (beyond_baseline != Access::no) possible.add(Access::yes);
    if (beyond_baseline != Access::yes) {
      const TwinSide baseline = judge_baseline(world, pod, flow, other, direction);
      possible.add(baseline.access);
      side.decided_by = baseline.decided_by;
    }
  }
  side.access = possible.sum();
  return side;
}

TwinSide judge_policies(const TwinWorld& world, const TwinPod& pod, const TwinFlow& flow, const TwinEnd& other,
                        Direction direction) {
  const Outcomes admin = consult_tier(world, kube::AdminTier::admin, pod, flow, other, direction);
  TwinSide side{.access = Access::yes, .decided_by = DecidedBy::admin};
  Possible possible;
  if (admin.allow) possible.add(Access::yes);
  if (admin.deny) possible.add(Access::no);
  if (admin.silent || admin.pass) {
    side = judge_below_admin(world, pod, flow, other, direction);
    possible.add(side.access);
  }
  side.access = possible.sum();
  return side;
}

TwinSide judge_side(const TwinWorld& world, const TwinFlow& flow, Direction direction) {
  const bool ingress = direction == Direction::ingress;
  const TwinEnd& subject = ingress ? flow.destination : flow.source;
  const TwinEnd& other = ingress ? flow.source : flow.destination;
  if (subject.pod == nullptr || is_node_address(world, *subject.pod)) return {Access::yes, DecidedBy::not_policed};
  const bool exempt = ingress || world.profile.own_node_egress_is_exempt;
  const Access own_node = exempt ? is_own_node(world, *subject.pod, other) : Access::no;
  if (own_node == Access::yes) return {Access::yes, DecidedBy::own_node};
  TwinSide side = judge_policies(world, *subject.pod, flow, other, direction);
  side.access = either(side.access, own_node);
  return side;
}

}  // namespace

Access selects(const TwinWorld& world, const kube::NetworkPolicy& policy, const TwinPod& pod) {
  if (pod.name_space != policy.name_space() || is_node_address(world, pod)) return Access::no;
  return matches(policy.pod_selector, pod.labels);
}

Access isolates(const TwinWorld& world, const TwinPod& pod, Direction direction) {
  Access any = Access::no;
  for (const kube::NetworkPolicy* policy : world.policies) any = either(any, applies(world, *policy, pod, direction));
  return any;
}

std::vector<TwinRule> admitting_rules(const TwinWorld& world, const TwinFlow& flow, Direction direction) {
  const bool ingress = direction == Direction::ingress;
  const TwinEnd& subject = ingress ? flow.destination : flow.source;
  const TwinEnd& other = ingress ? flow.source : flow.destination;
  std::vector<TwinRule> rules;
  if (subject.pod == nullptr) return rules;
  for (const kube::NetworkPolicy* policy : world.policies) {
    if (applies(world, *policy, *subject.pod, direction) == Access::no) continue;
    const std::vector<kube::PolicyRule>& candidates = policy->rules(direction);
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      if (rule_matches(world, *policy, candidates[i], flow, other) == Access::no) continue;
      rules.push_back({policy->object.id, i});
    }
  }
  return rules;
}

TwinAnswer judge(const TwinWorld& world, const TwinFlow& flow) {
  // §7: what a pod sends to its own address, no policy sees.
  if (flow.source.pod != nullptr && flow.source.pod == flow.destination.pod) return {};
  TwinAnswer answer;
  answer.egress = judge_side(world, flow, Direction::egress);
  answer.ingress = judge_side(world, flow, Direction::ingress);
  answer.access = both(answer.egress.access, answer.ingress.access);
  return answer;
}

}  // namespace gantry::netpol
