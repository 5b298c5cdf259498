// The NATS cluster of the example, as it is and with other budgets.

#include "base/file.h"
#include "disruption/disruption.h"
#include "kube/sources.h"
#include "support/golden.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <utility>

namespace gantry::disruption {
namespace {

constexpr std::string_view kNats = "StatefulSet kgents-agents/nats";

// The example's manifests; the budget of NATS with another minAvailable where one is given.
kube::Snapshot load_example(std::optional<std::int64_t> min_available = {}) {
  const auto files = base::open_directory(test::repository_path("examples/kgents-saas"));
  EXPECT_TRUE(files);
  base::Result<kube::Snapshot> snapshot =
      kube::load_snapshot(**files, {kube::Source::path("impl/claude/infra/k8s/manifests")});
  EXPECT_TRUE(snapshot) << base::describe(snapshot.error());
  auto data = std::make_shared<kube::SnapshotData>(**snapshot);
  for (kube::PodDisruptionBudget& budget : data->disruption_budgets.edit())
    if (budget.name() == "nats" && min_available) budget.min_available = kube::IntOrPercent::count(*min_available);
  return kube::Snapshot(std::move(data));
}

Cluster cluster_of(const kube::Snapshot& snapshot, std::int64_t nodes = 3, std::vector<std::string> zones = {}) {
  base::Result<Cluster> cluster = Cluster::build(snapshot, {.nodes = {{.count = nodes, .zones = std::move(zones)}}});
  EXPECT_TRUE(cluster) << base::describe(cluster.error());
  return *cluster;
}

InvariantIndex nats_of(const Cluster& cluster) {
  const auto it = std::ranges::find(cluster.invariants(), kNats, &Invariant::subject);
  EXPECT_NE(it, cluster.invariants().end());
  return InvariantIndex(static_cast<std::uint32_t>(it - cluster.invariants().begin()));
}

constexpr DrainFlags kFlags{.ignore_daemonsets = true, .delete_emptydir_data = true};

std::string steps(const CounterExample& found, const Cluster& cluster) {
  std::string text;
  for (const Step& step : found.steps) text += to_string(step, cluster) + "\n";
  return text;
}

TEST(NatsOfTheExample, IsInferredWithItsReasons) {
  const Cluster cluster = cluster_of(load_example());
  const Invariant& nats = cluster.invariants()[nats_of(cluster).value()];
  EXPECT_EQ(to_string(nats), "2 of 3 members of StatefulSet kgents-agents/nats (NATS JetStream)");
  EXPECT_EQ(nats.origin, Invariant::Origin::inferred);
  EXPECT_EQ(nats.readiness.answer, ReadinessTruth::Answer::tells);
  EXPECT_FALSE(nats.readiness.liveness_kills_survivors);
  EXPECT_EQ(nats.data.copies, 3);
}

TEST(NatsOfTheExample, IsSafeForAllFourCauses) {
  const Cluster cluster = cluster_of(load_example());
  const QuorumVerdict verdict = judge_quorum(cluster, nats_of(cluster)).value();
  EXPECT_EQ(verdict.budget.holds, Holds::yes) << verdict.budget.text;
  EXPECT_EQ(verdict.placement.holds, Holds::yes) << verdict.placement.text;
  EXPECT_EQ(verdict.readiness.holds, Holds::yes) << verdict.readiness.text;
  EXPECT_EQ(verdict.data.holds, Holds::yes) << verdict.data.text;
  // The spread counts no cordoned node, so that a drain of one of three may put two members together.
  EXPECT_EQ(verdict.most_on_node, 1);
  EXPECT_EQ(verdict.most_on_node_draining, 2);
}

TEST(NatsOfTheExample, TwoOfThreeSurvivesEveryOrderOfDrains) {
  for (const std::int64_t nodes : {2, 3, 4}) {
    const Cluster cluster = cluster_of(load_example(), nodes);
    const InvariantIndex nats = nats_of(cluster);
    const GroupSearch found = search_group(cluster, nats).value();
    EXPECT_EQ(found.coverage, GroupSearch::Coverage::exhaustive);
    EXPECT_FALSE(found.broken) << steps(*found.broken, cluster);
    EXPECT_FALSE(found.stuck) << steps(*found.stuck, cluster);
    const OrderSearch orders = search_orders(cluster, {.flags = kFlags}).value();
    EXPECT_EQ(orders.coverage, OrderSearch::Coverage::exhaustive);
    EXPECT_EQ(orders.worst.invariants[nats.value()].lowest, 2) << nodes;
    for (const NodeOutcome& outcome : orders.worst.nodes) EXPECT_TRUE(outcome.why_stuck.empty());
  }
}

// Volumes that are bound to a zone, and one node in each: the member waits until its node is back. With two members in one zone
// that is for ever.
TEST(NatsOfTheExample, AZoneOfOneNodeHasNoPlaceForWhatItsVolumeHolds) {
  const Cluster three = cluster_of(load_example(), 3, {"a", "b", "c"});
  EXPECT_FALSE(search_group(three, nats_of(three))->stuck);
  const Cluster two = cluster_of(load_example(), 2, {"a", "b"});
  EXPECT_TRUE(search_group(two, nats_of(two))->stuck);
  const Rehearsal drill = rehearse_drain(two, {.flags = kFlags}).value();
  const auto blamed = [](const StuckReason& reason) {
    return std::ranges::any_of(reason.obstacles,
                               [](const NodeObstacle& each) { return each.obstacle.kind == ObstacleKind::volume; });
  };
  EXPECT_TRUE(std::ranges::any_of(
      drill.nodes, [&](const NodeOutcome& outcome) { return std::ranges::any_of(outcome.why_stuck, blamed); }));
}

// Its rollout is by hand (OnDelete), so that nothing takes a second member.
TEST(NatsOfTheExample, ARolloutTakesNoSecondMember) {
  const Cluster cluster = cluster_of(load_example());
  EXPECT_FALSE(search_group(cluster, nats_of(cluster), {.rollout = true})->broken);
}

TEST(NatsOfTheExample, TwoAtOnceIsRefused) {
  const Cluster cluster = cluster_of(load_example());
  const InvariantIndex nats = nats_of(cluster);
  const Rehearsal drill =
      rehearse_drain(cluster, {.nodes = {"node-1", "node-2"}, .flags = kFlags, .parallel = 2}).value();
  const auto is_refusal = [&](const Event& event) {
    return event.kind == EventKind::evict_refused && event.at == Instant(0) &&
           event.cause == EvictionCause::budget_exhausted && drill.pod(*event.pod).workload == kNats;
  };
  EXPECT_EQ(std::ranges::count_if(drill.events, is_refusal), 1);
  EXPECT_EQ(drill.invariants[nats.value()].lowest, 2);
}

TEST(NatsOfTheExample, OneOfThreeLosesTheQuorum) {
  const Cluster cluster = cluster_of(load_example(1));
  const InvariantIndex nats = nats_of(cluster);
  const GroupSearch found = search_group(cluster, nats).value();
  ASSERT_TRUE(found.broken);
  EXPECT_TRUE(found.broken->shortest);
  std::vector<StepKind> kinds;
  for (const Step& step : found.broken->steps) kinds.push_back(step.kind);
  using enum StepKind;
  EXPECT_EQ(kinds, (std::vector<StepKind>{StepKind::drain, evict, gone, StepKind::drain, evict}))
      << steps(*found.broken, cluster);
  EXPECT_EQ(found.broken->steps.back().level, 1);
  EXPECT_EQ(judge_quorum(cluster, nats)->budget.holds, Holds::no);
}

TEST(NatsOfTheExample, ThreeOfThreeBlocksForEverAtTheFirstDrain) {
  const Cluster cluster = cluster_of(load_example(3));
  const InvariantIndex nats = nats_of(cluster);
  const GroupSearch found = search_group(cluster, nats).value();
  ASSERT_TRUE(found.stuck);
  EXPECT_EQ(steps(*found.stuck, cluster), "drain node-1\n");
  const Rehearsal drill = rehearse_drain(cluster, {.flags = kFlags}).value();
  EXPECT_EQ(drill.nodes[0].verdict, Verdict::stuck);
  ASSERT_EQ(drill.nodes[0].why_stuck.size(), 1U);
  EXPECT_EQ(
      drill.nodes[0].why_stuck[0].text,
      "PodDisruptionBudget kgents-agents/nats (minAvailable 3; expected 3, desired 3, healthy 3, allowed 0) admits no "
      "eviction even with every pod healthy");
}

// The budgets of the example are as they should be.
TEST(NatsOfTheExample, HasNoBudgetThatBlocks) {
  for (const base::Finding& finding : find_budget_mistakes(cluster_of(load_example())))
    EXPECT_LT(finding.severity, base::Severity::high) << finding.rule << ": " << finding.message;
}

}  // namespace
}  // namespace gantry::disruption
