// drain.rehearse, upgrade.rehearse and pdb.protects: what their blocks may say, what makes them fail, and what a cluster adds.
// The rules of Kubernetes behind them are tests/disruption's.

#include "launch/checks/check_run.h"
#include "launch/checks/drains/budget_comments.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>

namespace gantry::launch {
namespace {

using base::Severity;

std::string workload(std::string_view kind, std::string_view name, int replicas, std::string_view spec = "",
                     std::string_view image = "r.example/main:1") {
  return fmt::format(
      "---\napiVersion: apps/v1\nkind: {0}\nmetadata: {{name: {1}, namespace: shop}}\nspec:\n  replicas: {2}\n  {3}\n  "
      "selector: {{matchLabels: {{app: {1}}}}}\n  template:\n    metadata: {{labels: {{app: {1}}}}}\n    spec: "
      "{{containers: [{{name: main, image: \"{4}\", readinessProbe: {{httpGet: {{path: /health, port: 2379}}}}}}]}}\n",
      kind, name, replicas, spec, image);
}

std::string budget(std::string_view name, std::string_view bound) {
  return fmt::format(
      "---\napiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {{name: {0}, namespace: shop}}\nspec: {{{1}, "
      "unhealthyPodEvictionPolicy: IfHealthyBudget, selector: {{matchLabels: {{app: {0}}}}}}}\n",
      name, bound);
}

std::string service(std::string_view name) {
  return fmt::format(
      "---\napiVersion: v1\nkind: Service\nmetadata: {{name: {0}, namespace: shop}}\nspec: {{selector: {{app: {0}}}, "
      "ports: [{{port: 80}}]}}\n",
      name);
}

std::string daemons() {
  return "---\napiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: agent, namespace: shop}\nspec: {selector: "
         "{matchLabels: {app: agent}}, template: {metadata: {labels: {app: agent}}, spec: {containers: [{name: a, "
         "image: b}]}}}\n";
}

const std::string kWeb = workload("Deployment", "web", 3) + budget("web", "maxUnavailable: 1") + service("web");
const std::string kEtcd = workload("StatefulSet", "db", 3, "serviceName: db", "etcd:3.5") +
                          "---\napiVersion: v1\nkind: Service\nmetadata: {name: db, namespace: shop}\nspec: "
                          "{clusterIP: None, selector: {app: db}, ports: [{port: 2379}]}\n";

struct Case {
  std::string_view name;
  std::string manifests;
  std::string_view block;
  std::string_view verdict;  // and the rules of high severity or above
};

std::string judged(std::string_view check, const Case& row, std::string_view drain = "") {
  const test::CheckRun run = test::run_check(fmt::format("check: {}\n{}", check, row.block),
                                             {.manifests = row.manifests, .drain = std::string(drain)});
  if (!run) return test::dump(run);
  CheckOutcome outcome = *run;
  std::erase_if(outcome.findings, [](const base::Finding& finding) { return finding.severity < Severity::high; });
  return test::verdict_and_rules(outcome);
}

TEST(DrainRehearse, WhatABlockAsksFor) {
  std::string scratch = workload("Deployment", "web", 2);
  scratch.replace(scratch.find("containers:"), 0, "volumes: [{name: tmp, emptyDir: {}}], ");
  const Case cases[] = {
      {"every node", kWeb, "nodes: 3\n", "pass"},
      {"one of them", kWeb, "nodes: 3\nnode: node-2\n", "pass"},
      {"two in one command", kWeb, "nodes: 3\nnode: 'node-1, node-2'\n", "pass"},
      {"two at once", kWeb, "nodes: 3\nparallel: 2\n", "pass"},
      {"with one lost before", kWeb, "nodes: 3\ndown: [node-1]\n", "pass"},
      {"a budget that blocks", workload("Deployment", "web", 3) + budget("web", "minAvailable: 3"), "nodes: 3\n",
       "fail drain.stuck"},
      {"a floor that falls", kWeb, "nodes: 3\navailable: {service: web, min: 3}\n", "fail drain.degraded"},
      {"an outage", workload("Deployment", "web", 1) + service("web"), "nodes: 2\navailable: {service: web}\n",
       "fail drain.outage"},
      {"an outage that was decided", workload("Deployment", "web", 1) + service("web"),
       "nodes: 2\navailable: {service: web, min: 0}\n", "pass"},
      {"pods that kubectl refuses", kWeb + daemons(), "nodes: 3\n", "fail drain.refused"},
      {"with the flag that lifts it", kWeb + daemons(), "nodes: 3\nignore_daemonsets: true\n", "pass"},
      {"a quorum", kEtcd + budget("db", "maxUnavailable: 1"), "nodes: 3\n", "pass"},
      {"a quorum without a budget", kEtcd, "nodes: 1\n", "fail drain.outage drain.quorum-course drain.quorum-lost"},
      {"nothing is inferred", kEtcd, "nodes: 2\ninfer: false\n", "pass"},
      {"a course of events besides", kEtcd + budget("db", "maxUnavailable: 1"), "nodes: 4\ncrash: true\n",
       "fail drain.quorum-course"},
      {"one that leaves no place", kEtcd + budget("db", "maxUnavailable: 1"), "nodes: 2\ncrash: true\n",
       "fail drain.quorum-course drain.stuck-course"},
      {"an emptyDir that may go", scratch, "nodes: 2\ndelete_emptydir_data: true\n", "pass"},
      {"an emptyDir that may not", scratch, "nodes: 2\n", "fail drain.refused"},
      {"a limit that is too short", kWeb, "nodes: 3\ntimeout: 10s\n", "fail drain.timed-out"},
      {"a limit with less grace", kWeb, "nodes: 3\ntimeout: 20s\ngrace_period: 1s\n", "pass"},
      {"only pods that are chosen", kWeb + daemons(), "nodes: 3\npod_selector: app=web\n", "pass"},
      {"force", kEtcd, "nodes: 1\ndisable_eviction: true\ninfer: false\n", "pass"},
  };
  for (const Case& row : cases) EXPECT_EQ(judged("drain.rehearse", row), row.verdict) << row.name;
}

TEST(DrainRehearse, WhatABlockCannotSay) {
  struct Wrong {
    std::string_view block;
    std::string_view told;
  };
  const Wrong cases[] = {
      {"", "nobody says which nodes there are"},
      {"nodes: 0\n", "a cluster of 0 nodes"},
      {"nodes: -1\n", "a cluster of -1 nodes"},
      {"nodes: {count: 3, cpu: -2}\n", "cannot have -2 of cpu"},
      {"nodes: {cpu: 2}\n", "lacks \"count\""},
      {"nodes: 3\nnode: node-4\n", "there is no node \"node-4\""},
      {"nodes: 3\nnode: node-1,node-1\n", "named twice"},
      {"nodes: 3\nparallel: 0\n", "0 nodes at once"},
      {"nodes: 3\ndown: [node-9]\n", "there is no node \"node-9\""},
      {"nodes: 1\ndown: [node-1]\n", "no node is left"},
      {"nodes: 3\nquorum: {pods: db}\n", "there is no workload db"},
      {"nodes: 3\nquorum: {pods: web, of: 5}\n", "5 members"},
      {"nodes: 3\navailable: {service: web, min: 4}\n", "cannot keep 4"},
      {"nodes: 3\npod_selector: 'a in ('\n", "no label selector"},
      {"nodes: 3\ntimeout: soon\n", "\"timeout\""},
  };
  for (const Wrong& row : cases) {
    const std::string told = judged("drain.rehearse", {"", kWeb, row.block, ""});
    EXPECT_NE(told.find(row.told), std::string::npos) << row.block << told;
  }
}

// `drain:` of gantry.yaml holds where the block says nothing.
TEST(DrainRehearse, WhatTheWorkspaceSays) {
  const std::string_view given = "{nodes: 3, ignore_daemonsets: true, available: {service: web, min: 3}}";
  const Case by_workspace{"", kWeb + daemons(), "", ""};
  EXPECT_EQ(judged("drain.rehearse", by_workspace, given), "fail drain.degraded");
  const Case own{"", kWeb + daemons(), "available: {service: web, min: 2}\n", ""};
  EXPECT_EQ(judged("drain.rehearse", own, given), "pass");
  EXPECT_EQ(judged("upgrade.rehearse", own, given), "pass");
}

TEST(DrainRehearse, KeepsTheTimelineAndTheFigures) {
  const test::CheckRun run = test::run_check("check: drain.rehearse\nnodes: 3\n", {.manifests = kWeb});
  ASSERT_TRUE(run);
  EXPECT_EQ(run->evidence_class, base::EvidenceClass::rehearsal);
  EXPECT_EQ(run->summary, "3 nodes drain, 1 order of them: slow");
  ASSERT_EQ(run->artifacts.size(), 3U);
  for (const CheckOutcome::File& file : run->artifacts) EXPECT_FALSE(file.content.empty()) << file.name;
  const auto metric = [&](std::string_view name) {
    const auto found = std::ranges::find(run->metrics, name, &base::Metric::name);
    return found == run->metrics.end() ? -1 : found->value;
  };
  EXPECT_EQ(metric("nodes_drained_count"), 3);
  EXPECT_EQ(metric("orders_count"), 1);
  EXPECT_EQ(metric("pods_unplaced_count"), 0);
  EXPECT_EQ(metric("lowest_count.Service shop/web"), 2);
}

TEST(UpgradeRehearse, WhatABlockAsksFor) {
  const std::string stuck = workload("Deployment", "web", 3) + budget("web", "minAvailable: 3");
  const Case cases[] = {
      {"one more node joins", kWeb, "nodes: 3\n", "pass"},
      {"none joins", kWeb, "nodes: 3\nsurge: 0\n", "pass"},
      {"two at once", kWeb, "nodes: 4\nsurge: 2\nparallel: 2\n", "pass"},
      {"a budget that blocks", stuck, "nodes: 3\n", "fail drain.stuck"},
      {"past a deadline", stuck, "nodes: 3\ndeadline: 1h\n", "pass"},
      {"pods of DaemonSets stay", kWeb + daemons(), "nodes: 3\n", "pass"},
      {"fewer than none", kWeb, "nodes: 3\nsurge: -1\n",
       "undecided plan.md:1: an upgrade cannot add fewer than 0 nodes\n  help: write surge: 0 or more\n"},
  };
  for (const Case& row : cases) EXPECT_EQ(judged("upgrade.rehearse", row), row.verdict) << row.name;
}

TEST(PdbProtects, WhatABlockAsksFor) {
  const std::string two = kWeb + workload("Deployment", "api", 3) + budget("api", "minAvailable: 3");
  const Case cases[] = {
      {"every budget", kWeb, "", "pass"},
      {"more evictions than it admits", kWeb, "evictions: 2\n", "fail pdb.allows-too-few"},
      {"no eviction", kWeb, "evictions: 0\n",
       "undecided plan.md:1: a drain takes one pod at least\n  help: write evictions: 1, or more\n"},
      {"one that blocks", two, "", "fail pdb.blocks-forever"},
      {"only the other", two, "budget: web\n", "pass"},
      {"only that one", two, "budget: api\n", "fail pdb.blocks-forever"},
      {"one that is not there", two, "budget: wep\n",
       "undecided plan.md:1: there is no PodDisruptionBudget wep\n  help: did you mean web?\n"},
      {"another namespace", two, "namespace: ops\n", "fail pdb.none"},
      {"none at all", workload("Deployment", "web", 3), "", "fail pdb.none"},
      {"a workload that has none", kWeb + workload("Deployment", "api", 3), "", "pass"},
      {"two for one pod",
       kWeb + "---\napiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: all, namespace: "
              "shop}\nspec: {maxUnavailable: 1, selector: {}}\n",
       "", "fail pdb.overlap"},
  };
  for (const Case& row : cases) EXPECT_EQ(judged("pdb.protects", row), row.verdict) << row.name;
}

// ---- With a cluster

std::string node(std::string_view name) {
  return fmt::format(
      "---\napiVersion: v1\nkind: Node\nmetadata: {{name: {0}, uid: n-{0}, labels: {{kubernetes.io/hostname: "
      "{0}}}}}\nstatus: {{allocatable: {{cpu: 4, memory: 8Gi, pods: 110}}, conditions: [{{type: Ready, status: "
      "\"True\"}}]}}\n",
      name);
}

std::string running(std::string_view text) {
  std::string live(text);
  for (std::size_t at = 0; (at = live.find("namespace: shop}", at)) != std::string::npos; at += 10)
    live.replace(at, 16, fmt::format("namespace: shop, uid: u-{}}}", at));
  return live;
}

// The nodes are the cluster's, whatever the block declares; what is not applied yet is placed beside what runs.
TEST(DrainRehearse, DrainsTheClusterThatIsNamed) {
  test::FakeCluster cluster(node("blue") + node("green"));
  const auto run = [&](std::string_view block, const std::string& manifests) {
    return test::run_check(fmt::format("check: drain.rehearse\n{}", block),
                           {.manifests = manifests, .kubectl = &cluster});
  };
  const test::CheckRun whole = run("nodes: 5\n", kWeb);
  ASSERT_TRUE(whole) << test::dump(whole);
  EXPECT_TRUE(whole->summary.starts_with("2 nodes drain")) << whole->summary;
  EXPECT_EQ(test::dump(run("node: node-1\n", kWeb)),
            "undecided: there is no node \"node-1\"\n  help: there are: blue, green\n");
  // A pod that runs there on its own is refused by kubectl, though no manifest knows it.
  test::FakeCluster crowded(
      node("blue") + node("green") +
      "---\napiVersion: v1\nkind: Pod\nmetadata: {name: alone, namespace: shop, uid: p}\nspec: {nodeName: blue, "
      "containers: [{name: a, image: b}]}\nstatus: {phase: Running, conditions: [{type: Ready, status: \"True\"}]}\n");
  const test::CheckRun refused = test::run_check("check: drain.rehearse\n", {.manifests = kWeb, .kubectl = &crowded});
  ASSERT_TRUE(refused) << test::dump(refused);
  EXPECT_TRUE(test::verdict_and_rules(refused).starts_with("fail drain.refused")) << test::dump(refused);
}

// B15: whatever the manifests say, the eviction API goes by the status that is stored.
TEST(PdbProtects, LooksAtTheStatusesOfTheCluster) {
  const auto live = [](std::string_view status) {
    return running(workload("Deployment", "web", 3)) +
           fmt::format(
               "---\napiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {{name: web, namespace: shop, uid: b, "
               "generation: 2}}\nspec: {{maxUnavailable: 1, unhealthyPodEvictionPolicy: IfHealthyBudget, selector: "
               "{{matchLabels: {{app: web}}}}}}\nstatus: {}\n",
               status);
  };
  const auto found = [&](std::string_view status) {
    test::FakeCluster cluster(live(status));
    return test::verdict_and_rules(test::run_check("check: pdb.protects\n", {.manifests = kWeb, .kubectl = &cluster}));
  };
  EXPECT_EQ(found("{observedGeneration: 2, expectedPods: 3, desiredHealthy: 2, currentHealthy: 3, disruptionsAllowed: "
                  "1}"),
            "pass");
  EXPECT_EQ(found("{observedGeneration: 1, expectedPods: 3, desiredHealthy: 2, currentHealthy: 3, disruptionsAllowed: "
                  "1}"),
            "fail pdb.stale-status");
}

// T3: a budget with other labels than the pods that run guards nobody until they are made again.
TEST(PdbProtects, LooksAtThePodsThatRun) {
  const auto found = [](std::string_view labels) {
    test::FakeCluster cluster(
        node("a") + running(workload("Deployment", "web", 1)) +
        fmt::format("---\napiVersion: apps/v1\nkind: ReplicaSet\nmetadata: {{name: web-1, namespace: shop, uid: r, "
                    "ownerReferences: [{{apiVersion: apps/v1, kind: Deployment, name: web, uid: u, controller: "
                    "true}}]}}\nspec: {{replicas: 1, selector: {{matchLabels: {0}}}, template: {{metadata: {{labels: "
                    "{0}}}, spec: {{containers: [{{name: a, image: b}}]}}}}}}\n---\napiVersion: v1\nkind: "
                    "Pod\nmetadata: {{name: web-1-x, namespace: shop, uid: p, labels: {0}, ownerReferences: "
                    "[{{apiVersion: apps/v1, kind: ReplicaSet, name: web-1, uid: r, controller: true}}]}}\nspec: "
                    "{{nodeName: a, containers: [{{name: a, image: b}}]}}\nstatus: {{phase: Running, conditions: "
                    "[{{type: Ready, status: \"True\"}}]}}\n",
                    labels));
    return test::verdict_and_rules(test::run_check("check: pdb.protects\n", {.manifests = kWeb, .kubectl = &cluster}));
  };
  EXPECT_EQ(found("{app: web}"), "pass");
  EXPECT_EQ(found("{app: shop-web}"), "fail pdb.selects-none-running");
}

// B17: what a budget does not do.
TEST(PdbProtects, ReadsTheCommentBesideABudget) {
  struct Row {
    std::string_view comment;
    bool claims;
  };
  const Row rows[] = {
      {"Protects the API during rolling updates and node failures.", true},
      {"Two of three stay. This guards against a crash of one member", true},
      {"survives the loss of a node", true},
      {"A drain waits until the member it took before is ready again.", false},
      {"It binds evictions only: rollouts, plain deletes and the loss of a node do not ask it.", false},
      {"Does not protect against node failure.", false},
      {"A worker that crashes in a loop must not hold up the drain of its node.", false},
      {"Protects the service while nodes are drained.", false},
      {"", false},
  };
  for (const Row& row : rows) EXPECT_EQ(find_overclaim(row.comment).has_value(), row.claims) << row.comment;

  const auto found = [](const std::string& comment) {
    const std::string commented = "# " + comment + "\n" + budget("web", "maxUnavailable: 1").substr(4);
    const test::CheckRun run =
        test::run_check("check: pdb.protects\n", {.manifests = workload("Deployment", "web", 3) + "---\n" + commented});
    return test::dump(run);
  };
  EXPECT_EQ(found("Keeps two of three while a node drains."), "pass web allows 1 of 3 evictions\n");
  const std::string claimed = found("Protects the shop\n# during rolling updates.");
  EXPECT_NE(claimed.find("low pdb.claims-too-much manifests.yaml:"), std::string::npos) << claimed;
  EXPECT_NE(claimed.find("Protects the shop during rolling updates"), std::string::npos) << claimed;
  // A comment of another document is not about this budget.
  const test::CheckRun elsewhere =
      test::run_check("check: pdb.protects\n",
                      {.manifests = "# Protects everybody from a crash.\n" +
                                    workload("Deployment", "web", 3).substr(4) + budget("web", "maxUnavailable: 1")});
  EXPECT_EQ(test::verdict_and_rules(elsewhere), "pass");
}

}  // namespace
}  // namespace gantry::launch
