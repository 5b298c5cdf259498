#include "launch/checks/system/rule_place.h"

#include <fmt/format.h>

namespace gantry::launch {

std::string to_string(const RulePlace& place) {
  std::string text =
      fmt::format("{} {}[{}]", to_string(place.policy->object.id), to_string(place.direction), place.rule);
  if (place.peer)
    text += fmt::format(".{}[{}]", place.direction == kube::Direction::ingress ? "from" : "to", *place.peer);
  return text;
}

std::string to_string(const kube::PolicyPort& port) {
  if (!port.port) return fmt::format("every {} port", to_string(port.protocol));
  const std::string last = port.end_port ? fmt::format("-{}", port.end_port->value()) : "";
  return fmt::format("{}{}/{}", to_string(*port.port), last, to_string(port.protocol));
}

kube::LabelKnowledge namespace_labels(const kube::Snapshot& snapshot, std::string_view name) {
  if (const kube::Namespace* known = snapshot.find_namespace(name)) return known->labels;
  kube::LabelKnowledge labels;
  labels.known.set("kubernetes.io/metadata.name", std::string(name));
  labels.others_possible = true;
  return labels;
}

}  // namespace gantry::launch
