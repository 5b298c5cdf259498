#pragma once

// Where a pod goes: a small scheduler that always answers the same (disruption reference, §7).
//
// Filters, as kube-scheduler's: the node is open (or the pod tolerates the cordon), nodeSelector and required affinity, taints,
// volumes, room for every request and host port, required pod affinity and anti-affinity in both directions, topology spread that must hold.
//
// Of the nodes that are left it takes the best by these, in this order, where kube-scheduler adds up weights:
//   1. the most weight of preferred rules, ScheduleAnyway spread counting as a preference for the emptier domain
//   2. the fewest pods of the same workload on the node, then in its zone
//   3. the least share of cpu and memory that is requested already, then the fewest pods
//   4. the order of the nodes
//
// Not modelled: preemption, image locality, quotas, extenders. Private to disruption.

#include "disruption/rehearsal.h"
#include "disruption/world.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace gantry::disruption {

// Remembers buffers between pods; one for each World.
class Scheduler {
 public:
  // Absent: it fits nowhere now.
  std::optional<std::uint32_t> choose(const World& world, std::uint32_t pod);
  // Why not there; absent: it fits there.
  std::optional<Obstacle> obstacle(const World& world, std::uint32_t pod, std::uint32_t node);

 private:
  struct Score;
  void prepare(const World& world, std::uint32_t pod);
  std::optional<ObstacleKind> rule_against(const World& world, std::uint32_t pod, std::uint32_t node) const;
  std::int64_t preference(const World& world, std::uint32_t pod, std::uint32_t node) const;

  // Of the pod that was prepared: by rule of its shape and by domain.
  struct DomainCounts {
    std::uint32_t topology = 0;
    std::vector<std::int64_t> counts;
    std::int64_t total = 0;
    std::int64_t lowest = 0;  // over eligible domains, for spread
    bool selects_itself = false;
  };
  DomainCounts sum_up(const World& world, std::uint32_t counter, const Kind& kind) const;
  void sum_up_spread(const World& world, std::uint32_t pod, const SpreadRule& rule, DomainCounts& counts) const;

  std::vector<DomainCounts> anti_;
  std::vector<DomainCounts> held_;
  std::vector<DomainCounts> affinity_;
  std::vector<DomainCounts> preferred_;
  std::vector<DomainCounts> spread_;
  std::vector<std::uint32_t> own_on_node_;
  std::vector<std::uint32_t> own_in_zone_;
};

}  // namespace gantry::disruption
