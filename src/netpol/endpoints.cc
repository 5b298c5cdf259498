// From pods to classes, top to bottom: what can be told apart, one key for each pod, pods with equal keys together,
// workloads that have no pod now, hypothetical pods, and the regions of addresses.

#include "netpol/endpoints.h"

#include "netpol/address_regions.h"
#include "netpol/vocabulary.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <tuple>
#include <unordered_map>
#include <utility>

namespace gantry::netpol {

using kube::Cidr;
using kube::IpAddress;
using kube::IpFamily;
using kube::LabelKnowledge;
using kube::Pod;
using kube::PodSpec;
using kube::Workload;
using kube::WorkloadKind;

namespace {

std::vector<Endpoint::NamedPort> named_ports(const PodSpec& spec, const std::vector<std::string>& names) {
  std::vector<Endpoint::NamedPort> ports;
  const auto add = [&](const kube::Container& container, bool of_sidecar) {
    for (const kube::ContainerPort& port : container.ports)
      if (port.port != kube::Port{} && !port.name.empty() && std::ranges::binary_search(names, port.name))
        ports.push_back({.name = port.name, .protocol = port.protocol, .port = port.port, .of_sidecar = of_sidecar});
  };
  for (const kube::Container& container : spec.containers) add(container, false);
  for (const kube::Container& container : spec.init_containers)
    if (container.sidecar) add(container, true);
  std::ranges::sort(ports);
  return ports;
}

// Two pods of it may run at once, now or during a rollout. Members of a StatefulSet have names of their own and are
// replaced one after the other.
bool has_replicas(const Workload* workload) {
  return workload && workload->kind != WorkloadKind::pod && workload->kind != WorkloadKind::stateful_set;
}

// A Deployment's ReplicaSet and a CronJob's Job run for those, and a finished Job runs nothing any more.
bool may_have_pods(const kube::Snapshot& snapshot, const Workload& workload) {
  const bool is_finished = workload.status && workload.status->completed;
  return workload.kind != WorkloadKind::pod && !is_finished && snapshot.controller_of(workload) == nullptr;
}

LabelKnowledge labels_of_namespace(const kube::Snapshot& snapshot, const std::string& name) {
  if (const kube::Namespace* found = snapshot.find_namespace(name)) return found->labels;
  LabelKnowledge labels;
  labels.known.set("kubernetes.io/metadata.name", name);
  labels.others_possible = true;
  return labels;
}

}  // namespace

class EndpointCollector {
 public:
  EndpointCollector(const kube::Snapshot& snapshot, const EndpointOptions& options)
      : snapshot_(snapshot), options_(options) {}

  Endpoints collect();

 private:
  void cut_regions();
  void find_families();
  void classify_pods();
  void add_workloads_without_pods();
  std::string key_of(const Pod& pod);
  const std::vector<IpAddress>& addresses_of(const Pod& pod) const;
  const std::vector<Endpoint::NamedPort>& ports_of(const std::shared_ptr<const PodSpec>& spec);
  Endpoint make_class(const Pod& pod);
  void sort_classes();
  void name_classes();
  void add_hypothetical();
  void add_regions();
  Endpoint::Zone zone_of(const Cidr& range) const;

  const kube::Snapshot& snapshot_;
  const EndpointOptions& options_;
  std::shared_ptr<const Vocabulary> vocabulary_;
  Endpoints found_;
  std::unordered_map<const PodSpec*, std::vector<Endpoint::NamedPort>> ports_by_spec_;
};

Endpoints EndpointCollector::collect() {
  found_.snapshot_ = snapshot_;
  vocabulary_ = std::make_shared<const Vocabulary>(collect_vocabulary(snapshot_, options_));
  found_.vocabulary_ = vocabulary_;
  find_families();
  cut_regions();
  classify_pods();
  add_workloads_without_pods();
  // From here on a class keeps its place; ids are given.
  sort_classes();
  name_classes();
  add_hypothetical();
  found_.pod_class_count_ = found_.all_.size();
  add_regions();
  return std::move(found_);
}

void EndpointCollector::cut_regions() {
  std::vector<Cidr> ranges = vocabulary_->ranges;
  // A family that the cluster has gets its region for "anywhere" even where no policy names it.
  for (const IpFamily family : found_.families_) ranges.push_back(everywhere(family));
  found_.regions_ = std::make_shared<const AddressRegions>(std::move(ranges));
}

void EndpointCollector::find_families() {
  std::set<IpFamily> families;
  for (const Pod& pod : snapshot_->pods)
    for (const IpAddress& ip : pod.ips) families.insert(ip.family);
  for (const kube::Service& service : snapshot_->services)
    families.insert(service.ip_families.begin(), service.ip_families.end());
  for (const Cidr& range : vocabulary_->ranges) {
    // Ranges for IPv4 stand in every vocabulary, and so say nothing.
    if (range.address.family == IpFamily::v6) families.insert(IpFamily::v6);
  }
  for (const Cidr& range : options_.pod_ranges) families.insert(range.address.family);
  if (families.empty() || !families.contains(IpFamily::v6)) families.insert(IpFamily::v4);
  const bool only_v6_is_known = !families.contains(IpFamily::v4) && options_.pod_ranges.empty();
  if (only_v6_is_known && std::ranges::all_of(snapshot_->pods, [](const Pod& pod) { return pod.ips.empty(); }))
    families.insert(IpFamily::v4);
  found_.families_.assign(families.begin(), families.end());
}

// Everything of a pod that a policy can see, as one text.
std::string EndpointCollector::key_of(const Pod& pod) {
  std::string key = pod.name_space();
  const auto add = [&key](std::string_view text) {
    key += '\n';
    key += text;
  };
  add(pod.workload ? std::to_string(*pod.workload) : pod.name());
  for (const auto& [label, value] : pod.labels.known) {
    if (!vocabulary_->pod_keys.contains(label)) continue;
    add(label);
    add(value);
  }
  for (const std::string& label : pod.labels.present)
    if (vocabulary_->pod_keys.contains(label)) add(label + "?");
  add(pod.labels.others_possible ? "open" : "closed");
  for (const Endpoint::NamedPort& port : ports_of(pod.spec))
    add(fmt::format("{} {} {} {}", port.name, to_string(port.protocol), port.port.value(), port.of_sidecar));
  add(pod.spec->host_network ? "host" : "pod");
  for (const IpAddress& ip : addresses_of(pod)) add(std::to_string(found_.regions_->find(ip).value_or(0)));
  if (options_.one_class_per_pod) add(pod.name());
  return key;
}

// A pod on its host's network has the addresses of its node: as the cluster reports them, or as the Node object says.
const std::vector<IpAddress>& EndpointCollector::addresses_of(const Pod& pod) const {
  if (!pod.spec->host_network || !pod.ips.empty()) return pod.ips;
  if (!pod.host_ips.empty()) return pod.host_ips;
  const kube::ClusterNode* node = kube::find_named(snapshot_->nodes, "", pod.node);
  return node == nullptr ? pod.ips : node->addresses;
}

const std::vector<Endpoint::NamedPort>& EndpointCollector::ports_of(const std::shared_ptr<const PodSpec>& spec) {
  const auto known = ports_by_spec_.find(spec.get());
  if (known != ports_by_spec_.end()) return known->second;
  return ports_by_spec_.emplace(spec.get(), named_ports(*spec, vocabulary_->port_names)).first->second;
}

Endpoint EndpointCollector::make_class(const Pod& pod) {
  Endpoint endpoint;
  endpoint.kind = Endpoint::Kind::pods;
  endpoint.name_space = pod.name_space();
  endpoint.workload = pod.workload;
  endpoint.labels = pod.labels;
  endpoint.namespace_labels = labels_of_namespace(snapshot_, pod.name_space());
  endpoint.spec = pod.spec;
  endpoint.host_network = pod.spec->host_network;
  endpoint.ips = addresses_of(pod);
  endpoint.named_ports = ports_of(pod.spec);
  endpoint.count = 0;
  return endpoint;
}

void EndpointCollector::classify_pods() {
  std::unordered_map<std::string, std::size_t> class_by_key;
  for (std::size_t i = 0; i < snapshot_->pods.size(); ++i) {
    const Pod& pod = snapshot_->pods[i];
    if (pod.terminal()) continue;
    const auto [at, is_new] = class_by_key.emplace(key_of(pod), found_.all_.size());
    if (is_new) found_.all_.push_back(make_class(pod));
    found_.all_[at->second].pods.push_back(i);
    ++found_.all_[at->second].count;
  }
  if (options_.one_class_per_pod) return;
  for (Endpoint& endpoint : found_.all_)
    if (endpoint.workload && has_replicas(&snapshot_->workloads[*endpoint.workload]))
      endpoint.count = std::max<std::size_t>(endpoint.count, 2);
}

void EndpointCollector::add_workloads_without_pods() {
  std::vector<bool> has_pods(snapshot_->workloads.size(), false);
  for (const Pod& pod : snapshot_->pods)
    if (pod.workload) has_pods[*pod.workload] = true;
  for (std::size_t i = 0; i < has_pods.size(); ++i) {
    const Workload& workload = snapshot_->workloads[i];
    if (has_pods[i] || !may_have_pods(snapshot_, workload)) continue;
    Endpoint endpoint = make_class(kube::derive_pod(workload, i, 0));
    endpoint.scaled_to_zero = true;
    endpoint.count = has_replicas(&workload) ? 2 : 1;
    found_.all_.push_back(std::move(endpoint));
  }
}

void EndpointCollector::sort_classes() {
  const auto name_of = [this](const Endpoint& endpoint) -> const std::string& {
    return endpoint.workload ? snapshot_->workloads[*endpoint.workload].name()
                             : snapshot_->pods[endpoint.pods.front()].name();
  };
  std::ranges::sort(found_.all_, [&](const Endpoint& a, const Endpoint& b) {
    return std::tie(a.name_space, name_of(a), a.workload, a.pods) <
           std::tie(b.name_space, name_of(b), b.workload, b.pods);
  });
  for (Endpoint& endpoint : found_.all_)
    endpoint.name =
        fmt::format("{}/{}", endpoint.name_space,
                    options_.one_class_per_pod && !endpoint.pods.empty() ? snapshot_->pods[endpoint.pods.front()].name()
                                                                         : name_of(endpoint));
  found_.class_of_pod_.resize(snapshot_->pods.size());
  for (std::size_t id = 0; id < found_.all_.size(); ++id)
    for (const std::size_t pod : found_.all_[id].pods)
      found_.class_of_pod_[pod] = EndpointId{static_cast<std::uint32_t>(id)};
}

// Classes of one workload are told apart by the labels in which they differ, or else by their first pod.
void EndpointCollector::name_classes() {
  std::vector<Endpoint>& all = found_.all_;
  for (std::size_t first = 0, last = 0; first < all.size(); first = last) {
    while (last < all.size() && all[last].name == all[first].name) ++last;
    if (last - first == 1) continue;
    const std::string shared = all[first].name;
    const LabelKnowledge& one = all[first].labels;
    for (std::size_t i = first; i < last; ++i) {
      std::vector<std::string> own;
      for (const auto& [key, value] : all[i].labels.known) {
        const bool differs = std::any_of(all.begin() + static_cast<std::ptrdiff_t>(first),
                                         all.begin() + static_cast<std::ptrdiff_t>(last), [&](const Endpoint& other) {
                                           const std::string* theirs = other.labels.known.find(key);
                                           return !theirs || *theirs != value;
                                         });
        if (differs && vocabulary_->pod_keys.contains(key)) own.push_back(fmt::format("{}={}", key, value));
      }
      if (own.empty() && !all[i].pods.empty()) own.push_back(snapshot_->pods[all[i].pods.front()].name());
      if (own.empty()) own.push_back(one == all[i].labels ? "scaled to zero" : "other");
      all[i].name = fmt::format("{}[{}]", shared, fmt::join(own, ","));
    }
  }
}

void EndpointCollector::add_hypothetical() {
  for (const EndpointOptions::HypotheticalPod& pod : options_.hypothetical) {
    Endpoint endpoint;
    endpoint.kind = Endpoint::Kind::hypothetical;
    endpoint.name = pod.name;
    endpoint.name_space = pod.name_space;
    endpoint.labels.known = pod.labels;
    endpoint.namespace_labels.known = pod.namespace_labels;
    if (const kube::Namespace* found = snapshot_.find_namespace(pod.name_space))
      endpoint.namespace_labels = found->labels;
    found_.all_.push_back(std::move(endpoint));
  }
}

Endpoint::Zone EndpointCollector::zone_of(const Cidr& range) const {
  const auto is_in = [&range](const std::vector<Cidr>& ranges) {
    return std::ranges::any_of(ranges, [&range](const Cidr& each) { return each.contains(range); });
  };
  static const Cidr kLoopback = *Cidr::parse("127.0.0.0/8");
  static const Cidr kLinkLocal = *Cidr::parse("169.254.0.0/16");
  if (is_in(options_.pod_ranges)) return Endpoint::Zone::pods;
  if (is_in(options_.service_ranges)) return Endpoint::Zone::services;
  if (is_in(options_.node_ranges)) return Endpoint::Zone::nodes;
  if (kLoopback.contains(range)) return Endpoint::Zone::loopback;
  if (kLinkLocal.contains(range)) return Endpoint::Zone::link_local;
  return Endpoint::Zone::outside;
}

void EndpointCollector::add_regions() {
  const std::set<IpAddress> nodes = node_addresses(snapshot_);
  const AddressRegions& regions = *found_.regions_;
  for (std::size_t i = 0; i < regions.ranges().size(); ++i) {
    Endpoint endpoint;
    endpoint.kind = Endpoint::Kind::addresses;
    endpoint.range = regions.ranges()[i];
    endpoint.holes = regions.holes_of(i);
    endpoint.name = to_string(endpoint.range);
    const bool is_node = endpoint.range == Cidr::of(endpoint.range.address) && nodes.contains(endpoint.range.address);
    endpoint.zone = is_node ? Endpoint::Zone::nodes : zone_of(endpoint.range);
    found_.all_.push_back(std::move(endpoint));
  }
}

Endpoints collect_endpoints(const kube::Snapshot& snapshot, const EndpointOptions& options) {
  return EndpointCollector(snapshot, options).collect();
}

std::vector<EndpointId> Endpoints::find(std::string_view name_space, std::string_view name) const {
  std::vector<EndpointId> found;
  const auto pods = std::span(all_).first(pod_class_count_);
  auto at = std::ranges::lower_bound(pods, name_space, {}, [](const Endpoint& each) -> std::string_view {
    return each.kind == Endpoint::Kind::hypothetical ? std::string_view("\xFF") : std::string_view(each.name_space);
  });
  for (; at != pods.end() && at->kind == Endpoint::Kind::pods && at->name_space == name_space; ++at) {
    if (!at->workload || snapshot_->workloads[*at->workload].name() != name) continue;
    found.emplace_back(static_cast<std::uint32_t>(at - pods.begin()));
  }
  if (!found.empty()) return found;
  if (const Pod* pod = kube::find_named(snapshot_->pods, name_space, name))
    if (const auto id = class_of_pod_[static_cast<std::size_t>(pod - snapshot_->pods.data())]) found.push_back(*id);
  return found;
}

std::vector<EndpointId> Endpoints::regions_of(const Cidr& range) const {
  std::vector<EndpointId> found;
  for (const std::size_t region : regions_->meeting(range))
    found.emplace_back(static_cast<std::uint32_t>(pod_class_count_ + region));
  return found;
}

std::optional<EndpointId> Endpoints::region_of(const IpAddress& address) const {
  const std::optional<std::size_t> region = regions_->find(address);
  if (!region) return std::nullopt;
  return EndpointId{static_cast<std::uint32_t>(pod_class_count_ + *region)};
}

std::vector<EndpointId> Endpoints::classes_matching(const kube::LabelSelector& namespaces,
                                                    const kube::LabelSelector& pods) const {
  std::vector<EndpointId> found;
  for (std::size_t i = 0; i < pod_class_count_; ++i)
    if (kube::match(namespaces, all_[i].namespace_labels) != kube::Match::no &&
        kube::match(pods, all_[i].labels) != kube::Match::no)
      found.emplace_back(static_cast<std::uint32_t>(i));
  return found;
}

}  // namespace gantry::netpol
