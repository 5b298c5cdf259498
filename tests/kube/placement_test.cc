#include "base/yaml.h"
#include "kube/cluster_node.h"
#include "kube/snapshot.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

namespace gantry::kube {
namespace {

// A snapshot of one pod with that spec (a flow map without its braces) and one node.
Snapshot pod_and_node(std::string_view spec, std::string_view node = "metadata: {name: n1}") {
  const std::string yaml = fmt::format(
      "{{apiVersion: v1, kind: Pod, metadata: {{name: p, namespace: shop}}, spec: {{{}}}}}\n---\n{{apiVersion: v1, "
      "kind: Node, {}}}\n",
      spec, node);
  base::Result<std::vector<base::Node>> documents = base::load_yaml(yaml, "input.yaml");
  EXPECT_TRUE(documents) << yaml;
  base::Result<Snapshot> snapshot = build_snapshot(*std::move(documents));
  EXPECT_TRUE(snapshot) << base::describe(snapshot.error());
  return *std::move(snapshot);
}

const PodSpec& spec_of(const Snapshot& snapshot) { return *snapshot->pods.front().spec; }

std::string print(const ResourceList& list) {
  std::string text;
  for (const auto& [name, amount] : list)
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", name, to_string(amount));
  return text;
}

// Disruption reference, §7; kube-scheduler's rule for sidecars (KEP 753).
TEST(TotalRequests, IsTheSumOrTheLargestInitStep) {
  const struct {
    const char* what;
    const char* spec;
    const char* total;
  } cases[] = {
      {"nothing asked for", "containers: [{name: a, image: a}]", ""},
      {"containers add up",
       "containers: [{name: a, image: a, resources: {requests: {cpu: 100m}}}, {name: b, image: b, resources: "
       "{requests: {cpu: 1, memory: 1Gi}}}]",
       "cpu=1100m memory=1Gi"},
      {"a limit alone is the request",
       "containers: [{name: a, image: a, resources: {requests: {cpu: 100m}, limits: {cpu: 1, memory: 64Mi}}}]",
       "cpu=100m memory=64Mi"},
      {"a larger init container counts alone",
       "initContainers: [{name: i, image: i, resources: {requests: {cpu: 2}}}], containers: [{name: a, image: a, "
       "resources: {requests: {cpu: 1}}}]",
       "cpu=2"},
      {"init containers do not add up",
       "initContainers: [{name: i, image: i, resources: {requests: {cpu: 600m}}}, {name: j, image: j, resources: "
       "{requests: {cpu: 700m}}}], "
       "containers: [{name: a, image: a, resources: {requests: {cpu: 1}}}]",
       "cpu=1"},
      {"a sidecar runs beside the containers and the later init containers",
       "initContainers: [{name: s, image: s, restartPolicy: Always, resources: {requests: {cpu: 500m}}}, {name: i, "
       "image: i, resources: {requests: {cpu: 2}}}], "
       "containers: [{name: a, image: a, resources: {requests: {cpu: 1}}}]",
       "cpu=2500m"},
      {"an init container before the sidecar runs without it",
       "initContainers: [{name: i, image: i, resources: {requests: {cpu: 2}}}, {name: s, image: s, restartPolicy: "
       "Always, resources: {requests: {cpu: 500m}}}], "
       "containers: [{name: a, image: a, resources: {requests: {cpu: 1}}}]",
       "cpu=2"},
      {"overhead comes on top",
       "overhead: {cpu: 10m}, containers: [{name: a, image: a, resources: {requests: {cpu: 1}}}]", "cpu=1010m"},
  };
  for (const auto& c : cases) EXPECT_EQ(print(total_requests(spec_of(pod_and_node(c.spec)))), c.total) << c.what;
}

// core/v1 Toleration.
TEST(Toleration, ToleratesAsTheSchedulerDecides) {
  const Taint gpu{.key = "dedicated", .value = "gpu", .effect = TaintEffect::no_schedule};
  using Op = Toleration::Operator;
  const struct {
    const char* what;
    Toleration toleration;
    bool tolerates;
  } cases[] = {
      {"everything", {.key = "", .op = Op::exists, .value = "", .effect = {}, .seconds = {}}, true},
      {"everything with that effect",
       {.key = "", .op = Op::exists, .value = "", .effect = TaintEffect::no_execute, .seconds = {}},
       false},
      {"the key", {.key = "dedicated", .op = Op::exists, .value = "", .effect = {}, .seconds = {}}, true},
      {"key and value",
       {.key = "dedicated", .op = Op::equal, .value = "gpu", .effect = TaintEffect::no_schedule, .seconds = {}},
       true},
      {"another value", {.key = "dedicated", .op = Op::equal, .value = "db", .effect = {}, .seconds = {}}, false},
      {"another key", {.key = "special", .op = Op::exists, .value = "", .effect = {}, .seconds = {}}, false},
      {"another effect",
       {.key = "dedicated", .op = Op::exists, .value = "", .effect = TaintEffect::no_execute, .seconds = {}},
       false},
  };
  for (const auto& c : cases) EXPECT_EQ(c.toleration.tolerates(gpu), c.tolerates) << c.what;
}

// Disruption reference, §7: nodeSelector and required affinity; terms are joined by OR, what is in a term by AND.
TEST(MayRunOn, FollowsTheSpecOfThePod) {
  constexpr const char* kNode = "metadata: {name: n1, labels: {zone: a, cores: '8', empty: ''}}";
  const auto affinity = [](std::string_view terms) {
    return fmt::format(
        "affinity: {{nodeAffinity: {{requiredDuringSchedulingIgnoredDuringExecution: {{nodeSelectorTerms: {}}}}}}}, ",
        terms);
  };
  const struct {
    const char* what;
    std::string spec;
    bool may;
  } cases[] = {
      {"nothing said", "", true},
      {"the node by name", "nodeName: n1, ", true},
      {"another node by name", "nodeName: n2, ", false},
      {"nodeSelector", "nodeSelector: {zone: a}, ", true},
      {"nodeSelector, another value", "nodeSelector: {zone: b}, ", false},
      {"In", affinity("[{matchExpressions: [{key: zone, operator: In, values: [a, b]}]}]"), true},
      {"NotIn", affinity("[{matchExpressions: [{key: zone, operator: NotIn, values: [a]}]}]"), false},
      {"NotIn without the label", affinity("[{matchExpressions: [{key: rack, operator: NotIn, values: [a]}]}]"), true},
      {"Exists with an empty value", affinity("[{matchExpressions: [{key: empty, operator: Exists}]}]"), true},
      {"DoesNotExist", affinity("[{matchExpressions: [{key: zone, operator: DoesNotExist}]}]"), false},
      {"Gt", affinity("[{matchExpressions: [{key: cores, operator: Gt, values: ['4']}]}]"), true},
      {"Gt is strict", affinity("[{matchExpressions: [{key: cores, operator: Gt, values: ['8']}]}]"), false},
      {"Lt", affinity("[{matchExpressions: [{key: cores, operator: Lt, values: ['16']}]}]"), true},
      {"Lt of what is no number", affinity("[{matchExpressions: [{key: zone, operator: Lt, values: ['16']}]}]"), false},
      {"one of two terms",
       affinity("[{matchExpressions: [{key: zone, operator: In, values: [b]}]}, {matchExpressions: [{key: zone, "
                "operator: Exists}]}]"),
       true},
      {"all of one term",
       affinity("[{matchExpressions: [{key: zone, operator: Exists}, {key: rack, operator: Exists}]}]"), false},
      {"a field", affinity("[{matchFields: [{key: metadata.name, operator: In, values: [n1]}]}]"), true},
      {"a term without requirements matches nothing", affinity("[{}]"), false},
      {"no terms match nothing", affinity("[]"), false},
  };
  for (const auto& c : cases) {
    const Snapshot snapshot = pod_and_node(c.spec + "containers: [{name: a, image: a}]", kNode);
    EXPECT_EQ(may_run_on(spec_of(snapshot), snapshot->nodes.front()), c.may) << c.what;
  }
}

TEST(ClusterNode, SaysItsZoneAndWhetherItIsReady) {
  const struct {
    const char* node;
    const char* zone;
    bool ready;
  } cases[] = {
      {"metadata: {name: n1}", "", true},
      {"metadata: {name: n1, labels: {topology.kubernetes.io/zone: a}}, status: {conditions: [{type: Ready, status: "
       "'True'}]}",
       "a", true},
      {"metadata: {name: n1, labels: {failure-domain.beta.kubernetes.io/zone: b}}, status: {conditions: [{type: Ready, "
       "status: Unknown}]}",
       "b", false},
      {"metadata: {name: n1}, status: {conditions: [{type: MemoryPressure, status: 'False'}]}", "", false},
  };
  for (const auto& c : cases) {
    const Snapshot snapshot = pod_and_node("containers: [{name: a, image: a}]", c.node);
    EXPECT_EQ(snapshot->nodes.front().zone(), c.zone) << c.node;
    EXPECT_EQ(snapshot->nodes.front().ready(), c.ready) << c.node;
  }
}

// Network policy reference, §4: containers and sidecars, with the protocol.
TEST(FindNamedPorts, LooksAtContainersAndSidecars) {
  const Snapshot snapshot = pod_and_node(
      "initContainers: [{name: i, image: i, ports: [{name: http, containerPort: 1}]}, "
      "{name: s, image: s, restartPolicy: Always, ports: [{name: admin, containerPort: 9901}]}], "
      "containers: [{name: a, image: a, ports: [{name: http, containerPort: 8080}, {name: dns, containerPort: 53, "
      "protocol: UDP}]}, "
      "{name: b, image: b, ports: [{name: http, containerPort: 8081}]}]");
  const PodSpec& spec = spec_of(snapshot);
  EXPECT_EQ(find_named_ports(spec, "http", Protocol::tcp), (std::vector<Port>{Port(8080), Port(8081)}));
  EXPECT_EQ(find_named_ports(spec, "admin", Protocol::tcp), std::vector<Port>{Port(9901)});
  EXPECT_TRUE(find_named_ports(spec, "dns", Protocol::tcp).empty());
  EXPECT_TRUE(find_named_ports(spec, "https", Protocol::tcp).empty());
}

}  // namespace
}  // namespace gantry::kube
