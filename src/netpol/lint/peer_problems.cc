// Peers that admit nobody, or others than they should.

#include "base/text.h"
#include "netpol/lint/diagnosis.h"
#include "netpol/lint/peer_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace gantry::netpol::linting {

using base::Node;
using base::Severity;
using base::SourcePos;
using kube::Direction;
using kube::LabelSelector;
using kube::NetworkPolicy;
using kube::PolicyPeer;
using kube::PolicyRule;
using kube::Requirement;
using kube::SelectorOperator;

namespace {

constexpr std::string_view kNameLabel = "kubernetes.io/metadata.name";
// They are in every cluster, whatever the manifests say.
constexpr std::string_view kSystemNamespaces[] = {"default", "kube-node-lease", "kube-public", "kube-system"};
// The cluster's DNS, which no application's manifests hold.
constexpr std::string_view kDnsKeys[] = {"app.kubernetes.io/name", "dns.operator.openshift.io/daemonset-dns",
                                         "k8s-app"};
constexpr std::string_view kDnsNames[] = {"coredns", "kube-dns", "node-local-dns", "nodelocaldns", "default"};

bool is_system(std::string_view name) {
  return std::ranges::find(kSystemNamespaces, name) != std::end(kSystemNamespaces);
}

bool means_cluster_dns(const LabelSelector& pods) {
  return std::ranges::any_of(pods.requirements(), [](const Requirement& requirement) {
    return requirement.op == SelectorOperator::in &&
           std::ranges::find(kDnsKeys, requirement.key) != std::end(kDnsKeys) &&
           std::ranges::any_of(requirement.values, [](const std::string& value) {
             return std::ranges::find(kDnsNames, value) != std::end(kDnsNames);
           });
  });
}

class PeerDiagnosis {
 public:
  PeerDiagnosis(const Diagnosis& diagnosis, const NetworkPolicy& policy, Direction direction, const PolicyRule& rule,
                std::vector<SelectorProblem>& problems)
      : diagnosis_(diagnosis), policy_(policy), direction_(direction), rule_(rule), problems_(problems) {}

  void run();

 private:
  bool check_alternatives(const PolicyPeer& first, const PolicyPeer& second);
  void check(const PolicyPeer& peer);
  bool check_contradiction(const std::optional<LabelSelector>& selector, std::string_view key);
  // Whether the namespaces are there and known, so that their pods can be asked about.
  bool check_namespaces(const LabelSelector& selector);
  void check_absent(const LabelSelector& selector);
  void check_name(const Requirement& requirement);
  void check_pods(const PolicyPeer& peer);
  SelectorProblem find_cause(const PolicyPeer& peer, std::span<const std::string> name_spaces) const;
  std::vector<std::string> namespaces_of(const PolicyPeer& peer) const;

  const Node* find(std::string_view key) const { return node_ ? node_->get(key) : nullptr; }
  void add(SelectorProblem problem, const SourcePos& where, std::string mistake = {});
  std::string verb() const { return direction_ == Direction::ingress ? "admits" : "lets its pods reach"; }

  const Diagnosis& diagnosis_;
  const NetworkPolicy& policy_;
  const Direction direction_;
  const PolicyRule& rule_;
  std::vector<SelectorProblem>& problems_;
  const Node* node_ = nullptr;  // of the peer that is looked at
  SourcePos where_;
};

void PeerDiagnosis::add(SelectorProblem problem, const SourcePos& where, std::string mistake) {
  problem.policy = &policy_;
  problem.where = where;
  problem.mistake = mistake.empty() ? problem.message : std::move(mistake);
  problems_.push_back(std::move(problem));
}

void PeerDiagnosis::run() {
  bool told = false;  // with the peer before
  for (std::size_t i = 0; i < rule_.peers.size(); ++i) {
    const PolicyPeer& peer = rule_.peers[i];
    node_ = peer_node(policy_, direction_, rule_, peer);
    where_ = peer.where;
    if (!told && !peer.ip_block && !diagnosis_.reported_by_rendering(node_)) check(peer);
    told = i + 1 < rule_.peers.size() && check_alternatives(peer, rule_.peers[i + 1]);
  }
}

// NP003: two elements where one was meant. Without doubt when the second means nobody as it stands.
bool PeerDiagnosis::check_alternatives(const PolicyPeer& first, const PolicyPeer& second) {
  if (!first.namespace_selector || first.pod_selector || !second.pod_selector || second.namespace_selector)
    return false;
  if (second.pod_selector->selects_everything()) return false;
  const Index& index = diagnosis_.index();
  const bool means_own = !index.select(policy_.name_space(), *second.pod_selector).empty();
  const bool means_theirs = !index.select(*first.namespace_selector, *second.pod_selector).empty();
  if (means_own && !means_theirs) return false;
  SelectorProblem problem{.cause = SelectorCause::or_not_and};
  problem.message = fmt::format("{} {} {}, and besides {}: the two peers are alternatives, not two conditions",
                                name_of(policy_), verb(), describe(policy_, first), describe(policy_, second));
  const PolicyPeer both = make_peer(*first.namespace_selector, *second.pod_selector);
  problem.fix = fmt::format(
      "write one element for both conditions, `- {}`, that is: without the dash before podSelector", yaml(both));
  if (means_own) {
    problem.severity = Severity::medium;
    problem.fix += "; if two groups are meant, write two rules";
  }
  add(std::move(problem), second.where);
  return true;
}

void PeerDiagnosis::check(const PolicyPeer& peer) {
  if (check_contradiction(peer.namespace_selector, "namespaceSelector")) return;
  if (check_contradiction(peer.pod_selector, "podSelector")) return;
  if (peer.namespace_selector && !check_namespaces(*peer.namespace_selector)) return;
  if (peer.pod_selector && !peer.pod_selector->selects_everything()) check_pods(peer);
}

bool PeerDiagnosis::check_contradiction(const std::optional<LabelSelector>& selector, std::string_view key) {
  const std::optional<Contradiction> contradiction = selector ? find_contradiction(*selector) : std::nullopt;
  if (!contradiction) return false;
  SelectorProblem problem{.cause = SelectorCause::unsatisfiable};
  problem.message =
      fmt::format("a peer of {} can match nobody at all: {} asks for {}", name_of(policy_), key, contradiction->text);
  problem.fix = "remove one of the two requirements";
  add(std::move(problem), place_of(find(key), contradiction->second, where_));
  return true;
}

bool PeerDiagnosis::check_namespaces(const LabelSelector& selector) {
  const NamespaceMatch& matched = diagnosis_.index().select_namespaces(selector);
  if (!matched.certain.empty()) return true;
  if (matched.empty()) {
    check_absent(selector);
    return false;
  }
  std::vector<std::string> names;
  for (const kube::Namespace* name_space : matched.possible) names.push_back(name_space->name());
  SelectorProblem problem{.cause = SelectorCause::outside};
  problem.message = fmt::format("peers select namespaces {}, and nothing says whether namespace {} has that label",
                                to_string(selector), join_names(names));
  problem.fix = fmt::format(
      "add the Namespace objects with their labels to the manifests, or select `{{matchLabels: "
      "{{{}: {}}}}}`",
      kNameLabel, names.front());
  add(std::move(problem), selector.requirements().empty()
                              ? where_
                              : place_of(find("namespaceSelector"), selector.requirements().front(), where_));
  return false;
}

// No namespace matches: because of one requirement that none meets, or because none meets all.
void PeerDiagnosis::check_absent(const LabelSelector& selector) {
  const Index& index = diagnosis_.index();
  for (const Requirement& requirement : selector.requirements()) {
    const LabelSelector alone({requirement});
    if (!index.select_namespaces(alone).empty()) continue;
    if (requirement.key == kNameLabel && requirement.op == SelectorOperator::in) return check_name(requirement);
    std::vector<kube::Labelled> named;
    for (const kube::Namespace& each : diagnosis_.snapshot()->namespaces)
      if (each.defined) named.push_back({.name = "namespace " + each.name(), .labels = &each.labels.known});
    SelectorProblem problem{.cause = named.empty() ? SelectorCause::outside : SelectorCause::label_never_set};
    problem.message = fmt::format("no namespace has {}, which peers select", to_string(alone));
    problem.fix =
        hinted_fix(alone, named,
                   fmt::format("set the label on the Namespace object, or select `{{matchLabels: {{{}: NAME}}}}`, "
                               "which the API server sets",
                               kNameLabel));
    return add(std::move(problem), place_of(find("namespaceSelector"), requirement, where_));
  }
  SelectorProblem problem{.cause = SelectorCause::peer_is_nobody};
  problem.message = fmt::format("{} {} namespaces {}, and no namespace has all of that", name_of(policy_), verb(),
                                to_string(selector));
  std::vector<kube::Labelled> all;
  for (const kube::Namespace& each : diagnosis_.snapshot()->namespaces)
    all.push_back({.name = "namespace " + each.name(), .labels = &each.labels.known});
  problem.fix = hinted_fix(selector, all, "correct the selector or the labels of the namespace");
  add(std::move(problem), find("namespaceSelector") ? find("namespaceSelector")->pos() : where_);
}

// A namespace by its name that nothing here mentions: misspelt, or of somebody else.
void PeerDiagnosis::check_name(const Requirement& requirement) {
  if (std::ranges::any_of(requirement.values, is_system)) return;
  std::vector<std::string_view> known;
  for (const kube::Namespace& each : diagnosis_.snapshot()->namespaces) known.push_back(each.name());
  const std::string& name = requirement.values.front();
  const std::optional<std::string_view> nearest = base::nearest_name(name, known);
  SelectorProblem problem{.cause = nearest ? SelectorCause::label_never_set : SelectorCause::outside};
  if (nearest) {
    problem.message = fmt::format("no namespace is called {}, which peers select", name);
    problem.fix =
        fmt::format("write `{}: {}`, or give the manifests of namespace {} as well", kNameLabel, *nearest, name);
  } else {
    problem.message = fmt::format("peers select namespace {}, of which the manifests know nothing", name);
    problem.fix = fmt::format("add the Namespace object {} to the manifests, or make sure that it is there", name);
  }
  add(std::move(problem), place_of(find("namespaceSelector"), requirement, where_));
}

std::vector<std::string> PeerDiagnosis::namespaces_of(const PolicyPeer& peer) const {
  if (!peer.namespace_selector) return {policy_.name_space()};
  std::vector<std::string> names;
  const NamespaceMatch& matched = diagnosis_.index().select_namespaces(*peer.namespace_selector);
  for (const auto* list : {&matched.certain, &matched.possible})
    for (const kube::Namespace* each : *list) names.push_back(each->name());
  return names;
}

void PeerDiagnosis::check_pods(const PolicyPeer& peer) {
  const LabelSelector& pods = *peer.pod_selector;
  const Node* node = find("podSelector");
  const SourcePos where = node ? node->pos() : where_;
  const std::vector<std::string> name_spaces = namespaces_of(peer);
  if (const Requirement* generated = diagnosis_.find_generated(name_spaces, pods))
    return add(describe_generated(policy_, *generated), place_of(node, *generated, where_));
  if (!diagnosis_.index().select(policy_, peer).empty()) return;
  const bool empty_namespaces = std::ranges::all_of(
      name_spaces, [&](const std::string& name) { return diagnosis_.index().in_namespace(name).empty(); });
  if (empty_namespaces || (peer.namespace_selector && means_cluster_dns(pods))) return;
  add(find_cause(peer, name_spaces), where);
}

SelectorProblem PeerDiagnosis::find_cause(const PolicyPeer& peer, std::span<const std::string> name_spaces) const {
  const LabelSelector& pods = *peer.pod_selector;
  PolicyPeer meant = peer;
  meant.pod_selector = diagnosis_.without_leaked(policy_, find("podSelector"), pods);
  const auto is_somebody = [&](const LabelSelector& selector) {
    const Index& index = diagnosis_.index();
    return peer.namespace_selector ? !index.select(*peer.namespace_selector, selector).empty()
                                   : !index.select(policy_.name_space(), selector).empty();
  };
  if (meant.pod_selector && is_somebody(*meant.pod_selector)) {
    SelectorProblem problem{.cause = SelectorCause::leaked_label};
    problem.message =
        fmt::format("labels of a kustomization have become part of a peer of {}: it meant {}, and selects {}",
                    name_of(policy_), describe(policy_, meant), to_string(pods));
    problem.fix =
        "list the labels under `labels` with includeSelectors: false, or keep policies in a kustomization of "
        "their own";
    return problem;
  }
  if (const kube::Workload* workload = diagnosis_.find_labelled_workload(name_spaces, pods))
    return describe_labelled(policy_, pods, *workload);
  SelectorProblem problem{.cause = SelectorCause::peer_is_nobody};
  problem.message = fmt::format("{} {} {}, and there are none", name_of(policy_), verb(), describe(policy_, peer));
  const std::string* other = peer.namespace_selector ? nullptr : diagnosis_.find_only_other(policy_.name_space(), pods);
  if (other) {
    const PolicyPeer there = make_peer(namespace_named(*other), pods);
    problem.fix = fmt::format("such pods are in namespace {}: write `- {}`", *other, yaml(there));
  } else {
    problem.fix = hinted_fix(pods, diagnosis_.candidates(name_spaces), "correct podSelector, or remove the peer");
  }
  return problem;
}

}  // namespace

void diagnose_peers(const Diagnosis& diagnosis, const NetworkPolicy& policy, Direction direction,
                    std::vector<SelectorProblem>& problems) {
  if (!policy.isolates(direction)) return;  // its rules are dead: NP006 says so
  for (const PolicyRule& rule : policy.rules(direction))
    PeerDiagnosis(diagnosis, policy, direction, rule, problems).run();
}

}  // namespace gantry::netpol::linting
