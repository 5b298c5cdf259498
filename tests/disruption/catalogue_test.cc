#include "disruption/small_cluster.h"
#include "support/golden.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <set>

namespace gantry::disruption {
namespace {

std::string ids(const std::vector<base::Finding>& findings) {
  std::set<std::string> names;
  for (const base::Finding& finding : findings) names.insert(finding.rule);
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : " ") + name;
  return text;
}

struct Case {
  const char* name;  // with the catalogue's id (disruption reference, §11)
  std::string documents;
  const char* rules;
};

std::string hpa(std::int64_t min, std::int64_t max) {
  return fmt::format(
      "---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {{name: db, namespace: shop}}\nspec: "
      "{{minReplicas: {}, maxReplicas: {}, scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: db}}}}\n",
      min, max);
}

TEST(Catalogue, BudgetMistakes) {
  const std::string web = workload({.kind = "Deployment"});
  const std::string one = workload({.kind = "Deployment", .replicas = 1});
  const std::string stated = ", unhealthyPodEvictionPolicy: AlwaysAllow";
  const std::string etcd = workload({.pod = apart("db"), .image = "etcd:3.5"});
  const Case cases[] = {
      {"nothing is wrong", web + budget("db", "db", "maxUnavailable: 1" + stated), ""},
      {"B1: all of them", web + budget("db", "db", "minAvailable: 3" + stated), "pdb.blocks-forever"},
      {"B1: none unavailable", web + budget("db", "db", "maxUnavailable: 0" + stated), "pdb.blocks-forever"},
      {"B1: 100 %", web + budget("db", "db", "minAvailable: 100%" + stated), "pdb.blocks-forever"},
      {"B1: at the autoscaler's minimum",
       workload({.kind = "Deployment", .replicas = 5}) + hpa(2, 3) + budget("db", "db", "minAvailable: 2" + stated),
       "pdb.blocks-forever"},
      {"B2: 67 % of 3", web + budget("db", "db", "minAvailable: 67%" + stated), "pdb.blocks-forever"},
      {"B3: one replica that may not go", one + budget("db", "db", "minAvailable: 1" + stated), "pdb.blocks-forever"},
      {"B3: one replica that may", one + budget("db", "db", "maxUnavailable: 1" + stated), "pdb.protects-nothing"},
      {"B4: nobody", web + budget("db", "dbb", "maxUnavailable: 1" + stated), "pdb.missing pdb.selects-nothing"},
      {"B6: two budgets",
       web + budget("a", "db", "maxUnavailable: 1" + stated) + budget("b", "db", "maxUnavailable: 1" + stated),
       "pdb.overlap"},
      {"B7: neither bound", web + budget("db", "db", ""), "pdb.blocks-forever"},
      {"B9: an autoscaler up to ten", web + hpa(2, 10) + budget("db", "db", "minAvailable: 1" + stated), "pdb.too-lax"},
      {"B9: less than a majority", etcd + budget("db", "db", "minAvailable: 1"), "pdb.quorum-not-covered"},
      {"B10: several replicas", web, "pdb.missing"},
      {"B10: a group that votes", etcd, "pdb.quorum-not-covered"},
      {"B11: one pod that crashes blocks its node", web + budget("db", "db", "maxUnavailable: 1"),
       "pdb.unhealthy-blocks"},
      {"B12: AlwaysAllow on a group that votes", etcd + budget("db", "db", "minAvailable: 2" + stated),
       "pdb.quorum-unhealthy"},
  };
  for (const Case& c : cases) {
    const std::vector<base::Finding> findings = find_budget_mistakes(make_cluster(c.documents, 4));
    EXPECT_EQ(ids(findings), c.rules) << c.name;
    for (const base::Finding& finding : findings) {
      EXPECT_NE(finding.fix, "") << c.name;
      EXPECT_NE(finding.explanation, "") << c.name;
      EXPECT_TRUE(finding.where.file) << c.name << ": " << finding.message;
    }
  }
}

TEST(Catalogue, ABudgetInTheWrongNamespace) {
  std::string elsewhere = budget("db", "db", "maxUnavailable: 1");
  elsewhere.replace(elsewhere.find("namespace: shop"), 15, "namespace: ops");
  const std::vector<base::Finding> findings =
      find_budget_mistakes(make_cluster(workload({.kind = "Deployment"}) + elsewhere, 2));
  ASSERT_EQ(ids(findings), "pdb.missing pdb.selects-nothing");
  const auto found = std::ranges::find(findings, "pdb.selects-nothing", &base::Finding::rule);
  EXPECT_EQ(found->message,
            "PodDisruptionBudget ops/db selects pods of Deployment shop/db, which is in another namespace: it sees "
            "those of ops alone");
  EXPECT_EQ(found->fix, "write namespace: shop");
}

TEST(Catalogue, ABudgetOverTwoWorkloadsOrWithoutScale) {
  const std::string job =
      "---\napiVersion: batch/v1\nkind: CronJob\nmetadata: {name: tidy, namespace: shop}\nspec: {schedule: '* * * * "
      "*', "
      "jobTemplate: {spec: {template: {metadata: {labels: {app: db}}, spec: {restartPolicy: Never, containers: [{name: "
      "a, image: "
      "b}]}}}}}\n";
  EXPECT_EQ(ids(find_budget_mistakes(
                make_cluster(workload({.kind = "Deployment"}) + job +
                                 budget("db", "db", "maxUnavailable: 1, unhealthyPodEvictionPolicy: AlwaysAllow"),
                             1))),
            "pdb.selects-several");
  const std::string daemons =
      "---\napiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: agent, namespace: shop}\nspec: {selector: "
      "{matchLabels: {app: "
      "agent}}, template: {metadata: {labels: {app: agent}}, spec: {containers: [{name: a, image: b}]}}}\n";
  EXPECT_EQ(ids(find_budget_mistakes(make_cluster(daemons + budget("a", "agent", "maxUnavailable: 1"), 2))),
            "pdb.sync-fails");
}

// B8: of pods that nothing controls the controller expects none, and admits none; a number of pods it compares with what is there.
TEST(Catalogue, ABudgetOverPodsThatNothingControls) {
  const auto found = [](const std::string& bound) {
    std::string documents;
    for (const char* name : {"one", "two"})
      documents += fmt::format(
          "---\napiVersion: v1\nkind: Pod\nmetadata: {{name: {}, namespace: shop, labels: {{app: db}}}}\nspec: "
          "{{containers: [{{name: a, image: b}}]}}\n",
          name);
    const Cluster cluster =
        make_cluster(documents + budget("db", "db", bound + ", unhealthyPodEvictionPolicy: AlwaysAllow"), 2);
    return ids(find_budget_mistakes(cluster)) + "; " + verdicts(drain(cluster, {.flags = {.force = true}}));
  };
  EXPECT_EQ(found("maxUnavailable: 1"), "pdb.blocks-forever pdb.selects-several; node-1 stuck, node-2 stuck");
  EXPECT_EQ(found("minAvailable: 50%"), "pdb.blocks-forever pdb.selects-several; node-1 stuck, node-2 stuck");
  // Nothing makes them again, so the second is stuck.
  EXPECT_EQ(found("minAvailable: 1"), "pdb.selects-several; node-1 unsafe-flags, node-2 stuck");
}

// Whatever changes in a budget must be heard of (disruption reference, §16): a number by one, a label by a letter, the policy.
TEST(Catalogue, EveryChangeOfABudgetIsHeardOf) {
  const std::string good =
      "---\napiVersion: v1\nkind: Service\nmetadata: {name: db, namespace: shop}\nspec: {clusterIP: None, selector: "
      "{app: db}, ports: [{port: 80}]}\n" +
      workload({.spec = "serviceName: db",
                .pod = apart("db"),
                .container = "readinessProbe: {httpGet: {path: /health, port: 2379}}",
                .image = "etcd:3.5"}) +
      budget("db", "db", "minAvailable: 2, unhealthyPodEvictionPolicy: IfHealthyBudget") +
      workload({.kind = "Deployment", .name = "web"}) + service("web", "web") +
      budget("web", "web", "maxUnavailable: 1, unhealthyPodEvictionPolicy: AlwaysAllow");
  const auto told = [](const std::string& documents) {
    const Cluster cluster = make_cluster(documents, 4);
    const Rehearsal drill = drain(cluster, {.parallel = 3});
    std::string text = fmt::format("{}; {}", verdicts(drill), ids(find_budget_mistakes(cluster)));
    for (const BudgetOutcome& outcome : drill.budgets) text += fmt::format("; {} refused", outcome.refusals);
    return text;
  };
  const std::string first = told(good);
  struct Change {
    const char* from;
    const char* to;
  };
  constexpr Change kChanges[] = {
      {"minAvailable: 2", "minAvailable: 1"},
      {"minAvailable: 2", "minAvailable: 3"},
      {"minAvailable: 2", "minAvailable: 67%"},
      {"maxUnavailable: 1", "maxUnavailable: 0"},
      {"maxUnavailable: 1", "maxUnavailable: 2"},
      {"{app: db}}, minAvailable", "{app: dd}}, minAvailable"},
      {"{app: db}}, minAvailable", "{app: db, tier: a}}, minAvailable"},
      {"{app: web}}, maxUnavailable", "{app: weB}}, maxUnavailable"},
      {"{app: web}}, maxUnavailable", "{app: db}}, maxUnavailable"},
      {"Policy: IfHealthyBudget", "Policy: AlwaysAllow"},
      {", unhealthyPodEvictionPolicy: AlwaysAllow", ""},
      {", minAvailable: 2", ""},
      {"selector: {matchLabels: {app: web}}, ", ""},
  };
  for (const Change& change : kChanges) {
    std::string changed = good;
    const std::size_t at = changed.find(change.from);
    ASSERT_NE(at, std::string::npos) << change.from;
    changed.replace(at, std::string_view(change.from).size(), change.to);
    EXPECT_NE(told(changed), first) << change.from << " -> " << change.to;
  }
}

TEST(Catalogue, WorkloadMistakes) {
  const std::string headless =
      "---\napiVersion: v1\nkind: Service\nmetadata: {name: db, namespace: shop}\nspec: {clusterIP: None, selector: "
      "{app: db}, "
      "ports: [{port: 80}]}\n";
  const std::string ordered = "serviceName: db";
  const std::string spread =
      "topologySpreadConstraints: [{{topologyKey: kubernetes.io/hostname, maxSkew: 1, whenUnsatisfiable: "
      "DoNotSchedule{}, "
      "labelSelector: {{matchLabels: {{app: db}}}}}}]";
  const std::string claim =
      "---\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data, namespace: shop}\nspec: {accessModes: "
      "[ReadWriteOnce], storageClassName: local, resources: {requests: {storage: 1Gi}}}\n---\napiVersion: "
      "storage.k8s.io/v1\nkind: "
      "StorageClass\nmetadata: {name: local}\nprovisioner: rancher.io/local-path\n";
  const std::string limited = "resources: {limits: {memory: 256Mi}}\n          ";
  const auto script = [](const std::string& line) {
    return "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: chaos, namespace: shop}\ndata:\n  chaos.sh: |\n    "
           "set "
           "-eu\n    " +
           line + "\n";
  };
  const std::string ldm = ", lifecycle: {preStop: {exec: {command: [nats-server, --signal, ldm=1]}}}";
  const auto nats = [&](const std::string& grace, const std::string& hook, const std::string& settings) {
    return headless +
           fmt::format(
               "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: nats, namespace: shop}}\ndata: "
               "{{nats.conf: \"{}\"}}\n"
               "---\napiVersion: jetstream.nats.io/v1beta2\nkind: Stream\nmetadata: {{name: a, namespace: "
               "shop}}\nspec: {{replicas: 3}}\n",
               settings) +
           workload({.spec = ordered,
                     .pod = apart("db") + fmt::format("\n      terminationGracePeriodSeconds: {}\n      volumes: "
                                                      "[{{name: conf, configMap: {{name: nats}}}}]",
                                                      grace),
                     .container = "readinessProbe: {httpGet: {path: /healthz, port: 1}}\n          volumeMounts: "
                                  "[{name: conf, mountPath: /etc/nats}]" +
                                  (hook.empty() ? "" : "\n          " + hook.substr(2)),
                     .image = "nats:2.11"});
  };
  const std::string volume = "volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]";
  const Case cases[] = {
      {"nothing is wrong", headless + workload({.spec = ordered}), ""},
      {"W1: nothing keeps members apart",
       headless + workload({.spec = ordered,
                            .container = "readinessProbe: {httpGet: {path: /health, port: 1}}",
                            .image = "etcd:1"}),
       "quorum.placement"},
      {"W2: Parallel and rolling",
       headless + workload({.spec = "serviceName: db\n  podManagementPolicy: Parallel",
                            .pod = apart("db"),
                            .container = "readinessProbe: {httpGet: {path: /health, port: 1}}",
                            .image = "etcd:1"}),
       "quorum.parallel-rollout"},
      {"W2: Parallel, and the partition lets nothing roll by itself",
       headless + workload({.spec = "serviceName: db\n  podManagementPolicy: Parallel\n  updateStrategy: {type: "
                                    "RollingUpdate, rollingUpdate: {partition: 3}}",
                            .pod = apart("db"),
                            .container = "readinessProbe: {httpGet: {path: /health, port: 1}}",
                            .image = "etcd:1"}),
       ""},
      {"W3: survivors are killed",
       headless + workload({.spec = ordered,
                            .pod = apart("db"),
                            .container = "readinessProbe: {httpGet: {path: /health, port: 1}}\n          "
                                         "livenessProbe: {httpGet: {path: /health, port: 1}}",
                            .image = "etcd:1"}),
       "quorum.liveness"},
      {"B16: no readiness at all", headless + workload({.spec = ordered, .pod = apart("db"), .image = "etcd:1"}),
       "quorum.readiness"},
      {"W5: preStop takes all of the grace period",
       headless + workload({.spec = ordered, .container = "lifecycle: {preStop: {exec: {command: [sleep, '30']}}}"}),
       "workload.grace-short"},
      {"W5: two minutes",
       headless + workload({.spec = ordered,
                            .pod = "terminationGracePeriodSeconds: 60",
                            .container = "lifecycle: {preStop: {exec: {command: [sh, -c, 'sleep 2m; quit']}}}"}),
       "workload.grace-short"},
      {"W5: lame duck mode takes its default of two minutes", nats("60", ldm, "jetstream {}"), "workload.grace-short"},
      {"W5: as long as the grace period", nats("60", ldm, "jetstream {}\\nlame_duck_duration: 60s"),
       "workload.grace-short"},
      {"W5: room for the shutdown", nats("60", ldm, "jetstream {}\\nlame_duck_duration: \\\"30s\\\""), ""},
      {"W5: nobody is told", nats("60", "", "jetstream {}"), "quorum.no-farewell"},
      {"W5: nobody votes, and nobody is told", nats("60", "", "port: 4222"), ""},
      {"W8: cordoned nodes count", headless + workload({.spec = ordered, .pod = fmt::format(fmt::runtime(spread), "")}),
       "workload.spread-counts-cordoned"},
      {"W8: honoured",
       headless + workload({.spec = ordered, .pod = fmt::format(fmt::runtime(spread), ", nodeTaintsPolicy: Honor")}),
       ""},
      {"W9: one replica behind a Service",
       service("web", "web") + workload({.kind = "Deployment", .name = "web", .replicas = 1}),
       "workload.single-replica"},
      {"W10 and W12: a volume on a node, and a rollout that wants it twice",
       claim + workload({.kind = "Deployment", .replicas = 1, .pod = volume}),
       "workload.pinned workload.surge-shares-volume"},
      {"W11: no Service", workload({}), "workload.headless-missing"},
      {"W15: all of the limit is the store's",
       workload({.kind = "Deployment", .container = limited + "args: [--maxmemory, 256mb]", .image = "redis:7"}),
       "workload.memory-at-limit"},
      {"W15: room on top",
       workload({.kind = "Deployment", .container = limited + "args: [--maxmemory, 192mb]", .image = "redis:7"}), ""},
      {"W15: megabytes are not mebibytes",
       workload({.kind = "Deployment", .container = limited + "args: [--maxmemory, 256m]", .image = "redis:7"}), ""},
      {"W15: a policy is no amount",
       workload({.kind = "Deployment",
                 .container = limited + "args: [--maxmemory-policy, 900gb, --maxmemory, 1mb]",
                 .image = "redis:7"}),
       ""},
      {"W15: in a file that is mounted",
       "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: nats, namespace: shop}\ndata: {nats.conf: "
       "'max_mem: 1Gi'}\n" +
           workload({.kind = "Deployment",
                     .pod = "volumes: [{name: conf, configMap: {name: nats}}]",
                     .container = limited + "volumeMounts: [{name: conf, mountPath: /etc/nats}]",
                     .image = "nats:2.11"}),
       "workload.memory-at-limit"},
      {"W15: the heap of a JVM",
       workload({.kind = "Deployment",
                 .container = limited + "env: [{name: ES_JAVA_OPTS, value: '-Xms128m -Xmx256m'}]",
                 .image = "docker.elastic.example/elasticsearch:8"}),
       "workload.memory-at-limit"},
      {"W15: of an image that is no store",
       workload({.kind = "Deployment", .container = limited + "args: [--maxmemory, 256mb]", .image = "shop:7"}), ""},
      {"W17: a pod that is killed at once", script("kubectl -n shop delete pod web-abc --force --grace-period=0"),
       "workload.bypasses-budgets"},
      {"W17: always the same member", script("kubectl delete pods nats-0 -n shop"), "workload.bypasses-budgets"},
      {"W17: a drain that asks no budget", script("kubectl drain $NODE --disable-eviction"),
       "workload.bypasses-budgets"},
      {"W17: a drain that asks", script("kubectl drain $NODE --ignore-daemonsets --force"), ""},
      {"W17: a pod that somebody chose", script("kubectl delete pod $LEADER"), ""},
      {"W17: a comment", script("# kubectl delete pod nats-0 --force"), ""},
  };
  for (const Case& c : cases) EXPECT_EQ(ids(find_workload_mistakes(make_cluster(c.documents, 4))), c.rules) << c.name;
}

// T5: which labels a Job has that a script asks for.
TEST(Catalogue, QueriesForJobs) {
  const auto found = [](std::string_view job_labels, std::string_view query) {
    return ids(find_workload_mistakes(make_cluster(
        fmt::format(
            "---\napiVersion: batch/v1\nkind: CronJob\nmetadata: {{name: tidy, namespace: shop}}\nspec: {{schedule: '* "
            "* "
            "* * *', jobTemplate: {{{}spec: {{template: {{metadata: {{labels: {{app: tidy}}}}, spec: {{restartPolicy: "
            "Never, containers: [{{name: a, image: b}}]}}}}}}}}}}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: "
            "{{name: scripts, namespace: shop}}\ndata:\n  check.sh: |\n    set -eu\n    {}\n",
            job_labels, query),
        1)));
  };
  constexpr std::string_view kTeam = "metadata: {labels: {team: shop}}, ";
  constexpr std::string_view kBoth = "metadata: {labels: {team: shop, app: tidy}}, ";
  constexpr std::string_view kLost = "workload.job-labels";
  struct JobCase {
    std::string_view job_labels;
    std::string_view query;
    std::string_view rules;
  };
  constexpr JobCase kCases[] = {
      {"", "kubectl get jobs -l app=tidy", ""},  // without labels of its own a Job has its pods'
      {kTeam, "kubectl get jobs -l app=tidy", kLost},
      {kTeam, "kubectl -n shop delete job --selector='app in (tidy)' | wc -l", kLost},
      {kTeam, "if kubectl wait --for=condition=complete jobs.batch --selector app=tidy; then exit; fi", kLost},
      {kBoth, "kubectl get jobs -l app=tidy", ""},
      {kTeam, "kubectl get jobs -l team=shop", ""},
      {kTeam, "kubectl get jobs -l app=other", ""},  // nobody is meant
      {kTeam, "kubectl get pods -l app=tidy", ""},   // pods have them
      {kTeam, "kubectl get jobs", ""},
      {kTeam, "kubectl get jobs -n other -l app=tidy", ""},
      {kTeam, "# kubectl get jobs -l app=tidy", ""},
      {kTeam, "kubectl get jobs -l 'app=='", ""},  // no selector at all
  };
  for (const JobCase& c : kCases) EXPECT_EQ(found(c.job_labels, c.query), c.rules) << c.job_labels << c.query;
}

TEST(Catalogue, DrainProblems) {
  const std::string emptied =
      workload({.kind = "Deployment", .name = "web", .pod = "volumes: [{name: tmp, emptyDir: {}}]"});
  EXPECT_EQ(ids(find_drain_problems(drain(make_cluster(emptied, 2)))), "drain.refused");
  EXPECT_EQ(ids(find_drain_problems(drain(make_cluster(workload({}) + budget("db", "db", "minAvailable: 3"), 3)))),
            "drain.stuck");
  // One pod is told of as workload.single-replica: the drain adds nothing that it does not say.
  EXPECT_EQ(ids(find_drain_problems(drain(make_cluster(workload({.replicas = 1}) + service("db", "db"), 1),
                                          {.after = AfterDrain::leave_cordoned}))),
            "drain.unplaced");
  EXPECT_EQ(ids(find_drain_problems(drain(make_cluster(workload({.replicas = 2}) + service("db", "db"), 1),
                                          {.after = AfterDrain::leave_cordoned}))),
            "drain.outage drain.unplaced");
  EXPECT_EQ(ids(find_drain_problems(drain(make_cluster(workload({.image = "etcd:1"}), 2), {.parallel = 2}))),
            "drain.quorum-lost");
}

TEST(Catalogue, IsWhatThePageShows) {
  std::ifstream file(test::repository_path("docs/reference/disruption.md"));
  ASSERT_TRUE(file);
  std::vector<std::string> rows;
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("| `")) rows.push_back(line);
  ASSERT_EQ(rows.size(), finding_rules().size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const FindingRule& rule = finding_rules()[i];
    EXPECT_EQ(rows[i],
              fmt::format("| `{}` | {} | {} | {} |", rule.id, rule.catalogue, to_string(rule.severity), rule.why));
  }
}

TEST(Catalogue, RulesAreSortedAndEachHasAReason) {
  EXPECT_TRUE(std::ranges::is_sorted(finding_rules(), {}, &FindingRule::id));
  for (const FindingRule& rule : finding_rules()) EXPECT_FALSE(rule.why.empty()) << rule.id;
}

}  // namespace
}  // namespace gantry::disruption
