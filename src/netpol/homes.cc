#include "netpol/homes.h"

#include <memory>
#include <utility>

namespace gantry::netpol {

using kube::Direction;
using kube::LabelSelector;
using kube::Namespace;
using kube::NetworkPolicy;

void Sight::add(const LabelSelector& selector) {
  for (const kube::Requirement& requirement : selector.requirements()) {
    if (requirement.key == kNamespaceNameLabel) {
      names_.insert(requirement.values.begin(), requirement.values.end());
    } else {
      keys_.insert(requirement.key);
    }
  }
}

void Sight::add(const kube::AdminPolicy& policy) {
  add(policy.subject.namespaces);
  for (const auto* rules : {&policy.ingress, &policy.egress})
    for (const kube::AdminRule& rule : *rules)
      for (const kube::AdminPeer& peer : rule.peers) add(peer.pods.namespaces);
}

void Sight::add(const NetworkPolicy& policy, Direction direction) {
  for (const kube::PolicyRule& rule : policy.rules(direction))
    for (const kube::PolicyPeer& peer : rule.peers)
      if (peer.namespace_selector) add(*peer.namespace_selector);
}

std::vector<std::string> Sight::view(const Namespace& name_space) const {
  std::vector<std::string> seen = {name_space.defined ? "" : "unknown",
                                   names_.contains(name_space.name()) ? name_space.name() : ""};
  for (const std::string& key : keys_) {
    const std::string* value = name_space.labels.known.find(key);
    seen.push_back(value ? "=" + *value : "");
  }
  return seen;
}

std::vector<Home> collect_homes(const kube::Snapshot& snapshot, const Sight& sight) {
  LabelBox::Values names;
  for (const Namespace& known : snapshot->namespaces) names.insert(known.name());
  std::vector<Home> homes = {Home::fresh(std::make_shared<const LabelBox::Values>(std::move(names)))};
  std::set<std::vector<std::string>> seen;
  for (const Namespace& known : snapshot->namespaces) {
    const bool has_policies = !kube::in_namespace(snapshot->network_policies, known.name()).empty();
    if (has_policies || seen.insert(sight.view(known)).second) homes.push_back(Home::existing(known));
  }
  return homes;
}

}  // namespace gantry::netpol
