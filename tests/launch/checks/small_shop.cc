#include "launch/checks/small_shop.h"

#include <fmt/format.h>

namespace gantry::launch::test {

const std::string_view kShopWithoutPolicies = R"(
{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {tier: front}}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: data, labels: {tier: data}}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: ops, labels: {tier: ops}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: registry.example/web:1
          ports: [{name: http, containerPort: 8080}]
          env: [{name: DATABASE_URL, value: 'postgres://db.data:5432/shop'}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: job, namespace: shop}
spec:
  replicas: 1
  selector: {matchLabels: {app: job}}
  template:
    metadata: {labels: {app: job}}
    spec: {containers: [{name: job, image: 'registry.example/job:1'}]}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, namespace: data}
spec:
  replicas: 1
  serviceName: db
  selector: {matchLabels: {app: db}}
  template:
    metadata:
      labels: {app: db}
      annotations: {prometheus.io/scrape: 'true', prometheus.io/port: '9187'}
    spec:
      containers:
        - name: db
          image: registry.example/db:1
          ports: [{name: sql, containerPort: 5432}, {name: metrics, containerPort: 9187}]
---
{apiVersion: v1, kind: Service, metadata: {name: db, namespace: data}, spec: {clusterIP: None, selector: {app: db}, ports: [{name: sql, port: 5432, targetPort: sql}]}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: scraper, namespace: ops}
spec:
  replicas: 1
  selector: {matchLabels: {app: scraper}}
  template:
    metadata: {labels: {app: scraper, app.kubernetes.io/name: prometheus}}
    spec: {containers: [{name: scraper, image: 'registry.example/scraper:1'}]}
)";

std::string policy(std::string_view name, std::string_view name_space, std::string_view spec) {
  return fmt::format(
      "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: {}, namespace: {}}}\nspec: "
      "{{{}}}\n",
      name, name_space, spec);
}

std::string deny_all() {
  std::string all;
  for (const std::string_view name_space : {"shop", "data", "ops"})
    all += policy("deny-all", name_space, "podSelector: {}, policyTypes: [Ingress]");
  return all;
}

std::string db_admits(std::string_view rules) {
  return policy("db", "data",
                fmt::format("podSelector: {{matchLabels: {{app: db}}}}, policyTypes: [Ingress], ingress: [{}]", rules));
}

std::string shop() {
  return fmt::format("{}{}{}", kShopWithoutPolicies, deny_all(),
                     db_admits(fmt::format("{}, {}", kFromWeb, kFromScraper)));
}

}  // namespace gantry::launch::test
