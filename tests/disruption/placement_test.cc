// Where pods may go, rule by rule (disruption reference, §7): a pod of web is drained from its node, and each other node is asked.

#include "disruption/small_cluster.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace gantry::disruption {
namespace {

// Nodes as a cluster reports them.
std::string node(const std::string& name, const std::string& labels = "", const std::string& spec = "",
                 const std::string& allocatable = "cpu: 4, memory: 8Gi, pods: 110") {
  return fmt::format(
      "---\napiVersion: v1\nkind: Node\nmetadata: {{name: {0}, labels: {{kubernetes.io/hostname: {0}{1}}}}}\nspec: "
      "{{{2}}}\nstatus: "
      "{{allocatable: {{{3}}}}}\n",
      name, labels.empty() ? "" : ", " + labels, spec, allocatable);
}

struct Case {
  const char* name;
  std::string documents;  // besides nodes a and b
  std::string b_labels = {};
  std::string b_spec = {};
  std::string b_room = "cpu: 4, memory: 8Gi, pods: 110";
  const char* outcome;  // where the pod of a goes: "b", or why it stays Pending
};

std::string web(const std::string& pod, const std::string& container = "") {
  return workload({.kind = "Deployment", .name = "web", .replicas = 1, .pod = pod, .container = container});
}

// The first node takes the pod in the beginning: a comes before b.
std::string outcome(const Case& c) {
  const Cluster cluster = make_cluster(
      node("a", "disk: ssd, topology.kubernetes.io/zone: z1") + node("b", c.b_labels, c.b_spec, c.b_room) + c.documents,
      ClusterOptions{});
  const Rehearsal drill = drain(cluster, {.nodes = {"a"}, .after = AfterDrain::leave_cordoned});
  for (const Unplaced& unplaced : drill.unplaced)
    if (drill.pod(unplaced.pod).workload == "Deployment shop/web")
      for (const NodeObstacle& each : unplaced.obstacles)
        if (cluster.nodes()[each.node.value()].name() == "b")
          return std::string(to_string(each.obstacle.kind)) +
                 (each.obstacle.resource.empty() ? "" : " " + each.obstacle.resource);
  const auto is_scheduled = [](const Event& event) { return event.kind == EventKind::pod_scheduled; };
  const auto found = std::ranges::find_if(drill.events, is_scheduled);
  return found == drill.events.end() ? "nothing moved" : cluster.nodes()[found->node->value()].name();
}

TEST(Placement, RuleByRule) {
  const std::string need_ssd = "nodeSelector: {disk: ssd}";
  const std::string affinity =
      "affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: "
      "[{matchExpressions: [{key: "
      "disk, operator: In, values: [ssd]}]}]}}}";
  const std::string preferred =
      "affinity: {nodeAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 100, preference: "
      "{matchExpressions: "
      "[{key: disk, operator: In, values: [ssd]}]}}]}}";
  const std::string near_db =
      "affinity: {podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: kubernetes.io/hostname, "
      "labelSelector: {matchLabels: {app: db}}}]}}";
  const std::string near_itself =
      "affinity: {podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: kubernetes.io/hostname, "
      "labelSelector: {matchLabels: {app: web}}}]}}";
  const std::string tolerant = "tolerations: [{key: own, operator: Exists}]";
  const std::string taint = "taints: [{key: own, value: db, effect: NoSchedule}]";
  // Two pods on b that web shares a rule with.
  const std::string pinned_db =
      workload({.kind = "Deployment", .replicas = 1, .pod = "nodeSelector: {kubernetes.io/hostname: b}"});
  const std::string db_refuses_web =
      workload({.kind = "Deployment",
                .replicas = 1,
                .pod = "nodeSelector: {kubernetes.io/hostname: b}\n      affinity: {podAntiAffinity: "
                       "{requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: kubernetes.io/hostname, "
                       "labelSelector: {matchLabels: "
                       "{app: web}}}]}}"});
  const std::string bound =
      "---\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data, namespace: shop}\nspec: {volumeName: "
      "pv, accessModes: "
      "[ReadWriteOnce], resources: {requests: {storage: 1Gi}}}\n---\napiVersion: v1\nkind: PersistentVolume\nmetadata: "
      "{name: pv}\nspec: "
      "{capacity: {storage: 1Gi}, accessModes: [ReadWriteOnce], local: {path: /d}, nodeAffinity: {required: "
      "{nodeSelectorTerms: "
      "[{matchExpressions: [{key: kubernetes.io/hostname, operator: In, values: [a]}]}]}}}\n";
  const std::string zonal =
      "---\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data, namespace: shop}\nspec: {accessModes: "
      "[ReadWriteOnce], "
      "resources: {requests: {storage: 1Gi}}}\n";
  const std::string taken = "ports: [{containerPort: 8080, hostPort: 80}]";
  const std::string mount = "volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]";
  const Case cases[] = {
      {.name = "nothing is in the way", .documents = web(""), .outcome = "b"},
      {.name = "nodeSelector", .documents = web(need_ssd), .outcome = "node selector"},
      {.name = "nodeSelector that holds", .documents = web(need_ssd), .b_labels = "disk: ssd", .outcome = "b"},
      {.name = "required node affinity", .documents = web(affinity), .outcome = "node selector"},
      {.name = "preferred node affinity is no obstacle", .documents = web(preferred), .outcome = "b"},
      {.name = "a taint", .documents = web(""), .b_spec = taint, .outcome = "taint"},
      {.name = "a taint that is tolerated", .documents = web(tolerant), .b_spec = taint, .outcome = "b"},
      {.name = "a node short of disk",
       .documents = web(""),
       .b_spec = "taints: [{key: node.kubernetes.io/disk-pressure, effect: NoSchedule}]",
       .outcome = "taint"},
      {.name = "a node short of memory, for a pod that asks for nothing",
       .documents = web(""),
       .b_spec = "taints: [{key: node.kubernetes.io/memory-pressure, effect: NoSchedule}]",
       .outcome = "taint"},
      {.name = "a node short of memory, for a pod that asks for some",
       .documents = web("", "resources: {requests: {memory: 1Mi}}"),
       .b_spec = "taints: [{key: node.kubernetes.io/memory-pressure, effect: NoSchedule}]",
       .outcome = "b"},
      {.name = "the taint of a cordon is told as the cordon",
       .documents = web(""),
       .b_spec = "unschedulable: true, taints: [{key: node.kubernetes.io/unschedulable, effect: NoSchedule}]",
       .outcome = "cordoned"},
      {.name = "PreferNoSchedule is no obstacle",
       .documents = web(""),
       .b_spec = "taints: [{key: own, effect: PreferNoSchedule}]",
       .outcome = "b"},
      {.name = "cordoned", .documents = web(""), .b_spec = "unschedulable: true", .outcome = "cordoned"},
      {.name = "cpu",
       .documents = web("", "resources: {requests: {cpu: 3}}"),
       .b_room = "cpu: 2, memory: 8Gi, pods: 110",
       .outcome = "room cpu"},
      {.name = "a limit counts as the request",
       .documents = web("", "resources: {limits: {memory: 2Gi}}"),
       .b_room = "cpu: 2, memory: 1Gi, pods: 110",
       .outcome = "room memory"},
      {.name = "room for one more pod",
       .documents = web(""),
       .b_room = "cpu: 2, memory: 8Gi, pods: 0",
       .outcome = "room pods"},
      {.name = "a host port that is taken",
       .documents = workload({.kind = "Deployment",
                              .replicas = 1,
                              .pod = "nodeSelector: {kubernetes.io/hostname: b}",
                              .container = taken}) +
                    web("", taken),
       .outcome = "room host port 80/TCP"},
      {.name = "every port of a pod on the host's network",
       .documents = workload({.kind = "Deployment",
                              .replicas = 1,
                              .pod = "nodeSelector: {kubernetes.io/hostname: b}\n      hostNetwork: true",
                              .container = "ports: [{containerPort: 80}]"}) +
                    web("", taken),
       .outcome = "room host port 80/TCP"},
      {.name = "the same port of another protocol",
       .documents = workload({.kind = "Deployment",
                              .replicas = 1,
                              .pod = "nodeSelector: {kubernetes.io/hostname: b}",
                              .container = "ports: [{containerPort: 80, hostPort: 80, protocol: UDP}]"}) +
                    web("", taken),
       .outcome = "b"},
      {.name = "anti-affinity of the pod", .documents = pinned_db + web(apart("db")), .outcome = "pod anti-affinity"},
      {.name = "anti-affinity of the pod that is there",
       .documents = db_refuses_web + web(""),
       .outcome = "pod anti-affinity"},
      {.name = "affinity to the first of its kind is met by itself", .documents = web(near_itself), .outcome = "b"},
      {.name = "a volume that is bound to its node", .documents = bound + web(mount), .outcome = "volume"},
      {.name = "a volume of another zone",
       .documents = zonal + web(mount),
       .b_labels = "topology.kubernetes.io/zone: z2",
       .outcome = "volume"},
      {.name = "a volume of the same zone",
       .documents = zonal + web(mount),
       .b_labels = "topology.kubernetes.io/zone: z1",
       .outcome = "b"},
  };
  for (const Case& c : cases) EXPECT_EQ(outcome(c), c.outcome) << c.name;
  EXPECT_EQ(outcome({.name = "", .documents = pinned_db + web(near_db), .outcome = ""}),
            "nothing moved");  // it is on b already
}

// kubernetes#106127: with nodeTaintsPolicy Ignore, the default, the cordoned node is the emptiest domain, and with more than one
// pod elsewhere no other node is good enough. Honor leaves it out.
TEST(Placement, ACordonedNodeCountsAsADomainUnlessTaintsAreHonoured) {
  const auto spread = [](const char* policy) {
    return workload({.kind = "Deployment",
                     .name = "web",
                     .replicas = 3,
                     .pod = fmt::format(
                         "topologySpreadConstraints: [{{topologyKey: kubernetes.io/hostname, maxSkew: 1, "
                         "whenUnsatisfiable: DoNotSchedule, nodeTaintsPolicy: {}, labelSelector: {{matchLabels: {{app: "
                         "web}}}}}}]",
                         policy)});
  };
  const DrainOptions leave{.nodes = {"node-1"}, .after = AfterDrain::leave_cordoned};
  const Rehearsal ignored = drain(make_cluster(spread("Ignore"), 3), leave);
  ASSERT_EQ(ignored.unplaced.size(), 1U);
  EXPECT_EQ(ignored.unplaced[0].obstacles[1].obstacle.kind, ObstacleKind::spread);
  EXPECT_TRUE(drain(make_cluster(spread("Honor"), 3), leave).unplaced.empty());
}

TEST(Placement, SpreadsByPreferenceAndByDefault) {
  // Without any rule: the fewest of its own on the node, then in the zone.
  const Cluster plain = make_cluster(workload({.kind = "Deployment", .name = "web", .replicas = 3}),
                                     ClusterOptions{.nodes = {{.count = 4, .zones = {"a", "a", "b", "b"}}}});
  std::vector<std::uint32_t> nodes;
  for (const ClusterPod& pod : plain.pods()) nodes.push_back(pod.node->value());
  EXPECT_EQ(nodes, (std::vector<std::uint32_t>{0, 2, 1}));
  // Preferred anti-affinity loses against what must hold, and wins against everything else.
  const std::string soft =
      "affinity: {podAntiAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 1, podAffinityTerm: "
      "{topologyKey: "
      "kubernetes.io/hostname, labelSelector: {matchLabels: {app: web}}}}]}}";
  const Cluster preferring =
      make_cluster(workload({.kind = "Deployment", .name = "web", .replicas = 3, .pod = soft}), 2);
  EXPECT_TRUE(std::ranges::all_of(preferring.pods(), [](const ClusterPod& pod) { return pod.node.has_value(); }));
}

TEST(Placement, DaemonSetsTakeTheirRoomOnEveryNode) {
  const std::string daemons =
      "---\napiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: agent, namespace: shop}\nspec: {selector: "
      "{matchLabels: {app: "
      "agent}}, template: {metadata: {labels: {app: agent}}, spec: {containers: [{name: a, image: b, resources: "
      "{requests: {cpu: "
      "1}}}]}}}\n";
  const Cluster cluster =
      make_cluster(daemons + web("", "resources: {requests: {cpu: 2}}"),
                   ClusterOptions{.nodes = {{.count = 2, .allocatable = {{"cpu", *kube::Quantity::parse("2")}}}}});
  EXPECT_EQ(cluster.pods().size(), 3U);
  EXPECT_EQ(std::ranges::count_if(cluster.pods(), [](const ClusterPod& pod) { return !pod.node; }), 1);
  const Rehearsal refused = drain(cluster, {.nodes = {"node-1"}});
  EXPECT_EQ(verdicts(refused), "node-1 refused");
  EXPECT_EQ(verdicts(drain(cluster, {.nodes = {"node-1"}, .flags = {.ignore_daemonsets = true}})), "node-1 clean");
}

}  // namespace
}  // namespace gantry::disruption
