#include "netpol/vocabulary.h"

#include "netpol/address_regions.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <set>

namespace gantry::netpol {

using kube::Cidr;
using kube::IpAddress;

namespace {

// Addresses with a meaning of their own (§5): loopback, the cloud's metadata service, NodeLocal DNS.
const std::array kSpecialRanges = {
    Cidr{.address = {.family = kube::IpFamily::v4, .high = 0, .low = 0x7F000000}, .prefix = 8},
    Cidr{.address = {.family = kube::IpFamily::v4, .high = 0, .low = 0xA9FEA9FE}, .prefix = 32},
    Cidr{.address = {.family = kube::IpFamily::v4, .high = 0, .low = 0xA9FE140A}, .prefix = 32},
};

template <typename T>
void make_set(std::vector<T>& list) {
  std::ranges::sort(list);
  const auto rest = std::ranges::unique(list);
  list.erase(rest.begin(), rest.end());
}

template <typename T>
bool holds_all(const std::unordered_set<T>& set, const std::unordered_set<T>& others) {
  return std::ranges::all_of(others, [&](const T& each) { return set.contains(each); });
}

class Collector {
 public:
  void add(const kube::NetworkPolicy& policy);
  void add(const kube::Snapshot& snapshot);
  void add(const EndpointOptions& options);
  Vocabulary take();

 private:
  static void add_keys(const kube::LabelSelector& selector, std::unordered_set<std::string>& keys) {
    for (const kube::Requirement& requirement : selector.requirements()) keys.insert(requirement.key);
  }
  void add_ranges(const std::vector<Cidr>& ranges) {
    vocabulary_.ranges.insert(vocabulary_.ranges.end(), ranges.begin(), ranges.end());
  }
  void add(const kube::AdminPolicy& policy);
  void add(const kube::PolicyRule& rule);
  void add(const kube::AdminRule& rule);
  void add(const kube::AdminPods& pods) {
    add_keys(pods.namespaces, vocabulary_.namespace_keys);
    add_keys(pods.pods, vocabulary_.pod_keys);
  }

  Vocabulary vocabulary_;
};

void Collector::add(const kube::PolicyRule& rule) {
  for (const kube::PolicyPeer& peer : rule.peers) {
    if (peer.pod_selector) add_keys(*peer.pod_selector, vocabulary_.pod_keys);
    if (peer.namespace_selector) add_keys(*peer.namespace_selector, vocabulary_.namespace_keys);
    if (!peer.ip_block) continue;
    vocabulary_.ranges.push_back(peer.ip_block->cidr);
    add_ranges(peer.ip_block->except);
  }
  for (const kube::PolicyPort& port : rule.ports)
    if (port.port)
      if (const auto* name = std::get_if<std::string>(&*port.port)) vocabulary_.port_names.push_back(*name);
}

void Collector::add(const kube::NetworkPolicy& policy) {
  add_keys(policy.pod_selector, vocabulary_.pod_keys);
  for (const kube::PolicyRule& rule : policy.ingress) add(rule);
  for (const kube::PolicyRule& rule : policy.egress) add(rule);
}

void Collector::add(const kube::AdminRule& rule) {
  for (const kube::AdminPeer& peer : rule.peers) {
    add(peer.pods);
    add_ranges(peer.networks);
  }
  for (const kube::AdminPort& port : rule.ports)
    if (!port.name.empty()) vocabulary_.port_names.push_back(port.name);
}

void Collector::add(const kube::AdminPolicy& policy) {
  add(policy.subject);
  for (const kube::AdminRule& rule : policy.ingress) add(rule);
  for (const kube::AdminRule& rule : policy.egress) add(rule);
}

void Collector::add(const kube::Snapshot& snapshot) {
  for (const kube::NetworkPolicy& policy : snapshot->network_policies) add(policy);
  for (const kube::AdminPolicy& policy : snapshot->admin_policies) add(policy);
  for (const IpAddress& address : node_addresses(snapshot)) vocabulary_.ranges.push_back(Cidr::of(address));
}

void Collector::add(const EndpointOptions& options) {
  for (const kube::LabelSelector& selector : options.pod_selectors) add_keys(selector, vocabulary_.pod_keys);
  for (const kube::LabelSelector& selector : options.namespace_selectors)
    add_keys(selector, vocabulary_.namespace_keys);
  for (const auto* ranges : {&options.ranges, &options.pod_ranges, &options.service_ranges, &options.node_ranges})
    add_ranges(*ranges);
}

Vocabulary Collector::take() {
  std::ranges::copy(kSpecialRanges, std::back_inserter(vocabulary_.ranges));
  make_set(vocabulary_.port_names);
  make_set(vocabulary_.ranges);
  return std::move(vocabulary_);
}

}  // namespace

std::set<IpAddress> node_addresses(const kube::Snapshot& snapshot) {
  std::set<IpAddress> addresses;
  for (const kube::ClusterNode& node : snapshot->nodes) addresses.insert(node.addresses.begin(), node.addresses.end());
  for (const kube::Pod& pod : snapshot->pods) addresses.insert(pod.host_ips.begin(), pod.host_ips.end());
  return addresses;
}

bool Vocabulary::covers(const kube::NetworkPolicy& policy) const {
  Collector collector;
  collector.add(policy);
  const Vocabulary other = collector.take();
  return holds_all(pod_keys, other.pod_keys) && holds_all(namespace_keys, other.namespace_keys) &&
         std::ranges::includes(port_names, other.port_names) && std::ranges::includes(ranges, other.ranges);
}

Vocabulary collect_vocabulary(const kube::Snapshot& snapshot, const EndpointOptions& options) {
  Collector collector;
  collector.add(snapshot);
  collector.add(options);
  return collector.take();
}

}  // namespace gantry::netpol
