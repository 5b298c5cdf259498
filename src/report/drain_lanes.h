#pragma once

// What a timeline of a rehearsal draws, as text and as a picture: a lane for each node, then one for each pod by its name. What was
// made again under the same name (StatefulSets) goes on in the same lane.

#include "disruption/disruption.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace gantry::report {

enum class NodeState : std::uint8_t { open, draining, cordoned, lost, absent };

struct NodeSpan {
  disruption::Instant from{0};
  disruption::Instant to{0};
  NodeState state = NodeState::open;
};

struct NodeLane {
  std::string name;
  std::vector<NodeSpan> spans;  // without gaps
};

struct PodLane {
  std::string name;                            // "shop/nats-0"
  std::string workload;                        // "StatefulSet shop/nats"; "" for what nothing controls
  std::vector<disruption::TrackSpan> spans;    // in order of time; gaps where there is no such pod
  std::vector<disruption::Instant> refusals;   // the first of each series
  std::vector<disruption::Instant> evictions;  // admitted or forced
  bool troubled = false;                       // refused, placed nowhere, or part of what was broken
};

struct Lanes {
  disruption::Instant end{0};  // a little after the last event, so that it can be seen what it led to
  std::vector<NodeLane> nodes;
  std::vector<PodLane> pods;
  std::size_t pods_left_out = 0;
  std::size_t nodes_left_out = 0;
};

// At most so many nodes and pods: those in trouble first, the order kept.
Lanes lay_lanes(const disruption::Rehearsal& rehearsal, std::size_t nodes_max, std::size_t pods_max);

// A round step of time for an axis: 1 s, 2 s, 5 s, 10 s, 15 s, 30 s, 1 min, …: the first of at least `least`.
disruption::Instant round_step(disruption::Instant least);

}  // namespace gantry::report
