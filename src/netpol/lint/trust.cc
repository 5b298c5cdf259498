// What a rule trusts: labels that many may set, and pods that policies do not hold for (§3, §6, §7).

#include "netpol/lint/known_ports.h"
#include "netpol/lint/peer_text.h"
#include "netpol/lint/rules.h"

#include <fmt/format.h>

#include <algorithm>

namespace gantry::netpol::linting {

using base::Severity;
using kube::Direction;
using kube::LabelSelector;
using kube::NetworkPolicy;
using kube::PolicyPeer;
using kube::PolicyRule;
using kube::Requirement;
using kube::SelectorOperator;

namespace {

constexpr std::string_view kNameLabel = "kubernetes.io/metadata.name";

bool is_pinned(const LabelSelector& namespaces) {
  return std::ranges::any_of(namespaces.requirements(), [](const Requirement& requirement) {
    return requirement.key == kNameLabel && requirement.op == SelectorOperator::in;
  });
}

// What the rule guards that strangers must not reach: a port that it names, or that its pods declare when it opens all.
const KnownPort* find_guarded(const Context& context, const NetworkPolicy& policy, const PolicyRule& rule) {
  for (const GroupId id : context.index.selected_by(policy)) {
    for (const kube::ContainerPort* port : ports_of(*context.index[id].spec)) {
      const KnownPort* known = find_known_port(port->port);
      if (known && port->protocol == kube::Protocol::tcp &&
          holds(rule, port->protocol, port->port, *context.index[id].spec))
        return known;
    }
  }
  for (const kube::PolicyPort& port : rule.ports) {
    const kube::Port* number = port.port ? std::get_if<kube::Port>(&*port.port) : nullptr;
    if (const KnownPort* known = number ? find_known_port(*number) : nullptr) return known;
  }
  return nullptr;
}

base::SourcePos selector_place(const NetworkPolicy& policy, Direction direction, const PolicyRule& rule,
                               const PolicyPeer& peer, std::string_view key) {
  return place_of(peer_node(policy, direction, rule, peer), key, peer.where);
}

template <typename Look>
void each_peer(const Context& context, Look&& look) {
  for (const NetworkPolicy* policy : context.index.policies()) {
    for (const Direction direction : {Direction::ingress, Direction::egress}) {
      if (!policy->isolates(direction)) continue;
      for (const PolicyRule& rule : policy->rules(direction))
        for (const PolicyPeer& peer : rule.peers) look(*policy, direction, rule, peer);
    }
  }
}

bool opens_only_dns(const PolicyRule& rule) {
  return !rule.ports.empty() && std::ranges::all_of(rule.ports, [](const kube::PolicyPort& port) {
    return port.port && (*port.port == kube::PortRef(kube::Port(53)) || *port.port == kube::PortRef(kube::Port(5353)));
  });
}

}  // namespace

void find_settable_labels(const Context& context, Report& report) {
  each_peer(context, [&](const NetworkPolicy& policy, Direction direction, const PolicyRule& rule,
                         const PolicyPeer& peer) {
    if (direction != Direction::ingress || !peer.namespace_selector) return;
    const LabelSelector& namespaces = *peer.namespace_selector;
    if (namespaces.selects_everything() || is_pinned(namespaces)) return;
    const KnownPort* guarded = find_guarded(context, policy, rule);
    if (!guarded) return;
    const NamespaceMatch& matched = context.index.select_namespaces(namespaces);
    const std::string name = matched.certain.empty() ? "NAME" : matched.certain.front()->name();
    report.add(name_of(policy), selector_place(policy, direction, rule, peer, "namespaceSelector"),
               fmt::format("{} opens port {} ({}) to namespaces {}: whoever may label a namespace can join them",
                           name_of(policy), guarded->port, guarded->what, to_string(namespaces)),
               fmt::format("add `{}: {}` to the selector's matchLabels; the API server sets it and nobody can forge it",
                           kNameLabel, name));
  });
}

void find_forgeable_labels(const Context& context, Report& report) {
  each_peer(context,
            [&](const NetworkPolicy& policy, Direction direction, const PolicyRule& rule, const PolicyPeer& peer) {
              const bool any_namespace = peer.namespace_selector && peer.namespace_selector->selects_everything();
              if (!any_namespace || !peer.pod_selector || peer.pod_selector->selects_everything()) return;
              const bool egress = direction == Direction::egress;
              if (egress && opens_only_dns(rule)) return;  // the customary rule: names are no secret
              const std::string_view verb = egress ? "lets its pods reach" : "admits";
              base::Finding& finding =
                  report.add(name_of(policy), selector_place(policy, direction, rule, peer, "namespaceSelector"),
                             fmt::format("{} {} {}: anybody in the cluster can give a pod that label", name_of(policy),
                                         verb, describe(policy, peer)),
                             fmt::format("name the namespace: `namespaceSelector: {}`", yaml(namespace_named("NAME"))));
              if (egress) finding.severity = Severity::low;
            });
}

void find_host_network(const Context& context, Report& report) {
  for (const NetworkPolicy* policy : context.index.policies()) {
    if (policy->pod_selector.selects_everything()) continue;  // means the pods of the namespace, whatever they are
    for (const GroupId id : context.index.selected_by(*policy)) {
      if (!context.index[id].host_network) continue;
      report.add(name_of(*policy), policy->pod_selector_where,
                 fmt::format("{} selects {}, which is on the host network", name_of(*policy), context.index[id].name),
                 "take the pod off the host network, or protect its ports on the nodes by other means");
    }
  }
  each_peer(context,
            [&](const NetworkPolicy& policy, Direction direction, const PolicyRule& rule, const PolicyPeer& peer) {
              if (!peer.pod_selector || peer.pod_selector->selects_everything()) return;
              for (const GroupId id : context.index.select(policy, peer)) {
                if (!context.index[id].host_network) continue;
                report.add(name_of(policy), selector_place(policy, direction, rule, peer, "podSelector"),
                           fmt::format("a peer of {} selects {}, which is on the host network", name_of(policy),
                                       context.index[id].name),
                           "add a peer for the addresses of its nodes: `- ipBlock: {cidr: NODE-RANGE}`");
              }
            });
}

}  // namespace gantry::netpol::linting
