// Where pods are before anything happens, when nobody says so: the scheduler places them one by one, in the order of the pods
// (workloads by namespace and name, then ordinals), on nodes that DaemonSets have taken their room from.

#include "disruption/model/build.h"
#include "disruption/placement.h"
#include "disruption/world.h"

namespace gantry::disruption {

void place_pods(Model& model) {
  World world(model);
  Scheduler scheduler;
  for (std::uint32_t id = 0; id < model.pods.size(); ++id) {
    ModelPod& pod = model.pods[id];
    if (pod.state != PodState::pending) continue;
    const std::optional<std::uint32_t> node = scheduler.choose(world, id);
    if (!node) continue;
    world.place(id, *node, Milliseconds(0));
    pod.node = *node;
    const bool of_live_cluster = model.snapshot.live() && model.options.nodes.empty();
    pod.state = of_live_cluster ? PodState::starting : PodState::ready;
  }
}

}  // namespace gantry::disruption
