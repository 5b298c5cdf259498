// NetworkPolicies that do not do what they say: they select nobody, admit nobody, or open a port on which nobody listens. The
// ids in brackets are of the lint catalogue in the network policy reference (§15); the rest of it is the reachability engine's.

#include "base/text.h"
#include "launch/checks/references/references.h"
#include "launch/checks/system/rule_place.h"
#include "launch/checks/system/rules.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

namespace gantry::launch {

using base::Finding;
using kube::Direction;
using kube::LabelSelector;
using kube::Match;
using kube::NetworkPolicy;
using kube::PolicyPeer;
using kube::PolicyPort;
using kube::PolicyRule;
using kube::Requirement;

namespace {

constexpr std::string_view kNameLabel = "kubernetes.io/metadata.name";
constexpr std::string_view kMatchLabels = "write the labels that are meant";

using Selected = std::vector<const PodClass*>;

class PolicyJudge {
 public:
  PolicyJudge(const World& world, const NetworkPolicy& policy, std::vector<Finding>& findings)
      : world_(world), policy_(policy), name_(to_string(policy.object.id)), findings_(findings) {}

  void judge_selectors();
  void judge_rules();

 private:
  void judge_subject();
  void judge_peer(const RulePlace& place);
  void judge_namespaces(const RulePlace& place);
  void judge_ports(Direction direction, std::size_t rule, const Selected& destinations);
  void judge_named_port(const RulePlace& place, const PolicyPort& port, const std::string& wanted,
                        const Selected& destinations);
  void judge_service_port(const RulePlace& place, const PolicyPort& port, const Selected& destinations);

  Selected subjects() const { return select(in_namespace(world_.pods(), policy_.name_space()), policy_.pod_selector); }
  // The pods of the namespaces that a peer means, and those of them that it selects, as far as they are known.
  Selected candidates(const PolicyPeer& peer) const;
  Selected members(const PolicyPeer& peer) const;
  void add(std::string_view rule, const base::SourcePos& where, std::string message, std::string fix) {
    findings_.push_back(make_finding(rule, name_, where, std::move(message), std::move(fix)));
  }
  template <typename Visit>
  void for_each_rule(Visit visit) const {
    for (const Direction direction : {Direction::ingress, Direction::egress})
      for (std::size_t r = 0; r < policy_.rules(direction).size(); ++r) visit(direction, r);
  }

  const World& world_;
  const NetworkPolicy& policy_;
  std::string name_;
  std::vector<Finding>& findings_;
};

void PolicyJudge::judge_selectors() {
  judge_subject();
  for_each_rule([&](Direction direction, std::size_t r) {
    for (std::size_t p = 0; p < policy_.rules(direction)[r].peers.size(); ++p)
      judge_peer({.policy = &policy_, .direction = direction, .rule = r, .peer = p});
  });
}

void PolicyJudge::judge_rules() {
  for (const Direction direction : {Direction::ingress, Direction::egress}) {
    if (policy_.rules(direction).empty() || policy_.isolates(direction)) continue;
    add("policy.dead-rules", policy_.types_where,
        fmt::format("{} has {} rules, and its policyTypes leave {} out", name_, to_string(direction),
                    to_string(direction)),
        fmt::format("add {} to policyTypes, or remove the rules",
                    direction == Direction::ingress ? "Ingress" : "Egress"));
  }
  const Selected selected = subjects();
  for_each_rule([&](Direction direction, std::size_t r) {
    const PolicyRule& rule = policy_.rules(direction)[r];
    const std::string_view list = direction == Direction::ingress ? "from" : "to";
    if (rule.peers_written == kube::Written::empty)
      add("policy.peers-empty", rule.peers_where,
          fmt::format("{} {}[{}] has an empty list `{}`, which means everybody", name_, to_string(direction), r, list),
          fmt::format("name the peers, or remove `{}` if everybody is meant", list));
    if (direction == Direction::ingress) return judge_ports(direction, r, selected);
    Selected destinations;
    for (const PolicyPeer& peer : rule.peers)
      for (const PodClass* pods : members(peer)) destinations.push_back(pods);
    judge_ports(direction, r, destinations);
  });
}

// ---- Whom it selects [NP001]

void PolicyJudge::judge_subject() {
  if (!subjects().empty()) return;
  const std::span<const PodClass> candidates = in_namespace(world_.pods(), policy_.name_space());
  if (policy_.pod_selector.selects_everything())
    return add("policy.selects-everything-of-nothing", policy_.pod_selector_where,
               fmt::format("{} selects every pod of {}, which has none", name_, policy_.name_space()),
               "nothing, if pods are to come");
  add("policy.selects-nothing", policy_.pod_selector_where,
      fmt::format("{} selects {}, and no pod of {} matches", name_, to_string(policy_.pod_selector),
                  policy_.name_space()),
      hinted_fix(policy_.pod_selector, with_labels(candidates), kMatchLabels));
}

// ---- Whom it means [NP002, NP016, NP044]

// The names that a selector pins namespaces to; nothing when it does not.
std::optional<std::vector<std::string>> pinned_names(const LabelSelector& selector) {
  for (const Requirement& requirement : selector.requirements())
    if (requirement.key == kNameLabel && requirement.op == kube::SelectorOperator::in) return requirement.values;
  return std::nullopt;
}

// A namespace of Kubernetes itself may be meant, of which the manifests know the name and nothing else.
bool means_given_namespace(const LabelSelector& selector) {
  const std::optional<std::vector<std::string>> names = pinned_names(selector);
  return names && std::ranges::any_of(*names, World::is_given_namespace);
}

void PolicyJudge::judge_namespaces(const RulePlace& place) {
  const LabelSelector& selector = *place.get_peer()->namespace_selector;
  std::vector<kube::Labelled> known;
  std::vector<std::string_view> names;
  for (const kube::Namespace& name_space : world_.snapshot()->namespaces) {
    known.push_back({fmt::format("namespace {}", name_space.name()), &name_space.labels.known});
    names.push_back(name_space.name());
  }
  const std::optional<std::vector<std::string>> pinned = pinned_names(selector);
  const bool is_unknown_name = pinned && std::ranges::none_of(*pinned, [&](const std::string& name) {
                                 return std::ranges::find(names, name) != names.end();
                               });
  if (is_unknown_name)
    return add(
        "policy.namespace-unknown", place.pos(),
        fmt::format("{} means namespace {}, which no manifest defines", to_string(place), fmt::join(*pinned, " or ")),
        nearest_fix(pinned->front(), names, "see that it exists where this is applied"));
  add("policy.namespace-label-missing", place.pos(),
      fmt::format("{} means namespaces with {}, and no namespace has it", to_string(place), to_string(selector)),
      hinted_fix(selector, known, "label the namespace, or select it by kubernetes.io/metadata.name"));
}

void PolicyJudge::judge_peer(const RulePlace& place) {
  const PolicyPeer& peer = *place.get_peer();
  if (peer.ip_block) return;
  if (peer.namespace_selector) {
    if (means_given_namespace(*peer.namespace_selector)) return;
    const bool has_namespace = std::ranges::any_of(world_.snapshot()->namespaces, [&](const kube::Namespace& each) {
      return kube::match(*peer.namespace_selector, each.labels) != Match::no;
    });
    if (!has_namespace) return judge_namespaces(place);
  }
  if (!peer.pod_selector || peer.pod_selector->selects_everything() || !members(peer).empty()) return;
  add("policy.peer-matches-nothing", place.pos(),
      fmt::format("{} means pods with {}, and there are none{}", to_string(place), to_string(*peer.pod_selector),
                  peer.namespace_selector ? fmt::format(" in namespaces with {}", to_string(*peer.namespace_selector))
                                          : fmt::format(" in {}", policy_.name_space())),
      hinted_fix(*peer.pod_selector, with_labels(candidates(peer)), kMatchLabels));
}

Selected PolicyJudge::candidates(const PolicyPeer& peer) const {
  Selected found;
  for (const PodClass& pods : world_.pods()) {
    const bool is_meant =
        peer.namespace_selector
            ? kube::match(*peer.namespace_selector, namespace_labels(world_.snapshot(), pods.name_space())) != Match::no
            : pods.name_space() == policy_.name_space();
    if (is_meant && !peer.ip_block) found.push_back(&pods);
  }
  return found;
}

Selected PolicyJudge::members(const PolicyPeer& peer) const {
  Selected found = candidates(peer);
  if (peer.pod_selector)
    std::erase_if(found,
                  [&](const PodClass* pods) { return kube::match(*peer.pod_selector, pods->pod.labels) == Match::no; });
  return found;
}

// ---- What it opens [NP009, NP010]

void PolicyJudge::judge_ports(Direction direction, std::size_t rule, const Selected& destinations) {
  if (destinations.empty()) return;
  const RulePlace place{.policy = &policy_, .direction = direction, .rule = rule, .peer = std::nullopt};
  for (const PolicyPort& port : policy_.rules(direction)[rule].ports) {
    if (!port.port) continue;
    if (const auto* name = std::get_if<std::string>(&*port.port)) {
      judge_named_port(place, port, *name, destinations);
    } else if (!port.end_port) {
      judge_service_port(place, port, destinations);
    }
  }
}

void PolicyJudge::judge_named_port(const RulePlace& place, const PolicyPort& port, const std::string& wanted,
                                   const Selected& destinations) {
  std::set<std::string> lacking;
  std::set<std::string> declared;
  bool is_declared = false;
  for (const PodClass* pods : destinations) {
    const bool here = !kube::find_named_ports(*pods->pod.spec, wanted, port.protocol).empty();
    is_declared = is_declared || here;
    if (!here) lacking.insert(pods->owner_name());
    for (const kube::Container& container : pods->pod.spec->containers)
      for (const kube::ContainerPort& each : container.ports) declared.insert(each.name);
  }
  if (lacking.empty()) return;
  declared.erase("");
  add(is_declared ? "policy.port-undeclared-partly" : "policy.port-undeclared", port.where,
      fmt::format("{} opens port {}, which {} does not declare", to_string(place), to_string(port),
                  fmt::join(lacking, ", ")),
      nearest_fix(wanted, {declared.begin(), declared.end()},
                  "name a port that the container declares, or its number"));
}

bool listens(const PodClass& pods, kube::Port number, kube::Protocol protocol) {
  return std::ranges::any_of(pods.pod.spec->containers, [&](const kube::Container& container) {
    return std::ranges::any_of(container.ports, [&](const kube::ContainerPort& port) {
      return port.port == number && port.protocol == protocol;
    });
  });
}

// The number that a Service's port leads to on one pod; nothing for a name that it does not declare.
std::optional<kube::Port> target_of(const kube::ServicePort& port, const PodClass& pods) {
  if (const auto* number = std::get_if<kube::Port>(&port.target)) return *number;
  const std::vector<kube::Port> named =
      kube::find_named_ports(*pods.pod.spec, std::get<std::string>(port.target), port.protocol);
  return named.empty() ? std::nullopt : std::optional(named.front());
}

void PolicyJudge::judge_service_port(const RulePlace& place, const PolicyPort& port, const Selected& destinations) {
  const kube::Port number = std::get<kube::Port>(*port.port);
  const kube::Service* meant = nullptr;
  std::optional<kube::Port> target;
  for (const PodClass* pods : destinations) {
    if (listens(*pods, number, port.protocol)) return;
    for (const kube::Service& service : kube::in_namespace(world_.snapshot()->services, pods->name_space())) {
      if (!service.selector || kube::match(*service.selector, pods->pod.labels) == Match::no) continue;
      for (const kube::ServicePort& each : service.ports) {
        if (each.protocol != port.protocol) continue;
        const std::optional<kube::Port> leads_to = target_of(each, *pods);
        if (leads_to == number) return;
        if (each.port != number || !leads_to) continue;
        meant = &service;
        target = leads_to;
      }
    }
  }
  if (!meant) return;
  add("policy.service-port", port.where,
      fmt::format("{} opens port {}, which is the port of {}; its pods listen on {}", to_string(place), to_string(port),
                  to_string(meant->object.id), target->value()),
      fmt::format("open {} instead", target->value()));
}

}  // namespace

void judge_policies(const World& world, const kube::Snapshot& judged, std::vector<Finding>& findings) {
  for (const NetworkPolicy& policy : judged->network_policies) {
    PolicyJudge judge(world, policy, findings);
    judge.judge_selectors();
    judge.judge_rules();
  }
}

void judge_policy_selectors(const World& world, const NetworkPolicy& policy, std::vector<Finding>& findings) {
  PolicyJudge(world, policy, findings).judge_selectors();
}

}  // namespace gantry::launch
