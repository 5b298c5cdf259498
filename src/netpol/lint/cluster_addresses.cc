#include "netpol/lint/cluster_addresses.h"

#include <algorithm>

namespace gantry::netpol::linting {

using kube::Cidr;
using kube::IpAddress;

namespace {

bool lies_in(const Cidr& block, const std::vector<Cidr>& ranges) {
  return std::ranges::any_of(ranges, [&](const Cidr& range) { return range.contains(block); });
}

bool is_one_of(const Cidr& block, const std::vector<IpAddress>& addresses) {
  return block == Cidr::of(block.address) && std::ranges::binary_search(addresses, block.address);
}

}  // namespace

ClusterAddresses::ClusterAddresses(const Context& context) : options_(context.reach.options().endpoints) {
  const auto append = [](std::vector<IpAddress>& all, const std::vector<IpAddress>& some) {
    all.insert(all.end(), some.begin(), some.end());
  };
  for (const kube::Pod& pod : context.snapshot->pods) append(pods_, pod.ips);
  for (const kube::Service& service : context.snapshot->services) append(services_, service.cluster_ips);
  for (const kube::ClusterNode& node : context.snapshot->nodes) append(nodes_, node.addresses);
  for (std::vector<IpAddress>* addresses : {&pods_, &services_, &nodes_}) std::ranges::sort(*addresses);
}

std::string_view ClusterAddresses::owner_of(const Cidr& block) const {
  if (lies_in(block, options_.pod_ranges) || is_one_of(block, pods_)) return "pods";
  if (lies_in(block, options_.service_ranges) || is_one_of(block, services_)) return "Services";
  if (lies_in(block, options_.node_ranges) || is_one_of(block, nodes_)) return "nodes";
  return {};
}

bool ClusterAddresses::holds_pods(const kube::IpBlock& block) const {
  const auto [it, fresh] = known_.try_emplace({block.cidr, block.except});
  if (fresh) it->second = find_pods(block);
  return it->second;
}

bool ClusterAddresses::find_pods(const kube::IpBlock& block) const {
  const auto is_left_out = [&](const auto& inner) {
    return std::ranges::any_of(block.except, [&](const Cidr& except) { return except.contains(inner); });
  };
  const auto is_held = [&](const Cidr& range) { return block.cidr.contains(range) && !is_left_out(range); };
  if (std::ranges::any_of(options_.pod_ranges, is_held)) return true;
  // Addresses are sorted: those of a block stand together.
  for (auto it = std::ranges::lower_bound(pods_, block.cidr.address); it != pods_.end() && block.cidr.contains(*it);
       ++it)
    if (!is_left_out(*it)) return true;
  return false;
}

}  // namespace gantry::netpol::linting
