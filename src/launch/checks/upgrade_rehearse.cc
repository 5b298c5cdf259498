// upgrade.rehearse: a rolling upgrade replaces every node, as managed upgrades do, and ends with every quorum and floor kept.

#include "base/time.h"
#include "launch/checks/checks.h"
#include "launch/checks/drains/rehearsal_check.h"
#include "launch/rehearsal_fields.h"

#include <array>
#include <chrono>

namespace gantry::launch {

using base::Result;

namespace {

// An upgrade has its own way with DaemonSets, emptyDir volumes and pods of nobody: kubectl's flags play no part.
constexpr std::array kFields = {
    Field{"surge", FieldKind::integer, Need::optional, "nodes that join before the first is emptied (default 1)"},
    Field{"parallel", FieldKind::integer, Need::optional, "how many nodes are emptied at once (default 1)"},
    Field{"deadline", FieldKind::duration, Need::optional,
          "after it, what is left on a node is deleted whatever its budget says"},
    kNodesField,
    kQuorumField,
    kAvailableField,
    kInferField,
};

Result<CheckOutcome> run(CheckContext& context) {
  disruption::GivenDrain block = TRY(read_rehearsal_block(context));
  block.cluster.surge_nodes = context.integer("surge").value_or(1);
  if (block.cluster.surge_nodes < 0)
    return base::input_error("an upgrade cannot add fewer than 0 nodes", context.where(), "write surge: 0 or more");
  LoadedManifests loaded = TRY(load_world(context));
  if (loaded.problem) return fail_by(*std::move(loaded.problem));
  const kube::Snapshot snapshot = TRY(load_rehearsed(context, loaded.snapshot()));
  const disruption::Cluster cluster = TRY(build_cluster(context, snapshot, block.cluster));
  disruption::UpgradeOptions options{.surge = block.cluster.surge_nodes,
                                     .parallel = context.integer("parallel").value_or(1)};
  if (const base::Node* deadline = context.block.get("deadline"))
    options.deadline = std::chrono::ceil<std::chrono::seconds>(TRY(base::parse_duration(deadline->string())));
  Rehearsed rehearsed;
  rehearsed.single = TRY(rehearse_upgrade(cluster, options));
  return conclude_rehearsal(rehearsed);
}

}  // namespace

const CheckType kUpgradeRehearse = {.name = "upgrade.rehearse",
                                    .summary = "a rolling upgrade ends without losing a quorum or an outage",
                                    .fields = kFields,
                                    .version = 2,
                                    .run = run,
                                    .missing_engine = {},
                                    .cluster = ClusterUse::optional};

}  // namespace gantry::launch
