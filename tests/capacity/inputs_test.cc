// Blocks as people write them: what they mean with the manifests, and what is refused, where and with which hint.

#include "capacity/inputs.h"

#include "base/yaml.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace gantry::capacity {
namespace {

base::Node block(std::string_view yaml) { return *base::load_yaml_document(yaml, "block.yaml"); }

constexpr std::string_view kManifests = R"(
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      initContainers:
        - {name: proxy, image: p, restartPolicy: Always, resources: {requests: {cpu: 50m, memory: 32Mi}}}
        - {name: once, image: o}
      containers:
        - name: web
          image: w
          resources: {requests: {cpu: 100m, memory: 256Mi}, limits: {memory: 256Mi}}
          startupProbe: {httpGet: {port: 80}, initialDelaySeconds: 20}
          readinessProbe: {httpGet: {port: 80}, initialDelaySeconds: 5, successThreshold: 3, periodSeconds: 10}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web, namespace: shop}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: 3
  maxReplicas: 9
  metrics:
    - {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 60}}}
    - {type: ContainerResource, containerResource: {name: cpu, container: web, target: {type: Utilization, averageUtilization: 60}}}
    - {type: Pods, pods: {metric: {name: qps}, target: {type: AverageValue, averageValue: "20"}}}
)";

kube::Snapshot manifests(std::string_view yaml = kManifests) {
  return *kube::build_snapshot(*base::load_yaml(yaml, "m.yaml"));
}

TEST(SimulationInput, ManifestsSayWhatTheBlockDoesNot) {
  const SimulationRequest request = *parse_simulation(
      block("{traffic: {stages: '1m:50'}, pod: {cpu_ms_per_request: 8}, signals: {qps: {source: rate, base: 1}}}"));
  const base::Result<PreparedSimulation> prepared = prepare_simulation(manifests(), request);
  ASSERT_TRUE(prepared) << prepared.error().message;
  const Scenario& scenario = prepared->scenario;
  EXPECT_EQ(scenario.replicas, 3);
  EXPECT_EQ(scenario.requests_milli, (std::vector<std::optional<std::int64_t>>{150, 100, std::nullopt}))
      << "the sidecar counts for the pod, not for the container";
  EXPECT_EQ(scenario.pod.start_up, Millis(30'000));
  EXPECT_EQ(prepared->workload.ready_after, Millis(25'000)) << "5 s, and two more periods until the third success";
  EXPECT_EQ(scenario.signals[1].source, Signal::Source::cpu);
  EXPECT_EQ(scenario.signals[2].base, 1);
  EXPECT_EQ(prepared->assumptions.size(), 3U) << "a core, the start, the number at first";
}

struct Refused {
  std::string_view block;
  std::string_view message;
  std::string_view help;
};

TEST(SimulationInput, RefusesWithAPlaceAndAHint) {
  constexpr Refused kRefused[] = {
      {"[1]", "not a map", "traffic"},
      {"{trafic: {stages: '1m:5'}}", "unknown key \"trafic\"", "did you mean \"traffic\"?"},
      {"{}", "nothing says what traffic comes", "stages"},
      {"{traffic: {}}", "nothing says what traffic comes", "stages"},
      {"{traffic: {stages: '1m:5', doubling: {from: 5}}}", "said in two ways", "keep one"},
      {"{trace: a.csv, traffic: {stages: '1m:5'}}", "said in two ways", "keep one"},
      {"{traffic: {script: load.js}}", "\"script\"", ""},
      {"{script: o.json, trace: t.csv}", "said in two ways", "keep one of trace and script"},
      {"{script: o.json, traffic: {stages: '1m:5'}}", "said in two ways", "keep one of"},
      {"{traffic: {stages: '1m:5', rate_per_vu: 3}}", "\"rate_per_vu\" belongs to a script", "leave it out"},
      {"{traffic: {stages: []}}", "must be a list of {duration, target}", "30s"},
      {"{traffic: {stages: [{duration: 1m, target: -5}]}}", "no less than 0, and is -5", ""},
      {"{traffic: {stages: [{duration: 60, target: 5}]}}", "must be a duration", ""},
      {"{traffic: {stages: '1m:x'}}", "is no stage", "DURATION:RATE"},
      {"{traffic: {doubling: {from: 0}}}", "a rate of 0 cannot double", ""},
      {"{traffic: {doubling: {from: 5}, start_rate: 4}}", "belongs to stages", ""},
      {"{traffic: {stages: '1m:5', gap_max: 1m}}", "belongs to a trace", ""},
      {"{traffic: {stages: '1m:5'}, pod: {cpu_ms_per_request: -8}}", "no less than 0, and is -8", ""},
      {"{traffic: {stages: '1m:5'}, pod: {idle_memory: -8Mi}}", "no less than 0, and is -8Mi", ""},
      {"{traffic: {stages: '1m:5'}, pod: {start_up: 1s, pending: 2s}}", "before its containers run",
       "pending included"},
      {"{traffic: {stages: '1m:5'}, pod: {cpu_max: 100m, idle_cpu: 200m}}", "uses all the CPU", ""},
      {"{traffic: {stages: '1m:5'}, pod: {cpu: 100m}}", "could mean several things", "cpu_max"},
      {"{traffic: {stages: '1m:5'}, pod: {memory_per_request: 1Mi}}", "needs \"idle_memory\"", ""},
      {"{traffic: {stages: '1m:5'}, replicas: 1000000000}", "from 0 to 150000", ""},
      {"{traffic: {stages: '1m:5'}, replicas: 2.5}", "a whole number", ""},
      {"{traffic: {stages: '1m:5'}, controller: {release: ancient}}", "is no release", "current"},
      {"{traffic: {stages: '1m:5'}, controller: {sync: 0s}}", "from 1s to 1h", ""},
      {"{traffic: {stages: '1m:5'}, signals: {qps: speed}}", "is no source of a signal", ""},
      {"{traffic: {stages: '1m:5'}, late: 1m, timeout: 1s}", "before it is late", ""},
      {"{traffic: {stages: '1m:5'}, allow: {late_percent: 101}}", "from 0 to 100", ""},
      {"{traffic: {stages: '1m:5'}, outages: [{from: 1m}]}", "lacks \"for\"", ""},
  };
  for (const Refused& refused : kRefused) {
    const base::Result<SimulationRequest> request = parse_simulation(block(refused.block));
    ASSERT_FALSE(request) << refused.block;
    EXPECT_TRUE(request.error().message.contains(refused.message)) << refused.block << ": " << request.error().message;
    EXPECT_TRUE(request.error().help.contains(refused.help)) << refused.block << ": " << request.error().help;
    EXPECT_FALSE(request.error().help.empty()) << request.error().message;
    EXPECT_TRUE(request.error().where) << refused.block;
  }
}

TEST(SimulationInput, RefusesWhatTheManifestsDoNotHave) {
  constexpr Refused kRefused[] = {
      {"{autoscaler: shop/wep, traffic: {stages: '1m:5'}}", "there is no HorizontalPodAutoscaler shop/wep",
       "did you mean shop/web?"},
      {"{traffic: {stages: '1m:5'}}", "nothing says what a request costs", "cpu_ms_per_request"},
      {"{traffic: {stages: '1m:5'}, pod: {rate_max: 5}, signals: {qps: rate}}", "reads CPU", "cpu_ms_per_request"},
      {"{traffic: {stages: '1m:5'}, pod: {cpu_ms_per_request: 5}}", "reads qps", "signals: {qps: rate}"},
      {"{traffic: {stages: '1m:5'}, pod: {cpu_ms_per_request: 5}, signals: {qqs: rate}}",
       "is no metric of the autoscaler", "did you mean \"qps\"?"},
  };
  for (const Refused& refused : kRefused) {
    const base::Result<PreparedSimulation> prepared =
        prepare_simulation(manifests(), *parse_simulation(block(refused.block)));
    ASSERT_FALSE(prepared) << refused.block;
    EXPECT_TRUE(prepared.error().message.contains(refused.message))
        << refused.block << ": " << prepared.error().message;
    EXPECT_TRUE(prepared.error().help.contains(refused.help)) << refused.block << ": " << prepared.error().help;
  }
  EXPECT_FALSE(find_autoscaler(kube::Snapshot(), "", {}));
}

TEST(SizingInput, RefusesWithAPlaceAndAHint) {
  constexpr std::string_view kTarget = "target: {rate: 100}";
  constexpr Refused kRefused[] = {
      {"{baseline: {rate: 5, p95_ms: 5}}", "nothing says what rate is the target", "target"},
      {"{T}", "nothing says what was measured", "summary"},
      {"{T, summary: a.json, baseline: {rate: 5}}", "said by the summary, and by the block", "leave it out"},
      {"{T, baseline: {rate: 5}}", "has no p95_ms", ""},
      {"{T, baseline: {rate: -5, p95_ms: 5}}", "no less than 0, and is -5", ""},
      {"{T, baseline: {rate: 5, p95_ms: 5, replicas: 0}}", "from 1 to 150000", ""},
      {"{T, baseline: {rate: 5, p95ms: 5}}", "unknown key \"p95ms\"", "did you mean \"p95_ms\"?"},
      {"{T, levels: []}", "must be a list", ""},
      {"{T, levels: [{rate: 5}]}", "lacks \"p95_ms\"", ""},
      {"{T, levels: [{rate: 5, p95_ms: 5, throttled: often}]}", "true or false", ""},
      {"{target: {rate: 100, now: 200}, baseline: {rate: 5, p95_ms: 5}}", "above that of the planned peak", ""},
      {"{T, baseline: {rate: 5, p95_ms: 5}, survive: {zones: 0}}", "from 1 to 100", ""},
      {"{T, baseline: {rate: 5, p95_ms: 5}, utilization: 0}", "from 0.1 to 100", ""},
  };
  for (const Refused& refused : kRefused) {
    std::string text(refused.block);
    if (const std::size_t t = text.find("{T"); t != std::string::npos) text.replace(t + 1, 1, kTarget);
    const base::Result<SizingRequest> request = parse_sizing(block(text));
    ASSERT_FALSE(request) << text;
    EXPECT_TRUE(request.error().message.contains(refused.message)) << text << ": " << request.error().message;
    EXPECT_TRUE(request.error().help.contains(refused.help)) << text << ": " << request.error().help;
    EXPECT_FALSE(request.error().help.empty()) << request.error().message;
    EXPECT_TRUE(request.error().where) << text;
  }
}

TEST(SizingInput, FiguresOfABlock) {
  const SizingRequest request = *parse_sizing(block(
      "{workload: shop/web, target: {rate: 100, burst: 2}, baseline: {rate: 40, p95_ms: 60, mean_ms: 20, replicas: 2, "
      "cpu: 1.5, memory: 300Mi, error_percent: 0.5, think: 100ms}, survive: {zones: 2}, headroom: 75}"));
  EXPECT_EQ(request.workload, "shop/web");
  EXPECT_EQ(request.input.baseline.cpu_milli, 1500);
  EXPECT_EQ(request.input.baseline.latency("avg"), 20);
  EXPECT_EQ(request.input.baseline.error_share, 0.005);
  EXPECT_EQ(request.input.survival.zones, 2);
  EXPECT_EQ(request.input.headroom_percent, 75);
}

}  // namespace
}  // namespace gantry::capacity
