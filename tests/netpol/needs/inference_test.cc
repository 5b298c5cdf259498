// One case for each place where manifests say who needs whom (network policy reference, §13 and §14). All share one small
// cluster: shop/web asks, shop/db and data/cache answer; a case adds what web is given.

#include "netpol/needs/dump_needs.h"

#include "base/text.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

namespace gantry::netpol {
namespace {

constexpr std::string_view kCluster = R"(
apiVersion: apps/v1
kind: Deployment
metadata: {name: db, namespace: shop}
spec:
  replicas: 1
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec:
      containers:
        - {name: db, image: postgres, ports: [{name: sql, containerPort: 5432}]}
---
apiVersion: v1
kind: Service
metadata: {name: db, namespace: shop}
spec: {selector: {app: db}, ports: [{port: 5432, targetPort: sql}]}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: cache, namespace: data}
spec:
  serviceName: cache
  replicas: 1
  selector: {matchLabels: {app: cache}}
  template:
    metadata: {labels: {app: cache}}
    spec:
      containers:
        - {name: cache, image: redis, ports: [{containerPort: 6379}, {containerPort: 8001}]}
---
apiVersion: v1
kind: Service
metadata: {name: cache, namespace: data}
spec:
  selector: {app: cache}
  ports: [{name: redis, port: 6380, targetPort: 6379}, {name: admin, port: 8001}]
---
apiVersion: v1
kind: Service
metadata: {name: cache-headless, namespace: data}
spec: {clusterIP: None, selector: {app: cache}, ports: [{port: 6379}]}
)";

// A pod of shop/web with one container, whose fields are given, and other objects.
std::string world(std::string_view container, std::string_view others = "", std::string_view pod = "") {
  std::string text = fmt::format(R"({}---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web, namespace: shop}}
spec:
  replicas: 2
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
      {}
      containers:
        - name: web
          image: web
)",
                                 kCluster, pod);
  for (const std::string_view line : base::split(container, '\n'))
    if (!line.empty()) text += fmt::format("          {}\n", line);
  if (!others.empty()) text += fmt::format("---\n{}", others);
  return text;
}

struct Case {
  const char* what;
  const char* container;
  const char* flows;
};

std::string env(std::string_view variables) { return fmt::format("env: [{}]", variables); }

const Case kVariables[] = {
    {"a URL with the Service's port", "{name: A, value: 'postgres://u:p@db:5432/x'}",
     "shop/web -> shop/db 5432/TCP certain\n"},
    {"a URL with the scheme's port", "{name: A, value: 'postgres://db/x'}", "shop/web -> shop/db 5432/TCP strong\n"},
    {"host and port", "{name: DB_HOST, value: db}, {name: DB_PORT, value: '5432'}",
     "shop/web -> shop/db 5432/TCP strong\n"},
    {"a host whose Service has one port", "{name: DB_HOST, value: db}", "shop/web -> shop/db 5432/TCP strong\n"},
    {"a host whose Service has several", "{name: X_HOST, value: cache.data}",
     "shop/web -> data/cache 6379,8001/TCP weak\n"},
    {"several, and the name knows which", "{name: REDIS_HOST, value: cache-headless.data}",
     "shop/web -> data/cache 6379/TCP strong\n"},
    {"a word that is a Service's name", "{name: STORE_TYPE, value: db}", "shop/web -> shop/db 5432/TCP weak\n"},
    {"a word that is nobody's name", "{name: STORE_TYPE, value: postgres}", ""},
    {"the Service's port leads to the target", "{name: A, value: 'redis://cache.data:6380'}",
     "shop/web -> data/cache 6379/TCP certain\n"},
    {"svc.ns", "{name: A, value: 'http://cache.data:8001'}", "shop/web -> data/cache 8001/TCP certain\n"},
    {"svc.ns.svc", "{name: A, value: 'http://cache.data.svc:8001'}", "shop/web -> data/cache 8001/TCP certain\n"},
    {"the whole name", "{name: A, value: 'http://cache.data.svc.cluster.local:8001'}",
     "shop/web -> data/cache 8001/TCP certain\n"},
    {"a dot at the end", "{name: A, value: 'http://cache.data.svc.cluster.local.:8001'}",
     "shop/web -> data/cache 8001/TCP certain\n"},
    {"one pod of a StatefulSet", "{name: A, value: 'http://cache-0.cache-headless.data.svc:6379'}",
     "shop/web -> data/cache 6379/TCP certain\n"},
    {"a headless Service translates no port", "{name: A, value: 'redis://cache-headless.data:6380'}",
     "shop/web -> data/cache 6380/TCP certain\n"},
    {"an earlier variable", "{name: H, value: db}, {name: A, value: 'postgres://$(H):5432'}",
     "shop/web -> shop/db 5432/TCP certain\n"},
    {"a later variable is none", "{name: A, value: 'postgres://$(H):5432'}, {name: H, value: x}", ""},
    {"a variable of a Service", "{name: A, value: 'postgres://$(DB_SERVICE_HOST):$(DB_SERVICE_PORT)'}",
     "shop/web -> shop/db 5432/TCP certain\n"},
    {"outside", "{name: A, value: 'https://api.example.com/v1'}", "shop/web -> api.example.com 443/TCP strong\n"},
    {"an address", "{name: A, value: 'http://192.0.2.7:80'}", "shop/web -> 192.0.2.7 80/TCP strong\n"},
    {"the API server", "{name: A, value: 'https://kubernetes.default.svc'}",
     "shop/web -> the API server 443,6443/TCP strong\n"},
    {"no such Service", "{name: A, value: 'postgres://dbb:5432'}",
     "dangling: shop/web -> dbb:5432: no Service dbb in namespace shop (nearest: db)\n"},
    {"it is in another namespace", "{name: A, value: 'redis://cache:6380'}",
     "dangling: shop/web -> cache:6380: no Service cache in namespace shop (nearest: cache.data)\n"},
    {"no such port", "{name: A, value: 'postgres://db:5433'}",
     "dangling: shop/web -> db:5433: Service shop/db has no port 5433; its ports are 5432\n"},
    {"CORS is no flow", "{name: CORS_ORIGINS, value: 'https://app.example.com'}", ""},
};

TEST(InferNeeds, ReadsEnvironmentVariables) {
  for (const Case& c : kVariables) EXPECT_EQ(test::flows_of(world(env(c.container))), c.flows) << c.what;
}

const Case kCommands[] = {
    {"a flag", "args: [--db=db:5432]", "shop/web -> shop/db 5432/TCP certain\n"},
    {"a flag and its value", "args: [--db-host, db]", "shop/web -> shop/db 5432/TCP strong\n"},
    {"a URL", "args: [--fail, 'http://cache.data:8001/health']", "shop/web -> data/cache 8001/TCP certain\n"},
    {"a wait loop", "command: [sh, -c, 'until nc -z db 5432; do sleep 1; done']",
     "shop/web -> shop/db 5432/TCP certain\n"},
    {"words of a command", "command: [nc, -z, -w, '3', db, '5432']", "shop/web -> shop/db 5432/TCP certain\n"},
    {"a client with flags", "command: [sh, -c, 'pg_isready -h db -U x && exec web']",
     "shop/web -> shop/db 5432/TCP certain\n"},
    {"a variable of the container", "env: [{name: H, value: db}]\ncommand: [sh, -c, 'nc -z $H 5432']",
     "shop/web -> shop/db 5432/TCP certain\n"},
    {"a variable with a default", "command: [sh, -c, 'nc -z ${H:-db} 5432']", "shop/web -> shop/db 5432/TCP certain\n"},
    {"an exec probe", "livenessProbe: {exec: {command: [sh, -c, 'curl http://cache.data:8001']}}",
     "shop/web -> data/cache 8001/TCP certain\n"},
    {"a probe of itself", "livenessProbe: {httpGet: {path: /, port: 80}}", ""},
    {"a probe of another host", "livenessProbe: {httpGet: {path: /, port: 8001, host: cache.data}}",
     "the nodes -> data/cache 8001/TCP certain\n"},
    {"loopback", "args: ['http://localhost:8222']", ""},
};

TEST(InferNeeds, ReadsCommandLinesAndProbes) {
  for (const Case& c : kCommands) EXPECT_EQ(test::flows_of(world(c.container)), c.flows) << c.what;
}

// ---- ConfigMaps as variables and as files ----

struct ConfigCase {
  const char* what;
  const char* container;
  const char* volume;
  const char* config;
  const char* flows;
};

const ConfigCase kConfigs[] = {
    {"one key as a variable", "env: [{name: A, valueFrom: {configMapKeyRef: {name: c, key: url}}}]", "",
     "url: 'http://db:5432'", "shop/web -> shop/db 5432/TCP certain\n"},
    {"all keys as variables", "envFrom: [{configMapRef: {name: c}}]", "", "url: 'http://db:5432'",
     "shop/web -> shop/db 5432/TCP certain\n"},
    {"with a prefix that makes a pair",
     "envFrom: [{prefix: DB_, configMapRef: {name: c}}]\nenv: [{name: DB_PORT, value: '5432'}]", "", "HOST: db",
     "shop/web -> shop/db 5432/TCP strong\n"},
    {"a mounted file", "volumeMounts: [{name: v, mountPath: /c}]", "{name: v, configMap: {name: c}}",
     "app.yaml: 'db: {url: \"postgres://db:5432\"}'", "shop/web -> shop/db 5432/TCP certain\n"},
    {"a volume that nobody mounts", "env: []", "{name: v, configMap: {name: c}}", "app.yaml: 'url: http://db:5432'",
     ""},
    {"another sub path", "volumeMounts: [{name: v, mountPath: /c, subPath: b.yaml}]", "{name: v, configMap: {name: c}}",
     "a.yaml: 'url: http://db:5432'", ""},
    {"its own sub path", "volumeMounts: [{name: v, mountPath: /c, subPath: b.yaml}]",
     "{name: v, configMap: {name: c, items: [{key: a, path: b.yaml}]}}", "a: 'url: http://db:5432'",
     "shop/web -> shop/db 5432/TCP certain\n"},
    {"an item that is left out", "volumeMounts: [{name: v, mountPath: /c}]",
     "{name: v, configMap: {name: c, items: [{key: b, path: b}]}}", "a: 'url: http://db:5432'", ""},
    {"a projected volume", "volumeMounts: [{name: v, mountPath: /c}]",
     "{name: v, projected: {sources: [{configMap: {name: c}}]}}", "a: 'url: http://db:5432'",
     "shop/web -> shop/db 5432/TCP certain\n"},
};

std::string config_map(std::string_view data) {
  return fmt::format("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c, namespace: shop}}\ndata:\n  {}\n", data);
}

TEST(InferNeeds, ReadsConfigMapsAsContainersSeeThem) {
  for (const ConfigCase& c : kConfigs) {
    const std::string volumes = *c.volume ? fmt::format("volumes: [{}]", c.volume) : std::string();
    EXPECT_EQ(test::flows_of(world(c.container, config_map(c.config), volumes)), c.flows) << c.what;
  }
}

struct DocumentCase {
  const char* what;
  const char* text;
  const char* flows;
};

const DocumentCase kDocuments[] = {
    {"host and port in one map", "store: {host: cache.data, port: 8001}", "shop/web -> data/cache 8001/TCP strong\n"},
    {"JSON", R"({"stores": [{"address": "cache.data:8001"}]})", "shop/web -> data/cache 8001/TCP certain\n"},
    {"properties", "spring.datasource.url=jdbc:postgresql://db:5432/x\n", "shop/web -> shop/db 5432/TCP certain\n"},
    {"properties with a pair", "redis.host=cache.data\nredis.port=8001\n", "shop/web -> data/cache 8001/TCP strong\n"},
    {"TOML", "[store]\nhost = \"db\"\nport = 5432\n", "shop/web -> shop/db 5432/TCP strong\n"},
    {"comments", "# see http://db:5432\n// http://db:5432\nx = 1\n", ""},
    {"nginx", "upstream x { \n  server db weight=5;\n}\nlocation / { proxy_pass http://cache.data:8001; }\n",
     "shop/web -> data/cache 8001/TCP certain\ndangling: shop/web -> db:80: Service shop/db has no port 80; its ports "
     "are 5432\n"},
    {"NATS", "cluster {\n  routes: [\n    nats://cache-0.cache-headless.data.svc:6379\n  ]\n}\n",
     "shop/web -> data/cache 6379/TCP certain\n"},
    {"Kong", "_format_version: '3.0'\nservices: [{url: 'http://db:5432', routes: [{hosts: [api.example.com]}]}]\n",
     "shop/web -> shop/db 5432/TCP certain\n"},
    {"Kong's host and port", "_format_version: '3.0'\nservices: [{host: db, port: 5432, protocol: http}]\n",
     "shop/web -> shop/db 5432/TCP strong\n"},
    {"Promtail",
     "clients: [{url: 'http://db:5432/push'}]\nscrape_configs: [{job_name: x, static_configs: [{targets: "
     "[cache.data]}]}]\n",
     "shop/web -> shop/db 5432/TCP certain\n"},
    {"Grafana's data sources",
     "datasources:\n  - {type: loki, access: proxy, url: 'http://db:5432'}\n  - {access: direct, url: "
     "'http://cache.data:8001'}\n",
     "shop/web -> shop/db 5432/TCP certain\n"},
    {"the OpenTelemetry collector, as far as it is used",
     "exporters:\n  otlp: {endpoint: 'db:5432'}\n  otlp/x: {endpoint: 'cache.data:8001'}\nservice: {pipelines: "
     "{traces: {exporters: [otlp]}}}\n",
     "shop/web -> shop/db 5432/TCP certain\n"},
    {"Loki", "memberlist: {join_members: ['db:5432']}\nschema_config: {}\n", "shop/web -> shop/db 5432/TCP certain\n"},
    {"Envoy",
     "static_resources:\n  listeners: [{address: {socket_address: {address: cache.data, port_value: 8001}}}]\n"
     "  clusters: [{load_assignment: {address: {socket_address: {address: db, port_value: 5432}}}}]\n",
     "shop/web -> shop/db 5432/TCP strong\n"},
    {"an alert's runbook", "groups: [{rules: [{annotations: {url: 'https://example.com'}}]}]\n", ""},
    {"a dashboard's link", R"({"panels": [{"url": "https://example.com"}], "schemaVersion": 39})", ""},
    {"a URL that nobody calls", "note: see https://example.com/docs\n", ""},
    {"a URL that somebody calls", "stripe: {base_url: 'https://api.example.com'}\n",
     "shop/web -> api.example.com 443/TCP strong\n"},
    {"Prometheus' fixed targets",
     "scrape_configs: [{job_name: x, static_configs: [{targets: ['cache.data:8001', 'localhost:9090']}]}]\n",
     "shop/web -> data/cache 8001/TCP certain\n"},
    {"Prometheus' alertmanagers",
     "scrape_configs: []\nalerting: {alertmanagers: [{static_configs: [{targets: ['db:5432']}]}]}\n",
     "shop/web -> shop/db 5432/TCP certain\n"},
    {"Prometheus behind a blackbox exporter",
     "scrape_configs:\n  - job_name: x\n    static_configs: [{targets: ['https://example.com']}]\n    "
     "relabel_configs:\n"
     "      - {source_labels: [__address__], target_label: __param_target}\n      - {target_label: __address__, "
     "replacement: 'db:5432'}\n",
     "shop/web -> shop/db 5432/TCP certain\n"},
};

TEST(InferNeeds, ReadsTheDocumentsOfKnownPrograms) {
  for (const DocumentCase& c : kDocuments) {
    std::string data = "file: |\n";
    for (const std::string_view line : base::split(c.text, '\n')) data += fmt::format("    {}\n", line);
    const std::string flows = test::flows_of(world("volumeMounts: [{name: v, mountPath: /c}]", config_map(data),
                                                   "volumes: [{name: v, configMap: {name: c}}]"));
    EXPECT_EQ(flows, c.flows) << c.what;
  }
}

TEST(InferNeeds, FillsInVariablesOfTheContainerThatReadsTheFile) {
  const std::string container = "env: [{name: H, value: db}]\nvolumeMounts: [{name: v, mountPath: /c}]";
  EXPECT_EQ(test::flows_of(world(container, config_map("file: 'url: http://${H}:5432'"),
                                 "volumes: [{name: v, configMap: {name: c}}]")),
            "shop/web -> shop/db 5432/TCP certain\n");
}

// A Secret's value never leaves the loader: only the variable's name is left to guess by, and the guess says so.
TEST(InferNeeds, GuessesWhatAVariableFromASecretIsAbout) {
  const std::string secret =
      "apiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: shop}\n"
      "stringData: {url: 'postgres://u:p@somewhere:1'}\n";
  const std::string variable = "valueFrom: {secretKeyRef: {name: s, key: url}}";
  EXPECT_EQ(test::flows_of(world(env("{name: DATABASE_URL, " + variable + "}"), secret)),
            "shop/web -> shop/db 5432/TCP weak\n");
  EXPECT_EQ(test::flows_of(world(env("{name: API_KEY, " + variable + "}"), secret)), "");
  const kube::Snapshot snapshot = test::snapshot_of(world(env("{name: DATABASE_URL, " + variable + "}"), secret));
  const std::string dump = test::dump_needs(snapshot, infer_needs(snapshot));
  EXPECT_NE(dump.find("DATABASE_URL from Secret shop/s (guessed by the variable's name)"), std::string::npos) << dump;
  EXPECT_EQ(dump.find("somewhere"), std::string::npos);
}

TEST(InferNeeds, AsksDnsForNamesAndNotForAddresses) {
  const auto dns_of = [](std::string_view variables) {
    const kube::Snapshot snapshot = test::snapshot_of(world(env(variables)));
    std::string text;
    for (const Need& need : infer_needs(snapshot).needs) {
      if (need.evidence.front().origin == NeedOrigin::dns)
        text += fmt::format("{} {}/{} ", to_string(need.destination, snapshot), need.ports.front().value(),
                            kube::to_string(need.protocol));
    }
    return text;
  };
  EXPECT_EQ(dns_of("{name: A, value: 'http://db:5432'}"), "the cluster's DNS 53/TCP the cluster's DNS 53/UDP ");
  EXPECT_EQ(dns_of("{name: A, value: 'http://192.0.2.1'}"), "");
}

TEST(InferNeeds, LetsDeclaredFlowsOverrideGuesses) {
  NeedOptions options;
  options.declared.push_back({.source = "shop/web",
                              .destination = "data/cache",
                              .protocol = kube::Protocol::tcp,
                              .port = kube::Port{6379},
                              .where = {}});
  EXPECT_EQ(test::flows_of(world(env("{name: X_HOST, value: cache.data}")), options),
            "shop/web -> data/cache 6379/TCP declared\n");
  options.declared.front().destination = "data/cash";
  EXPECT_EQ(test::flows_of(world("env: []"), options),
            "dangling: shop/web -> data/cash:6379: no workload data/cash (nearest: data/cache)\n");
}

// ---- Objects that speak of others ----

const DocumentCase kObjects[] = {
    {"a Service for the outside",
     "{apiVersion: v1, kind: Service, metadata: {name: x, namespace: shop}, spec: {type: LoadBalancer, selector: {app: "
     "db}, ports: [{port: 443, targetPort: sql}]}}",
     "the Internet -> shop/db 5432/TCP certain\n"},
    {"a Service for some of the outside",
     "{apiVersion: v1, kind: Service, metadata: {name: x, namespace: shop}, spec: {type: LoadBalancer, "
     "loadBalancerSourceRanges: [203.0.113.0/24], selector: {app: db}, ports: [{port: 443, targetPort: sql}]}}",
     "203.0.113.0/24 -> shop/db 5432/TCP certain\n"},
    {"a Service on the nodes",
     "{apiVersion: v1, kind: Service, metadata: {name: x, namespace: shop}, spec: {type: NodePort, selector: {app: "
     "db}, ports: [{port: 443, targetPort: sql}]}}",
     "the nodes -> shop/db 5432/TCP certain\n"},
    {"a Service that selects nobody",
     "{apiVersion: v1, kind: Service, metadata: {name: x, namespace: shop}, spec: {type: LoadBalancer, selector: {app: "
     "x}, ports: [{port: 443}]}}",
     "dangling: the Internet -> x.shop:443: Service shop/x selects no pod\n"},
    {"a port name that nobody declares",
     "{apiVersion: v1, kind: Service, metadata: {name: x, namespace: shop}, spec: {type: LoadBalancer, selector: {app: "
     "db}, ports: [{port: 443, targetPort: http}]}}",
     "dangling: the Internet -> x.shop:443: no container behind Service shop/x declares the port http that its port "
     "443 targets\n"},
    {"an Ingress without its controller",
     "{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: x, namespace: shop}, spec: {rules: [{http: "
     "{paths: [{path: /, pathType: Prefix, backend: {service: {name: db, port: {number: 5432}}}}]}}]}}",
     "the ingress controller -> shop/db 5432/TCP certain\n"},
    {"an Ingress to a port by name that is not there",
     "{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: x, namespace: shop}, spec: {defaultBackend: "
     "{service: {name: db, port: {name: http}}}}}",
     "dangling: the ingress controller -> db.shop: Service shop/db has no port http; its ports are 5432\n"},
    {"an Ingress with its controller",
     "{apiVersion: networking.k8s.io/v1, kind: IngressClass, metadata: {name: k}, spec: {controller: "
     "ingress-controllers.konghq.com/kong}}\n---\n"
     "{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: x, namespace: shop}, spec: {ingressClassName: "
     "k, defaultBackend: {service: {name: db, port: {number: 5432}}}}}\n---\n"
     "{apiVersion: v1, kind: Pod, metadata: {name: kong, namespace: edge, labels: {app.kubernetes.io/name: kong}}, "
     "spec: {containers: [{name: k, image: kong:3}]}}",
     "edge/kong -> shop/db 5432/TCP certain\n"},
    {"a route of a Gateway",
     "{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: g, namespace: shop}, spec: "
     "{gatewayClassName: x, listeners: [{name: l, port: 80, protocol: HTTP}]}}\n---\n"
     "{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: r, namespace: shop}, spec: "
     "{parentRefs: [{name: g}], rules: [{backendRefs: [{name: db, port: 5432}]}]}}\n---\n"
     "{apiVersion: v1, kind: Pod, metadata: {name: gw, namespace: shop, labels: "
     "{gateway.networking.k8s.io/gateway-name: g}}, spec: {containers: [{name: k, image: envoy}]}}",
     "shop/gw -> shop/db 5432/TCP certain\n"},
    {"a route to another namespace without a grant",
     "{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: r, namespace: shop}, spec: "
     "{parentRefs: [{name: g}], rules: [{backendRefs: [{name: cache, namespace: data, port: 8001}]}]}}",
     "dangling: the ingress controller -> cache.data:8001: no ReferenceGrant in namespace data lets HTTPRoute of "
     "namespace shop refer to it\n"},
    {"a route to another namespace with a grant",
     "{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: r, namespace: shop}, spec: "
     "{parentRefs: [{name: g}], rules: [{backendRefs: [{name: cache, namespace: data, port: 8001}]}]}}\n---\n"
     "{apiVersion: gateway.networking.k8s.io/v1beta1, kind: ReferenceGrant, metadata: {name: g, namespace: data}, "
     "spec: {from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: shop}], to: [{group: '', kind: "
     "Service}]}}",
     "the ingress controller -> data/cache 8001/TCP certain\n"},
    {"Kong's TCPIngress",
     "{apiVersion: configuration.konghq.com/v1beta1, kind: TCPIngress, metadata: {name: t, namespace: shop}, spec: "
     "{rules: [{port: 9000, backend: {serviceName: db, servicePort: 5432}}]}}",
     "the ingress controller -> shop/db 5432/TCP certain\n"},
    {"Kong's plugins call out",
     "{apiVersion: configuration.konghq.com/v1, kind: KongPlugin, metadata: {name: t, namespace: shop}, plugin: "
     "http-log, config: {http_endpoint: 'http://db:5432/log'}}",
     "the ingress controller -> shop/db 5432/TCP certain\n"},
    {"OpenShift's Route",
     "{apiVersion: route.openshift.io/v1, kind: Route, metadata: {name: t, namespace: shop}, spec: {to: {kind: "
     "Service, name: db}, port: {targetPort: sql}}}",
     "the ingress controller -> shop/db 5432/TCP certain\n"},
    {"a webhook",
     "{apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingWebhookConfiguration, metadata: {name: w}, "
     "webhooks: [{name: a.b.c, admissionReviewVersions: [v1], sideEffects: None, clientConfig: {service: {name: db, "
     "namespace: shop, port: 5432}}}]}",
     "the API server -> shop/db 5432/TCP certain\n"},
    {"an aggregated API",
     "{apiVersion: apiregistration.k8s.io/v1, kind: APIService, metadata: {name: v1.x.y}, spec: {group: x.y, version: "
     "v1, groupPriorityMinimum: 1, versionPriority: 1, service: {name: db, namespace: shop, port: 5432}}}",
     "the API server -> shop/db 5432/TCP certain\n"},
    {"a ServiceMonitor",
     "{apiVersion: v1, kind: Service, metadata: {name: m, namespace: shop, labels: {m: x}}, spec: {selector: {app: "
     "db}, ports: [{name: metrics, port: 80, targetPort: sql}]}}\n---\n"
     "{apiVersion: monitoring.coreos.com/v1, kind: ServiceMonitor, metadata: {name: m, namespace: obs}, spec: "
     "{namespaceSelector: {matchNames: [shop]}, selector: {matchLabels: {m: x}}, endpoints: [{port: metrics}]}}",
     "Prometheus -> shop/db 5432/TCP certain\n"},
    {"a ServiceMonitor in its own namespace only",
     "{apiVersion: monitoring.coreos.com/v1, kind: ServiceMonitor, metadata: {name: m, namespace: obs}, spec: "
     "{selector: {matchLabels: {m: x}}, endpoints: [{port: metrics}]}}",
     "dangling: Prometheus -> m=x: no Service has the labels that it selects\n"},
    {"a PodMonitor",
     "{apiVersion: monitoring.coreos.com/v1, kind: PodMonitor, metadata: {name: m, namespace: shop}, spec: {selector: "
     "{matchLabels: {app: db}}, podMetricsEndpoints: [{port: sql}]}}",
     "Prometheus -> shop/db 5432/TCP certain\n"},
    {"a scrape annotation of a Service",
     "{apiVersion: v1, kind: Service, metadata: {name: m, namespace: shop, annotations: {prometheus.io/scrape: 'true', "
     "prometheus.io/port: '9000'}}, spec: {selector: {app: db}, ports: [{port: 80}]}}",
     "Prometheus -> shop/db 9000/TCP certain\n"},
    {"an ExternalName for somebody outside",
     "{apiVersion: v1, kind: Service, metadata: {name: db2, namespace: shop}, spec: {type: ExternalName, externalName: "
     "db.example.com}}\n---\n"
     "{apiVersion: v1, kind: Pod, metadata: {name: p, namespace: shop}, spec: {containers: [{name: c, image: c, env: "
     "[{name: A, value: 'postgres://db2:5432'}]}]}}",
     "shop/p -> db.example.com 5432/TCP certain\n"},
    {"an ExternalName for a Service",
     "{apiVersion: v1, kind: Service, metadata: {name: store, namespace: shop}, spec: {type: ExternalName, "
     "externalName: cache.data.svc.cluster.local}}\n---\n"
     "{apiVersion: v1, kind: Pod, metadata: {name: p, namespace: shop}, spec: {containers: [{name: c, image: c, env: "
     "[{name: A, value: 'redis://store:6380'}]}]}}",
     "shop/p -> data/cache 6379/TCP certain\n"},
    {"a Service whose endpoints are written by hand",
     "{apiVersion: v1, kind: Service, metadata: {name: ext, namespace: shop}, spec: {ports: [{port: 80, targetPort: "
     "8080}]}}\n---\n"
     "{apiVersion: v1, kind: Endpoints, metadata: {name: ext, namespace: shop}, subsets: [{addresses: [{ip: "
     "198.51.100.1}], ports: [{port: 8080}]}]}\n---\n"
     "{apiVersion: v1, kind: Pod, metadata: {name: p, namespace: shop}, spec: {containers: [{name: c, image: c, env: "
     "[{name: A, value: 'http://ext'}]}]}}",
     "shop/p -> 198.51.100.1 8080/TCP strong\n"},
    {"members of a set",
     "{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: e, namespace: shop}, spec: {serviceName: e, replicas: "
     "3, selector: {matchLabels: {app: e}}, template: {metadata: {labels: {app: e}}, spec: {containers: [{name: e, "
     "image: e, ports: [{containerPort: 2379}, {containerPort: 2380}]}]}}}}",
     "shop/e -> shop/e 2380/TCP strong\n"},
    {"a client of the API server",
     "{apiVersion: v1, kind: Pod, metadata: {name: p, namespace: shop}, spec: {serviceAccountName: s, containers: "
     "[{name: c, image: c}]}}\n---\n"
     "{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: b, namespace: shop}, roleRef: "
     "{apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}, subjects: [{kind: ServiceAccount, name: s, "
     "namespace: shop}]}",
     "shop/p -> the API server 443,6443/TCP strong\n"},
    {"one without a token",
     "{apiVersion: v1, kind: Pod, metadata: {name: p, namespace: shop}, spec: {automountServiceAccountToken: false, "
     "serviceAccountName: s, containers: [{name: c, image: c}]}}\n---\n"
     "{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: b, namespace: shop}, roleRef: "
     "{apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}, subjects: [{kind: ServiceAccount, name: s, "
     "namespace: shop}]}",
     ""},
    {"a CronJob",
     "{apiVersion: batch/v1, kind: CronJob, metadata: {name: j, namespace: shop}, spec: {schedule: '* * * * *', "
     "jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: c, image: c, args: "
     "['http://db:5432']}]}}}}}}",
     "shop/j -> shop/db 5432/TCP certain\n"},
    {"an init container",
     "{apiVersion: v1, kind: Pod, metadata: {name: p, namespace: shop}, spec: {initContainers: [{name: i, image: i, "
     "command: [sh, -c, 'until nc -z db 5432; do sleep 1; done']}], containers: [{name: c, image: c}]}}",
     "shop/p -> shop/db 5432/TCP certain\n"},
    {"KEDA's triggers",
     "{apiVersion: keda.sh/v1alpha1, kind: ScaledObject, metadata: {name: s, namespace: shop}, spec: {scaleTargetRef: "
     "{name: web}, triggers: [{type: prometheus, metadata: {serverAddress: 'http://db:5432', query: up}}]}}\n---\n"
     "{apiVersion: v1, kind: Pod, metadata: {name: k, namespace: keda, labels: {app.kubernetes.io/name: "
     "keda-operator}}, spec: {containers: [{name: k, image: k}]}}",
     "keda/k -> shop/db 5432/TCP certain\n"},
};

TEST(InferNeeds, ReadsObjectsThatSpeakOfOthers) {
  for (const DocumentCase& c : kObjects)
    EXPECT_EQ(test::flows_of(fmt::format("{}---\n{}\n", kCluster, c.text)), c.flows) << c.what;
}

// ---- Scraping by annotation ----

std::string scraper(std::string_view jobs) {
  return fmt::format(R"({}---
{{apiVersion: v1, kind: Pod, metadata: {{name: p, namespace: shop, annotations: {{prometheus.io/scrape: 'true', prometheus.io/port: '9464'}}}},
  spec: {{containers: [{{name: c, image: c, ports: [{{name: http, containerPort: 80}}]}}]}}}}
---
{{apiVersion: v1, kind: Pod, metadata: {{name: prometheus, namespace: obs}},
  spec: {{containers: [{{name: c, image: prom/prometheus, volumeMounts: [{{name: v, mountPath: /c}}]}}], volumes: [{{name: v, configMap: {{name: c}}}}]}}}}
---
apiVersion: v1
kind: ConfigMap
metadata: {{name: c, namespace: obs}}
data:
  prometheus.yml: |
    scrape_configs: [{}]
)",
                     kCluster, jobs);
}

const DocumentCase kJobs[] = {
    {"annotations that the configuration looks at",
     "{job_name: pods, kubernetes_sd_configs: [{role: pod}], relabel_configs: [{source_labels: "
     "[__meta_kubernetes_pod_annotation_prometheus_io_scrape], action: keep, regex: true}, "
     "{source_labels: [__address__, __meta_kubernetes_pod_annotation_prometheus_io_port], regex: "
     "'([^:]+)(?::\\d+)?;(\\d+)', replacement: '$1:$2', target_label: __address__}]}",
     "obs/prometheus -> shop/p 9464/TCP certain\n"},
    {"ports by their name",
     "{job_name: pods, kubernetes_sd_configs: [{role: pod}], relabel_configs: [{source_labels: "
     "[__meta_kubernetes_pod_container_port_name], action: keep, regex: sql}]}",
     "obs/prometheus -> shop/db 5432/TCP certain\n"},
    {"other namespaces",
     "{job_name: pods, kubernetes_sd_configs: [{role: pod, namespaces: {names: [obs]}}], relabel_configs: "
     "[{source_labels: [__meta_kubernetes_pod_container_port_number], action: keep, regex: '.+'}]}",
     ""},
    {"endpoints of Services",
     "{job_name: e, kubernetes_sd_configs: [{role: endpoints, namespaces: {names: [data]}}], relabel_configs: "
     "[{source_labels: [__meta_kubernetes_endpoint_port_name], action: keep, regex: admin}]}",
     "obs/prometheus -> data/cache 8001/TCP certain\n"},
    {"pods by their labels",
     "{job_name: e, kubernetes_sd_configs: [{role: pod, selectors: [{role: pod, label: app=db}]}]}",
     "obs/prometheus -> shop/db 5432/TCP certain\n"},
};

TEST(InferNeeds, RunsTheScrapeConfiguration) {
  for (const DocumentCase& c : kJobs) {
    const std::string all = test::flows_of(scraper(c.text));
    std::string flows;
    for (const std::string_view line : base::split(all, '\n')) {
      if (!line.empty() && line.find("the API server") == std::string_view::npos) flows += std::string(line) + "\n";
    }
    EXPECT_EQ(flows, c.flows) << c.what;
  }
}

}  // namespace
}  // namespace gantry::netpol
