#pragma once

// What drain.rehearse and upgrade.rehearse share: reading the block, and turning what was rehearsed into an outcome.

#include "disruption/disruption.h"
#include "launch/check.h"
#include "launch/checks/system/loading.h"
#include "launch/checks/system/outcome.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gantry::launch {

// Of the block, else of `drain:` in gantry.yaml. Errors: input, with position: keys and numbers that cannot be. What gantry.yaml
// says becomes an input of the evidence.
base::Result<disruption::GivenDrain> read_rehearsal_block(const CheckContext& context);

// The manifests. With --context the cluster as it is, its nodes and the pods on them, and of the manifests what it has not got
// yet. Errors: environment: the cluster cannot be read.
base::Result<kube::Snapshot> load_rehearsed(CheckContext& context, const kube::Snapshot& manifests);

// Of declared nodes; with --context of the cluster's own. Errors: input: no nodes are known, claims that contradict the manifests
// or each other.
base::Result<disruption::Cluster> build_cluster(const CheckContext& context, const kube::Snapshot& snapshot,
                                                disruption::ClusterOptions options);

// What was rehearsed, in every way that it was.
struct Rehearsed {
  std::optional<disruption::OrderSearch> orders;
  std::optional<disruption::Rehearsal> single;  // where no orders were tried
  std::vector<disruption::GroupSearch> groups;

  const disruption::Rehearsal& rehearsal() const { return orders ? orders->worst : *single; }
};

// Findings, figures, the timeline as text and picture, and everything as JSON.
base::Result<CheckOutcome> conclude_rehearsal(const Rehearsed& rehearsed);

}  // namespace gantry::launch
