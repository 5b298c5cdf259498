#include "disruption/small_cluster.h"

#include "base/yaml.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace gantry::disruption {

std::string workload(const SmallWorkload& w) {
  std::string text = fmt::format(
      "---\napiVersion: apps/v1\nkind: {}\nmetadata: {{name: {}, namespace: shop}}\nspec:\n  replicas: {}\n", w.kind,
      w.name, w.replicas);
  if (!w.spec.empty()) text += fmt::format("  {}\n", w.spec);
  text += fmt::format(
      "  selector: {{matchLabels: {{app: {0}}}}}\n  template:\n    metadata: {{labels: {{app: {0}}}}}\n    spec:\n",
      w.name);
  if (!w.pod.empty()) text += fmt::format("      {}\n", w.pod);
  return text + fmt::format("      containers:\n        - name: main\n          image: {}\n{}", w.image,
                            w.container.empty() ? "" : fmt::format("          {}\n", w.container));
}

std::string budget(const std::string& name, const std::string& app, const std::string& bound) {
  return fmt::format(
      "---\napiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {{name: {}, namespace: shop}}\nspec: "
      "{{selector: "
      "{{matchLabels: {{app: {}}}}}{}}}\n",
      name, app, bound.empty() ? "" : ", " + bound);
}

std::string service(const std::string& name, const std::string& app) {
  return fmt::format(
      "---\napiVersion: v1\nkind: Service\nmetadata: {{name: {}, namespace: shop}}\nspec: {{selector: {{app: {}}}, "
      "ports: "
      "[{{port: 80}}]}}\n",
      name, app);
}

std::string apart(const std::string& app, const std::string& key) {
  return fmt::format(
      "affinity: {{podAntiAffinity: {{requiredDuringSchedulingIgnoredDuringExecution: [{{topologyKey: {}, "
      "labelSelector: "
      "{{matchLabels: {{app: {}}}}}}}]}}}}",
      key, app);
}

kube::Snapshot read(const std::string& documents) {
  base::Result<std::vector<base::Node>> nodes = base::load_yaml(documents, "cluster.yaml");
  if (nodes) {
    base::Result<kube::Snapshot> snapshot = kube::build_snapshot(*std::move(nodes));
    if (snapshot) return *snapshot;
    ADD_FAILURE() << base::describe(snapshot.error());
  } else {
    ADD_FAILURE() << base::describe(nodes.error()) << "\n" << documents;
  }
  return {};
}

Cluster make_cluster(const std::string& documents, const ClusterOptions& options) {
  base::Result<Cluster> cluster = Cluster::build(read(documents), options);
  if (cluster) return *cluster;
  ADD_FAILURE() << base::describe(cluster.error());
  return Cluster::build({}, {.nodes = {{.count = 1}}}).value();
}

Cluster make_cluster(const std::string& documents, std::int64_t nodes) {
  return make_cluster(documents, ClusterOptions{.nodes = {{.count = nodes}}});
}

Rehearsal drain(const Cluster& cluster, const DrainOptions& options) {
  base::Result<Rehearsal> rehearsal = rehearse_drain(cluster, options);
  if (!rehearsal) ADD_FAILURE() << base::describe(rehearsal.error());
  return rehearsal ? *rehearsal : Rehearsal{.cluster = cluster, .what = "nothing"};
}

std::string tell(const Rehearsal& rehearsal, const std::vector<EventKind>& kinds) {
  std::string text;
  for (const Event& event : rehearsal.events) {
    if (std::ranges::find(kinds, event.kind) == kinds.end()) continue;
    text += fmt::format("{}{}", text.empty() ? "" : "; ", to_string(event.kind));
    if (event.pod) text += " " + rehearsal.pod(*event.pod).name;
    if (event.invariant) text += " " + rehearsal.cluster.invariants()[event.invariant->value()].subject;
    if (event.node) text += " on " + rehearsal.cluster.nodes()[event.node->value()].name();
  }
  return text;
}

std::string verdicts(const Rehearsal& rehearsal) {
  std::string text;
  for (const NodeOutcome& outcome : rehearsal.nodes)
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", rehearsal.cluster.nodes()[outcome.node.value()].name(),
                        to_string(outcome.verdict));
  return text;
}

}  // namespace gantry::disruption
