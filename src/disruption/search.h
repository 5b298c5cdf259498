#pragma once

// The order that does harm. A rehearsal follows one course of events; here every course is tried: any order of nodes, any legal
// place for a pod that comes back, any moment for a pod to be gone, Ready or caught up, and on top a rollout, an autoscaler's
// scale-down, and the loss of one node at the worst instant (disruption reference, §10.3).
//
//   const GroupSearch found = TRY(search_group(cluster, InvariantIndex(0), {.crash = true}));
//   found.broken->steps      // the shortest sequence that breaks the invariant; absent: none does
//
// One group of pods is looked at alone, those that an invariant counts: pods of others keep the room that they have. States that
// differ only by names of nodes or pods that nothing tells apart are one, so groups of up to seven members are exhausted; where
// the bound on states is met, seeded random walks go on, and the result says so.

#include "base/progress.h"
#include "base/result.h"
#include "disruption/cluster.h"
#include "disruption/rehearsal.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace gantry::disruption {

struct SearchOptions {
  std::int64_t parallel = 1;  // nodes that are drained at once
  bool rollout = false;       // the workload is rolled out at some moment
  // Its autoscaler starts at its maximum (or kSearchMembersMax) and may write any lower number down to its minimum, at any moment;
  // pods follow later. That it goes up again takes nothing away. A quorum is then that of the start: voters that leave without being taken out still count.
  bool scale_down = false;
  // One node is lost, at any moment, and does not come back. Where drains of others hang on its pods, somebody removes it; from then
  // on what is under way ends, and nothing else begins.
  bool crash = false;
  enum class After : std::uint8_t { uncordon, leave_cordoned };
  After after = After::uncordon;
  // `none`: every state counts, for tests of the reductions.
  enum class Reduction : std::uint8_t { none, symmetry };
  Reduction reduction = Reduction::symmetry;
  std::size_t states_max = 2'000'000;  // some 50 bytes each
  std::uint64_t seed = 1;              // of the walks
  std::size_t walks = 20'000;          // of at most kWalkSteps steps, once states_max is met
  std::stop_token stop = {};           // what was tried until then is the answer: sampled
};

enum class StepKind : std::uint8_t {
  drain,     // a node is cordoned, and its pods are to go
  evict,     // the eviction API said 201
  gone,      // the pod's object is
  schedule,  // a new pod is bound to a node
  ready,
  caught_up,
  lose,     // a node is lost
  replace,  // a ReplicaSet gives up on a lost pod
  roll,     // the rollout deletes a pod
  surge,    // the rollout makes one more
  scale,    // the autoscaler writes another number of replicas
  shrink,   // a pod that is too many is taken away
  remove,   // somebody removes a lost node, or taints it out-of-service: its pods' objects are gone
};
std::string_view to_string(StepKind kind);  // "drain", …, "caught up"

struct Step {
  StepKind kind = StepKind::drain;
  std::optional<NodeIndex> node = {};
  std::string pod = {};       // "shop/nats-0"; "" for steps of nodes
  std::int64_t level = 0;     // what the invariant counts afterwards
  std::int64_t replicas = 0;  // of `scale`: the number
};
std::string to_string(const Step& step, const Cluster& cluster);  // "evict shop/nats-0 from node-1"

struct CounterExample {
  std::vector<Step> steps = {};
  bool shortest = false;  // of all; false for one that a random walk found
};

struct GroupSearch {
  InvariantIndex invariant;
  enum class Coverage : std::uint8_t { exhaustive, sampled };
  Coverage coverage = Coverage::exhaustive;
  std::size_t states = 0;
  std::size_t walks = 0;        // of `sampled`
  std::size_t members = 0;      // pods of the group that were searched
  std::size_t members_all = 0;  // that its autoscaler may make
  std::size_t nodes = 0;        // nodes that were: those with members, and as many others as kSearchNodesMax allows
  std::size_t nodes_all = 0;
  std::optional<CounterExample> broken = {};  // the invariant falls below what it needs
  std::optional<CounterExample> stuck = {};   // a drain never ends

  std::string scope() const;  // "exhaustive: 1,204 states of 3 members on 4 of 12 nodes"
};

// Pods that are not Ready at the start are taken to become so. Errors: usage: no such invariant, one that counts pods of several
// workloads or under different budgets, more members than kSearchMembersMax, an option below its least.
base::Result<GroupSearch> search_group(const Cluster& cluster, InvariantIndex invariant,
                                       const SearchOptions& options = {});

inline constexpr std::size_t kSearchMembersMax = 12;
// Votes are lost on few nodes at once: more spare nodes than these add no new way to lose them.
inline constexpr std::size_t kSearchNodesMax = 8;
inline constexpr std::size_t kWalkSteps = 400;

// ---- Whole rehearsals in many orders ----

struct OrderOptions {
  std::size_t orders_max = 1'000;  // more different orders than this are sampled
  std::uint64_t seed = 1;
  std::stop_token stop = {};  // the orders that were rehearsed until then are the answer
  base::Progress* progress = nullptr;
};

struct OrderSearch {
  enum class Coverage : std::uint8_t { exhaustive, sampled };
  Coverage coverage = Coverage::exhaustive;
  std::size_t orders = 0;  // that were rehearsed, each different from the others
  std::uint64_t seed = 0;  // of `sampled`
  std::vector<std::string> worst_order = {};
  Rehearsal worst;  // the first of those with the worst verdict
};

// Every order of the nodes (those named in the options, or all) that differs: nodes with the same labels but for their name, the
// same room and pods of the same workloads are interchangeable, and orders that only swap them are one.
// Errors as rehearse_drain.
base::Result<OrderSearch> search_orders(const Cluster& cluster, const DrainOptions& drain,
                                        const OrderOptions& options = {});

// ---- How many nodes it takes ----

// Manifests do not say how many nodes there are. Of 1, 2, 3, 4 and 6 nodes like those of the first group in `options` (or of a
// size that is not judged), the fewest on which every pod has a place before and after, and every node empties, one at a time,
// without a quorum being lost.
struct SmallestCluster {
  std::optional<std::int64_t> nodes = {};  // absent: none of them
  struct Tried {
    std::int64_t nodes = 0;
    Verdict verdict = Verdict::clean;
    std::size_t unplaced = 0;
  };
  std::vector<Tried> tried = {};  // up to the one that does
};
// Errors as Cluster::build and rehearse_drain.
base::Result<SmallestCluster> find_smallest_cluster(const kube::Snapshot& snapshot, const ClusterOptions& options,
                                                    const DrainFlags& flags);

}  // namespace gantry::disruption
