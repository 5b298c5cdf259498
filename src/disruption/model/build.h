#pragma once

// The steps of building a Model, in the order in which Cluster::build() takes them. Private to disruption.

#include "base/result.h"
#include "disruption/model/model.h"
#include "kube/snapshot.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::disruption {

// Nodes, their room, and which of them share a zone or a host name.
base::Result<void> add_nodes(Model& model);
// The ports of a node that the pod takes for itself, as resources of which each node has one: "host port 80/TCP".
inline constexpr std::string_view kHostPort = "host port ";
std::vector<std::string> host_ports_of(const kube::PodSpec& spec);
// A topology key, once.
std::uint32_t intern_topology(Model& model, std::string_view key);
std::uint32_t intern_node_set(Model& model, NodeSet set);

// A pod with the workload it belongs to; what `pods` of the model are made of.
struct PodSource {
  const kube::Pod* pod = nullptr;
  std::uint32_t workload = 0;
};
// Workloads, and the pods that live, are written, or would be created at the quietest scale. `owned` keeps those that nobody
// wrote.
struct PodSources {
  std::vector<PodSource> pods;
  std::vector<std::unique_ptr<kube::Pod>> owned;
};
// Errors: input, for more replicas than are rehearsed.
base::Result<PodSources> collect_pods(Model& model);

// Kinds and shapes of the pods, and the model's pods themselves, as far as they are placed.
void add_kinds(Model& model, const PodSources& sources);
// What the scheduler asks of the pods of a spec, in that namespace and of those labels.
Shape compile_shape(Model& model, const kube::PodSpec& spec, const std::string& name_space,
                    const kube::LabelKnowledge& labels);
// What pins the pod that comes back: claims, volumes and storage classes (§7).
void compile_volumes(Model& model, const kube::Pod& pod, const kube::PodSpec& spec, Kind& kind);

// From running to Ready, as the probes allow it at the soonest (§8).
Milliseconds first_ready(const kube::PodSpec& spec);
void add_times(Model& model, const std::vector<const kube::PodSpec*>& spec_of_kind);

// What each counter, budget and invariant counts, kind by kind.
void add_counters(Model& model);
void add_budgets(Model& model);
void join_invariants(Model& model);

// Places what is not placed yet, in the order of the pods.
void place_pods(Model& model);

// More pods than a rehearsal is asked about; keeps `replicas: 1000000000` from costing memory.
inline constexpr std::int64_t kRehearsedPodsMax = 250'000;

}  // namespace gantry::disruption
