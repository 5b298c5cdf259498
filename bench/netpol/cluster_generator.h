#pragma once

// Large clusters for benchmarks and heavy tests, as `kubectl get -o json` would print them. The same shape makes the
// same text on every machine.
//
//   const std::vector<std::string> lists = make_cluster_lists({.pods = 10'000, .policies = 2'000, .namespaces = 100});
//   const kube::Snapshot snapshot = *read_lists(lists);

#include "base/result.h"
#include "kube/snapshot.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::netpol {

// A cluster that people run: in each namespace a handful of applications in tiers, with replicas on nodes, owned by
// ReplicaSets of Deployments, with Services. Of each namespace's policies the first are default-deny, DNS, the same
// namespace, monitoring, the ingress controller; then tiers of each application, neighbours in other namespaces, and
// address ranges. Three namespaces of the system (kube-system, monitoring, ingress) come on top of those asked for.
struct ClusterShape {
  std::size_t pods = 10'000;
  std::size_t policies = 2'000;
  std::size_t namespaces = 100;
  std::uint32_t seed = 1;
  bool dual_stack = false;
};

// One List for each kind that `kubectl get` is asked for; pods in several, of 20,000 at most, so that each stays within
// what one document may cost.
std::vector<std::string> make_cluster_lists(const ClusterShape& shape);

// Clusters that hurt (network policy reference, §17, worst cases).
enum class Adversary : std::uint8_t {
  unique_labels,      // every pod has a label of its own, and some selector asks for it: `size` pods and policies
  many_blocks,        // `size` ipBlocks of one address each, over 1,000 pods
  every_port,         // one policy with rules for `size` different ports (65,535 at most), over 1,000 pods
  crowded_namespace,  // `size` policies in one namespace of 1,000 pods
  deep_not_in,        // selectors of ten NotIn requirements with ten values each: `size` policies over 1,000 pods
  dual_stack,         // `size` pods with two addresses each, and blocks with exceptions in both families
};
std::string_view to_string(Adversary adversary);  // "unique-labels", …
std::vector<std::string> make_adversary_lists(Adversary adversary, std::size_t size, std::uint32_t seed = 1);

// What the lists hold, read as a saved list is; documents of live pods are dropped, as for any large cluster.
base::Result<kube::Snapshot> read_lists(const std::vector<std::string>& lists);

}  // namespace gantry::netpol
