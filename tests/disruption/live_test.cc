// Clusters as they report themselves: placed pods, conditions, statuses, times.

#include "disruption/small_cluster.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace gantry::disruption {
namespace {

std::string node(const std::string& name, const std::string& ready = "True") {
  return fmt::format(
      "---\napiVersion: v1\nkind: Node\nmetadata: {{name: {0}, uid: n-{0}, labels: {{kubernetes.io/hostname: "
      "{0}}}}}\nstatus: "
      "{{allocatable: {{cpu: 4, memory: 8Gi, pods: 110}}, conditions: [{{type: Ready, status: \"{1}\"}}]}}\n",
      name, ready);
}

std::string pod(const std::string& name, const std::string& on, const std::string& ready, const std::string& owner,
                const std::string& more = "") {
  return fmt::format(
      "---\napiVersion: v1\nkind: Pod\nmetadata: {{name: {0}, namespace: shop, uid: p-{0}, labels: {{app: db}}, "
      "ownerReferences: "
      "[{3}]}}\nspec: {{nodeName: {1}, containers: [{{name: main, image: a}}]}}\nstatus: {{phase: Running, conditions: "
      "[{{type: Ready, "
      "status: \"{2}\"}}]{4}}}\n",
      name, on, ready, owner, more);
}

const std::string kSet = "{apiVersion: apps/v1, kind: StatefulSet, name: db, uid: s, controller: true}";
const std::string kLoops =
    ", containerStatuses: [{name: main, ready: false, restartCount: 9, image: a, imageID: a, state: {waiting: {reason: "
    "CrashLoopBackOff}}}]";

std::string rules(const std::vector<base::Finding>& findings) {
  std::set<std::string> names;
  for (const base::Finding& finding : findings) names.insert(finding.rule);
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : " ") + name;
  return text;
}

TEST(LiveCluster, PodsStayWhereTheyAre) {
  const Cluster cluster = make_cluster(node("a") + node("b") + workload({.replicas = 2}) +
                                           pod("db-0", "b", "True", kSet) + pod("db-1", "b", "True", kSet),
                                       ClusterOptions{});
  for (const ClusterPod& each : cluster.pods()) EXPECT_EQ(cluster.nodes()[each.node->value()].name(), "b") << each.name;
  EXPECT_EQ(cluster.assumptions().front(), "2 nodes as the cluster reports them");
}

// B11: a member that crashes blocks the others, and under the default policy its own node as well.
TEST(LiveCluster, APodThatCrashesBlocksTheDrain) {
  const auto documents = [](const char* policy) {
    return node("a") + node("b") + node("c") + workload({}) + pod("db-0", "a", "True", kSet) +
           pod("db-1", "b", "True", kSet) + pod("db-2", "c", "False", kSet, kLoops) +
           budget("db", "db", std::string("minAvailable: 3") + policy);
  };
  const Cluster strict = make_cluster(documents(""), ClusterOptions{});
  const Rehearsal drill = drain(strict, {.nodes = {"c"}});
  EXPECT_EQ(verdicts(drill), "c stuck");
  const Cluster lenient = make_cluster(documents(", unhealthyPodEvictionPolicy: AlwaysAllow"), ClusterOptions{});
  EXPECT_EQ(verdicts(drain(lenient, {.nodes = {"c"}})), "c clean");
  const Cluster two = make_cluster(node("a") + node("b") + node("c") + workload({}) + pod("db-0", "a", "True", kSet) +
                                       pod("db-1", "b", "True", kSet) + pod("db-2", "c", "False", kSet, kLoops) +
                                       budget("db", "db", "minAvailable: 2"),
                                   ClusterOptions{});
  // Two others are healthy, so that the broken one may go (§3.1, row 8); a healthy one may not.
  EXPECT_EQ(verdicts(drain(two, {.nodes = {"c"}})), "c clean");
  const Rehearsal blocked = drain(two, {.nodes = {"a"}});
  ASSERT_EQ(verdicts(blocked), "a stuck");
  ASSERT_EQ(blocked.nodes[0].why_stuck.size(), 2U);
  EXPECT_EQ(blocked.nodes[0].why_stuck[1].text, "shop/db-2 is not Ready, and nothing says that it will be");
}

// §3.1, row 4: a pod whose image cannot be pulled is still Pending, and no budget is asked about it.
TEST(LiveCluster, APodThatNeverStartedIsNoMatterForItsBudget) {
  std::string pulls = pod("db-2", "c", "False", kSet,
                          ", containerStatuses: [{name: main, ready: false, restartCount: 0, image: a, imageID: a, "
                          "state: {waiting: {reason: ImagePullBackOff}}}]");
  pulls.replace(pulls.find("phase: Running"), 14, "phase: Pending");
  const Cluster cluster =
      make_cluster(node("a") + node("b") + node("c") + workload({}) + pod("db-0", "a", "True", kSet) +
                       pod("db-1", "b", "True", kSet) + pulls + budget("db", "db", "minAvailable: 3"),
                   ClusterOptions{});
  EXPECT_EQ(verdicts(drain(cluster, {.nodes = {"c"}})), "c clean");
  EXPECT_EQ(verdicts(drain(cluster, {.nodes = {"a"}})), "a stuck");
}

// The controller counts by spec.replicas as it is, not by what an autoscaler may make of it.
TEST(LiveCluster, AnAutoscaledWorkloadIsAtTheScaleThatItHas) {
  const std::string autoscaler =
      "---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web, namespace: shop}\nspec: "
      "{minReplicas: 2, maxReplicas: 9, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}}\n";
  const auto scaled = [](const std::string& kind, const std::string& name, const std::string& more) {
    return fmt::format(
        "---\napiVersion: apps/v1\nkind: {0}\nmetadata: {{name: {1}, namespace: shop, uid: u-{1}{2}}}\nspec: "
        "{{replicas: 6, selector: {{matchLabels: {{app: db}}}}, template: {{metadata: {{labels: {{app: db}}}}, spec: "
        "{{containers: [{{name: main, image: a}}]}}}}}}\n",
        kind, name, more);
  };
  std::string documents =
      node("a") + node("b") + scaled("Deployment", "web", "") +
      scaled("ReplicaSet", "web-1",
             ", ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: web, uid: u-web, controller: true}]") +
      autoscaler + service("db", "db");
  for (int i = 0; i < 6; ++i)
    documents += pod(fmt::format("web-1-{}", i), i % 2 == 0 ? "a" : "b", "True",
                     "{apiVersion: apps/v1, kind: ReplicaSet, name: web-1, uid: u-web-1, controller: true}");
  const std::string stated = ", unhealthyPodEvictionPolicy: AlwaysAllow";
  const Cluster cluster =
      make_cluster(documents + budget("db", "db", "maxUnavailable: 30%" + stated), ClusterOptions{});
  EXPECT_EQ(cluster.budgets()[0].numbers, (BudgetNumbers{.expected = 6, .desired = 4, .healthy = 6, .allowed = 2}));
  // Pods are a Deployment's once, and not once more its ReplicaSet's.
  EXPECT_EQ(cluster.invariants()[0].of, 6);
  EXPECT_EQ(rules(find_budget_mistakes(cluster)), "");
  // At two replicas it would block (B1), and the autoscaler may go there.
  const Cluster later = make_cluster(documents + budget("db", "db", "minAvailable: 2" + stated), ClusterOptions{});
  EXPECT_EQ(later.budgets()[0].numbers.allowed, 4);
  EXPECT_EQ(rules(find_budget_mistakes(later)), "pdb.blocks-forever pdb.too-lax");
}

TEST(LiveCluster, UnmanagedMirrorAndFinishedPods) {
  const std::string mirror =
      "---\napiVersion: v1\nkind: Pod\nmetadata: {name: proxy, namespace: shop, uid: m, annotations: "
      "{kubernetes.io/config.mirror: x}, "
      "ownerReferences: [{apiVersion: v1, kind: Node, name: a, uid: n-a, controller: true}]}\nspec: {nodeName: a, "
      "containers: [{name: "
      "main, image: a}]}\nstatus: {phase: Running, conditions: [{type: Ready, status: \"True\"}]}\n";
  const std::string finished =
      "---\napiVersion: v1\nkind: Pod\nmetadata: {name: done, namespace: shop, uid: d}\nspec: {nodeName: a, "
      "containers: [{name: main, "
      "image: a}]}\nstatus: {phase: Succeeded}\n";
  const std::string bare =
      "---\napiVersion: v1\nkind: Pod\nmetadata: {name: bare, namespace: shop, uid: b}\nspec: {nodeName: a, "
      "containers: [{name: main, "
      "image: a}]}\nstatus: {phase: Running, conditions: [{type: Ready, status: \"True\"}]}\n";
  EXPECT_EQ(verdicts(drain(make_cluster(node("a") + mirror + finished, ClusterOptions{}))), "a clean");
  const Cluster cluster = make_cluster(node("a") + mirror + bare, ClusterOptions{});
  const Rehearsal refused = drain(cluster);
  ASSERT_EQ(verdicts(refused), "a refused");
  EXPECT_EQ(refused.nodes[0].refused[0].decision.filter, DrainFilter::unreplicated);
  const Rehearsal forced = drain(cluster, {.flags = {.force = true}});
  EXPECT_EQ(verdicts(forced), "a unsafe-flags");
  EXPECT_EQ(forced.nodes[0].destroyed.front(), "a pod that nothing creates again (shop/bare)");
}

// An operator's pods come back once their objects are gone, and its scale is what is there.
TEST(LiveCluster, CustomResourcesOwnPodsToo) {
  const std::string owner = "{apiVersion: kafka.example/v1, kind: Kafka, name: log, uid: k, controller: true}";
  const Cluster cluster = make_cluster(node("a") + node("b") + pod("log-0", "a", "True", owner) +
                                           pod("log-1", "b", "True", owner) + budget("db", "db", "maxUnavailable: 1"),
                                       ClusterOptions{});
  EXPECT_EQ(cluster.pods()[0].workload, "Kafka shop/log");
  EXPECT_EQ(cluster.budgets()[0].numbers.expected, 2);
  EXPECT_EQ(cluster.budgets()[0].numbers.allowed, 1);
  EXPECT_EQ(verdicts(drain(cluster)), "a clean, b slow");
  const Cluster bare = make_cluster(
      node("a") + node("b") + pod("log-0", "a", "True", owner) + pod("log-1", "b", "True", owner), ClusterOptions{});
  EXPECT_EQ(rules(find_budget_mistakes(bare)), "pdb.missing");
}

TEST(LiveCluster, AServiceOverTwoWorkloadsIsNoGroup) {
  const std::string owner = "{apiVersion: kafka.example/v1, kind: Kafka, name: log, uid: k, controller: true}";
  const Cluster cluster = make_cluster(node("a") + workload({.replicas = 1}) + pod("db-0", "a", "True", kSet) +
                                           pod("log-0", "a", "True", owner) + service("db", "db"),
                                       ClusterOptions{});
  EXPECT_EQ(cluster.invariants()[0].of, 2);
  EXPECT_FALSE(search_group(cluster, InvariantIndex(0)));
}

TEST(LiveCluster, ANodeThatIsNotReadyIsLost) {
  const Cluster cluster = make_cluster(node("a") + node("b", "Unknown") + node("c") + workload({.replicas = 2}) +
                                           pod("db-0", "a", "True", kSet) + pod("db-1", "b", "True", kSet) +
                                           budget("db", "db", "maxUnavailable: 1"),
                                       ClusterOptions{});
  EXPECT_EQ(cluster.budgets()[0].numbers.healthy, 1);
  ClusterOptions declared;
  declared.invariants = {.quorums = {{.pods = "db", .needs = 1}}, .infer = false};
  const Cluster group = make_cluster(node("a") + node("b", "Unknown") + node("c") + workload({.replicas = 2}) +
                                         pod("db-0", "a", "True", kSet) + pod("db-1", "b", "True", kSet) +
                                         budget("db", "db", "maxUnavailable: 1"),
                                     declared);
  const GroupSearch found = search_group(group, InvariantIndex(0)).value();
  EXPECT_FALSE(found.broken);
  EXPECT_EQ(found.stuck->steps.size(), 1U);  // the first drain: the budget is used up by what is lost
  EXPECT_EQ(verdicts(drain(cluster, {.nodes = {"a"}})), "a stuck");
}

// B15: the eviction API decides by what is stored.
TEST(LiveCluster, StatusesThatAreBehindOrDiffer) {
  const auto documents = [](const std::string& status) {
    return node("a") + workload({.replicas = 2}) + pod("db-0", "a", "True", kSet) + pod("db-1", "a", "True", kSet) +
           "---\napiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: db, namespace: shop, uid: u, "
           "generation: "
           "2}\nspec: {maxUnavailable: 1, unhealthyPodEvictionPolicy: AlwaysAllow, selector: {matchLabels: {app: "
           "db}}}\nstatus: " +
           status + "\n";
  };
  const auto found = [&](const std::string& status) {
    return rules(find_budget_mistakes(make_cluster(documents(status), ClusterOptions{})));
  };
  EXPECT_EQ(
      found("{observedGeneration: 2, expectedPods: 2, desiredHealthy: 1, currentHealthy: 2, disruptionsAllowed: 1}"),
      "");
  EXPECT_EQ(
      found("{observedGeneration: 1, expectedPods: 2, desiredHealthy: 1, currentHealthy: 2, disruptionsAllowed: 1}"),
      "pdb.stale-status");
  EXPECT_EQ(found("{observedGeneration: 2, expectedPods: 0, desiredHealthy: 0, currentHealthy: 0, disruptionsAllowed: "
                  "0, conditions: "
                  "[{type: DisruptionAllowed, status: \"False\", reason: SyncFailed}]}"),
            "pdb.stale-status");
  EXPECT_EQ(
      found("{observedGeneration: 2, expectedPods: 5, desiredHealthy: 4, currentHealthy: 2, disruptionsAllowed: 0}"),
      "pdb.status-differs");
}

// §8: how long things take.
TEST(Times, FollowGraceProbesAndWhatWasMeasured) {
  const std::string probed = workload(
      {.replicas = 1,
       .pod = "terminationGracePeriodSeconds: 40",
       .container =
           "startupProbe: {tcpSocket: {port: 1}, initialDelaySeconds: 7, periodSeconds: 5}\n          readinessProbe: "
           "{tcpSocket: {port: 1}, initialDelaySeconds: 1, periodSeconds: 10, successThreshold: 2}"});
  const auto times = [](const Rehearsal& drill) {
    std::string text;
    for (const Event& event : drill.events)
      if (event.kind == EventKind::pod_gone || event.kind == EventKind::pod_ready)
        text += fmt::format("{} {}; ", to_string(event.kind), event.at.count());
    return text;
  };
  // Gone after its grace; 5 s to start; first readiness at 1, 11 (after the startup's 7), and once more at 21.
  EXPECT_EQ(times(drain(make_cluster(probed, 2), {.nodes = {"node-1"}})), "pod-gone 40000; pod-ready 66000; ");
  EXPECT_EQ(
      times(drain(make_cluster(probed, 2), {.nodes = {"node-1"}, .flags = {.grace_period = std::chrono::seconds(3)}})),
      "pod-gone 3000; pod-ready 29000; ");
  EXPECT_EQ(
      times(drain(make_cluster(probed, 2), {.nodes = {"node-1"}, .flags = {.grace_period = std::chrono::seconds(60)}})),
      "pod-gone 60000; pod-ready 86000; ");
  ClusterOptions measured{.nodes = {{.count = 2}}};
  measured.times.workloads["StatefulSet shop/db"] = {.stop = std::chrono::seconds(2), .start = std::chrono::seconds(1)};
  EXPECT_EQ(times(drain(make_cluster(probed, measured), {.nodes = {"node-1"}})), "pod-gone 2000; pod-ready 24000; ");
  EXPECT_EQ(times(drain(make_cluster(probed, measured),
                        {.nodes = {"node-1"}, .flags = {.grace_period = std::chrono::seconds(60)}})),
            "pod-gone 2000; pod-ready 24000; ");
}

TEST(Times, RefusedEvictionsAreTriedEveryFiveSeconds) {
  const Cluster cluster = make_cluster(
      workload({.replicas = 2, .pod = "terminationGracePeriodSeconds: 1"}) + budget("db", "db", "maxUnavailable: 1"),
      ClusterOptions{.nodes = {{.count = 2}}, .times = {.start = std::chrono::milliseconds(2'500)}});
  const Rehearsal drill = drain(cluster, {.flags = {.timeout = std::chrono::seconds(4)}});
  // db-0 goes to node-2 and is Ready at 3.5 s; db-1, refused at 1 s, is tried again at 6 s. Then db-0 waits once more.
  const auto second = std::ranges::find_if(
      drill.events, [](const Event& event) { return event.kind == EventKind::evicted && event.count > 0; });
  ASSERT_NE(second, drill.events.end());
  EXPECT_EQ(second->at, std::chrono::seconds(6));
  EXPECT_EQ(second->count, 1);
  EXPECT_FALSE(drill.nodes[0].timed_out);
  EXPECT_TRUE(drill.nodes[1].timed_out);
}

}  // namespace
}  // namespace gantry::disruption
