#pragma once

// Services that stop without a majority of their members, recognised by image and configuration (disruption reference, §9.1).
// Private to disruption.

#include "disruption/invariants.h"
#include "kube/snapshot.h"

#include <optional>
#include <string>
#include <string_view>

namespace gantry::disruption {

struct KnownSystem {
  std::string_view name;                       // "NATS JetStream"
  std::string reason;                          // why it is taken for one
  const kube::Container* container = nullptr;  // the member itself
};

// The first container of the workload that is a member of a group that votes.
std::optional<KnownSystem> recognise(const kube::Snapshot& snapshot, const kube::Workload& workload);

// §9.3 for NATS, and what is known of the others' probes.
ReadinessTruth judge_readiness(const KnownSystem& system);

// §9.5: what says how often the data is kept.
DataReplicas find_data_replicas(const kube::Snapshot& snapshot, const kube::Workload& workload,
                                const KnownSystem& system);

// "registry.example.com/team/nats:2.11" -> "nats".
std::string_view image_name(std::string_view image);
// Everything that its ConfigMaps, command, arguments and plain environment say, as one text.
std::string settings_text(const kube::Snapshot& snapshot, const kube::Workload& workload,
                          const kube::Container& container);

}  // namespace gantry::disruption
