// A rolling upgrade of a thousand nodes, every pod and every budget; and the search of one quorum group. Building the cluster and
// rehearsing on it are timed apart, `Whole` is what somebody waits for once the manifests are read. Aims in release, on one core:
// 1,000 nodes, 30,000 pods and 500 budgets in 1 s and 1 GB; 100,000 pods in 3 s.
//
// ctest runs a tenth of it; GANTRY_BENCH_LARGE=1 the sizes of the aims.

#include "base/yaml.h"
#include "disruption/disruption.h"

#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <sys/resource.h>

#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

namespace gantry::disruption {
namespace {

// One workload in five is a StatefulSet whose members stay apart; the others are Deployments, half of them spread over zones.
struct Shape {
  std::int64_t nodes;
  std::int64_t workloads;
  std::int64_t members;   // of each StatefulSet
  std::int64_t replicas;  // of each Deployment
  std::int64_t pods() const { return workloads / 5 * members + workloads * 4 / 5 * replicas; }
};
constexpr Shape kShapes[] = {
    {100, 50, 12, 72},     // 3,000 pods
    {1'000, 500, 12, 72},  // 30,000 pods
    {1'000, 500, 40, 240}  // 100,000 pods
};

std::string stateful_set(std::int64_t i, std::int64_t members) {
  return fmt::format(R"(---
apiVersion: apps/v1
kind: StatefulSet
metadata: {{name: w{0}, namespace: ns{1}}}
spec:
  replicas: {2}
  podManagementPolicy: Parallel
  selector: {{matchLabels: {{app: w{0}}}}}
  template:
    metadata: {{labels: {{app: w{0}}}}}
    spec:
      affinity: {{podAntiAffinity: {{requiredDuringSchedulingIgnoredDuringExecution: [{{topologyKey: kubernetes.io/hostname, labelSelector: {{matchLabels: {{app: w{0}}}}}}}]}}}}
      containers: [{{name: a, image: "a:1", resources: {{requests: {{cpu: 200m, memory: 256Mi}}}}, readinessProbe: {{httpGet: {{path: /, port: 80}}, periodSeconds: 5}}}}]
)",
                     i, i % 20, members);
}

std::string deployment(std::int64_t i, std::int64_t replicas) {
  const std::string spread = fmt::format(
      "topologySpreadConstraints: [{{topologyKey: topology.kubernetes.io/zone, maxSkew: 2, whenUnsatisfiable: "
      "ScheduleAnyway, "
      "labelSelector: {{matchLabels: {{app: w{}}}}}}}]",
      i);
  return fmt::format(R"(---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: w{0}, namespace: ns{1}}}
spec:
  replicas: {2}
  selector: {{matchLabels: {{app: w{0}}}}}
  template:
    metadata: {{labels: {{app: w{0}}}}}
    spec:
      {3}
      containers: [{{name: a, image: "a:1", resources: {{requests: {{cpu: 100m, memory: 128Mi}}}}, readinessProbe: {{httpGet: {{path: /, port: 80}}, periodSeconds: 5}}}}]
)",
                     i, i % 20, replicas, i % 2 == 0 ? spread : "terminationGracePeriodSeconds: 20");
}

kube::Snapshot make_snapshot(const Shape& shape) {
  std::string text;
  for (std::int64_t i = 0; i < shape.workloads; ++i) {
    text += i % 5 == 0 ? stateful_set(i, shape.members) : deployment(i, shape.replicas);
    text += fmt::format(
        "---\napiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {{name: w{0}, namespace: ns{1}}}\nspec: "
        "{{maxUnavailable: "
        "{2}, selector: {{matchLabels: {{app: w{0}}}}}}}\n",
        i, i % 20, i % 5 == 0 ? "1" : "10%");
    text += fmt::format(
        "---\napiVersion: v1\nkind: Service\nmetadata: {{name: w{0}, namespace: ns{1}}}\nspec: {{selector: {{app: "
        "w{0}}}, ports: "
        "[{{port: 80}}]}}\n",
        i, i % 20);
  }
  return *kube::build_snapshot(*base::load_yaml(text, "cluster.yaml"));
}

ClusterOptions options_of(const Shape& shape) {
  return {
      .nodes = {{.count = shape.nodes,
                 .zones = {"a", "b", "c"},
                 .allocatable = {{"cpu", *kube::Quantity::parse("16")}, {"memory", *kube::Quantity::parse("64Gi")}}}},
      .surge_nodes = 10};
}
constexpr UpgradeOptions kUpgrade{.surge = 10, .parallel = 10};

const Shape& shape_of(const benchmark::State& state) { return kShapes[state.range(0)]; }

void sizes(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgName("size")->Arg(0)->Unit(benchmark::kMillisecond)->Iterations(1);
  if (std::getenv("GANTRY_BENCH_LARGE")) benchmark->Arg(1)->Arg(2);
}

double peak_mb() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1e3;
}

void report(benchmark::State& state, const Rehearsal& drill) {
  std::int64_t evictions = 0;
  for (const NodeOutcome& outcome : drill.nodes) {
    evictions += outcome.evictions;
    if (!outcome.why_stuck.empty()) state.SkipWithError("a node is stuck");
  }
  if (evictions < shape_of(state).pods()) state.SkipWithError("not every pod was moved");
  if (!drill.unplaced.empty()) state.SkipWithError("a pod has no node");
  state.counters["pods"] = static_cast<double>(shape_of(state).pods());
  state.counters["evictions"] = static_cast<double>(evictions);
  state.counters["peak_mb"] = peak_mb();
}

void BuildCluster(benchmark::State& state) {
  const kube::Snapshot snapshot = make_snapshot(shape_of(state));
  for (auto _ : state) benchmark::DoNotOptimize(Cluster::build(snapshot, options_of(shape_of(state))));
}
BENCHMARK(BuildCluster)->Apply(sizes);

void RollingUpgrade(benchmark::State& state) {
  const kube::Snapshot snapshot = make_snapshot(shape_of(state));
  const Cluster cluster = *Cluster::build(snapshot, options_of(shape_of(state)));
  for (auto _ : state) {
    const base::Result<Rehearsal> drill = rehearse_upgrade(cluster, kUpgrade);
    if (!drill) return state.SkipWithError(drill.error().message.c_str());
    report(state, *drill);
  }
}
BENCHMARK(RollingUpgrade)->Apply(sizes);

void Whole(benchmark::State& state) {
  const kube::Snapshot snapshot = make_snapshot(shape_of(state));
  for (auto _ : state) {
    const Cluster cluster = *Cluster::build(snapshot, options_of(shape_of(state)));
    const base::Result<Rehearsal> drill = rehearse_upgrade(cluster, kUpgrade);
    report(state, *drill);
  }
}
BENCHMARK(Whole)->Apply(sizes);

// Seven members on eight nodes, whose Ready means caught up: drains, a rollout and one crash, exhausted.
void SearchGroupOfSeven(benchmark::State& state) {
  std::string set = stateful_set(0, 7);
  set.replace(set.find("a:1"), 3, "etcd:3.5");
  set.replace(set.find("path: /,"), 8, "path: /health,");
  const std::string text =
      set +
      "---\napiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: w0, namespace: ns0}\nspec: "
      "{maxUnavailable: 1, selector: {matchLabels: {app: w0}}}\n";
  const Cluster cluster =
      *Cluster::build(*kube::build_snapshot(*base::load_yaml(text, "group.yaml")),
                      {.nodes = {{.count = 8}}, .invariants = {.quorums = {{.pods = "w0"}}, .infer = false}});
  for (auto _ : state) {
    const GroupSearch found = *search_group(cluster, InvariantIndex(0), {.rollout = true, .crash = true});
    if (found.coverage != GroupSearch::Coverage::exhaustive) state.SkipWithError("the search was cut");
    state.counters["states"] = static_cast<double>(found.states);
  }
}
BENCHMARK(SearchGroupOfSeven)->Unit(benchmark::kMillisecond)->Iterations(1);

}  // namespace
}  // namespace gantry::disruption
