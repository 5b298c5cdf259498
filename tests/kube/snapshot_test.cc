#include "kube/snapshot.h"

#include "base/json.h"
#include "base/yaml.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace gantry::kube {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::vector<base::Node> documents_of(std::string_view yaml) {
  base::Result<std::vector<base::Node>> documents = base::load_yaml(yaml, "input.yaml");
  EXPECT_TRUE(documents) << yaml;
  return *std::move(documents);
}

Snapshot snapshot_of(std::string_view yaml, const SnapshotOptions& options = {}) {
  base::Result<Snapshot> snapshot = build_snapshot(documents_of(yaml), options);
  EXPECT_TRUE(snapshot) << base::describe(snapshot.error());
  return *std::move(snapshot);
}

std::vector<std::string> names(std::span<const Pod> pods) {
  std::vector<std::string> out;
  for (const Pod& pod : pods) out.push_back(pod.name());
  return out;
}

constexpr std::string_view kShop = R"(
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {ports: [{port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: api, namespace: shop}
spec: {ports: [{port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: api, namespace: back}
spec: {ports: [{port: 80}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: web}]}
)";

TEST(Snapshot, FindsObjectsByIdentityAndByNamespace) {
  const Snapshot snapshot = snapshot_of(kShop);
  EXPECT_EQ(in_namespace(snapshot->services, "shop").size(), 2U);
  EXPECT_EQ(in_namespace(snapshot->services, "back").size(), 1U);
  EXPECT_TRUE(in_namespace(snapshot->services, "nowhere").empty());
  ASSERT_NE(find_named(snapshot->services, "shop", "web"), nullptr);
  EXPECT_EQ(find_named(snapshot->services, "back", "web"), nullptr);
  ASSERT_NE(snapshot.find({"apps", "Deployment", "shop", "web"}), nullptr);
  EXPECT_EQ(snapshot.find({"", "Deployment", "shop", "web"}), nullptr);
  EXPECT_NE(snapshot.find_workload(WorkloadKind::deployment, "shop", "web"), nullptr);
  EXPECT_EQ(snapshot.find_workload(WorkloadKind::stateful_set, "shop", "web"), nullptr);
  ASSERT_NE(snapshot.find_namespace("back"), nullptr);
  EXPECT_FALSE(snapshot.find_namespace("back")->defined);
  EXPECT_FALSE(snapshot.live());
  // What kubectl apply would follow.
  EXPECT_EQ(snapshot->objects.front().id.name, "web");
  EXPECT_EQ(snapshot->objects.back().id.kind, "Deployment");
}

TEST(Snapshot, LeadsFromPodsToWorkloadsAndBack) {
  const Snapshot snapshot = snapshot_of(kShop);
  const Workload* web = snapshot.find_workload(WorkloadKind::deployment, "shop", "web");
  ASSERT_NE(web, nullptr);
  ASSERT_EQ(snapshot.pods_of(*web).size(), 2U);
  for (const std::size_t i : snapshot.pods_of(*web)) EXPECT_EQ(snapshot.workload_of(snapshot->pods[i]), web);
}

TEST(Snapshot, AnEmptyOneAnswersEverything) {
  const Snapshot snapshot;
  EXPECT_EQ(snapshot.find({"", "Pod", "a", "b"}), nullptr);
  EXPECT_EQ(snapshot.find_namespace("a"), nullptr);
  EXPECT_TRUE(in_namespace(snapshot->pods, "a").empty());
  EXPECT_EQ(dump(snapshot), "");
}

TEST(Snapshot, PutsObjectsWithoutNamespaceWhereItIsTold) {
  const Snapshot snapshot =
      snapshot_of("{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}", {.default_namespace = "shop"});
  EXPECT_NE(find_named(snapshot->config_maps, "shop", "a"), nullptr);
}

// ---- Errors: what is no object at all ----

TEST(BuildSnapshot, RefusesWhatIsNoKubernetesObject) {
  const struct {
    std::string_view yaml, message;
  } cases[] = {
      {"just text", "a document must be a Kubernetes object, not a string"},
      {"- a", "a document must be a Kubernetes object, not a list"},
      {"kind: Pod", "this is no Kubernetes object: it has no apiVersion"},
      {"apiVersion: v1", "this is no Kubernetes object: it has no kind"},
      {"{apiVersion: v1, kind: ''}", "this is no Kubernetes object: it has no kind"},
      {"{apiVersion: 1, kind: Pod, metadata: {name: a}}", "apiVersion must be a string, not an integer"},
      {"{apiVersion: v1, kind: [Pod], metadata: {name: a}}", "kind must be a string, not a list"},
      {"{apiVersion: v1, kind: Pod}", "this Pod has no metadata.name"},
      {"{apiVersion: v1, kind: Pod, metadata: [a]}", "metadata must be a map, not a list"},
      {"{apiVersion: v1, kind: Pod, metadata: {name: 5}}", "metadata.name must be a string, not an integer"},
      {"{apiVersion: v1, kind: Pod, metadata: {generateName: a-}}", "this Pod has no metadata.name"},
      {"{apiVersion: v1, kind: List, items: [{kind: Pod}]}", "this is no Kubernetes object: it has no apiVersion"},
      {"{apiVersion: v1, kind: List, items: [5]}", "a document must be a Kubernetes object, not an integer"},
  };
  for (const auto& c : cases) {
    const base::Result<Snapshot> snapshot = build_snapshot(documents_of(c.yaml));
    ASSERT_FALSE(snapshot) << c.yaml;
    EXPECT_EQ(snapshot.error().kind, base::ErrorKind::input) << c.yaml;
    EXPECT_EQ(snapshot.error().message, c.message);
    ASSERT_TRUE(snapshot.error().where) << c.yaml;
    EXPECT_EQ(snapshot.error().where->file_name(), "input.yaml");
  }
}

TEST(BuildSnapshot, TakesListsApart) {
  const struct {
    std::string_view yaml;
    std::size_t objects;
  } cases[] = {
      {"{apiVersion: v1, kind: List, items: []}", 0},
      {"{apiVersion: v1, kind: List, items: }", 0},
      {"{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}, null]}", 1},
      {"{apiVersion: v1, kind: ConfigMapList, items: [{metadata: {name: a}}, {metadata: {name: b}}]}", 2},
      {"{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: ConfigMap, "
       "metadata: {name: a}}]}]}",
       1},
      // A custom resource may be called so without being one.
      {"{apiVersion: example.com/v1, kind: AllowList, metadata: {name: a}}", 1},
  };
  for (const auto& c : cases) EXPECT_EQ(snapshot_of(c.yaml)->objects.size(), c.objects) << c.yaml;
}

// ---- Limits ----

TEST(BuildSnapshot, OneMistakeRepeatedManyTimesIsListedAHundredTimes) {
  std::string yaml = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: shop}\ndata:\n";
  for (int i = 0; i < 5000; ++i) yaml += fmt::format("  k{}: {}\n", i, i);
  const Snapshot snapshot = snapshot_of(yaml);
  ASSERT_EQ(snapshot->findings.size(), 100U);
  EXPECT_TRUE(snapshot->objects[0].rejected());
  const auto last = [](const base::Finding& f) { return f.message == "more is wrong with this object than is listed"; };
  EXPECT_EQ(std::ranges::count_if(snapshot->findings, last), 1);
}

TEST(BuildSnapshot, AConfigMapMayHaveMoreKeysThanAnybodyWrites) {
  base::Node data = base::Node::empty_map();
  for (int i = 0; i < 200'000; ++i) data.map().push_back({fmt::format("k{}", i), base::Node("v"), {}});
  std::vector<base::Node> documents =
      documents_of("{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: shop}}");
  documents[0].map().push_back({"data", std::move(data), {}});
  const base::Result<Snapshot> snapshot = build_snapshot(std::move(documents));
  ASSERT_TRUE(snapshot);
  EXPECT_EQ((*snapshot)->config_maps[0].data.size(), 200'000U);
  EXPECT_TRUE((*snapshot)->config_maps[0].has_key("k77777"));
}

TEST(BuildSnapshot, TextsOfADocumentAreCutInMessages) {
  const std::string long_text(1000, 'x');  // the longest key that YAML allows
  const std::string labels =
      "metadata: {name: a, namespace: shop, labels: {" + long_text + ": b!, c: " + long_text + "}}";
  const Snapshot snapshot =
      snapshot_of("apiVersion: v1\nkind: Service\n" + labels + "\nspec: {type: " + long_text + ", " + long_text +
                  ": 1, ports: [{name: " + long_text + ", port: " + long_text + "}]}\n");
  ASSERT_GE(snapshot->findings.size(), 6U);
  for (const base::Finding& finding : snapshot->findings) EXPECT_LT(finding.message.size(), 300U) << finding.message;
  EXPECT_FALSE(build_snapshot(documents_of("{apiVersion: v1, kind: Pod, metadata: {name: " + long_text + "}}")));
  EXPECT_FALSE(build_snapshot(documents_of("{apiVersion: v1, kind: " + long_text + ", metadata: {name: a}}")));
}

// ---- Secrets ----

TEST(BuildSnapshot, NoValueOfASecretIsLeftAnywhere) {
  const Snapshot snapshot = snapshot_of(R"(
apiVersion: v1
kind: Secret
metadata:
  name: a
  namespace: shop
  annotations: {kubectl.kubernetes.io/last-applied-configuration: '{"stringData":{"k":"hunter2"}}', kept: "yes"}
data: {k: aHVudGVyMg==, list: [hunter2], map: {a: hunter2}}
stringData: {k: hunter2, pin: 4711}
Data: {k: hunter2}
---
{apiVersion: v1, kind: Secret, metadata: {name: b, namespace: shop}, data: hunter2}
---
{apiVersion: v1, kind: Secret, metadata: {name: b, namespace: shop}, stringData: {k: hunter2}}
)");
  std::string everything = dump(snapshot);
  for (const Object& object : snapshot->objects) everything += base::dump_json(*object.document);
  for (const Secret& secret : snapshot->secrets) {
    everything += base::dump_json(*secret.object.document);
    for (const auto& [key, value] : secret.object.annotations) everything += value;
  }
  EXPECT_THAT(everything, Not(HasSubstr("hunter2")));
  EXPECT_THAT(everything, Not(HasSubstr("aHVudGVyMg")));
  EXPECT_THAT(everything, Not(HasSubstr("4711")));
  EXPECT_THAT(everything, HasSubstr("kept"));
  const Secret* secret = find_named(snapshot->secrets, "shop", "a");
  ASSERT_NE(secret, nullptr);
  EXPECT_TRUE(secret->has_key("pin"));
}

// ---- Pods ----

std::string workload_yaml(std::string_view kind, std::string_view name, std::string_view spec) {
  return fmt::format(
      "---\napiVersion: apps/v1\nkind: {}\nmetadata: {{name: {}, namespace: shop}}\nspec:\n  selector: {{matchLabels: "
      "{{a: b}}}}\n"
      "  template: {{metadata: {{labels: {{a: b}}}}, spec: {{containers: [{{name: c, image: c}}]}}}}\n  {}\n",
      kind, name, spec);
}

TEST(BuildSnapshot, AnAbsurdNumberOfReplicasTakesNothingFromOthers) {
  const Snapshot snapshot = snapshot_of(workload_yaml("StatefulSet", "huge", "replicas: 2000000000") +
                                            workload_yaml("Deployment", "small", "replicas: 3"),
                                        {.derived_pods_max = 100});
  EXPECT_EQ(snapshot->pods.size(), 100U);
  EXPECT_EQ(snapshot.pods_of(*snapshot.find_workload(WorkloadKind::deployment, "shop", "small")).size(), 3U);
  ASSERT_EQ(snapshot->findings.size(), 1U);
  EXPECT_EQ(snapshot->findings[0].rule, "workload.replicas");
}

TEST(BuildSnapshot, StandInNamesMakeRoomForRealOnes) {
  const Snapshot snapshot = snapshot_of(workload_yaml("Deployment", "web", "replicas: 1") +
                                        workload_yaml("StatefulSet", "web", "replicas: 1") +
                                        workload_yaml("ReplicaSet", "web", "replicas: 1"));
  EXPECT_THAT(names(snapshot->pods), ElementsAre("web-0", "web-deployment-0", "web-replicaset-0"));
  EXPECT_FALSE(find_named(snapshot->pods, "shop", "web-0")->name_is_stand_in);
}

TEST(BuildSnapshot, LivePodsMayKeepOnlyTheirIdentity) {
  constexpr std::string_view kYaml =
      "{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: shop, uid: u, labels: {app: web}}, spec: "
      "{containers: "
      "[{name: c, image: c}]}, status: {phase: Running}}";
  const Snapshot snapshot = snapshot_of(kYaml, {.documents = SnapshotOptions::Documents::without_live_pods});
  ASSERT_EQ(snapshot->pods.size(), 1U);
  const Pod& pod = snapshot->pods[0];
  EXPECT_EQ(pod.spec->containers.size(), 1U);
  EXPECT_EQ(pod.object.document->find("spec"), nullptr);
  EXPECT_EQ(pod.object.pos().line, 1U);
  EXPECT_EQ(*pod.object.labels.find("app"), "web");
  EXPECT_TRUE(snapshot.live());
}

TEST(BuildSnapshot, FieldsThatTheApiDoesNotKnowAreNoMistakeOfALiveObject) {
  constexpr std::string_view kFormat =
      "{{apiVersion: v1, kind: Service, metadata: {{name: a, namespace: shop{}}}, spec: {{newField: 1, ports: [{{port: "
      "80}}]}}}}";
  EXPECT_EQ(snapshot_of(fmt::format(kFormat, ""))->findings.size(), 1U);
  EXPECT_EQ(snapshot_of(fmt::format(kFormat, ", uid: u"))->findings.size(), 0U);
}

TEST(BuildSnapshot, APodIsReadyAsItsConditionsSay) {
  const struct {
    std::string_view metadata, status;
    bool live, ready;
  } cases[] = {
      {"name: a", "{}", false, true},
      {"name: a, uid: u", "{phase: Running, conditions: [{type: Ready, status: 'True'}]}", true, true},
      {"name: a, uid: u", "{phase: Running, conditions: [{type: Ready, status: 'False'}]}", true, false},
      {"name: a, uid: u", "{phase: Running, conditions: []}", true, false},
      {"name: a, resourceVersion: '5'", "{phase: Pending}", true, false},
      // Trimmed by somebody: still reported.
      {"name: a", "{phase: Running, podIP: 10.0.0.1}", true, true},
      {"name: a", "{phase: Succeeded}", true, false},
  };
  for (const auto& c : cases) {
    const Snapshot snapshot = snapshot_of(fmt::format(
        "apiVersion: v1\nkind: Pod\nmetadata: {{{}}}\nspec: {{containers: [{{name: c, image: c}}]}}\nstatus: {}\n",
        c.metadata, c.status));
    const Pod& pod = snapshot->pods.front();
    EXPECT_EQ(pod.origin == PodOrigin::live, c.live) << c.metadata << " " << c.status;
    EXPECT_EQ(snapshot.live(), c.live) << c.metadata << " " << c.status;
    EXPECT_EQ(pod.ready, c.ready) << c.metadata << " " << c.status;
  }
}

TEST(BuildSnapshot, ALiveWorkloadWithoutListedPodsGetsThemDerived) {
  const std::string live = R"(
apiVersion: apps/v1
kind: ReplicaSet
metadata: {name: web, namespace: shop, uid: u}
spec: {replicas: 2, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: c}]}}}
)";
  EXPECT_EQ(snapshot_of(live)->pods.size(), 2U);
  // Where pods were listed, it has none.
  const std::string pod =
      "---\n{apiVersion: v1, kind: Pod, metadata: {name: x, namespace: shop, uid: v}, spec: {containers: [{name: c, "
      "image: c}]}}\n";
  EXPECT_THAT(names(snapshot_of(live + pod)->pods), ElementsAre("x"));
}

// ---- Duplicates ----

TEST(BuildSnapshot, OfTwoTheLaterCountsAndBothPlacesAreNamed) {
  const Snapshot snapshot = snapshot_of(R"(
{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: shop}, data: {x: "1", z: "1"}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: b, namespace: shop}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: shop}, data: {x: "2"}}
)");
  ASSERT_EQ(snapshot->config_maps.size(), 2U);
  const ConfigMap& a = snapshot->config_maps[0];
  EXPECT_EQ(a.find("x")->value, "2");
  EXPECT_FALSE(a.has_key("z"));
  EXPECT_EQ(snapshot->objects[0].id.name, "a");  // it exists from its first document on
  ASSERT_EQ(snapshot->findings.size(), 1U);
  const base::Finding& finding = snapshot->findings[0];
  EXPECT_EQ(finding.rule, "object.duplicate");
  EXPECT_EQ(finding.where.line, 6U);
  ASSERT_EQ(finding.related.size(), 1U);
  EXPECT_EQ(finding.related[0].where.line, 2U);
  EXPECT_THAT(finding.message, HasSubstr("data.x, data.z"));
}

}  // namespace
}  // namespace gantry::kube
