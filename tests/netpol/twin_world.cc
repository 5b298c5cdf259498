// What the twin judges in: a snapshot made into plain lists, and every way to fill in what it leaves open.

#include "netpol/twin.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <limits>
#include <set>
#include <tuple>
#include <utility>

namespace gantry::netpol {

namespace {

using kube::IpAddress;
using kube::IpFamily;

// ---- Addresses ----

std::optional<IpAddress> after(IpAddress address) {
  const std::uint64_t low_max = address.family == IpFamily::v4 ? 0xffffffff : std::numeric_limits<std::uint64_t>::max();
  if (address.low != low_max) {
    ++address.low;
    return address;
  }
  if (address.family == IpFamily::v4 || address.high == std::numeric_limits<std::uint64_t>::max()) return std::nullopt;
  ++address.high;
  address.low = 0;
  return address;
}

IpAddress last_of(const kube::Cidr& cidr) {
  IpAddress last = cidr.address;
  const int bits = cidr.address.family == IpFamily::v4 ? 32 : 128;
  for (int bit = 0; bit < bits - cidr.prefix; ++bit) {
    (bit < 64 ? last.low : last.high) |= std::uint64_t{1} << (bit % 64);
  }
  return last;
}

std::vector<kube::Cidr> ranges_of(const kube::Snapshot& snapshot, const EndpointOptions& options) {
  std::vector<kube::Cidr> ranges = {{{IpFamily::v4, 0, 0}, 0}, {{IpFamily::v6, 0, 0}, 0}};
  for (const auto* more : {&options.pod_ranges, &options.service_ranges, &options.node_ranges, &options.ranges}) {
    ranges.insert(ranges.end(), more->begin(), more->end());
  }
  const auto add_rules = [&](const std::vector<kube::PolicyRule>& rules) {
    for (const kube::PolicyRule& rule : rules) {
      for (const kube::PolicyPeer& peer : rule.peers) {
        if (!peer.ip_block) continue;
        ranges.push_back(peer.ip_block->cidr);
        ranges.insert(ranges.end(), peer.ip_block->except.begin(), peer.ip_block->except.end());
      }
    }
  };
  for (const kube::NetworkPolicy& policy : snapshot->network_policies) {
    add_rules(policy.ingress);
    add_rules(policy.egress);
  }
  for (const kube::AdminPolicy& policy : snapshot->admin_policies) {
    for (const kube::AdminRule& rule : policy.egress) {
      for (const kube::AdminPeer& peer : rule.peers)
        ranges.insert(ranges.end(), peer.networks.begin(), peer.networks.end());
    }
  }
  for (const kube::ClusterNode& node : snapshot->nodes) {
    for (const IpAddress& address : node.addresses) ranges.push_back(kube::Cidr::of(address));
  }
  return ranges;
}

// Loopback and link-local: no pod and no node has one of these for its own.
const std::vector<kube::Cidr>& special_ranges() {
  static const std::vector<kube::Cidr> kRanges = {*kube::Cidr::parse("127.0.0.0/8"),
                                                  *kube::Cidr::parse("169.254.0.0/16"), *kube::Cidr::parse("::1/128"),
                                                  *kube::Cidr::parse("fe80::/10")};
  return kRanges;
}

bool is_special(const IpAddress& address) {
  return std::any_of(special_ranges().begin(), special_ranges().end(),
                     [&](const kube::Cidr& range) { return range.contains(address); });
}

// Those that lie in a range of their family; all of a family without ranges.
std::vector<IpAddress> inside(const std::vector<IpAddress>& addresses, const std::vector<kube::Cidr>& ranges) {
  std::vector<IpAddress> result;
  for (const IpAddress& address : addresses) {
    if (is_special(address)) continue;
    bool constrained = false;
    bool inside = false;
    for (const kube::Cidr& range : ranges) {
      constrained = constrained || range.address.family == address.family;
      inside = inside || range.contains(address);
    }
    if (inside || !constrained) result.push_back(address);
  }
  return result;
}

// ---- Pods and nodes ----

kube::LabelKnowledge labels_of_namespace(const kube::Snapshot& snapshot, const std::string& name) {
  if (const kube::Namespace* found = snapshot.find_namespace(name)) return found->labels;
  return {.known = kube::LabelSet({{"kubernetes.io/metadata.name", name}}), .present = {}, .others_possible = true};
}

void add_nodes(const kube::Snapshot& snapshot, TwinWorld& world) {
  for (const kube::ClusterNode& node : snapshot->nodes) {
    world.nodes.push_back(
        {node.name(), true, {.known = node.object.labels, .present = {}, .others_possible = false}, node.addresses});
  }
}

// The node that the pod is on. A node of which nobody knows an address is no place: its traffic can't be told from
// others'.
std::optional<std::size_t> node_of(const kube::Pod& pod, TwinWorld& world) {
  if (pod.node.empty() && pod.host_ips.empty()) return std::nullopt;
  for (std::size_t i = 0; i < world.nodes.size(); ++i) {
    TwinNode& node = world.nodes[i];
    if (!pod.node.empty() ? node.name != pod.node : node.addresses != pod.host_ips) continue;
    if (node.addresses.empty()) node.addresses = pod.host_ips;
    return node.addresses.empty() ? std::nullopt : std::optional(i);
  }
  if (pod.host_ips.empty()) return std::nullopt;
  world.nodes.push_back({pod.node, false, {.known = {}, .present = {}, .others_possible = true}, pod.host_ips});
  return world.nodes.size() - 1;
}

std::vector<IpAddress> addresses_of(const TwinPod& pod, const kube::Pod& source, const EndpointOptions& options,
                                    const std::vector<IpAddress>& telling, const TwinWorld& world) {
  if (!source.ips.empty()) return source.ips;
  if (!pod.host_network) return inside(telling, options.pod_ranges);
  if (pod.node && !world.nodes[*pod.node].addresses.empty()) return world.nodes[*pod.node].addresses;
  return inside(telling, options.node_ranges);
}

TwinPod make_pod(const kube::Snapshot& snapshot, const kube::Pod& pod, const EndpointOptions& options,
                 const std::vector<IpAddress>& telling, TwinWorld& world) {
  TwinPod twin{.name_space = pod.name_space(),
               .name = pod.name(),
               .labels = pod.labels,
               .namespace_labels = labels_of_namespace(snapshot, pod.name_space()),
               .spec = pod.spec,
               .host_network = pod.spec->host_network,
               .addresses = {},
               .node = node_of(pod, world)};
  twin.addresses = addresses_of(twin, pod, options, telling, world);
  return twin;
}

TwinPod make_hypothetical(const kube::Snapshot& snapshot, const EndpointOptions::HypotheticalPod& pod,
                          const EndpointOptions& options, const std::vector<IpAddress>& telling) {
  const kube::Namespace* existing = snapshot.find_namespace(pod.name_space);
  kube::LabelKnowledge namespace_labels{.known = pod.namespace_labels, .present = {}, .others_possible = false};
  return {.name_space = pod.name_space,
          .name = pod.name,
          .labels = {.known = pod.labels, .present = {}, .others_possible = false},
          .namespace_labels = existing != nullptr ? existing->labels : namespace_labels,
          .spec = nullptr,
          .host_network = false,
          .addresses = inside(telling, options.pod_ranges),
          .node = std::nullopt};
}

// ---- Completions ----

// One thing that is not known, and the ways to know it.
struct Choice {
  std::size_t count = 1;
  std::function<void(std::size_t)> take;
};

// Every key that some selector asks for, with every value it names.
using Asked = std::map<std::string, std::set<std::string>>;

void collect(const kube::LabelSelector& selector, Asked& asked) {
  for (const kube::Requirement& requirement : selector.requirements()) {
    asked[requirement.key].insert(requirement.values.begin(), requirement.values.end());
  }
}

struct AskedOf {
  Asked pods;
  Asked namespaces;
};

AskedOf asked_for(const TwinWorld& world) {
  AskedOf asked;
  for (const kube::NetworkPolicy* policy : world.policies) {
    collect(policy->pod_selector, asked.pods);
    for (const auto* rules : {&policy->ingress, &policy->egress}) {
      for (const kube::PolicyRule& rule : *rules) {
        for (const kube::PolicyPeer& peer : rule.peers) {
          if (peer.pod_selector) collect(*peer.pod_selector, asked.pods);
          if (peer.namespace_selector) collect(*peer.namespace_selector, asked.namespaces);
        }
      }
    }
  }
  for (const kube::AdminPolicy* policy : world.admin_policies) {
    collect(policy->subject.namespaces, asked.namespaces);
    collect(policy->subject.pods, asked.pods);
    for (const auto* rules : {&policy->ingress, &policy->egress}) {
      for (const kube::AdminRule& rule : *rules) {
        for (const kube::AdminPeer& peer : rule.peers) {
          collect(peer.pods.namespaces, asked.namespaces);
          collect(peer.pods.pods, asked.pods);
        }
      }
    }
  }
  return asked;
}

class Completion {
 public:
  Completion(const TwinWorld& world, const TwinFlow& flow) : world_(world), flow_(flow) {
    world_.order_is_known = true;
    adopt(flow.source.pod, source_, flow_.source);
    adopt(flow.destination.pod, destination_, flow_.destination);
    add_labels(flow);
    for (TwinPod* pod : {flow.source.pod ? &source_ : nullptr, flow.destination.pod ? &destination_ : nullptr}) {
      if (pod != nullptr) add_addresses(*pod);
    }
    add_orders();
    add_domains();
    choices_.push_back({2, [this](std::size_t way) { world_.own_node = way == 1; }});
  }

  std::optional<Access> judge_all(std::size_t ways_max) {
    std::size_t ways = 1;
    for (const Choice& choice : choices_) {
      ways *= choice.count;
      if (ways > ways_max) return std::nullopt;
    }
    bool some = false;
    bool all = true;
    for (std::size_t way = 0; way < ways; ++way) {
      std::size_t rest = way;
      for (const Choice& choice : choices_) {
        choice.take(rest % choice.count);
        rest /= choice.count;
      }
      const Access access = judge(world_, flow_).access;
      some = some || access != Access::no;
      all = all && access == Access::yes;
    }
    if (some && !all) return Access::depends;
    return all ? Access::yes : Access::no;
  }

 private:
  static void adopt(const TwinPod* original, TwinPod& copy, TwinEnd& end) {
    if (original == nullptr) return;
    copy = *original;
    end.pod = &copy;
  }

  // One way for each value that a selector names, one for a value that none does, one for no label.
  void add_keys(const std::vector<kube::LabelKnowledge*>& sets, const Asked& asked) {
    const kube::LabelKnowledge given = *sets.front();
    for (const auto& [key, values] : asked) {
      if (given.known.find(key) != nullptr) continue;
      const bool present = std::find(given.present.begin(), given.present.end(), key) != given.present.end();
      if (!present && !given.others_possible) continue;
      std::vector<std::optional<std::string>> options(values.begin(), values.end());
      options.emplace_back("value-that-no-selector-names");
      if (!present) options.emplace_back(std::nullopt);
      const auto take = [sets, key = key, options](std::size_t way) {
        for (kube::LabelKnowledge* labels : sets) {
          labels->known.erase(key);
          if (options[way]) labels->known.set(key, *options[way]);
        }
      };
      choices_.push_back({options.size(), take});
    }
    for (kube::LabelKnowledge* labels : sets) {
      labels->present.clear();
      labels->others_possible = false;
    }
  }

  void add_labels(const TwinFlow& flow) {
    const AskedOf asked = asked_for(world_);
    if (flow.source.pod != nullptr) add_keys({&source_.labels}, asked.pods);
    if (flow.destination.pod != nullptr) add_keys({&destination_.labels}, asked.pods);
    const bool both = flow.source.pod != nullptr && flow.destination.pod != nullptr;
    if (both && !source_.name_space.empty() && source_.name_space == destination_.name_space) {
      add_keys({&source_.namespace_labels, &destination_.namespace_labels}, asked.namespaces);
      return;
    }
    if (flow.source.pod != nullptr) add_keys({&source_.namespace_labels}, asked.namespaces);
    if (flow.destination.pod != nullptr) add_keys({&destination_.namespace_labels}, asked.namespaces);
  }

  void add_addresses(TwinPod& pod) {
    std::vector<IpAddress> candidates;
    for (const IpAddress& address : pod.addresses) {
      if (address.family == flow_.family) candidates.push_back(address);
    }
    if (candidates.size() > 1) {
      choices_.push_back(
          {candidates.size(), [&pod, candidates](std::size_t way) { pod.addresses = {candidates[way]}; }});
    }
  }

  // Policies of equal priority in every order.
  void add_orders() {
    const std::vector<const kube::AdminPolicy*> given = world_.admin_policies;
    for (std::size_t first = 0; first < given.size();) {
      std::size_t last = first + 1;
      while (last < given.size() && given[last]->tier == given[first]->tier &&
             given[last]->priority == given[first]->priority) {
        ++last;
      }
      std::vector<std::size_t> order;
      for (std::size_t i = first; i < last; ++i) order.push_back(i);
      std::vector<std::vector<std::size_t>> orders;
      do orders.push_back(order);
      while (std::next_permutation(order.begin(), order.end()));
      const auto take = [this, given, first, orders](std::size_t way) {
        for (std::size_t i = 0; i < orders[way].size(); ++i) world_.admin_policies[first + i] = given[orders[way][i]];
      };
      if (orders.size() > 1) choices_.push_back({orders.size(), take});
      first = last;
    }
  }

  void add_domains() {
    for (const kube::AdminPolicy* policy : world_.admin_policies) {
      for (const kube::AdminRule& rule : policy->egress) {
        for (const kube::AdminPeer& peer : rule.peers) {
          if (peer.kind != kube::AdminPeer::Kind::domain_names) continue;
          choices_.push_back({2, [this, &peer](std::size_t way) { world_.domains[&peer] = way == 1; }});
        }
      }
    }
  }

  TwinWorld world_;
  TwinFlow flow_;
  TwinPod source_;
  TwinPod destination_;
  std::vector<Choice> choices_;
};

}  // namespace

std::vector<IpAddress> telling_addresses(const kube::Snapshot& snapshot, const EndpointOptions& options) {
  std::set<IpAddress> addresses;
  for (const kube::Cidr& range : ranges_of(snapshot, options)) {
    addresses.insert(range.address);
    if (const std::optional<IpAddress> next = after(last_of(range))) addresses.insert(*next);
  }
  return {addresses.begin(), addresses.end()};
}

TwinWorld make_twin_world(const kube::Snapshot& snapshot, const AnalysisOptions& options) {
  TwinWorld world;
  world.profile = options.profile;
  world.node_ranges = options.endpoints.node_ranges;
  for (const auto* ranges : {&options.endpoints.pod_ranges, &options.endpoints.service_ranges,
                             &options.endpoints.node_ranges, &special_ranges()}) {
    world.inner_ranges.insert(world.inner_ranges.end(), ranges->begin(), ranges->end());
  }
  for (const kube::NetworkPolicy& policy : snapshot->network_policies) {
    if (!(options.without_rejected && policy.object.rejected())) world.policies.push_back(&policy);
  }
  for (const kube::AdminPolicy& policy : snapshot->admin_policies) {
    if (!(options.without_rejected && policy.object.rejected())) world.admin_policies.push_back(&policy);
  }
  std::stable_sort(world.admin_policies.begin(), world.admin_policies.end(),
                   [](const kube::AdminPolicy* a, const kube::AdminPolicy* b) {
                     return std::tie(a->tier, a->priority) < std::tie(b->tier, b->priority);
                   });
  add_nodes(snapshot, world);
  const std::vector<IpAddress> telling = telling_addresses(snapshot, options.endpoints);
  for (const kube::Pod& pod : snapshot->pods)
    world.pods.push_back(make_pod(snapshot, pod, options.endpoints, telling, world));
  for (const EndpointOptions::HypotheticalPod& pod : options.endpoints.hypothetical) {
    world.pods.push_back(make_hypothetical(snapshot, pod, options.endpoints, telling));
  }
  return world;
}

std::optional<Access> complete(const TwinWorld& world, const TwinFlow& flow, std::size_t ways_max) {
  if (flow.source.pod != nullptr && flow.source.pod == flow.destination.pod) return Access::yes;
  return Completion(world, flow).judge_all(ways_max);
}

}  // namespace gantry::netpol
