#include "netpol/own_nodes.h"

#include <map>
#include <string>

namespace gantry::netpol {

using kube::IpAddress;

namespace {

using Addresses = std::vector<IpAddress>;

class Finder {
 public:
  Finder(const kube::Snapshot& snapshot, const Endpoints& endpoints, const EndpointSet& universe,
         const Profile& profile)
      : snapshot_(snapshot), endpoints_(endpoints) {
    for (const kube::ClusterNode& node : snapshot->nodes) addresses_.emplace(node.name(), node.addresses);
    for (const EndpointId id : universe.ids()) {
      const Endpoint& endpoint = endpoints[id];
      const bool is_host = endpoint.is_pods() && endpoint.host_network && !profile.host_network_pods_are_policed;
      if (!is_host && endpoint.zone != Endpoint::Zone::nodes) continue;
      all_nodes_.add(id);
      if (is_host && endpoint.ips.empty()) unknown_hosts_.add(id);
      if (!is_host) continue;
      for (const IpAddress& ip : endpoint.ips) hosts_[ip].add(id);
    }
  }

  bool has_nodes() const { return !all_nodes_.empty(); }

  TriSet nodes_of(const Endpoint& endpoint) {
    TriSet nodes({}, all_nodes_);
    if (endpoint.pods.empty()) return nodes;
    nodes.certain = all_nodes_;
    nodes.possible = {};
    for (const std::size_t pod : endpoint.pods) {
      const TriSet& one = node_of(snapshot_->pods[pod]);
      nodes.certain = nodes.certain.intersected(one.certain);
      nodes.possible.unite(one.possible);
    }
    return nodes;
  }

 private:
  const TriSet& node_of(const kube::Pod& pod) {
    const auto known = addresses_.find(pod.node);
    const Addresses& addresses = !pod.host_ips.empty() || known == addresses_.end() ? pod.host_ips : known->second;
    const auto remembered = nodes_.find(addresses);
    if (remembered != nodes_.end()) return remembered->second;
    TriSet nodes({}, all_nodes_);
    if (!addresses.empty()) {
      EndpointSet own;
      for (const IpAddress& address : addresses) {
        if (const std::optional<EndpointId> region = endpoints_.region_of(address)) own.add(*region);
        if (const auto hosts = hosts_.find(address); hosts != hosts_.end()) own.unite(hosts->second);
      }
      own = own.intersected(all_nodes_);
      nodes = unknown_hosts_.empty() ? TriSet(own) : TriSet(own, own.united(unknown_hosts_));
    }
    return nodes_.emplace(addresses, std::move(nodes)).first->second;
  }

  const kube::Snapshot& snapshot_;
  const Endpoints& endpoints_;
  std::map<std::string, Addresses> addresses_;
  std::map<IpAddress, EndpointSet> hosts_;
  EndpointSet all_nodes_, unknown_hosts_;
  std::map<Addresses, TriSet> nodes_;
};

}  // namespace

OwnNodes::OwnNodes(const kube::Snapshot& snapshot, const Endpoints& endpoints, const EndpointSet& universe,
                   const Profile& profile) {
  Finder finder(snapshot, endpoints, universe, profile);
  if (!finder.has_nodes()) return;
  nodes_.resize(endpoints.pod_class_count());
  pods_.resize(endpoints.size());
  for (const EndpointId id : universe.ids()) {
    if (!endpoints[id].is_pods()) continue;
    const std::size_t i = id.value();
    nodes_[i] = finder.nodes_of(endpoints[id]);
    for (const EndpointId node : nodes_[i].certain.ids()) pods_[node.value()].certain.add(id);
    for (const EndpointId node : nodes_[i].possible.ids()) pods_[node.value()].possible.add(id);
  }
}

}  // namespace gantry::netpol
