#include "netpol/lint/admission.h"

#include <algorithm>

namespace gantry::netpol::linting {

using kube::AdminAction;
using kube::AdminPolicy;
using kube::AdminRule;
using kube::Direction;
using kube::NetworkPolicy;
using kube::PolicyPeer;
using kube::PolicyRule;

bool admits(const Context& context, GroupId group, Direction direction, kube::Protocol protocol, kube::Port port,
            const PeerTest& test) {
  // A name in an egress rule is looked up on pods that are not here: it may be the port.
  const auto holds_port = [&](const PolicyRule& rule) {
    if (direction == Direction::ingress) return holds(rule, protocol, port, *context.index[group].spec);
    return rule.ports.empty() || std::ranges::any_of(rule.ports, [&](const kube::PolicyPort& entry) {
             const bool named = entry.port && std::holds_alternative<std::string>(*entry.port);
             return entry.protocol == protocol && (named || holds(entry, protocol, port, kube::PodSpec()));
           });
  };
  for (const NetworkPolicy* policy : context.index.isolating(group, direction)) {
    for (const PolicyRule& rule : policy->rules(direction)) {
      if (!holds_port(rule)) continue;
      const bool passes =
          rule.peers.empty() || std::ranges::any_of(rule.peers, [&](const PolicyPeer& p) { return test(*policy, p); });
      if (passes) return true;
    }
  }
  return false;
}

bool is_address(const NetworkPolicy&, const PolicyPeer& peer) { return peer.ip_block.has_value(); }

bool may_be_stranger(const kube::Snapshot& snapshot, const PolicyPeer& peer) {
  if (peer.ip_block) return true;
  if (!peer.namespace_selector) return false;
  // A namespace that nobody mentions can have any name, save those that are here.
  const kube::LabelKnowledge stranger{.known = {}, .present = {"kubernetes.io/metadata.name"}, .others_possible = true};
  if (match(*peer.namespace_selector, stranger) == kube::Match::no) return false;
  for (const kube::Requirement& requirement : peer.namespace_selector->requirements()) {
    if (requirement.key != "kubernetes.io/metadata.name" || requirement.op != kube::SelectorOperator::in) continue;
    return std::ranges::any_of(requirement.values, [&](const std::string& name) {
      const kube::Namespace* known = snapshot.find_namespace(name);
      return known == nullptr || !known->defined;
    });
  }
  return true;
}

bool selects(const Context& context, const kube::AdminPods& pods, const PodGroup& group) {
  if (group.host_network) return false;
  const kube::Namespace* name_space = context.snapshot.find_namespace(group.name_space);
  return name_space && match(pods.namespaces, name_space->labels) != kube::Match::no &&
         match(pods.pods, group.labels) != kube::Match::no;
}

bool closed_by_administrator(const Context& context, const PodGroup& group, Direction direction) {
  return std::ranges::any_of(context.index.denying(direction),
                             [&](const AdminPolicy* policy) { return selects(context, policy->subject, group); });
}

bool opened_by_administrator(const Context& context, const PodGroup& group, kube::Protocol protocol, kube::Port port) {
  const auto holds_port = [&](const AdminRule& rule) {
    return rule.ports.empty() || std::ranges::any_of(rule.ports, [&](const kube::AdminPort& entry) {
             if (!entry.name.empty()) return true;
             const bool in_range = !entry.range || (entry.range->first <= port && port <= entry.range->last);
             return entry.protocol == protocol && in_range;
           });
  };
  return std::ranges::any_of(context.snapshot->admin_policies, [&](const AdminPolicy& policy) {
    const bool counts = policy.tier == kube::AdminTier::admin && !policy.object.rejected();
    return counts && selects(context, policy.subject, group) &&
           std::ranges::any_of(policy.egress, [&](const AdminRule& rule) {
             return rule.action == AdminAction::allow && holds_port(rule);
           });
  });
}

}  // namespace gantry::netpol::linting
