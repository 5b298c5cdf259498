#include "disruption/small_cluster.h"

#include <gtest/gtest.h>

namespace gantry::disruption {
namespace {

using enum EventKind;
using std::chrono::seconds;

TEST(Rehearsal, BudgetMakesTheSecondNodeWaitForTheFirstMember) {
  const Cluster cluster =
      make_cluster(workload({.pod = apart("db")}) + budget("db", "db", "minAvailable: 2") + service("db", "db"), 4);
  const Rehearsal drill = drain(cluster);
  EXPECT_EQ(verdicts(drill), "node-1 clean, node-2 slow, node-3 slow, node-4 slow");
  EXPECT_EQ(drill.verdict, Verdict::slow);
  EXPECT_EQ(drill.budgets[0].lowest_allowed, 0);
  EXPECT_GT(drill.budgets[0].refusals, 0);
  EXPECT_EQ(drill.invariants[0].lowest, 2);
  EXPECT_TRUE(drill.unplaced.empty());
}

// kubectl goes on as soon as a node is empty (disruption reference, §4.1): without a budget the next member goes while the one
// before it is still starting.
TEST(Rehearsal, WithoutABudgetNothingWaits) {
  const Cluster cluster = make_cluster(workload({.pod = apart("db")}) + service("db", "db"), 3);
  const Rehearsal drill = drain(cluster, {.nodes = {"node-1", "node-2", "node-3"}, .parallel = 3});
  EXPECT_EQ(drill.invariants[0].lowest, 0);
  EXPECT_EQ(drill.verdict, Verdict::outage);
}

TEST(Rehearsal, StatefulSetsWaitForTheObjectToGoDeploymentsDoNot) {
  const std::vector<EventKind> kinds = {evicted, pod_gone, pod_created, pod_scheduled};
  const Cluster stateful = make_cluster(workload({.replicas = 1}), 2);
  EXPECT_EQ(tell(drain(stateful, {.nodes = {"node-1"}}), kinds),
            "evicted shop/db-0 on node-1; pod-gone shop/db-0 on node-1; pod-created shop/db-0; pod-scheduled shop/db-0 "
            "on node-2");
  const Cluster stateless = make_cluster(workload({.kind = "Deployment", .name = "web", .replicas = 1}), 2);
  EXPECT_EQ(tell(drain(stateless, {.nodes = {"node-1"}}), kinds),
            "evicted shop/web-0 on node-1; pod-created shop/web-1; pod-scheduled shop/web-1 on node-2; pod-gone "
            "shop/web-0 on node-1");
}

TEST(Rehearsal, RefusalsAbortTheNodeBeforeItsFirstEviction) {
  const std::string emptied =
      workload({.kind = "Deployment", .name = "web", .pod = "volumes: [{name: tmp, emptyDir: {}}]"});
  const Cluster cluster = make_cluster(emptied + workload({.kind = "Deployment", .name = "api", .replicas = 2}), 1);
  const Rehearsal refused = drain(cluster);
  EXPECT_EQ(verdicts(refused), "node-1 refused");
  EXPECT_EQ(tell(refused, {evicted}), "");
  ASSERT_EQ(refused.nodes[0].refused.size(), 3U);
  EXPECT_EQ(refused.nodes[0].refused[0].decision.flag, "--delete-emptydir-data");
  const Rehearsal taken = drain(cluster, {.flags = {.delete_emptydir_data = true}});
  EXPECT_EQ(verdicts(taken), "node-1 unsafe-flags");
  EXPECT_EQ(taken.nodes[0].destroyed.front(), "the content of its emptyDir volumes (shop/web-0)");
  EXPECT_EQ(taken.nodes[0].command, "kubectl drain node-1 --delete-emptydir-data");
}

struct StuckCase {
  const char* name;
  std::string documents;
  std::int64_t nodes;
  const char* verdicts;
  std::vector<StuckReason::Kind> reasons;  // of the first stuck node
};

TEST(Rehearsal, StuckIsAProofWithTheSmallestSetOfReasons) {
  using Why = StuckReason::Kind;
  const StuckCase cases[] = {
      {"minAvailable of all: the budget alone",
       workload({}) + budget("db", "db", "minAvailable: 3"),
       3,
       "node-1 stuck, node-2 stuck, node-3 stuck",
       {Why::budget}},
      {"neither bound", workload({}) + budget("db", "db", ""), 1, "node-1 stuck", {Why::budget}},
      {"67 % of 3 rounds up", workload({}) + budget("db", "db", "minAvailable: 67%"), 1, "node-1 stuck", {Why::budget}},
      {"two budgets over one pod",
       workload({.kind = "Deployment"}) + budget("one", "db", "maxUnavailable: 1") +
           budget("two", "db", "maxUnavailable: 2"),
       1,
       "node-1 stuck",
       {Why::overlap}},
      {"one node only (W13): the first goes, the second never, since the first finds no place",
       workload({}) + budget("db", "db", "minAvailable: 2"),
       1,
       "node-1 stuck",
       {Why::budget_short, Why::unplaced}},
      {"anti-affinity and as many nodes as members: the second node waits for the member of the first, which came back",
       workload({.pod = apart("db")}) + budget("db", "db", "minAvailable: 2"),
       3,
       "node-1 clean, node-2 slow, node-3 slow",
       {}},
  };
  for (const StuckCase& c : cases) {
    const Rehearsal drill = drain(make_cluster(c.documents, c.nodes));
    EXPECT_EQ(verdicts(drill), c.verdicts) << c.name;
    std::vector<StuckReason::Kind> reasons;
    for (const StuckReason& reason : drill.nodes[0].why_stuck) reasons.push_back(reason.kind);
    EXPECT_EQ(reasons, c.reasons) << c.name;
    for (const StuckReason& reason : drill.nodes[0].why_stuck) EXPECT_NE(reason.text, "") << c.name;
  }
}

TEST(Rehearsal, SaysWhatKeepsAPodFromEachNode) {
  const Cluster cluster =
      make_cluster(workload({.pod = apart("db"), .container = "resources: {requests: {cpu: 2}}"}) +
                       budget("db", "db", "minAvailable: 3"),
                   ClusterOptions{.nodes = {{.count = 3, .allocatable = {{"cpu", *kube::Quantity::parse("3")}}}}});
  const Rehearsal drill = drain(cluster, {.nodes = {"node-1"}, .down = {"node-3"}});
  ASSERT_EQ(verdicts(drill), "node-1 stuck");
  EXPECT_EQ(
      drill.nodes[0].why_stuck[0].text,
      "PodDisruptionBudget shop/db (minAvailable 3; expected 3, desired 3, healthy 2, allowed 0) admits no eviction "
      "even with every pod healthy");
}

TEST(Rehearsal, ANodeThatIsDownUsesTheBudgetUp) {
  const Cluster cluster = make_cluster(workload({.pod = apart("db")}) + budget("db", "db", "minAvailable: 2"), 4);
  const Rehearsal drill = drain(cluster, {.nodes = {"node-1"}, .down = {"node-2"}});
  ASSERT_EQ(verdicts(drill), "node-1 stuck");
  ASSERT_EQ(drill.nodes[0].why_stuck.size(), 2U);
  EXPECT_EQ(drill.nodes[0].why_stuck[1].text, "shop/db-1 was on node-2, which is lost, and nobody removes its object");
  // A Deployment's pod is made again elsewhere after five minutes, and nothing is stuck.
  const Cluster stateless =
      make_cluster(workload({.kind = "Deployment", .pod = apart("db")}) + budget("db", "db", "minAvailable: 2"), 4);
  EXPECT_EQ(verdicts(drain(stateless, {.nodes = {"node-1"}, .down = {"node-2"}})), "node-1 clean");
}

TEST(Rehearsal, OrderedSetsComeBackInOrder) {
  const Cluster cluster = make_cluster(workload({}), 3);
  const Rehearsal drill = drain(cluster, {.nodes = {"node-1", "node-2"}, .parallel = 2});
  const std::string told = tell(drill, {pod_created, pod_ready});
  EXPECT_EQ(
      told,
      "pod-created shop/db-0; pod-ready shop/db-0 on node-3; pod-created shop/db-1; pod-ready shop/db-1 on node-1");
  const Cluster parallel = make_cluster(workload({.spec = "podManagementPolicy: Parallel"}), 3);
  EXPECT_EQ(tell(drain(parallel, {.nodes = {"node-1", "node-2"}, .parallel = 2}), {pod_created}),
            "pod-created shop/db-0; pod-created shop/db-1");
}

// §6.2: an ordered set creates nobody while a lower ordinal is lost, and its object holds the place of that one for ever.
TEST(Rehearsal, AnOrderedSetWaitsForAMemberThatIsLost) {
  const auto lost_first = [](const std::string& more) {
    return drain(make_cluster(workload({}) + more, 3), {.nodes = {"node-2"}, .down = {"node-1"}});
  };
  const Rehearsal unguarded = lost_first("");
  EXPECT_EQ(verdicts(unguarded), "node-2 clean");
  ASSERT_EQ(unguarded.unplaced.size(), 1U);
  EXPECT_TRUE(unguarded.unplaced[0].obstacles.empty());
  EXPECT_EQ(unguarded.pod(unguarded.unplaced[0].pod).name, "shop/db-1");
  EXPECT_EQ(find_drain_problems(unguarded).front().message,
            "a pod of StatefulSet shop/db is missing in the end: a lower ordinal is not Ready");
  const Rehearsal both = drain(make_cluster(workload({}) + budget("db", "db", "minAvailable: 1"), 3),
                               {.nodes = {"node-2", "node-3"}, .down = {"node-1"}});
  EXPECT_EQ(verdicts(both), "node-2 clean, node-3 stuck");
  // One healthy pod more is needed, and two are missing: each alone would do, so both are reasons.
  ASSERT_EQ(both.nodes[1].why_stuck.size(), 3U);
  EXPECT_EQ(both.nodes[1].why_stuck[1].kind, StuckReason::Kind::lost_node);
  EXPECT_EQ(both.nodes[1].why_stuck[2].kind, StuckReason::Kind::waits_order);
}

TEST(Rehearsal, AnUpgradeReplacesEveryNode) {
  const std::string documents =
      workload({.kind = "Deployment", .name = "web", .replicas = 4, .container = "resources: {requests: {cpu: 1}}"}) +
      budget("web", "web", "maxUnavailable: 1") + service("web", "web");
  const kube::ResourceList two_cores = {{"cpu", *kube::Quantity::parse("2")}};
  const Cluster with_surge =
      make_cluster(documents, ClusterOptions{.nodes = {{.count = 2, .allocatable = two_cores}}, .surge_nodes = 1});
  const base::Result<Rehearsal> drill = rehearse_upgrade(with_surge, {});
  ASSERT_TRUE(drill);
  EXPECT_EQ(verdicts(*drill), "node-1 slow, node-2 slow");
  EXPECT_TRUE(drill->unplaced.empty());
  // Without surge the full cluster has no room for what goes: after the first eviction nothing can move.
  const base::Result<Rehearsal> full = rehearse_upgrade(with_surge, {.surge = 0});
  ASSERT_TRUE(full);
  EXPECT_EQ(verdicts(*full), "node-1 stuck, node-2 stuck");
  ASSERT_EQ(full->nodes[0].why_stuck.size(), 2U);
  EXPECT_EQ(full->nodes[0].why_stuck[1].text, "shop/web-4 fits on no node: node-1: cordoned; node-2: no room for cpu");
  // A managed upgrade with a deadline deletes what is left, whatever the budget says.
  const base::Result<Rehearsal> forced = rehearse_upgrade(with_surge, {.surge = 0, .deadline = seconds(3600)});
  ASSERT_TRUE(forced);
  EXPECT_EQ(forced->nodes[0].verdict, Verdict::unsafe_flags);
}

// A volume on a node's disk goes with the machine: the member never comes back, and the budget is used up by it.
TEST(Rehearsal, AnUpgradeTakesTheVolumesOnItsNodes) {
  const std::string documents =
      "---\napiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: local}\nprovisioner: "
      "rancher.io/local-path\n" +
      workload({.spec = "volumeClaimTemplates: [{metadata: {name: data}, spec: {storageClassName: local, accessModes: "
                        "[ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}]"}) +
      budget("db", "db", "maxUnavailable: 1");
  const Cluster cluster = make_cluster(documents, ClusterOptions{.nodes = {{.count = 3}}, .surge_nodes = 1});
  const Rehearsal drill = rehearse_upgrade(cluster, {}).value();
  EXPECT_EQ(verdicts(drill), "node-1 unsafe-flags, node-2 stuck, node-3 stuck");
  EXPECT_EQ(drill.nodes[0].destroyed.front(), "the volume on the disk of its node (shop/db-0)");
  ASSERT_EQ(drill.unplaced.size(), 1U);
  EXPECT_EQ(drill.pod(drill.unplaced[0].pod).name, "shop/db-0");
  EXPECT_EQ(drill.unplaced[0].obstacles.front().obstacle.kind, ObstacleKind::volume);
  // A drain leaves the machine as it is, and what is on it.
  EXPECT_EQ(verdicts(drain(make_cluster(documents, 3))), "node-1 clean, node-2 slow, node-3 slow");
}

TEST(Rehearsal, WhatTheServerWouldRefuseIsSaidToBeLeftOut) {
  const Cluster cluster = make_cluster(workload({}) + budget("db", "db", "minAvailable: 1, maxUnavailable: 1"), 3);
  EXPECT_EQ(cluster.assumptions().back(),
            "left out, since the API server would refuse it: PodDisruptionBudget shop/db");
}

TEST(Rehearsal, ALostZoneTakesStatefulPodsForGood) {
  const std::string documents = workload({.pod = apart("db", "topology.kubernetes.io/zone"), .image = "etcd:3.5"}) +
                                workload({.kind = "Deployment", .name = "web", .replicas = 2}) + service("web", "web");
  const Cluster three = make_cluster(documents, ClusterOptions{.nodes = {{.count = 3, .zones = {"a", "b", "c"}}}});
  const base::Result<Rehearsal> held = rehearse_zone_loss(three, "a");
  ASSERT_TRUE(held);
  EXPECT_EQ(held->verdict, Verdict::clean);
  EXPECT_EQ(tell(*held, {pod_created, pod_ready}), "pod-created shop/web-2; pod-ready shop/web-2 on node-3");
  const Cluster two =
      make_cluster(workload({.image = "etcd:3.5"}), ClusterOptions{.nodes = {{.count = 4, .zones = {"a", "b"}}}});
  const base::Result<Rehearsal> lost = rehearse_zone_loss(two, "a");
  ASSERT_TRUE(lost);
  EXPECT_EQ(lost->verdict, Verdict::quorum_lost);
  EXPECT_EQ(lost->invariants[0].lowest, 1);
  EXPECT_FALSE(rehearse_zone_loss(two, "d"));
}

// A member is Ready before it has caught up where its readiness does not wait for that (§8, §9.3).
TEST(Rehearsal, ReadinessThatComesTooEarlyLetsTheBudgetLoseTheQuorum) {
  const auto documents = [](const char* path) {
    return workload({.name = "nats",
                     .spec = "podManagementPolicy: Parallel",
                     .pod = apart("nats"),
                     .container = std::string("args: [-js ]\n          readinessProbe: {httpGet: {path: \"") + path +
                                  "\", port: 8222}}",
                     .image = "nats:2.11"}) +
           budget("nats", "nats", "minAvailable: 2");
  };
  const Rehearsal early = drain(make_cluster(documents("/healthz?js-enabled-only=true"), 4));
  ASSERT_EQ(early.cluster.invariants().size(), 1U);
  EXPECT_EQ(early.cluster.invariants()[0].readiness.answer, ReadinessTruth::Answer::too_early);
  EXPECT_EQ(early.verdict, Verdict::quorum_lost);
  const Rehearsal honest = drain(make_cluster(documents("/healthz"), 4));
  EXPECT_EQ(honest.cluster.invariants()[0].readiness.answer, ReadinessTruth::Answer::tells);
  EXPECT_EQ(honest.verdict, Verdict::slow);
}

TEST(Rehearsal, TracksHaveNoGaps) {
  const Rehearsal drill = drain(make_cluster(workload({}) + budget("db", "db", "minAvailable: 2"), 3));
  const std::vector<PodTrack> tracks = compute_tracks(drill);
  ASSERT_FALSE(tracks.empty());
  for (const PodTrack& track : tracks) {
    ASSERT_FALSE(track.spans.empty());
    for (std::size_t i = 1; i < track.spans.size(); ++i) EXPECT_EQ(track.spans[i - 1].to, track.spans[i].from);
    for (const TrackSpan& span : track.spans) EXPECT_LE(span.from, span.to);
  }
}

TEST(Rehearsal, BadOptionsAreErrors) {
  const Cluster cluster = make_cluster(workload({}), 3);
  EXPECT_FALSE(rehearse_drain(cluster, {.nodes = {"node-9"}}));
  EXPECT_FALSE(rehearse_drain(cluster, {.nodes = {"node-1", "node-1"}}));
  EXPECT_FALSE(rehearse_drain(cluster, {.nodes = {"node-1"}, .down = {"node-1"}}));
  EXPECT_FALSE(rehearse_drain(cluster, {.parallel = 0}));
  EXPECT_FALSE(rehearse_drain(cluster, {.flags = {.timeout = seconds(-1)}}));
  EXPECT_FALSE(rehearse_upgrade(cluster, {.surge = 1}));
  EXPECT_FALSE(rehearse_upgrade(cluster, {.surge = -1}));
}

}  // namespace
}  // namespace gantry::disruption
