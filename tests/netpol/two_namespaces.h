#pragma once

// The pods that random policies are tried on: one in each of two namespaces, alike in one label and different in another, with ports
// that share a name and ports that do not.

namespace gantry::netpol {

inline constexpr const char* kTwoNamespaces = R"(
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {t: a}}
---
apiVersion: v1
kind: Namespace
metadata: {name: db, labels: {t: b}}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {u: "1"}}
spec: {containers: [{name: c, image: i, ports: [{containerPort: 80, name: http}]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: queue, namespace: db, labels: {u: "1", v: "1"}}
spec: {containers: [{name: c, image: i, ports: [{containerPort: 80, name: http}, {containerPort: 81}]}]}
)";

}  // namespace gantry::netpol
