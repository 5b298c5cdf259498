#include "netpol/lint/index.h"

#include <algorithm>

namespace gantry::netpol::linting {

using kube::Direction;
using kube::LabelSelector;
using kube::Match;
using kube::NetworkPolicy;

namespace {

std::string pair_key(std::string_view key, std::string_view value) {
  std::string text(key);
  text += '\0';
  text += value;
  return text;
}

constexpr std::array kDirections{Direction::ingress, Direction::egress};

}  // namespace

Index::Index(const kube::Snapshot& snapshot) : namespaces_(snapshot->namespaces) {
  collect_keys(*snapshot);
  collect_groups(snapshot);
  // Beyond this point the groups are complete: policies and Services refer to them.
  join_policies(*snapshot);
  join_services(*snapshot);
  collect_denying(*snapshot);
}

void Index::note_keys(const LabelSelector& selector) {
  for (const kube::Requirement& requirement : selector.requirements()) keys_.insert(requirement.key);
}

void Index::collect_keys(const kube::SnapshotData& data) {
  for (const NetworkPolicy& policy : data.network_policies) {
    note_keys(policy.pod_selector);
    for (const Direction direction : kDirections) {
      for (const kube::PolicyRule& rule : policy.rules(direction))
        for (const kube::PolicyPeer& peer : rule.peers)
          if (peer.pod_selector) note_keys(*peer.pod_selector);
    }
  }
  for (const kube::Service& service : data.services)
    if (service.selector) note_keys(*service.selector);
  for (const kube::AdminPolicy& policy : data.admin_policies) {
    note_keys(policy.subject.pods);
    for (const std::vector<kube::AdminRule>* rules : {&policy.ingress, &policy.egress})
      for (const kube::AdminRule& rule : *rules)
        for (const kube::AdminPeer& peer : rule.peers) note_keys(peer.pods.pods);
  }
}

// Two pods of one workload with the same signature are the same to every selector.
std::string Index::signature(const kube::Pod& pod, std::size_t index) const {
  std::string text = pod.workload ? std::to_string(*pod.workload) : "pod" + std::to_string(index);
  for (const auto& [key, value] : pod.labels.known)
    if (keys_.contains(key)) text += '\0' + pair_key(key, value);
  return text;
}

void Index::collect_groups(const kube::Snapshot& snapshot) {
  std::unordered_map<std::string, GroupId> seen;
  std::unordered_set<std::size_t> ended;  // pods of nobody's that have ended: none of them comes again
  for (std::size_t i = 0; i < snapshot->pods.size(); ++i) {
    const kube::Pod& pod = snapshot->pods[i];
    if (pod.terminal()) {  // it has no network any more (§9)
      if (pod.workload && snapshot->workloads[*pod.workload].kind == kube::WorkloadKind::pod)
        ended.insert(*pod.workload);
      continue;
    }
    const auto [it, fresh] = seen.emplace(signature(pod, i), static_cast<GroupId>(groups_.size()));
    if (!fresh) {
      ++groups_[it->second].count;
      continue;
    }
    const kube::Workload* workload = pod.workload ? &snapshot->workloads[*pod.workload] : nullptr;
    add_group({.name = to_string(workload ? workload->object.id : pod.object.id),
               .name_space = pod.name_space(),
               .workload = workload,
               .workload_index = pod.workload,
               .labels = pod.labels,
               .spec = pod.spec,
               .ips = pod.ips,
               .host_network = pod.spec->host_network});
  }
  // Workloads without a pod now: scaled to zero, or suspended. Their policies matter when they are scaled up.
  for (std::size_t i = 0; i < snapshot->workloads.size(); ++i) {
    const kube::Workload& workload = snapshot->workloads[i];
    if (by_workload_.contains(i) || ended.contains(i) || snapshot.controller_of(workload)) continue;
    const kube::Pod pod = derive_pod(workload, i, 0);
    add_group({.name = to_string(workload.object.id),
               .name_space = workload.name_space(),
               .workload = &workload,
               .workload_index = i,
               .labels = pod.labels,
               .spec = pod.spec,
               .ips = {},
               .host_network = pod.spec->host_network,
               .count = 0});
  }
}

void Index::add_group(PodGroup group) {
  const GroupId id = static_cast<GroupId>(groups_.size());
  Block& block = blocks_[group.name_space];
  block.groups.push_back(id);
  for (const auto& [key, value] : group.labels.known)
    if (keys_.contains(key)) block.by_label[pair_key(key, value)].push_back(id);
  for (const std::string& key : group.labels.present)
    if (keys_.contains(key)) block.by_open_label[key].push_back(id);
  if (group.workload_index) by_workload_[*group.workload_index].push_back(id);
  groups_.push_back(std::move(group));
}

const Index::Block* Index::find_block(std::string_view name_space) const {
  const auto it = blocks_.find(std::string(name_space));
  return it == blocks_.end() ? nullptr : &it->second;
}

std::span<const GroupId> Index::in_namespace(std::string_view name_space) const {
  const Block* block = find_block(name_space);
  return block ? std::span<const GroupId>(block->groups) : std::span<const GroupId>();
}

std::span<const GroupId> Index::of_workload(std::size_t workload) const {
  const auto it = by_workload_.find(workload);
  return it == by_workload_.end() ? std::span<const GroupId>() : std::span<const GroupId>(it->second);
}

const std::vector<GroupId>& Index::select(const std::string& name_space, const LabelSelector& selector) const {
  const auto [it, fresh] = own_matches_.try_emplace({name_space, selector});
  if (fresh) it->second = find_matching(name_space, selector);
  return it->second;
}

std::vector<GroupId> Index::find_matching(std::string_view name_space, const LabelSelector& selector) const {
  const Block* block = find_block(name_space);
  if (!block) return {};
  if (selector.selects_everything()) return block->groups;
  const auto& requirements = selector.requirements();
  const auto in = std::ranges::find(requirements, kube::SelectorOperator::in, &kube::Requirement::op);
  Ids candidates;
  if (in == requirements.end()) {
    candidates = block->groups;
  } else {
    const auto append = [&](const std::unordered_map<std::string, Ids>& lists, const std::string& key) {
      if (const auto it = lists.find(key); it != lists.end())
        candidates.insert(candidates.end(), it->second.begin(), it->second.end());
    };
    for (const std::string& value : in->values) append(block->by_label, pair_key(in->key, value));
    append(block->by_open_label, in->key);
    std::ranges::sort(candidates);
  }
  std::erase_if(candidates, [&](GroupId id) { return match(selector, groups_[id].labels) == Match::no; });
  return candidates;
}

const NamespaceMatch& Index::select_namespaces(const LabelSelector& selector) const {
  const auto [it, fresh] = namespace_matches_.try_emplace(selector);
  if (!fresh) return it->second;
  for (const kube::Namespace& name_space : namespaces_) {
    const Match matched = match(selector, name_space.labels);
    if (matched == Match::yes) it->second.certain.push_back(&name_space);
    if (matched == Match::unknown) it->second.possible.push_back(&name_space);
  }
  return it->second;
}

const std::vector<GroupId>& Index::select(const LabelSelector& namespaces, const LabelSelector& pods) const {
  const auto [it, fresh] = cross_matches_.try_emplace({namespaces, pods});
  if (!fresh) return it->second;
  const NamespaceMatch& matched = select_namespaces(namespaces);
  for (const std::vector<const kube::Namespace*>* list : {&matched.certain, &matched.possible}) {
    for (const kube::Namespace* name_space : *list) {
      const Ids found = find_matching(name_space->name(), pods);
      it->second.insert(it->second.end(), found.begin(), found.end());
    }
  }
  std::ranges::sort(it->second);
  return it->second;
}

const std::vector<GroupId>& Index::select(const NetworkPolicy& policy, const kube::PolicyPeer& peer) const {
  static const Ids kNone;
  if (peer.ip_block) return kNone;
  const auto [it, fresh] = peer_matches_.try_emplace(&peer);
  if (fresh) {
    const LabelSelector pods = peer.pod_selector.value_or(LabelSelector());
    // Answers stay where they are while others are added to a map.
    it->second =
        &(peer.namespace_selector ? select(*peer.namespace_selector, pods) : select(policy.name_space(), pods));
  }
  return *it->second;
}

void Index::join_policies(const kube::SnapshotData& data) {
  for (auto& lists : isolating_) lists.resize(groups_.size());
  for (const NetworkPolicy& policy : data.network_policies) {
    if (policy.object.rejected()) continue;
    policies_.push_back(&policy);
    blocks_[policy.name_space()].policies.push_back(&policy);
    Ids& selected = selected_[&policy] = select(policy.name_space(), policy.pod_selector);
    for (const GroupId id : selected) {
      for (const Direction direction : kDirections)
        if (policy.isolates(direction)) isolating_[static_cast<std::size_t>(direction)][id].push_back(&policy);
    }
  }
}

void Index::join_services(const kube::SnapshotData& data) {
  services_.resize(groups_.size());
  for (const kube::Service& service : data.services) {
    if (!service.selector || service.object.rejected()) continue;
    Ids& ids = endpoints_[&service] = select(service.name_space(), *service.selector);
    for (const GroupId id : ids) services_[id].push_back(&service);
  }
}

void Index::collect_denying(const kube::SnapshotData& data) {
  const auto is_everybody = [](const kube::AdminPeer& peer) {
    return peer.kind == kube::AdminPeer::Kind::pods && peer.pods.namespaces.selects_everything() &&
           peer.pods.pods.selects_everything();
  };
  const auto denies_all = [&](const kube::AdminRule& rule) {
    return rule.action == kube::AdminAction::deny && rule.ports.empty() &&
           std::ranges::any_of(rule.peers, is_everybody);
  };
  for (const kube::AdminPolicy& policy : data.admin_policies) {
    if (policy.object.rejected()) continue;
    if (std::ranges::any_of(policy.ingress, denies_all)) denying_[0].push_back(&policy);
    if (std::ranges::any_of(policy.egress, denies_all)) denying_[1].push_back(&policy);
  }
}

std::span<const NetworkPolicy* const> Index::policies_in(std::string_view name_space) const {
  const Block* block = find_block(name_space);
  return block ? std::span<const NetworkPolicy* const>(block->policies) : std::span<const NetworkPolicy* const>();
}

const std::vector<GroupId>& Index::selected_by(const NetworkPolicy& policy) const {
  static const Ids kNone;
  const auto it = selected_.find(&policy);
  return it == selected_.end() ? kNone : it->second;
}

std::span<const NetworkPolicy* const> Index::isolating(GroupId group, Direction direction) const {
  return isolating_[static_cast<std::size_t>(direction)][group];
}

std::span<const kube::Service* const> Index::services_of(GroupId group) const { return services_[group]; }

const std::vector<GroupId>& Index::endpoints_of(const kube::Service& service) const {
  static const Ids kNone;
  const auto it = endpoints_.find(&service);
  return it == endpoints_.end() ? kNone : it->second;
}

}  // namespace gantry::netpol::linting
