#pragma once

// The cluster that is rehearsed on: nodes, pods that are placed, budgets that are counted, invariants. From a snapshot alone,
// where it has nodes and placed pods; else with declared nodes, and pods placed by a scheduler that always answers the same
// (docs/reference/disruption.md).
//
//   const Cluster cluster = TRY(Cluster::build(snapshot, {.nodes = {{.count = 3}}}));
//   cluster.nodes(); cluster.pods(); cluster.budgets();
//
// What is modelled, and what is not, is said by assumptions(): every report shows it.

#include "base/named.h"
#include "base/result.h"
#include "base/time.h"
#include "disruption/budget.h"
#include "disruption/invariants.h"
#include "disruption/node_model.h"
#include "kube/snapshot.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace gantry::disruption {

struct Model;  // private: the cluster in numbers

// Indices into what the cluster lists.
using NodeIndex = base::Named<std::uint32_t, struct NodeIndexTag>;
using PodIndex = base::Named<std::uint32_t, struct PodIndexTag>;
using BudgetIndex = base::Named<std::uint32_t, struct BudgetIndexTag>;
using InvariantIndex = base::Named<std::uint32_t, struct InvariantIndexTag>;

// How long a pod takes (disruption reference, §8). What is absent is estimated: stopping takes the whole grace period; starting
// takes TimeOptions::start and then the first success on the grid of the probes.
struct PodTimes {
  std::optional<std::chrono::milliseconds> stop = {};      // from the eviction until the object is gone
  std::optional<std::chrono::milliseconds> start = {};     // from scheduled until the containers run
  std::optional<std::chrono::milliseconds> catch_up = {};  // from running until a member votes; of quorum groups
};
struct TimeOptions {
  std::chrono::milliseconds start{5'000};      // image there, volumes attached
  std::chrono::milliseconds catch_up{30'000};  // of members of quorum groups
  // By workload, "StatefulSet shop/nats": measured beats estimated.
  std::map<std::string, PodTimes, std::less<>> workloads = {};
};

struct ClusterOptions {
  // Empty: the snapshot's own nodes.
  std::vector<NodeGroup> nodes = {};
  InvariantOptions invariants = {};
  TimeOptions times = {};
  // More nodes, equal to the first ones, that exist only once an upgrade with surge adds them.
  std::int64_t surge_nodes = 0;
};

// One pod as it is before anything happens.
struct ClusterPod {
  std::string name = {};               // "shop/nats-0"
  std::string workload = {};           // "StatefulSet shop/nats"; "" for what nothing controls
  std::optional<NodeIndex> node = {};  // absent: it fits nowhere
  bool ready = true;
};

struct ClusterBudget {
  std::string name = {};  // "shop/nats"
  BudgetNumbers numbers;
  std::size_t kube_index = 0;  // among the snapshot's budgets
};

class Cluster {
 public:
  // Errors: input: no nodes at all, node groups that are none, claims that contradict (invariants.h); negative times.
  static base::Result<Cluster> build(const kube::Snapshot& snapshot, const ClusterOptions& options = {});

  const kube::Snapshot& snapshot() const;
  const ClusterOptions& options() const;
  std::span<const kube::ClusterNode> nodes() const;  // surge nodes last
  std::size_t surge_node_count() const;
  const std::vector<Invariant>& invariants() const;
  std::vector<ClusterPod> pods() const;
  std::vector<ClusterBudget> budgets() const;
  std::optional<NodeIndex> find_node(std::string_view name) const;
  // Sentences: where the nodes are from, what was placed by whom, what is not judged.
  const std::vector<std::string>& assumptions() const;
  const Model& model() const { return *model_; }

 private:
  explicit Cluster(std::shared_ptr<const Model> model) : model_(std::move(model)) {}
  std::shared_ptr<const Model> model_;
};

}  // namespace gantry::disruption
