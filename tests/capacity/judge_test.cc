// A workload and its autoscaler as they are written: each mistake of the disruption reference (§14.4, §15), and the finding that names
// it. The manifests are right but for what a case changes.

#include "base/yaml.h"
#include "capacity/capacity.h"
#include "support/golden.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::capacity {
namespace {

constexpr std::string_view kManifests = R"(
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - {name: web, image: w, resources: {requests: {cpu: 600m, memory: 256Mi}, limits: {memory: 256Mi}}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web, namespace: shop}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: 6
  maxReplicas: 12
  metrics:
    - {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}}
  behavior: {scaleUp: {stabilizationWindowSeconds: 0}}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web, namespace: shop}
spec: {maxUnavailable: 1, selector: {matchLabels: {app: web}}}
)";

// With one place of the manifests changed.
std::string changed(std::string_view from, std::string_view to) {
  std::string text(kManifests);
  if (from.empty()) return text;
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

// Ten ms of CPU for a request; the curve bends at 50/s, so 40/s are safe and use 400m.
SizingInput measured() {
  SizingInput input;
  for (const auto& [rate, p95] : {std::pair{20.0, 40.0}, {35.0, 45.0}, {50.0, 60.0}, {65.0, 2000.0}})
    input.levels.push_back({.rate = rate, .p95_ms = p95});
  input.cpu_ms_per_request = 10;
  input.target = {.rate = 100, .now = 60};
  return input;
}

std::set<std::string> rules_of(const std::vector<base::Finding>& findings) {
  std::set<std::string> rules;
  for (const base::Finding& finding : findings)
    if (!finding.rule.starts_with("capacity.baseline") && finding.rule != "hpa.metrics-source-unknown")
      rules.insert(finding.rule);
  return rules;
}

std::set<std::string> judge(const std::string& manifests, SizingInput input) {
  const kube::Snapshot snapshot = *kube::build_snapshot(*base::load_yaml(manifests, "m.yaml"));
  const base::Result<const kube::Workload*> workload = find_scalable(snapshot, "", {});
  EXPECT_TRUE(workload);
  input.workload = describe_scaled(snapshot, **workload);
  return rules_of(size(input)->findings);
}

struct Case {
  std::string_view mistake;
  std::string_view from;
  std::string_view to;
  std::set<std::string> rules;
};

const Case kCases[] = {
    {"none", "", "", {"capacity.extrapolated"}},
    {"a request copied from idle",
     "cpu: 600m",
     "cpu: 50m",
     {"capacity.extrapolated", "capacity.cpu-request-low", "hpa.target-unreachable"}},
    {"a request twice as large as what is used",
     "cpu: 600m",
     "cpu: 1500m",
     {"capacity.extrapolated", "capacity.cpu-request-high", "hpa.acts-after-knee"}},
    {"no request",
     "requests: {cpu: 600m, memory: 256Mi}, limits: {memory: 256Mi}",
     "limits: {memory: 256Mi}",
     {"capacity.extrapolated", "capacity.cpu-request-missing", "hpa.request-missing"}},
    {"a CPU limit below the knee",
     "limits: {memory",
     "limits: {cpu: 300m, memory",
     {"capacity.extrapolated", "capacity.cpu-limit-below-burst"}},
    {"a CPU limit far above the request",
     "limits: {memory",
     "limits: {cpu: 4, memory",
     {"capacity.extrapolated", "hpa.target-of-limit"}},
    {"no memory limit", ", limits: {memory: 256Mi}", "", {"capacity.extrapolated", "capacity.memory-limit-missing"}},
    {"a minimum that loses too much with a zone",
     "minReplicas: 6",
     "minReplicas: 3",
     {"capacity.extrapolated", "capacity.replicas-below-minimum"}},
    {"a maximum that loses too much with a zone",
     "minReplicas: 6\n  maxReplicas: 12",
     "minReplicas: 4\n  maxReplicas: 4",
     {"capacity.extrapolated", "capacity.replicas-below-minimum", "capacity.replicas-below-peak"}},
    {"a budget that lets a drain take too much",
     "maxUnavailable: 1,",
     "maxUnavailable: 5,",
     {"capacity.extrapolated", "capacity.drain-below-load"}},
    {"a budget that keeps a share too small",
     "maxUnavailable: 1,",
     "minAvailable: 10%,",
     {"capacity.extrapolated", "capacity.drain-below-load"}},
    {"a target beyond the knee",
     "averageUtilization: 70",
     "averageUtilization: 95",
     {"capacity.extrapolated", "hpa.acts-after-knee"}},
    {"a fixed number next to an autoscaler",
     "spec:\n  selector",
     "spec:\n  replicas: 6\n  selector",
     {"capacity.extrapolated", "hpa.fixed-replicas"}},
    {"a window for scaling up",
     "stabilizationWindowSeconds: 0",
     "stabilizationWindowSeconds: 60",
     {"capacity.extrapolated", "hpa.slow-up-window"}},
    {"scaling up forbidden",
     "stabilizationWindowSeconds: 0",
     "selectPolicy: Disabled",
     {"capacity.extrapolated", "hpa.disabled"}},
    {"memory as a metric",
     "{name: cpu, target: {type: Utilization, averageUtilization: 70}}",
     "{name: memory, target: {type: Utilization, averageUtilization: 80}}",
     {"capacity.extrapolated", "hpa.memory-metric"}},
    {"a sidecar that asks for as much",
     "- {name: web",
     "- {name: proxy, image: p, resources: {requests: {cpu: 300m, memory: 1Mi}, limits: {memory: 1Mi}}}\n        - "
     "{name: web",
     {"capacity.extrapolated", "capacity.cpu-request-high", "hpa.acts-after-knee", "hpa.sidecar-dilutes"}},
};

TEST(JudgeSizing, NamesEachMistake) {
  for (const Case& c : kCases) EXPECT_EQ(judge(changed(c.from, c.to), measured()), c.rules) << c.mistake;
}

TEST(JudgeSizing, MemoryThatIsMeasured) {
  SizingInput input = measured();
  input.idle_memory_bytes = 210.0 * 1024 * 1024;
  EXPECT_TRUE(judge(changed("", ""), input).contains("capacity.memory-request-low"));
  const std::string on_memory = changed("{name: cpu, target: {type: Utilization, averageUtilization: 70}}",
                                        "{name: memory, target: {type: Utilization, averageUtilization: 80}}");
  EXPECT_TRUE(judge(on_memory, input).contains("hpa.memory-never-falls")) << "210 of 256 MiB are 82 %";
}

TEST(JudgeSizing, WithoutAnAutoscalerTheNumberIsFixed) {
  std::string text = changed("spec:\n  selector", "spec:\n  replicas: 3\n  selector");
  text.resize(text.find("---"));
  EXPECT_EQ(judge(text, measured()), (std::set<std::string>{"capacity.extrapolated", "capacity.replicas-below-peak"}));
}

// ---- Autoscalers alone

std::vector<base::Finding> judge_alone(std::string manifests, kube::Origin origin = kube::Origin::written) {
  if (origin == kube::Origin::live) {
    // What the API server adds to each object tells a list that was saved from a cluster.
    for (std::size_t at = 0; (at = manifests.find("metadata: {name", at)) != std::string::npos; at += 20)
      manifests.insert(at + 11, "uid: 1, resourceVersion: '1', creationTimestamp: '2026-11-24T00:00:00Z', ");
  }
  const kube::Snapshot snapshot = *kube::build_snapshot(*base::load_yaml(manifests, "m.yaml"));
  EXPECT_EQ(snapshot.live(), origin == kube::Origin::live);
  std::vector<base::Finding> findings;
  judge_autoscaler(describe_scaled(snapshot, **find_autoscaler(snapshot, "", {})), {}, findings);
  return findings;
}

bool has(const std::vector<base::Finding>& findings, std::string_view rule) {
  return std::ranges::find(findings, rule, &base::Finding::rule) != findings.end();
}

constexpr std::string_view kOwnApi =
    "---\napiVersion: apiregistration.k8s.io/v1\nkind: APIService\nmetadata: {name: v1.apps}\nspec: {group: apps, "
    "version: v1}\n";
constexpr std::string_view kMetricsApi =
    "---\napiVersion: apiregistration.k8s.io/v1\nkind: APIService\nmetadata: {name: v1beta1.metrics.k8s.io}\n"
    "spec: {group: metrics.k8s.io, version: v1beta1, service: {name: metrics-server, namespace: kube-system}}\n";

TEST(JudgeAutoscaler, MetricsMustBeServed) {
  const std::string plain = changed("", "");
  EXPECT_TRUE(has(judge_alone(plain), "hpa.metrics-source-unknown")) << "manifests cannot say";
  const std::string cluster = plain + std::string(kOwnApi);
  EXPECT_TRUE(has(judge_alone(cluster, kube::Origin::live), "hpa.metrics-source-missing"));
  const std::vector<base::Finding> served = judge_alone(cluster + std::string(kMetricsApi), kube::Origin::live);
  EXPECT_FALSE(has(served, "hpa.metrics-source-missing"));
  EXPECT_FALSE(has(served, "hpa.metrics-source-unknown"));
}

TEST(JudgeAutoscaler, TargetMustBeThere) {
  EXPECT_TRUE(
      has(judge_alone(changed("kind: Deployment, name: web", "kind: Deployment, name: wep")), "hpa.target-missing"));
}

// The reference is written from the table, so that neither says what the other does not.
TEST(Rules, ReferenceIsTheTable) {
  std::string text =
      "# Findings about capacity\n\n"
      "What `capacity.holds`, `hpa.fits` and `gantry scale` find, by the ids that waivers name. High and critical "
      "findings block a "
      "launch\nunless they are waived. Numbers in brackets are sections of the disruption reference.\n\n"
      "| Id | Severity | Why it matters |\n|---|---|---|\n";
  for (const base::Rule& rule : capacity_rules()) {
    text += "| `";
    text += rule.id;
    text += "` | ";
    text += base::to_string(rule.severity);
    text += " | ";
    text += rule.explanation;
    text += " |\n";
  }
  EXPECT_TRUE(test::matches_golden_file(text, test::repository_path("docs/reference/capacity-findings.md")));
}

}  // namespace
}  // namespace gantry::capacity
