#pragma once

// What a peer or a subject means as a set of endpoints. Each different selector, range and combination is looked up
// once, for all profiles that agree about pods on the host network.

#include "kube/admin_policy.h"
#include "kube/network.h"
#include "kube/snapshot.h"
#include "netpol/compiled_policies.h"
#include "netpol/selector_index.h"
#include "netpol/vocabulary.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

namespace gantry::netpol {

class CompiledPolicies::Peers {
 public:
  Peers(const kube::Snapshot& snapshot, const Endpoints& endpoints, const CompileOptions& options);

  const EndpointSet& universe() const { return universe_; }
  const TriSet* everybody() const { return &everybody_; }
  const TriSet* nobody() const { return &nobody_; }
  // Pods of one namespace, or of the namespaces that a selector matches; every pod there when `pods` is null.
  const TriSet* in_namespace(const std::string& name_space, const kube::LabelSelector* pods);
  const TriSet* in_namespaces(const kube::LabelSelector& namespaces, const kube::LabelSelector* pods);
  // Whether a block means pods as well is the profile's answer.
  const TriSet* block(const kube::IpBlock& block, bool matches_pods);
  // Of the administrator's policies, which never see pods on the host network.
  const TriSet* admin_pods(const kube::AdminPods& pods);
  const TriSet* networks(const std::vector<kube::Cidr>& networks);
  const TriSet* nodes(const kube::LabelSelector& selector);
  const TriSet* outside_perhaps();  // for names of domains

  // Each different set of numbers behind a name, with those whose containers give it; with those of sidecars or without.
  template <typename Resolve>
  const std::vector<std::pair<PortSet, EndpointSet>>& resolutions(const PortName& name, bool with_sidecars,
                                                                  const Resolve& resolve);

  std::size_t selector_count() const { return combinations_.size(); }

 private:
  struct NamespaceItem {
    std::string name;
    EndpointSet classes;
  };
  // By which namespaces (a name, or a selector), which pods, and for whom.
  struct Combination {
    std::string name_space;
    std::optional<kube::LabelSelector> namespaces;
    std::optional<kube::LabelSelector> pods;
    bool for_admin = false;
    friend auto operator<=>(const Combination&, const Combination&) = default;
  };
  using Ranges = std::vector<std::pair<kube::Cidr, std::vector<kube::Cidr>>>;  // with what is excepted

  void add_classes(const Endpoints& endpoints);
  void split_by_address(const Endpoints& endpoints);
  const TriSet* combine(Combination combination);
  EndpointSet classes_of(const EndpointSet& namespaces) const;
  EndpointSet regions_in(const kube::Cidr& cidr, const std::vector<kube::Cidr>& except) const;
  TriSet addresses(const EndpointSet& regions, bool matches_pods) const;
  // Whether somebody with an unknown address among the ranges certainly or perhaps has one in the regions.
  TriSet unknown_in(const EndpointSet& unknown, const std::vector<kube::Cidr>& ranges,
                    const EndpointSet& regions) const;

  const kube::Snapshot snapshot_;
  const Endpoints& endpoints_;
  const CompileOptions options_;
  SelectorIndex pods_;
  SelectorIndex namespaces_;
  std::vector<NamespaceItem> namespace_items_;
  std::unordered_map<std::string, EndpointSet> classes_by_namespace_;

  EndpointSet pod_classes_;
  EndpointSet universe_;
  EndpointSet policed_;        // pods that NetworkPolicies see, under the profile
  EndpointSet admin_policed_;  // and those that the administrator's see
  std::vector<std::pair<std::uint32_t, EndpointId>> pods_by_region_;   // sorted; known addresses
  std::vector<std::pair<std::uint32_t, EndpointId>> hosts_by_region_;  // of pods on the host network
  EndpointSet unknown_pods_, unknown_hosts_;
  EndpointSet ordinary_regions_;  // where a pod or node can have its address: neither loopback nor link-local
  TriSet everybody_, nobody_, outside_;
  std::map<Combination, TriSet> combinations_;
  std::map<std::pair<Ranges, bool>, TriSet> blocks_;
  std::map<Ranges, TriSet> networks_;
  std::map<kube::LabelSelector, TriSet> nodes_;
  std::map<std::pair<PortName, bool>, std::vector<std::pair<PortSet, EndpointSet>>> resolutions_;
};

template <typename Resolve>
const std::vector<std::pair<PortSet, EndpointSet>>& CompiledPolicies::Peers::resolutions(const PortName& name,
                                                                                         bool with_sidecars,
                                                                                         const Resolve& resolve) {
  const auto known = resolutions_.find({name, with_sidecars});
  if (known != resolutions_.end()) return known->second;
  std::map<PortSet, EndpointSet> by_numbers;
  for (const EndpointId endpoint : pod_classes_.ids()) {
    const PortSet numbers = resolve(endpoint, name);
    if (!numbers.empty()) by_numbers[numbers].add(endpoint);
  }
  std::vector<std::pair<PortSet, EndpointSet>> found(by_numbers.begin(), by_numbers.end());
  return resolutions_.emplace(std::pair(name, with_sidecars), std::move(found)).first->second;
}

}  // namespace gantry::netpol
