#pragma once

// The cluster in numbers: what stays the same whatever is rehearsed. Pods that nothing tells apart share a Kind, so that labels
// and selectors are read here and nowhere below. Built once by Cluster::build(); private to disruption.

#include "disruption/cluster.h"
#include "disruption/drain.h"
#include "disruption/eviction.h"

#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gantry::disruption {

using Milliseconds = std::chrono::milliseconds;

inline constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();
// More than any node has of anything, and far enough from the edge that sums of it stay numbers.
inline constexpr std::int64_t kUnlimited = std::numeric_limits<std::int64_t>::max() / 4;

// When a pod runs of which nothing says that its containers will ever start (ImagePullBackOff).
inline constexpr Milliseconds kNeverRuns{std::numeric_limits<std::int64_t>::max()};

// A set of node indices.
using NodeSet = std::vector<std::uint64_t>;
inline bool contains(const NodeSet& set, std::uint32_t node) { return (set[node / 64] >> (node % 64) & 1U) != 0; }

// When a pod that goes is made again (disruption reference, §6).
enum class Recreation : std::uint8_t {
  at_deletion,  // ReplicaSet, Job: as soon as it is terminating
  after_gone,   // StatefulSet, and controllers that nobody knows: once its object is gone
  never,        // nobody controls it
  stays,        // DaemonSet and static pods: they belong to their node
};

struct WorkloadModel {
  std::string name = {};  // "StatefulSet shop/nats"
  std::string name_space = {};
  std::string base_name = {};                  // "nats"
  std::optional<std::size_t> kube_index = {};  // among the snapshot's workloads
  std::int64_t replicas = 0;
  bool has_scale = false;
  Recreation recreation = Recreation::never;
  bool ordered = false;  // a StatefulSet with OrderedReady
  bool stateful = false;
};

// Pods that a selector of a scheduling rule matches, or that hold a rule of which they are the subject, counted by node.
struct Counter {
  std::vector<std::string> name_spaces = {};  // sorted
  kube::LabelSelector selector = {};
  std::uint32_t topology = 0;  // into Model::topologies
  bool alive_only = false;     // topology spread does not see terminating pods
  bool of_holders = false;     // counts the pods whose anti-affinity it is, not those it matches
  friend bool operator==(const Counter&, const Counter&) = default;
};

// kubernetes.io/hostname, topology.kubernetes.io/zone, …: which nodes share a value. kNone: the node has none.
struct Topology {
  std::string key = {};
  std::vector<std::uint32_t> domain = {};  // by node
  std::uint32_t domains = 0;
};

struct AffinityRule {
  std::uint32_t counter = 0;
  std::int64_t weight = 0;  // of preferred ones
};

struct SpreadRule {
  std::uint32_t counter = 0;
  std::int64_t max_skew = 1;
  std::int64_t min_domains = 1;
  bool hard = true;
  bool honors_affinity = true;
  bool honors_taints = false;
};

// What the scheduler asks of pods of one template.
struct Shape {
  std::vector<std::int64_t> request = {};  // by resource
  std::uint32_t selected = 0;              // node set: nodeSelector and required node affinity
  std::uint32_t tolerated = 0;             // node set: taints
  std::uint32_t allowed = 0;               // node set: both
  bool tolerates_cordon = false;
  std::vector<AffinityRule> anti = {};
  std::vector<AffinityRule> affinity = {};
  std::vector<AffinityRule> preferred = {};                                  // weight below zero: anti-affinity
  std::vector<std::pair<std::uint32_t, std::int64_t>> preferred_nodes = {};  // node set and weight
  std::vector<SpreadRule> spread = {};
  std::vector<std::uint32_t> held = {};  // holder counters of its own anti-affinity
  bool has_rules() const {
    return !anti.empty() || !affinity.empty() || !preferred.empty() || !preferred_nodes.empty() || !spread.empty();
  }
};

// What pins the pod that comes back to where the first one was: a volume.
enum class Pin : std::uint8_t { none, zone, node };

struct Kind {
  std::uint32_t workload = 0;
  std::int64_t ordinal = -1;  // of StatefulSets
  std::uint32_t shape = 0;
  std::uint32_t allowed = 0;  // node set: the shape's, narrowed by bound volumes
  Pin pin = Pin::none;
  std::vector<std::uint32_t> budgets = {};      // that select it
  std::vector<std::uint32_t> invariants = {};   // that count it
  std::vector<std::uint32_t> counts = {};       // counters that it moves, sorted
  std::vector<std::uint32_t> rejected_by = {};  // holder counters whose rule speaks about it
  DrainPod drain = {};
  bool mirror = false;
  kube::LabelKnowledge labels = {};
  Milliseconds stop{0};
  bool stop_measured = false;     // else it is the pod's whole grace period, and another one would be used up as well
  Milliseconds running_after{0};  // from scheduled
  Milliseconds ready_after{0};    // from scheduled
  Milliseconds useful_after{0};   // from scheduled; not before ready_after
};

// As it is before anything happens.
enum class PodState : std::uint8_t {
  pending,   // not placed
  starting,  // placed, will be Ready
  ready,
  unready,  // runs, and nothing says that it will ever be Ready
  terminating,
  finished,  // terminal: holds nothing
  lost,      // its node is
  gone,
};

struct ModelPod {
  std::uint32_t kind = 0;
  std::uint32_t node = kNone;
  PodState state = PodState::pending;
  std::string name = {};       // without namespace
  Milliseconds running_at{0};  // when its phase turns from Pending to Running; kNeverRuns: by itself never
};

struct BudgetModel {
  std::size_t kube_index = 0;
  std::string name = {};  // "shop/nats"
  BudgetBounds bounds = {};
  kube::UnhealthyPodEvictionPolicy policy = kube::UnhealthyPodEvictionPolicy::if_healthy_budget;
  std::optional<std::int64_t> scaled = 0;  // E where the scale is asked
};

struct Model {
  kube::Snapshot snapshot;
  ClusterOptions options;
  std::vector<std::string> assumptions = {};

  std::vector<kube::ClusterNode> nodes = {};  // surge nodes last
  std::size_t surge_nodes = 0;
  std::vector<std::string> resources = {};     // "cpu", "memory", "pods", …
  std::vector<std::int64_t> allocatable = {};  // by node and resource
  std::vector<Topology> topologies = {};
  std::uint32_t zone_topology = 0;
  std::vector<NodeSet> node_sets = {};

  std::vector<WorkloadModel> workloads = {};
  std::vector<Shape> shapes = {};
  std::vector<Kind> kinds = {};
  std::vector<Counter> counters = {};
  std::vector<BudgetModel> budgets = {};
  std::vector<Invariant> invariants = {};
  std::vector<ModelPod> pods = {};

  std::size_t node_count() const { return nodes.size(); }
  std::size_t old_nodes() const { return nodes.size() - surge_nodes; }
  const kube::PodDisruptionBudget& budget(std::uint32_t index) const {
    return snapshot->disruption_budgets[budgets[index].kube_index];
  }
};

}  // namespace gantry::disruption
