#include "netpol/peers.h"

#include "netpol/address_regions.h"

#include <algorithm>

namespace gantry::netpol {

using kube::Cidr;
using kube::IpAddress;
using kube::LabelSelector;

namespace {

EndpointId id_of(std::size_t index) { return EndpointId{static_cast<std::uint32_t>(index)}; }

}  // namespace

CompiledPolicies::Peers::Peers(const kube::Snapshot& snapshot, const Endpoints& endpoints,
                               const CompileOptions& options)
    : snapshot_(snapshot),
      endpoints_(endpoints),
      options_(options),
      pods_(endpoints.vocabulary().pod_keys),
      namespaces_(endpoints.vocabulary().namespace_keys),
      pod_classes_(options.among.value_or(EndpointSet::range(0, endpoints.pod_class_count()))) {
  add_classes(endpoints);
  split_by_address(endpoints);
  everybody_ = TriSet(universe_);
}

void CompiledPolicies::Peers::add_classes(const Endpoints& endpoints) {
  for (const EndpointId id : pod_classes_.ids()) {
    const Endpoint& endpoint = endpoints[id];
    pods_.add(id, endpoint.labels);
    classes_by_namespace_[endpoint.name_space].add(id);
    // Classes of one namespace stand together; a hypothetical pod brings what its namespace would be labelled.
    if (namespace_items_.empty() || namespace_items_.back().name != endpoint.name_space ||
        endpoint.kind == Endpoint::Kind::hypothetical) {
      namespaces_.add(id_of(namespace_items_.size()), endpoint.namespace_labels);
      namespace_items_.push_back({.name = endpoint.name_space, .classes = {}});
    }
    namespace_items_.back().classes.add(id);
  }
}

void CompiledPolicies::Peers::split_by_address(const Endpoints& endpoints) {
  const AddressRegions& regions = endpoints.regions();
  const kube::IpFamily family = options_.family;
  for (const EndpointId id : pod_classes_.ids()) {
    const Endpoint& endpoint = endpoints[id];
    const bool on_host = endpoint.host_network && !options_.profile.host_network_pods_are_policed;
    bool has_address = endpoint.ips.empty();
    if (endpoint.ips.empty()) (on_host ? unknown_hosts_ : unknown_pods_).add(id);
    for (const IpAddress& ip : endpoint.ips) {
      if (ip.family != family) continue;
      has_address = true;
      if (const std::optional<std::size_t> region = regions.find(ip))
        (on_host ? hosts_by_region_ : pods_by_region_).emplace_back(static_cast<std::uint32_t>(*region), id);
    }
    if (!has_address) continue;
    universe_.add(id);
    if (!on_host) policed_.add(id);
    if (!endpoint.host_network) admin_policed_.add(id);
  }
  std::ranges::sort(pods_by_region_);
  std::ranges::sort(hosts_by_region_);
  const std::size_t first = endpoints.pod_class_count();
  for (std::size_t i = 0; i < regions.ranges().size(); ++i) {
    if (regions.ranges()[i].address.family != family) continue;
    const Endpoint& region = endpoints.all()[first + i];
    universe_.add(id_of(first + i));
    if (region.zone == Endpoint::Zone::outside) outside_.possible.add(id_of(first + i));
    if (region.zone != Endpoint::Zone::loopback && region.zone != Endpoint::Zone::link_local)
      ordinary_regions_.add(id_of(first + i));
  }
}

EndpointSet CompiledPolicies::Peers::classes_of(const EndpointSet& namespaces) const {
  if (namespaces.size() == namespace_items_.size()) return pod_classes_;
  EndpointSet classes;
  for (const EndpointId item : namespaces.ids()) classes.unite(namespace_items_[item.value()].classes);
  return classes;
}

const TriSet* CompiledPolicies::Peers::combine(Combination combination) {
  const auto known = combinations_.find(combination);
  if (known != combinations_.end()) return &known->second;
  TriSet set(combination.for_admin ? admin_policed_ : policed_);
  if (combination.namespaces) {
    const TriSet& namespaces = namespaces_.find(*combination.namespaces);
    const EndpointSet certain = classes_of(namespaces.certain);
    set = set.intersected(namespaces.is_known() ? TriSet(certain) : TriSet(certain, classes_of(namespaces.possible)));
  } else {
    const auto classes = classes_by_namespace_.find(combination.name_space);
    set = set.intersected(classes == classes_by_namespace_.end() ? EndpointSet() : classes->second);
  }
  if (combination.pods) set = set.intersected(pods_.find(*combination.pods));
  return &combinations_.emplace(std::move(combination), std::move(set)).first->second;
}

const TriSet* CompiledPolicies::Peers::in_namespace(const std::string& name_space, const LabelSelector* pods) {
  return combine({.name_space = name_space,
                  .namespaces = std::nullopt,
                  .pods = pods && !pods->selects_everything() ? std::optional(*pods) : std::nullopt});
}

const TriSet* CompiledPolicies::Peers::in_namespaces(const LabelSelector& namespaces, const LabelSelector* pods) {
  return combine({.name_space = {},
                  .namespaces = namespaces,
                  .pods = pods && !pods->selects_everything() ? std::optional(*pods) : std::nullopt});
}

const TriSet* CompiledPolicies::Peers::admin_pods(const kube::AdminPods& pods) {
  return combine({.name_space = {},
                  .namespaces = pods.namespaces,
                  .pods = pods.pods.selects_everything() ? std::nullopt : std::optional(pods.pods),
                  .for_admin = true});
}

EndpointSet CompiledPolicies::Peers::regions_in(const Cidr& cidr, const std::vector<Cidr>& except) const {
  if (cidr.address.family != options_.family) return {};
  const std::size_t offset = endpoints_.pod_class_count();
  const auto range_of = [&](const Cidr& range) {
    const auto [first, last] = endpoints_.regions().within(range);
    return EndpointSet::range(offset + first, offset + last);
  };
  EndpointSet regions = range_of(cidr);
  for (const Cidr& each : except) regions = regions.without(range_of(each));
  return regions;
}

// §5: a known address decides; else the ranges that addresses come from; without those, only a set that holds every
// address where a pod can be is certain.
TriSet CompiledPolicies::Peers::unknown_in(const EndpointSet& unknown, const std::vector<Cidr>& ranges,
                                           const EndpointSet& regions) const {
  EndpointSet possible_regions;
  for (const Cidr& range : ranges) possible_regions.unite(regions_in(range, {}));
  if (ranges.empty()) possible_regions = ordinary_regions_;
  if (unknown.empty() || !regions.meets(possible_regions)) return {};
  return regions.contains(possible_regions) ? TriSet(unknown) : TriSet({}, unknown);
}

TriSet CompiledPolicies::Peers::addresses(const EndpointSet& regions, bool matches_pods) const {
  TriSet set(regions);
  const std::size_t offset = endpoints_.pod_class_count();
  const auto add_known = [&](const std::vector<std::pair<std::uint32_t, EndpointId>>& by_region) {
    EndpointSet holders;
    for (const auto& [region, holder] : by_region)
      if (regions.contains(id_of(offset + region))) holders.add(holder);
    set = set.united(TriSet(holders));
  };
  add_known(hosts_by_region_);
  set = set.united(unknown_in(unknown_hosts_, options_.node_ranges, regions));
  if (!matches_pods) return set;
  add_known(pods_by_region_);
  return set.united(unknown_in(unknown_pods_, options_.pod_ranges, regions));
}

const TriSet* CompiledPolicies::Peers::block(const kube::IpBlock& block, bool matches_pods) {
  const std::pair<Ranges, bool> key = {{{block.cidr, block.except}}, matches_pods};
  const auto known = blocks_.find(key);
  if (known != blocks_.end()) return &known->second;
  TriSet set = addresses(regions_in(block.cidr, block.except), matches_pods);
  return &blocks_.emplace(key, std::move(set)).first->second;
}

const TriSet* CompiledPolicies::Peers::networks(const std::vector<Cidr>& networks) {
  Ranges key;
  EndpointSet regions;
  for (const Cidr& cidr : networks) {
    key.push_back({cidr, {}});
    regions.unite(regions_in(cidr, {}));
  }
  const auto known = networks_.find(key);
  if (known != networks_.end()) return &known->second;
  return &networks_.emplace(std::move(key), addresses(regions, true)).first->second;
}

// Nodes are their addresses. One that the snapshot has is decided by its labels; an address that could be some node's,
// and a pod on a node that nobody knows, perhaps.
const TriSet* CompiledPolicies::Peers::nodes(const LabelSelector& selector) {
  const auto known = nodes_.find(selector);
  if (known != nodes_.end()) return &known->second;
  TriSet set;
  EndpointSet known_nodes;
  for (const kube::ClusterNode& node : snapshot_->nodes)
    for (const IpAddress& address : node.addresses) {
      const EndpointSet region = regions_in(Cidr::of(address), {});
      known_nodes.unite(region);
      if (selector.matches(node.object.labels)) set = set.united(TriSet(region));
    }
  EndpointSet perhaps;
  for (const Cidr& range : options_.node_ranges) perhaps.unite(regions_in(range, {}));
  set.possible = set.certain.united(perhaps.without(known_nodes));
  for (const auto& [region, holder] : hosts_by_region_) {
    const EndpointId at = id_of(endpoints_.pod_class_count() + region);
    if (set.certain.contains(at)) set = set.united(TriSet(EndpointSet::of({holder})));
    if (set.possible.contains(at) || !known_nodes.contains(at)) set.possible.unite(EndpointSet::of({holder}));
  }
  set.possible.unite(unknown_hosts_);
  return &nodes_.emplace(selector, std::move(set)).first->second;
}

const TriSet* CompiledPolicies::Peers::outside_perhaps() { return &outside_; }

}  // namespace gantry::netpol
