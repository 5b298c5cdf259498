#pragma once

// How the checks of manifests end.

#include "kube/snapshot.h"
#include "launch/check.h"
#include "launch/manifests.h"

#include <string>
#include <string_view>
#include <vector>

namespace gantry::launch {

// Nobody reads a thousand findings, and a store that keeps them grows with every run: the most severe ones are kept, and a last
// one says how many were not.
inline constexpr std::size_t kFindingsMax = 300;

// Sorts the findings, keeps at most kFindingsMax, drops what is said twice, and decides by them: high and above fail. The
// summary becomes the worst finding's message where the verdict is not a pass.
void conclude(CheckOutcome& outcome);

// "5 Namespace, 12 NetworkPolicy", by kind.
std::string count_kinds(const kube::Snapshot& snapshot);
// How many objects of each kind: "objects_count", "objects_count.NetworkPolicy".
std::vector<base::Metric> object_counts(const kube::Snapshot& snapshot);
// "manifests/nats (kustomization)".
std::string describe(const Manifests& manifests);
// "1 pod", "2 pods".
std::string count_of(std::size_t count, std::string_view what);

}  // namespace gantry::launch
