#pragma once

// What people say about a cluster in gantry blocks, in gantry.yaml and on the command line, as values: its nodes, and what must
// hold. Strict: every key is known and of the right kind, or the error names the place and the nearest right key.
//
//   nodes: 3
//   nodes: {count: 3, cpu: 4, memory: 16Gi, zones: [a, b, c]}
//   nodes: [{count: 3, name: general, cpu: 4}, {count: 1, name: big, cpu: 16, labels: {pool: big}, taints: [pool=big:NoSchedule]}]
//   quorum: {pods: nats, of: 3, needs: 2}                # or a list of such
//   available: {service: kgent-api, min: 1}              # or a list of such

#include "base/node.h"
#include "base/result.h"
#include "disruption/cluster.h"
#include "disruption/drain.h"
#include "disruption/invariants.h"
#include "disruption/node_model.h"

#include <vector>

namespace gantry::disruption {

// All errors are of kind input, with position.
base::Result<std::vector<NodeGroup>> parse_nodes(const base::Node& node);
base::Result<std::vector<QuorumClaim>> parse_quorums(const base::Node& node);
base::Result<std::vector<AvailabilityClaim>> parse_availability(const base::Node& node);

// All of that at once, with `infer` and kubectl's flags: of the first map, and where it has no such key of the other. Either may be
// null; other keys are somebody else's to read.
struct GivenDrain {
  ClusterOptions cluster;
  DrainFlags flags;
};
base::Result<GivenDrain> parse_given(const base::Node& first, const base::Node& otherwise);

}  // namespace gantry::disruption
