// drain.rehearse: every node of the cluster, or of a model of it, drains: nothing is refused or stuck, every quorum and every declared
// floor holds, in every order and every course of events that is tried.

#include "base/text.h"
#include "launch/checks/checks.h"
#include "launch/checks/drains/rehearsal_check.h"
#include "launch/rehearsal_fields.h"

#include <algorithm>
#include <array>

namespace gantry::launch {

using base::Result;
using disruption::Cluster;

namespace {

constexpr std::array kFields = {
    Field{"node", FieldKind::text, Need::optional,
          "only this node, or several with commas, as one command drains them; without, every node in every order"},
    Field{"down", FieldKind::text_list, Need::optional, "nodes that are lost before the drain begins"},
    Field{"parallel", FieldKind::integer, Need::optional, "how many nodes are drained at once (default 1)"},
    Field{"crash", FieldKind::boolean, Need::optional,
          "true: one node is lost on top, at the worst instant, for groups that vote"},
    kNodesField,
    kQuorumField,
    kAvailableField,
    kInferField,
    kForceField,
    kIgnoreDaemonSetsField,
    kDeleteEmptyDirField,
    kDisableEvictionField,
    kGracePeriodField,
    kTimeoutField,
    kPodSelectorField,
};

// A plan has many checks: a search may take a second or two of them, and says when it did not try everything.
constexpr std::size_t kOrdersMax = 120;
constexpr std::size_t kPodsOfAllOrdersMax = 100'000;
constexpr std::size_t kStatesMax = 200'000;
constexpr std::size_t kWalks = 2'000;

Result<std::vector<disruption::GroupSearch>> search_groups(const CheckContext& context, const Cluster& cluster) {
  const disruption::SearchOptions options{.parallel = context.integer("parallel").value_or(1),
                                          .crash = context.flag("crash"),
                                          .states_max = kStatesMax,
                                          .walks = kWalks,
                                          .stop = context.stop};
  std::vector<disruption::GroupSearch> groups;
  for (std::uint32_t i = 0; i < cluster.invariants().size(); ++i) {
    const disruption::Invariant& invariant = cluster.invariants()[i];
    const bool votes = invariant.kind == disruption::Invariant::Kind::quorum;
    if (!votes || invariant.of > static_cast<std::int64_t>(disruption::kSearchMembersMax)) continue;
    groups.push_back(TRY(search_group(cluster, disruption::InvariantIndex(i), options)));
  }
  return groups;
}

Result<CheckOutcome> run(CheckContext& context) {
  const disruption::GivenDrain block = TRY(read_rehearsal_block(context));
  LoadedManifests loaded = TRY(load_world(context));
  if (loaded.problem) return fail_by(*std::move(loaded.problem));
  const kube::Snapshot snapshot = TRY(load_rehearsed(context, loaded.snapshot()));
  const Cluster cluster = TRY(build_cluster(context, snapshot, block.cluster));
  disruption::DrainOptions options{
      .flags = block.flags, .parallel = context.integer("parallel").value_or(1), .down = context.texts("down")};
  Rehearsed rehearsed;
  if (const std::string node = context.text("node"); !node.empty()) {
    for (const std::string_view each : base::split(node, ',')) options.nodes.emplace_back(base::trim(each));
    // One kubectl command cordons all of its nodes first, and uncordons none.
    if (options.nodes.size() > 1) {
      options.cordon_all_first = true;
      options.after = disruption::AfterDrain::leave_cordoned;
    }
    rehearsed.single = TRY(rehearse_drain(cluster, options));
    return conclude_rehearsal(rehearsed);
  }
  const std::size_t pods = std::max<std::size_t>(cluster.pods().size(), 1);
  rehearsed.orders = TRY(search_orders(
      cluster, options,
      {.orders_max = std::clamp<std::size_t>(kPodsOfAllOrdersMax / pods, 1, kOrdersMax), .stop = context.stop}));
  rehearsed.groups = TRY(search_groups(context, cluster));
  return conclude_rehearsal(rehearsed);
}

}  // namespace

const CheckType kDrainRehearse = {.name = "drain.rehearse",
                                  .summary = "every node drains without losing a quorum or an outage",
                                  .fields = kFields,
                                  .version = 2,
                                  .run = run,
                                  .missing_engine = {},
                                  .cluster = ClusterUse::optional};

}  // namespace gantry::launch
