// How fast documents become a snapshot. The inputs model what people run: a repository of 2,000 manifest files with 10,000
// objects (aim: 1.5 s and 500 MB beyond reading the YAML), and a live cluster's 10,000 pods as `kubectl get -o json` prints
// them. Reading YAML or JSON is timed apart, so that each figure says what this room adds.

#include "base/file.h"
#include "base/json.h"
#include "base/yaml.h"
#include "kube/snapshot.h"
#include "kube/sources.h"

#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <malloc.h>

#include <string>
#include <vector>

namespace gantry::kube {
namespace {

constexpr std::size_t kFiles = 2'000;  // of five objects each
constexpr std::size_t kPods = 10'000;

std::string app_yaml(std::size_t number) {
  return fmt::format(R"(apiVersion: apps/v1
kind: Deployment
metadata:
  name: web-{0}
  namespace: shop-{1}
  labels: {{app.kubernetes.io/name: web-{0}, app.kubernetes.io/part-of: shop}}
spec:
  replicas: 3
  selector:
    matchLabels: {{app.kubernetes.io/name: web-{0}}}
  template:
    metadata:
      labels: {{app.kubernetes.io/name: web-{0}, app.kubernetes.io/part-of: shop}}
    spec:
      serviceAccountName: web
      containers:
        - name: web
          image: registry.example.com/shop/web:1.2.3
          args: ["--port", "8080"]
          ports: [{{containerPort: 8080, name: http}}, {{containerPort: 9090, name: metrics}}]
          env:
            - {{name: LOG_LEVEL, value: info}}
            - {{name: REDIS_URL, value: "redis://redis.shop-{1}.svc:6379/0"}}
            - name: DSN
              valueFrom: {{secretKeyRef: {{name: db, key: dsn}}}}
          resources: {{requests: {{cpu: 100m, memory: 128Mi}}, limits: {{memory: 256Mi}}}}
          readinessProbe: {{httpGet: {{path: /health, port: http}}, periodSeconds: 5}}
          volumeMounts: [{{name: settings, mountPath: /etc/settings}}]
      volumes: [{{name: settings, configMap: {{name: settings-{0}}}}}]
---
apiVersion: v1
kind: Service
metadata: {{name: web-{0}, namespace: shop-{1}}}
spec:
  selector: {{app.kubernetes.io/name: web-{0}}}
  ports: [{{name: http, port: 80, targetPort: http}}]
---
apiVersion: v1
kind: ConfigMap
metadata: {{name: settings-{0}, namespace: shop-{1}}}
data:
  settings.yaml: |
    upstream: http://api.shop-{1}.svc:8080
    timeout: 5s
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{name: web-{0}, namespace: shop-{1}}}
spec:
  podSelector: {{matchLabels: {{app.kubernetes.io/name: web-{0}}}}}
  policyTypes: [Ingress, Egress]
  ingress:
    - from: [{{namespaceSelector: {{matchLabels: {{kubernetes.io/metadata.name: gateway}}}}}}]
      ports: [{{port: http}}]
  egress:
    - to: [{{ipBlock: {{cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}}}]
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {{name: web-{0}, namespace: shop-{1}}}
spec:
  maxUnavailable: 25%
  selector: {{matchLabels: {{app.kubernetes.io/name: web-{0}}}}}
)",
                     number, number % 100);
}

std::string pod_json(std::size_t number) {
  return fmt::format(
      R"({{"apiVersion": "v1", "kind": "Pod", "metadata": {{"name": "web-{0}-5f6d-{1:05}", "namespace": "shop-{2}", "uid": "u{1}",
  "labels": {{"app.kubernetes.io/name": "web-{0}", "pod-template-hash": "5f6d"}}, "creationTimestamp": "2026-11-24T01:50:00Z",
  "managedFields": [{{"manager": "kubelet", "operation": "Update", "fieldsV1": {{"f:status": {{"f:conditions": {{}}, "f:podIP": {{}}}}}}}}],
  "ownerReferences": [{{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web-{0}-5f6d", "uid": "r{0}", "controller": true}}]}},
 "spec": {{"nodeName": "node-{3}", "serviceAccountName": "web", "tolerations": [{{"key": "node.kubernetes.io/not-ready",
   "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}}], "containers": [{{"name": "web",
   "image": "registry.example.com/shop/web:1.2.3", "ports": [{{"containerPort": 8080, "name": "http", "protocol": "TCP"}}],
   "env": [{{"name": "LOG_LEVEL", "value": "info"}}], "resources": {{"requests": {{"cpu": "100m", "memory": "128Mi"}}}},
   "volumeMounts": [{{"name": "token", "mountPath": "/var/run/secrets", "readOnly": true}}]}}],
   "volumes": [{{"name": "token", "projected": {{"sources": [{{"serviceAccountToken": {{"path": "token"}}}}]}}}}]}},
 "status": {{"phase": "Running", "podIP": "10.{4}.{5}.{6}", "hostIP": "192.168.0.{3}", "startTime": "2026-11-24T01:50:00Z",
   "conditions": [{{"type": "Ready", "status": "True", "lastTransitionTime": "2026-11-24T01:50:05Z"}}],
   "containerStatuses": [{{"name": "web", "ready": true, "restartCount": 0, "state": {{"running": {{"startedAt": "2026-11-24T01:50:01Z"}}}}}}]}}}})",
      number / 10, number, number / 1000, number % 200, number / 65536, number / 256 % 256, number % 256);
}

base::MemoryFileSystem make_repository() {
  base::MemoryFileSystem files;
  for (std::size_t i = 0; i < kFiles; ++i) files.write(fmt::format("manifests/app-{:04}.yaml", i), app_yaml(i));
  return files;
}

std::string make_pod_list() {
  std::string json = R"({"apiVersion": "v1", "kind": "List", "items": [)";
  for (std::size_t i = 0; i < kPods; ++i) json += (i == 0 ? "" : ",\n") + pod_json(i);
  return json + "]}";
}

void require(benchmark::State& state, bool condition, const char* what) {
  if (!condition) state.SkipWithError(what);
}

double megabytes_in_use() { return static_cast<double>(mallinfo2().uordblks) / 1e6; }

void ReadRepository(benchmark::State& state) {
  const base::MemoryFileSystem files = make_repository();
  for (auto _ : state) {
    const auto loaded = load_documents(files, {Source::path("manifests", FolderForm::files)});
    require(state, loaded && loaded->documents.size() == kFiles * 5, "the repository did not load");
    benchmark::DoNotOptimize(loaded);
  }
}
BENCHMARK(ReadRepository)->Unit(benchmark::kMillisecond);

void BuildRepository(benchmark::State& state) {
  const base::MemoryFileSystem files = make_repository();
  double added = 0;
  for (auto _ : state) {
    state.PauseTiming();
    auto loaded = load_documents(files, {Source::path("manifests", FolderForm::files)});
    const double before = megabytes_in_use();
    state.ResumeTiming();
    auto snapshot = build_snapshot(std::move(loaded->documents));
    state.PauseTiming();
    require(state, snapshot && (*snapshot)->objects.size() == kFiles * 5, "the repository has other objects");
    require(state, (*snapshot)->pods.size() == kFiles * 3 && (*snapshot)->findings.empty(),
            "the repository reads otherwise");
    added = megabytes_in_use() - before;
    snapshot = Snapshot();  // giving documents back is not what is timed
    state.ResumeTiming();
  }
  state.counters["added_mb"] = added;
}
BENCHMARK(BuildRepository)->Unit(benchmark::kMillisecond);

void ReadLivePods(benchmark::State& state) {
  const std::string json = make_pod_list();
  for (auto _ : state) {
    const auto list = base::load_json(json, "pods.json");
    require(state, list && list->get("items")->array().size() == kPods, "the pods did not load");
    benchmark::DoNotOptimize(list);
  }
  state.counters["text_mb"] = static_cast<double>(json.size()) / 1e6;
}
BENCHMARK(ReadLivePods)->Unit(benchmark::kMillisecond);

void BuildLivePods(benchmark::State& state) {
  const std::string json = make_pod_list();
  const bool slim = state.range(0) != 0;
  double added = 0;
  for (auto _ : state) {
    state.PauseTiming();
    const double before = megabytes_in_use();
    std::vector<base::Node> documents;
    documents.push_back(*base::load_json(json, "pods.json"));
    SnapshotOptions options;
    if (slim) options.documents = SnapshotOptions::Documents::without_live_pods;
    state.ResumeTiming();
    auto snapshot = build_snapshot(std::move(documents), options);
    state.PauseTiming();
    require(state, snapshot && (*snapshot)->pods.size() == kPods && (*snapshot)->findings.empty(),
            "the pods read otherwise");
    added = megabytes_in_use() - before;
    snapshot = Snapshot();  // giving documents back is not what is timed
    state.ResumeTiming();
  }
  state.counters["kept_mb"] = added;
}
BENCHMARK(BuildLivePods)->ArgName("slim")->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace gantry::kube
