#pragma once

// Why a drain never ends (disruption reference, §10.4): asked at a fix point, where nothing is in flight. Private to disruption.

#include "disruption/rehearsal.h"
#include "disruption/simulator.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace gantry::disruption {

// The smallest set of reasons that keeps one of these pods, which keep the node from being empty, where it is.
std::vector<StuckReason> prove_stuck(Simulator& simulator, std::span<const std::uint32_t> pods);

// Every registered node with what keeps the pod from it.
std::vector<NodeObstacle> find_obstacles(const World& world, Scheduler& scheduler, std::uint32_t pod);
// "node-1: cordoned; node-2 and 3 more: no room for memory"
std::string describe(const Model& model, const std::vector<NodeObstacle>& obstacles);

// "shop/web-0"
std::string name_of(const World& world, std::uint32_t pod);
// The filters' view of the pod as it is now.
DrainPod drain_facts(const World& world, std::uint32_t pod, const DrainFlags& flags);

}  // namespace gantry::disruption
