#include "netpol/proposals/edits.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <utility>

namespace gantry::netpol {

using kube::Direction;
using kube::NetworkPolicy;
using kube::PolicyRule;
using Kind = PolicyEdit::Kind;

namespace {

// What is taken from one rule, by the places that it had.
struct Removals {
  bool whole = false;
  std::set<std::size_t> peers;
  std::set<std::size_t> ports;
};

template <typename Element>
void erase_indices(std::vector<Element>& list, const std::set<std::size_t>& indices) {
  for (auto index = indices.rbegin(); index != indices.rend(); ++index)
    if (*index < list.size()) list.erase(list.begin() + static_cast<std::ptrdiff_t>(*index));
}

// Everything that is to happen to one direction of one policy.
struct DirectionEdits {
  std::map<std::size_t, Removals> removals;
  std::map<std::size_t, std::vector<kube::PolicyPeer>> peers;
  std::map<std::size_t, std::vector<kube::PolicyPort>> ports;
  std::vector<PolicyRule> rules;
};

void collect(const TypedEdit& typed, DirectionEdits& edits) {
  const RulePlace& place = typed.edit.place;
  const std::size_t rule = place.rule.value_or(0);
  switch (typed.edit.kind) {
    case Kind::add_port: edits.ports[rule].push_back(*typed.port); break;
    case Kind::add_peer: edits.peers[rule].push_back(*typed.peer); break;
    case Kind::add_rule: edits.rules.push_back(*typed.rule); break;
    case Kind::add_policy: break;
    case Kind::remove_port: edits.removals[rule].ports.insert(place.port.value_or(0)); break;
    case Kind::remove_peer: edits.removals[rule].peers.insert(place.peer.value_or(0)); break;
    case Kind::remove_rule: edits.removals[rule].whole = true; break;
  }
}

void edit_rules(std::vector<PolicyRule>& rules, const DirectionEdits& edits) {
  std::set<std::size_t> gone;
  for (std::size_t index = 0; index < rules.size(); ++index) {
    PolicyRule& rule = rules[index];
    const auto removals = edits.removals.find(index);
    if (removals != edits.removals.end()) {
      // A list that loses all and gains some is another list, not an empty one.
      const bool loses_peers = !edits.peers.contains(index) && !removals->second.peers.empty() &&
                               removals->second.peers.size() >= rule.peers.size();
      const bool loses_ports = !edits.ports.contains(index) && !removals->second.ports.empty() &&
                               removals->second.ports.size() >= rule.ports.size();
      if (removals->second.whole || loses_peers || loses_ports) {
        gone.insert(index);
        continue;
      }
      erase_indices(rule.peers, removals->second.peers);
      erase_indices(rule.ports, removals->second.ports);
    }
    if (const auto peers = edits.peers.find(index); peers != edits.peers.end())
      rule.peers.insert(rule.peers.end(), peers->second.begin(), peers->second.end());
    if (const auto ports = edits.ports.find(index); ports != edits.ports.end())
      rule.ports.insert(rule.ports.end(), ports->second.begin(), ports->second.end());
  }
  erase_indices(rules, gone);
  rules.insert(rules.end(), edits.rules.begin(), edits.rules.end());
}

void edit_policy(NetworkPolicy& policy, const std::vector<const TypedEdit*>& edits) {
  for (const Direction direction : {Direction::ingress, Direction::egress}) {
    DirectionEdits mine;
    for (const TypedEdit* typed : edits)
      if (typed->edit.place.direction == direction) collect(*typed, mine);
    edit_rules(direction == Direction::ingress ? policy.ingress : policy.egress, mine);
  }
  policy.ingress_written = policy.ingress.empty() ? policy.ingress_written : kube::Written::listed;
  policy.egress_written = policy.egress.empty() ? policy.egress_written : kube::Written::listed;
  // Where policyTypes is not written, the API server goes by whether there are egress rules (network policy reference, §2.1).
  if (policy.written_types.empty()) policy.isolates_egress = !policy.egress.empty();
}

bool comes_before(const NetworkPolicy& a, const NetworkPolicy& b) {
  return std::pair(a.name_space(), a.name()) < std::pair(b.name_space(), b.name());
}

std::size_t rules_in(const TypedEdit& typed) {
  if (typed.edit.kind == Kind::add_rule) return 1;
  return typed.policy ? typed.policy->ingress.size() + typed.policy->egress.size() : 0;
}

std::size_t parts_in(const TypedEdit& typed) {
  const auto parts = [](const PolicyRule& rule) { return rule.peers.size() + rule.ports.size(); };
  if (typed.rule) return parts(*typed.rule);
  std::size_t count = typed.policy ? 0 : 1;
  if (typed.policy)
    for (const Direction direction : {Direction::ingress, Direction::egress})
      for (const PolicyRule& rule : typed.policy->rules(direction)) count += parts(rule);
  return count;
}

}  // namespace

bool is_removal(Kind kind) { return kind >= Kind::remove_port; }

kube::Snapshot apply(const kube::Snapshot& before, const std::vector<TypedEdit>& edits) {
  if (edits.empty()) return before;
  auto data = std::make_shared<kube::SnapshotData>(*before);
  std::vector<NetworkPolicy>& policies = data->network_policies.edit();
  std::map<kube::ObjectId, std::vector<const TypedEdit*>> by_policy;
  for (const TypedEdit& typed : edits) {
    if (typed.edit.kind == Kind::add_policy) {
      data->objects.edit().push_back(typed.policy->object);
      policies.push_back(*typed.policy);
    } else {
      by_policy[typed.edit.policy].push_back(&typed);
    }
  }
  for (NetworkPolicy& policy : policies)
    if (const auto mine = by_policy.find(policy.object.id); mine != by_policy.end()) edit_policy(policy, mine->second);
  std::ranges::sort(policies, comes_before);
  return kube::Snapshot(std::move(data));
}

EditCost cost_of(const std::vector<TypedEdit>& edits) {
  EditCost cost;
  for (const TypedEdit& typed : edits) {
    cost.objects += typed.edit.kind == Kind::add_policy ? 1 : 0;
    cost.rules += rules_in(typed);
    cost.edits += 1;
    cost.parts += is_removal(typed.edit.kind) ? 1 : parts_in(typed);
  }
  return cost;
}

}  // namespace gantry::netpol
