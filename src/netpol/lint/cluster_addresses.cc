#include "netpol/lint/cluster_addresses.h"

#include <algorithm>

namespace gantry::netpol::linting {

using kube::Cidr;
using kube::IpAddress;

namespace {

bool lies_in(const Cidr& block, const std::vector<Cidr>& ranges) {
  return std::ranges::any_of(ranges, [&](const Cidr& range) { return range.contains(block); });
}

bool is_one_of(const Cidr& block, const std::set<IpAddress>& addresses) {
  return block == Cidr::of(block.address) && addresses.contains(block.address);
}

}  // namespace

ClusterAddresses::ClusterAddresses(const Context& context) : options_(context.reach.options().endpoints) {
  for (const kube::Pod& pod : context.snapshot->pods) pods_.insert(pod.ips.begin(), pod.ips.end());
  for (const kube::Service& service : context.snapshot->services)
    services_.insert(service.cluster_ips.begin(), service.cluster_ips.end());
  for (const kube::ClusterNode& node : context.snapshot->nodes)
    nodes_.insert(node.addresses.begin(), node.addresses.end());
}

std::string_view ClusterAddresses::owner_of(const Cidr& block) const {
  if (lies_in(block, options_.pod_ranges) || is_one_of(block, pods_)) return "pods";
  if (lies_in(block, options_.service_ranges) || is_one_of(block, services_)) return "Services";
  if (lies_in(block, options_.node_ranges) || is_one_of(block, nodes_)) return "nodes";
  return {};
}

}  // namespace gantry::netpol::linting
