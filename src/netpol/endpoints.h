#pragma once

// Who can be at an end of a flow. Pods that no selector, port name or address range can tell apart are one class;
// addresses that no range can tell apart are one region (network policy reference, §17.2 and §17.5). So work grows with
// what the policies distinguish, not with the number of pods.

#include "base/named.h"
#include "kube/address.h"
#include "kube/labels.h"
#include "kube/pod_spec.h"
#include "kube/port.h"
#include "kube/snapshot.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::netpol {

// An index into Endpoints: pod classes first, sorted by namespace and workload, then hypothetical pods, then address
// regions.
using EndpointId = base::Named<std::uint32_t, struct EndpointIdTag>;

// What the caller knows about the cluster and the snapshot does not say, and what else must be told apart.
struct EndpointOptions {
  // Where pods, Services and nodes get their addresses. Without pod ranges, an ipBlock says nothing certain about a pod
  // whose address nobody knows, unless it holds every address of the family.
  std::vector<kube::Cidr> pod_ranges;
  std::vector<kube::Cidr> service_ranges;
  std::vector<kube::Cidr> node_ranges;
  // Ranges that questions will name: regions are cut at their borders.
  std::vector<kube::Cidr> ranges;
  // Selectors that questions will ask about: classes are split so that each matches a class wholly or not at all.
  std::vector<kube::LabelSelector> pod_selectors;
  std::vector<kube::LabelSelector> namespace_selectors;
  // Pods that do not exist, to ask about as if they did ("labels(ns: team=a, pod: app=web)").
  struct HypotheticalPod {
    std::string name;        // how messages call it
    std::string name_space;  // when it is one that exists, its labels are that namespace's
    kube::LabelSet namespace_labels;
    kube::LabelSet labels;
  };
  std::vector<HypotheticalPod> hypothetical;
  // Every pod is a class of its own: for twins and for questions about single pods.
  bool one_class_per_pod = false;
};

struct Endpoint {
  enum class Kind : std::uint8_t { pods, hypothetical, addresses };
  Kind kind = Kind::pods;
  // "shop/web" (namespace and workload), with "[tier=front]" behind where one workload has several classes; for
  // addresses "10.0.0.0/8".
  std::string name;

  // ---- Of pods and hypothetical pods ----
  std::string name_space;
  std::optional<std::size_t> workload;  // index into the snapshot's workloads
  std::vector<std::size_t> pods;        // indices into the snapshot's pods; empty when scaled to zero
  kube::LabelKnowledge labels;          // of one of them: only what selectors ask for is the same for all
  kube::LabelKnowledge namespace_labels;
  std::shared_ptr<const kube::PodSpec> spec;  // null for hypothetical pods
  bool host_network = false;
  std::vector<kube::IpAddress> ips;  // of the first pod, or its node's with hostNetwork; empty when nobody knows them
  bool scaled_to_zero = false;
  // How many pods can be there at once, a rollout's second one included: two or more make flows inside the class real
  // ones, not loopback (§9).
  std::size_t count = 1;
  // The numbers behind the names of container ports, without and with those of restartable init containers.
  struct NamedPort {
    std::string name;
    kube::Protocol protocol = kube::Protocol::tcp;
    kube::Port port;
    bool of_sidecar = false;
    friend auto operator<=>(const NamedPort&, const NamedPort&) = default;
  };
  std::vector<NamedPort> named_ports;  // only names that policies use

  // ---- Of addresses: `range` less the `holes` that are regions of their own ----
  kube::Cidr range;
  std::vector<kube::Cidr> holes;
  enum class Zone : std::uint8_t { outside, pods, services, nodes, link_local, loopback };
  Zone zone = Zone::outside;  // outside: beyond the cluster, as far as the options say

  bool is_pods() const { return kind != Kind::addresses; }
};

class AddressRegions;
struct Vocabulary;

class Endpoints {
 public:
  const std::vector<Endpoint>& all() const { return all_; }
  const Endpoint& operator[](EndpointId id) const { return all_[id.value()]; }
  std::size_t size() const { return all_.size(); }
  // Pod classes, hypothetical ones included, are [0, pod_class_count()); regions are the rest.
  std::size_t pod_class_count() const { return pod_class_count_; }

  // The class of a pod of the snapshot; nothing for pods that have ended (§9).
  std::optional<EndpointId> class_of(std::size_t pod) const { return class_of_pod_[pod]; }
  // "shop/web": the classes of the workload or of the pod with that name; both spellings are tried, workloads first.
  // Empty when there is none such.
  std::vector<EndpointId> find(std::string_view name_space, std::string_view name) const;
  // The regions that share an address with the range: exactly its own when the options named it, else perhaps one
  // around it.
  std::vector<EndpointId> regions_of(const kube::Cidr& range) const;
  std::optional<EndpointId> region_of(const kube::IpAddress& address) const;
  // Those that the selectors match, certainly or perhaps.
  std::vector<EndpointId> classes_matching(const kube::LabelSelector& namespaces,
                                           const kube::LabelSelector& pods) const;
  // The families that the input speaks of; IPv4 alone when nothing says otherwise.
  const std::vector<kube::IpFamily>& families() const { return families_; }
  // All regions, in the order of their ids.
  const AddressRegions& regions() const { return *regions_; }
  // What they are told apart by.
  const Vocabulary& vocabulary() const { return *vocabulary_; }

 private:
  friend class EndpointCollector;
  kube::Snapshot snapshot_;
  std::vector<Endpoint> all_;
  std::size_t pod_class_count_ = 0;
  std::vector<std::optional<EndpointId>> class_of_pod_;
  std::vector<kube::IpFamily> families_;
  std::shared_ptr<const AddressRegions> regions_;
  std::shared_ptr<const Vocabulary> vocabulary_;
};

Endpoints collect_endpoints(const kube::Snapshot& snapshot, const EndpointOptions& options);

}  // namespace gantry::netpol
