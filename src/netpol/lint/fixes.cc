#include "netpol/lint/fixes.h"

#include "netpol/lint/peer_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace gantry::netpol::linting {

using kube::Direction;
using kube::NetworkPolicy;

const NetworkPolicy* find_own_policy(const Context& context, GroupId group, Direction direction) {
  const auto policies = context.index.isolating(group, direction);
  const auto is_own = [](const NetworkPolicy* policy) { return !policy->pod_selector.selects_everything(); };
  const auto own = std::ranges::find_if(policies, is_own);
  if (own != policies.end()) return *own;
  return policies.empty() ? nullptr : policies.front();
}

std::string admit(const Context& context, GroupId group, Direction direction, std::string_view peer,
                  std::string_view ports) {
  const std::string rule = fmt::format("{{{}: [{}], ports: [{}]}}", list_key(direction), peer, ports);
  const NetworkPolicy* own = find_own_policy(context, group, direction);
  if (own && !own->pod_selector.selects_everything())
    return fmt::format("add to the {} of {}: `- {}`", to_string(direction), name_of(*own), rule);
  const PodGroup& pods = context.index[group];
  const std::string name = pods.workload ? pods.workload->name() : "NAME";
  const kube::LabelSet labels = pods.workload ? pods.workload->pod_template.labels : pods.labels.known;
  return fmt::format(
      "apply `{{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {{name: {}-{}, namespace: {}}}, spec: "
      "{{podSelector: {}, policyTypes: [{}], {}: [{}]}}}}`",
      name, to_string(direction), pods.name_space, yaml(kube::LabelSelector::from_labels(labels)),
      direction == Direction::ingress ? "Ingress" : "Egress", to_string(direction), rule);
}

}  // namespace gantry::netpol::linting
