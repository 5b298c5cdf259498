#pragma once

// Drains, upgrades and losses, played through: every eviction with the API's answer, every pod that is made again and where it
// fits, what each budget and invariant went through, and a verdict for each node (disruption reference, §10).
//
//   const Rehearsal drill = TRY(rehearse_drain(cluster, {.nodes = {"node-1"}, .flags = {.ignore_daemonsets = true}}));
//   drill.verdict;                 // clean, slow, …, stuck
//   drill.nodes[0].why_stuck;      // the smallest set of reasons
//   compute_tracks(drill);         // pods as rows, time as columns
//
// Deterministic: the same cluster and options give the same events. One rehearsal follows one order; search.h looks for the order
// that does harm. Time counts from the start of the rehearsal, in milliseconds.

#include "base/result.h"
#include "disruption/cluster.h"
#include "disruption/drain.h"
#include "disruption/eviction.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::disruption {

using Instant = std::chrono::milliseconds;

// ---- What happens ----

enum class EventKind : std::uint8_t {
  cordoned,
  uncordoned,
  drained,  // nothing that had to go is left
  refused,  // a filter of kubectl aborted the node
  stuck,    // nothing in flight can ever clear what blocks the node
  node_lost,
  node_removed,
  node_joined,
  evict_refused,  // the first 429 or 500; `cause` and `budget` say why
  evicted,        // 201; `count` tries were refused before
  deleted,        // without asking a budget: --disable-eviction, a deadline
  pod_lost,       // with its node
  pod_gone,
  pod_created,  // `pod` is the new one, `other` the one it replaces
  pod_scheduled,
  pod_unplaced,  // fits nowhere now
  pod_ready,
  pod_useful,  // a member has caught up
  below,       // `invariant` fell below what it needs
  restored,
};
std::string_view to_string(EventKind kind);  // "evict-refused", …

struct Event {
  Instant at{0};
  EventKind kind = EventKind::cordoned;
  std::optional<NodeIndex> node = {};
  std::optional<PodIndex> pod = {};
  std::optional<PodIndex> other = {};
  std::optional<BudgetIndex> budget = {};
  std::optional<InvariantIndex> invariant = {};
  std::optional<EvictionCause> cause = {};
  std::int64_t count = 0;  // of `evicted`: refusals before; of `below` and `restored`: the level
};

// ---- Why a pod fits nowhere, and why a drain never ends ----

enum class ObstacleKind : std::uint8_t {
  cordoned,
  lost,
  selector,
  taint,
  volume,
  room,
  affinity,
  anti_affinity,
  spread
};
std::string_view to_string(ObstacleKind kind);  // "cordoned", …, "topology spread"

struct Obstacle {
  ObstacleKind kind = ObstacleKind::room;
  std::string resource = {};  // of room: which one is short
  friend bool operator==(const Obstacle&, const Obstacle&) = default;
};
struct NodeObstacle {
  NodeIndex node;
  Obstacle obstacle;
};

// One of the facts that keep a drain stuck. All reasons of a node together are the smallest set: without any one of them, the
// eviction of `pod` would be admitted one day.
struct StuckReason {
  enum class Kind : std::uint8_t {
    budget,        // admits nothing even with every pod healthy
    budget_short,  // too few of its pods are healthy; the reasons after it say which and why
    overlap,       // several budgets: 500 for ever
    unhealthy,     // runs, and will not become Ready by itself
    unplaced,      // fits on no node; `obstacles` says why for each
    lost_node,     // its node is gone and nothing removes the pod
    waits_order,   // a StatefulSet with OrderedReady waits for this pod's predecessor
  };
  Kind kind = Kind::budget;
  PodIndex pod = {};  // that is blocked, or that is to blame
  std::optional<BudgetIndex> budget = {};
  BudgetNumbers numbers = {};
  std::vector<NodeObstacle> obstacles = {};
  std::string text = {};  // the whole of it in a sentence
};

// ---- What comes out ----

// From good to bad; a rehearsal's verdict is the worst of its nodes' (§10.4).
enum class Verdict : std::uint8_t {
  clean,
  slow,          // retries were needed
  unsafe_flags,  // it took --force, --disable-eviction, lost data, or a deadline that ignores budgets
  degraded,      // a service fell below its declared floor
  outage,        // a service had no ready endpoint
  quorum_lost,
  refused,  // kubectl refuses the node
  stuck,
};
std::string_view to_string(Verdict verdict);  // "clean", …, "quorum-lost", "stuck"

struct RefusedPod {
  PodIndex pod;
  DrainDecision decision;
};

struct NodeOutcome {
  NodeIndex node;
  Verdict verdict = Verdict::clean;
  Instant begin{0};
  Instant end{0};
  std::int64_t evictions = 0;  // admitted or forced
  std::int64_t refusals = 0;   // 429s before them
  bool timed_out = false;      // it took longer than --timeout: kubectl would have given up
  std::vector<RefusedPod> refused = {};
  std::vector<StuckReason> why_stuck = {};
  std::vector<InvariantIndex> broken = {};  // while it drained
  std::vector<std::string> destroyed =
      {};                    // what unsafe flags took: "the content of its emptyDir volumes (shop/web-0)"
  std::string command = {};  // that would do this to a real cluster
};

struct InvariantOutcome {
  std::int64_t lowest = 0;
  Instant lowest_at{0};
  Instant below{0};  // time spent below what it needs
  bool broken = false;
  bool broken_before = false;  // it did not hold before anything happened
};

struct BudgetOutcome {
  std::int64_t lowest_allowed = 0;
  std::int64_t refusals = 0;
};

struct Unplaced {
  PodIndex
      pod;  // that has no node; or, where there are no obstacles, whose successor waits for a lower ordinal of its set
  std::vector<NodeObstacle> obstacles = {};
};

// A pod of the rehearsal: those of the cluster first, in its order, then those that were made.
struct RehearsedPod {
  std::string name = {};  // "shop/nats-0"
  std::string workload = {};
  std::optional<PodIndex> replaces = {};
};

struct Rehearsal {
  Cluster cluster;
  std::string what = {};  // "drain of node-1", "rolling upgrade of 3 nodes with 1 surge node", "loss of zone a"
  Verdict verdict = Verdict::clean;
  Instant end{0};
  std::vector<Event> events = {};
  bool events_cut = false;              // more than events_max happened; verdicts and figures count all of them
  std::vector<NodeOutcome> nodes = {};  // in the order in which they were drained
  std::vector<InvariantOutcome> invariants = {};  // as cluster.invariants()
  std::vector<BudgetOutcome> budgets = {};        // as cluster.budgets()
  std::vector<Unplaced> unplaced = {};            // pods that are missing at the end
  std::size_t pod_count = 0;

  RehearsedPod pod(PodIndex index) const;
  // What was made, by index - cluster's pods: kind, number and predecessor.
  struct Made {
    std::uint32_t kind = 0;
    std::uint32_t number = 0;
    std::uint32_t replaces = 0;
  };
  std::vector<Made> made = {};
};

// ---- What is rehearsed ----

enum class AfterDrain : std::uint8_t {
  uncordon,        // the node takes pods again before the next is drained
  leave_cordoned,  // as kubectl leaves it
};

struct DrainOptions {
  std::vector<std::string> nodes = {};  // in this order; empty: all, in the cluster's order
  DrainFlags flags = {};
  std::int64_t parallel = 1;      // nodes at once
  bool cordon_all_first = false;  // as one kubectl command with several nodes does
  AfterDrain after = AfterDrain::uncordon;
  std::vector<std::string> down = {};  // nodes that are lost before the drain begins
  std::size_t events_max = 200'000;
};

// As managed upgrades do it: surge nodes join, nodes are emptied through the eviction API, replaced, and join again.
struct UpgradeOptions {
  std::int64_t surge = 1;     // at most Cluster's surge nodes; 0: capacity shrinks while a node is away
  std::int64_t parallel = 1;  // nodes that are emptied at once
  std::chrono::milliseconds node_start{60'000};  // from empty until the new machine takes pods
  std::optional<std::chrono::seconds> deadline =
      {};  // after this, what is left on a node is deleted whatever its budget
  DrainFlags flags = {.force = true, .ignore_daemonsets = true, .delete_emptydir_data = true};
  std::size_t events_max = 200'000;
};

// All errors are of kind usage: an unknown node or zone, no node left to drain, numbers below their least.
base::Result<Rehearsal> rehearse_drain(const Cluster& cluster, const DrainOptions& options);
base::Result<Rehearsal> rehearse_upgrade(const Cluster& cluster, const UpgradeOptions& options);
// Every node of the zone is lost at once and does not come back. Nothing is drained; what is judged is what stays, and whether
// what was lost finds a place elsewhere (pods of ReplicaSets after five minutes, those of StatefulSets never by themselves).
base::Result<Rehearsal> rehearse_zone_loss(const Cluster& cluster, std::string_view zone,
                                           std::size_t events_max = 200'000);

// ---- The timeline ----

enum class TrackState : std::uint8_t { pending, starting, ready, useful, unready, terminating, lost };
std::string_view to_string(TrackState state);

struct TrackSpan {
  Instant from{0};
  Instant to{0};
  TrackState state = TrackState::pending;
  std::optional<NodeIndex> node = {};
};
struct PodTrack {
  PodIndex pod;
  std::vector<TrackSpan> spans = {};   // without gaps, from its first to its last instant
  std::vector<Instant> refusals = {};  // the first refusal of each series
};
// Only pods that something happened to, by workload and name.
std::vector<PodTrack> compute_tracks(const Rehearsal& rehearsal);

}  // namespace gantry::disruption
