#pragma once

// The snapshot as the lints ask for it: pods that no selector tells apart as one group, found by namespace and label; each
// selector of namespaces answered once. So work grows with policies and groups, never with policies times pods.

#include "kube/snapshot.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace gantry::netpol::linting {

using GroupId = std::uint32_t;

// Pods of one workload with the same labels, as far as any selector looks at them.
struct PodGroup {
  std::string name;  // "Deployment shop/web", "Pod shop/web-0"
  std::string name_space;
  const kube::Workload* workload = nullptr;  // null for pods whose controller is not in the snapshot
  std::optional<std::size_t> workload_index;
  kube::LabelKnowledge labels;  // of one of them
  std::shared_ptr<const kube::PodSpec> spec;
  std::vector<kube::IpAddress> ips;  // of one of them
  bool host_network = false;
  std::size_t count = 1;  // pods there are, or would be
};

// Of a selector of namespaces.
struct NamespaceMatch {
  std::vector<const kube::Namespace*> certain;
  std::vector<const kube::Namespace*> possible;  // those whose labels nobody wrote down
  bool empty() const { return certain.empty() && possible.empty(); }
};

class Index {
 public:
  explicit Index(const kube::Snapshot& snapshot);
  Index(const Index&) = delete;
  Index& operator=(const Index&) = delete;

  const std::vector<PodGroup>& groups() const { return groups_; }
  const PodGroup& operator[](GroupId id) const { return groups_[id]; }
  std::span<const GroupId> in_namespace(std::string_view name_space) const;
  std::span<const GroupId> of_workload(std::size_t workload) const;

  // Groups of the namespace that the selector matches, or may match.
  const std::vector<GroupId>& select(const std::string& name_space, const kube::LabelSelector& selector) const;
  const NamespaceMatch& select_namespaces(const kube::LabelSelector& selector) const;
  // Groups that a peer of the snapshot means: none for an ipBlock.
  const std::vector<GroupId>& select(const kube::NetworkPolicy& policy, const kube::PolicyPeer& peer) const;
  // Pods of namespaces, each by a selector.
  const std::vector<GroupId>& select(const kube::LabelSelector& namespaces, const kube::LabelSelector& pods) const;

  // Policies that the API server takes, in the snapshot's order, and the groups that each selects.
  std::span<const kube::NetworkPolicy* const> policies() const { return policies_; }
  std::span<const kube::NetworkPolicy* const> policies_in(std::string_view name_space) const;
  const std::vector<GroupId>& selected_by(const kube::NetworkPolicy& policy) const;
  // Those that isolate the group in the direction.
  std::span<const kube::NetworkPolicy* const> isolating(GroupId group, kube::Direction direction) const;
  bool isolated(GroupId group, kube::Direction direction) const { return !isolating(group, direction).empty(); }

  // Administrators' policies that deny everybody in the direction.
  std::span<const kube::AdminPolicy* const> denying(kube::Direction direction) const {
    return denying_[static_cast<std::size_t>(direction)];
  }

  // Services of the group's namespace that send traffic to it.
  std::span<const kube::Service* const> services_of(GroupId group) const;
  const std::vector<GroupId>& endpoints_of(const kube::Service& service) const;

 private:
  using Ids = std::vector<GroupId>;
  struct Block {
    Ids groups;
    std::unordered_map<std::string, Ids> by_label;       // "key\0value"
    std::unordered_map<std::string, Ids> by_open_label;  // "key": groups that have it with a value nobody knows
    std::vector<const kube::NetworkPolicy*> policies;
  };

  void collect_keys(const kube::SnapshotData& data);
  void collect_groups(const kube::Snapshot& snapshot);
  void add_group(PodGroup group);
  void join_policies(const kube::SnapshotData& data);
  void join_services(const kube::SnapshotData& data);
  void collect_denying(const kube::SnapshotData& data);
  const Block* find_block(std::string_view name_space) const;
  void note_keys(const kube::LabelSelector& selector);
  Ids find_matching(std::string_view name_space, const kube::LabelSelector& selector) const;
  std::string signature(const kube::Pod& pod, std::size_t index) const;

  const std::vector<kube::Namespace>& namespaces_;
  std::unordered_set<std::string> keys_;  // that some selector asks about
  std::vector<PodGroup> groups_;
  std::unordered_map<std::string, Block> blocks_;
  std::unordered_map<std::size_t, Ids> by_workload_;
  std::vector<const kube::NetworkPolicy*> policies_;
  std::unordered_map<const kube::NetworkPolicy*, Ids> selected_;
  std::array<std::vector<std::vector<const kube::NetworkPolicy*>>, 2> isolating_;
  std::array<std::vector<const kube::AdminPolicy*>, 2> denying_;
  std::unordered_map<const kube::Service*, Ids> endpoints_;
  std::vector<std::vector<const kube::Service*>> services_;
  // Answers given so far, first by the peer itself: comparing selectors costs more than finding most answers: one index serves one call of lint(), in one thread.
  mutable std::unordered_map<const kube::PolicyPeer*, const Ids*> peer_matches_;
  mutable std::map<kube::LabelSelector, NamespaceMatch> namespace_matches_;
  mutable std::map<std::pair<std::string, kube::LabelSelector>, Ids> own_matches_;
  mutable std::map<std::pair<kube::LabelSelector, kube::LabelSelector>, Ids> cross_matches_;
};

}  // namespace gantry::netpol::linting
