#include "netpol/small_world.h"

#include "base/yaml.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <charconv>
#include <iterator>
#include <set>

namespace gantry::netpol {

namespace {

kube::Port port_of(std::string_view text) {
  std::uint16_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return kube::Port(number);
}

}  // namespace

kube::Snapshot build(const SmallWorld& world) {
  std::string text;
  std::set<std::string> name_spaces;
  for (const std::string& workload : world.workloads) {
    const std::size_t slash = workload.find('/');
    const std::size_t colon = workload.find(':');
    const std::string name_space = workload.substr(0, slash);
    const std::string name = workload.substr(slash + 1, colon - slash - 1);
    if (name_spaces.insert(name_space).second)
      text += fmt::format("---\napiVersion: v1\nkind: Namespace\nmetadata: {{name: {}}}\n", name_space);
    text += fmt::format(
        "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {0}, namespace: {1}}}\nspec:\n  selector: "
        "{{matchLabels: {{app: {0}}}}}\n  template:\n    metadata: {{labels: {{app: {0}}}}}\n    spec:\n      "
        "containers:\n"
        "        - name: main\n          image: registry.example/main:1\n          ports: [{{containerPort: {2}}}]\n",
        name, name_space, workload.substr(colon + 1));
  }
  base::Result<std::vector<base::Node>> workloads = base::load_yaml(text, "workloads.yaml");
  base::Result<std::vector<base::Node>> policies = base::load_yaml(world.policies, "policies.yaml");
  if (!workloads || !policies) {
    ADD_FAILURE() << base::describe(workloads ? policies.error() : workloads.error());
    return {};
  }
  std::ranges::move(*policies, std::back_inserter(*workloads));
  base::Result<kube::Snapshot> snapshot = kube::build_snapshot(std::move(*workloads));
  if (snapshot) return *snapshot;
  ADD_FAILURE() << base::describe(snapshot.error());
  return {};
}

Reachability analyse_or_fail(const kube::Snapshot& snapshot, const AnalysisOptions& options) {
  base::Result<Reachability> reach = analyse(snapshot, options);
  if (!reach) ADD_FAILURE() << base::describe(reach.error());
  return reach ? *reach : analyse(kube::Snapshot()).value();
}

Needs declare(const kube::Snapshot& snapshot, const std::vector<std::string>& flows) {
  NeedOptions options;
  for (const std::string& flow : flows) {
    const std::size_t arrow = flow.find(" -> ");
    const std::size_t colon = flow.rfind(':');
    options.declared.push_back({.source = flow.substr(0, arrow),
                                .destination = flow.substr(arrow + 4, colon - arrow - 4),
                                .protocol = kube::Protocol::tcp,
                                .port = port_of(std::string_view(flow).substr(colon + 1)),
                                .where = {}});
  }
  return infer_needs(snapshot, options);
}

}  // namespace gantry::netpol
