#pragma once

// The pods of a system, alike ones together. Replicas of a Deployment differ in nothing that a selector, a policy or a budget
// can see, so they are judged once; members of a StatefulSet carry their own name as a label and stay apart. A workload that
// is scaled to zero has a class too: it is one `kubectl scale` away from having pods.

#include "kube/selector_hint.h"
#include "kube/snapshot.h"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::launch {

struct PodClass {
  kube::Pod pod;                             // one of them, or what one would be
  const kube::Workload* workload = nullptr;  // what they belong to in the end; null when that is not in the snapshot
  std::size_t count = 0;                     // as written or reported; 0 when scaled to zero

  const std::string& name_space() const { return pod.name_space(); }
  // "Deployment shop/web"; the pod itself where nothing known controls it.
  std::string owner_name() const;
  // Two pods of the class may run at once, now or during a rollout: traffic from the class to itself is no loopback.
  bool has_replicas() const;
  bool on_host_network() const { return pod.spec->host_network; }
};

// Pods that have finished are left out: they have no network and no budget counts them. The classes point into the snapshot,
// which must outlive them. In the order of namespaces and names.
std::vector<PodClass> collect_pod_classes(const kube::Snapshot& snapshot);

// The part of them that is in one namespace.
std::span<const PodClass> in_namespace(const std::vector<PodClass>& classes, std::string_view name_space);

// Those that the selector matches, or may match once they run. Pointers into `classes`.
std::vector<const PodClass*> select(std::span<const PodClass> classes, const kube::LabelSelector& selector);

// For hints: each with the labels that are known of it.
std::vector<kube::Labelled> with_labels(std::span<const PodClass> classes);
std::vector<kube::Labelled> with_labels(std::span<const PodClass* const> classes);

}  // namespace gantry::launch
