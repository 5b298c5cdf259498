// How fast documents load. The inputs model what people run: a repository of 2,000 manifest files with 10,000 objects
// (design: loaded and analysed in 3 s), one large rendered file, and a live cluster's pods as `kubectl get -o json` prints
// them (10,000 pods, about 50 MB; aim: 0.7 s). Each benchmark checks what it loaded.

#include "base/json.h"
#include "base/yaml.h"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <random>
#include <string>
#include <vector>

namespace gantry::base {
namespace {

constexpr std::uint32_t kSeed = 7;
constexpr std::size_t kPods = 10'000;

std::string deployment_yaml(std::size_t number, std::mt19937& random) {
  return fmt::format(
      R"(apiVersion: apps/v1
kind: Deployment
metadata:
  name: web-{0}
  namespace: shop-{1}
  labels:
    app.kubernetes.io/name: web-{0}
    app.kubernetes.io/part-of: "shop"
  annotations:
    description: serves the shop, version {2}, with some plain words
spec:
  replicas: {3}
  selector:
    matchLabels: {{app: web-{0}, tier: frontend}}
  template:
    metadata:
      labels:
        app: web-{0}
        tier: frontend
    spec:
      # one container, as most
      containers:
        - name: web
          image: registry.example.com/shop/web:1.{2}.{3}
          args: ["--port", "8080", '--verbose']
          ports:
            - containerPort: 8080
              name: http
          env:
            - name: LOG_LEVEL
              value: info
            - name: DSN
              valueFrom:
                secretKeyRef:
                  name: db
                  key: dsn
          resources:
            requests: {{cpu: 100m, memory: 128Mi}}
            limits:
              cpu: "1"
              memory: 256Mi
          readinessProbe:
            httpGet:
              path: /healthz
              port: http
            periodSeconds: 5
)",
      number, random() % 100, random() % 20, 1 + random() % 9);
}

std::string config_map_yaml(std::size_t number) {
  return fmt::format(R"(apiVersion: v1
kind: ConfigMap
metadata:
  name: conf-{0}
data:
  nginx.conf: |
    server {{
      listen 8080;
      location / {{
        proxy_pass http://web-{0};
      }}
    }}
  mode: >-
    folded text that
    goes on
)",
                     number);
}

// Five objects to a file, separated by "---".
std::string manifest_file(std::size_t number, std::mt19937& random) {
  std::string text;
  for (std::size_t i = 0; i < 5; ++i) {
    if (i > 0) text += "---\n";
    text += i % 2 == 0 ? deployment_yaml(5 * number + i, random) : config_map_yaml(5 * number + i);
  }
  return text;
}

// One pod as the API server returns it: managed fields and status make up most of it.
std::string pod_json(std::size_t number, std::mt19937& random) {
  std::string conditions;
  for (const char* type : {"PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"}) {
    conditions += fmt::format(R"({}
                    {{
                        "lastProbeTime": null,
                        "lastTransitionTime": "2024-05-06T07:{:02}:{:02}Z",
                        "status": "True",
                        "type": "{}"
                    }})",
                              conditions.empty() ? "" : ",", random() % 60, random() % 60, type);
  }
  return fmt::format(R"(        {{
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {{
                "annotations": {{
                    "cni.projectcalico.org/containerID": "{3:064x}",
                    "cni.projectcalico.org/podIP": "10.{4}.{5}.{6}/32",
                    "prometheus.io/scrape": "true"
                }},
                "creationTimestamp": "2024-05-06T07:08:09Z",
                "generateName": "web-{1}-7d4b9c6f5-",
                "labels": {{
                    "app": "web-{1}",
                    "pod-template-hash": "7d4b9c6f5",
                    "tier": "frontend"
                }},
                "name": "web-{1}-7d4b9c6f5-{0:05}",
                "namespace": "shop-{2}",
                "ownerReferences": [
                    {{
                        "apiVersion": "apps/v1",
                        "blockOwnerDeletion": true,
                        "controller": true,
                        "kind": "ReplicaSet",
                        "name": "web-{1}-7d4b9c6f5",
                        "uid": "{3:08x}-0000-4000-8000-000000000000"
                    }}
                ],
                "resourceVersion": "{3}",
                "uid": "{3:08x}-0000-4000-8000-{0:012}"
            }},
            "spec": {{
                "containers": [
                    {{
                        "args": [
                            "--port",
                            "8080",
                            "--banner=\"shop\"\tready\n"
                        ],
                        "env": [
                            {{
                                "name": "LOG_LEVEL",
                                "value": "info"
                            }},
                            {{
                                "name": "DSN",
                                "valueFrom": {{
                                    "secretKeyRef": {{
                                        "key": "dsn",
                                        "name": "db"
                                    }}
                                }}
                            }}
                        ],
                        "image": "registry.example.com/shop/web:1.{4}.{5}",
                        "imagePullPolicy": "IfNotPresent",
                        "name": "web",
                        "ports": [
                            {{
                                "containerPort": 8080,
                                "name": "http",
                                "protocol": "TCP"
                            }}
                        ],
                        "readinessProbe": {{
                            "failureThreshold": 3,
                            "httpGet": {{
                                "path": "/healthz",
                                "port": "http",
                                "scheme": "HTTP"
                            }},
                            "periodSeconds": 5,
                            "successThreshold": 1,
                            "timeoutSeconds": 1
                        }},
                        "resources": {{
                            "limits": {{
                                "cpu": "1",
                                "memory": "256Mi"
                            }},
                            "requests": {{
                                "cpu": "100m",
                                "memory": "128Mi"
                            }}
                        }},
                        "terminationMessagePath": "/dev/termination-log",
                        "terminationMessagePolicy": "File",
                        "volumeMounts": [
                            {{
                                "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount",
                                "name": "kube-api-access-{0:05}",
                                "readOnly": true
                            }}
                        ]
                    }}
                ],
                "dnsPolicy": "ClusterFirst",
                "nodeName": "node-{7}",
                "restartPolicy": "Always",
                "schedulerName": "default-scheduler",
                "securityContext": {{}},
                "serviceAccountName": "default",
                "terminationGracePeriodSeconds": 30,
                "tolerations": [
                    {{
                        "effect": "NoExecute",
                        "key": "node.kubernetes.io/not-ready",
                        "operator": "Exists",
                        "tolerationSeconds": 300
                    }}
                ]
            }},
            "status": {{
                "conditions": [{8}
                ],
                "hostIP": "192.168.{4}.{5}",
                "phase": "Running",
                "podIP": "10.{4}.{5}.{6}",
                "qosClass": "Burstable",
                "startTime": "2024-05-06T07:08:09Z"
            }}
        }})",
                     number, random() % 500, random() % 100, random(), random() % 256, random() % 256, random() % 256,
                     random() % 200, conditions);
}

std::string pod_list_json() {
  std::mt19937 random(kSeed);
  std::string text = "{\n    \"apiVersion\": \"v1\",\n    \"items\": [\n";
  for (std::size_t i = 0; i < kPods; ++i) text += pod_json(i, random) + (i + 1 < kPods ? ",\n" : "\n");
  return text + "    ],\n    \"kind\": \"List\",\n    \"metadata\": {\n        \"resourceVersion\": \"\"\n    }\n}\n";
}

void load_2000_manifest_files(benchmark::State& state) {
  std::mt19937 random(kSeed);
  std::vector<std::string> files;
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < 2'000; ++i) bytes += files.emplace_back(manifest_file(i, random)).size();
  for ([[maybe_unused]] auto _ : state) {
    std::size_t objects = 0;
    for (const std::string& file : files) {
      const Result<std::vector<Node>> documents = load_yaml(file, "web.yaml");
      if (documents) objects += documents->size();
    }
    if (objects != 10'000) return state.SkipWithError("wrong number of objects");
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes));
}
BENCHMARK(load_2000_manifest_files)->Unit(benchmark::kMillisecond);

void load_one_large_rendered_file(benchmark::State& state) {
  std::mt19937 random(kSeed);
  std::string text;
  std::size_t objects = 0;
  for (; text.size() < 20'000'000; objects += 5) text += manifest_file(objects / 5, random) + "---\n";
  for ([[maybe_unused]] auto _ : state) {
    const Result<std::vector<Node>> documents = load_yaml(text, "rendered.yaml");
    if (!documents || documents->size() != objects) return state.SkipWithError("wrong number of objects");
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK(load_one_large_rendered_file)->Unit(benchmark::kMillisecond);

void load_10000_pods_as_json(benchmark::State& state) {
  const std::string text = pod_list_json();
  for ([[maybe_unused]] auto _ : state) {
    const Result<Node> list = load_json(text, "pods.json");
    const bool is_right = list && list->find("items")->array().size() == kPods &&
                          list->find("items", kPods - 1, "status", "conditions", 4)->text("type") == "PodScheduled";
    if (!is_right) return state.SkipWithError("wrong pods");
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK(load_10000_pods_as_json)->Unit(benchmark::kMillisecond);

void dump_10000_pods_as_yaml(benchmark::State& state) {
  const Result<Node> list = load_json(pod_list_json(), "pods.json");
  std::size_t bytes = 0;
  for ([[maybe_unused]] auto _ : state) {
    const std::string text = dump_yaml(*list);
    if (!text.ends_with("metadata:\n  resourceVersion: \"\"\n")) return state.SkipWithError("wrong end");
    bytes = text.size();
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes));
}
BENCHMARK(dump_10000_pods_as_yaml)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace gantry::base
