// What a pod's own spec says about nodes, and what it asks of them (disruption reference, §7).

#include "kube/cluster_node.h"
#include "kube/pod_spec.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace gantry::kube {

namespace {

constexpr std::string_view kZoneLabel = "topology.kubernetes.io/zone";
constexpr std::string_view kOldZoneLabel = "failure-domain.beta.kubernetes.io/zone";
constexpr std::string_view kNameField = "metadata.name";

std::optional<std::int64_t> parse_integer(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

// Gt and Lt compare whole numbers, and hold for nothing else (apimachinery, pkg/labels).
bool compares(const NodeRequirement& requirement, const std::string* value) {
  if (value == nullptr || requirement.values.size() != 1) return false;
  const std::optional<std::int64_t> left = parse_integer(*value);
  const std::optional<std::int64_t> right = parse_integer(requirement.values.front());
  if (!left || !right) return false;
  return requirement.op == NodeOperator::gt ? *left > *right : *left < *right;
}

bool holds(const NodeRequirement& requirement, const std::string* value) {
  const auto listed = [&] { return std::ranges::find(requirement.values, *value) != requirement.values.end(); };
  switch (requirement.op) {
    case NodeOperator::in: return value != nullptr && listed();
    case NodeOperator::not_in: return value == nullptr || !listed();
    case NodeOperator::exists: return value != nullptr;
    case NodeOperator::does_not_exist: return value == nullptr;
    case NodeOperator::gt:
    case NodeOperator::lt: return compares(requirement, value);
  }
  return false;
}

bool matches(const NodeSelectorTerm& term, const ClusterNode& node) {
  if (term.expressions.empty() && term.fields.empty()) return false;
  const auto on_label = [&](const NodeRequirement& r) { return holds(r, node.object.labels.find(r.key)); };
  const auto on_field = [&](const NodeRequirement& r) { return r.key == kNameField && holds(r, &node.name()); };
  return std::ranges::all_of(term.expressions, on_label) && std::ranges::all_of(term.fields, on_field);
}

// A limit counts as the request where no request is given.
void add_container(const Container& container, ResourceList& sum) {
  for (const auto& [name, amount] : container.requests) sum[name] += amount;
  for (const auto& [name, amount] : container.limits) {
    if (!container.requests.contains(name)) sum[name] += amount;
  }
}

void take_larger(const ResourceList& other, ResourceList& list) {
  for (const auto& [name, amount] : other) {
    const auto [it, inserted] = list.emplace(name, amount);
    if (!inserted && it->second < amount) it->second = amount;
  }
}

}  // namespace

bool ClusterNode::ready() const {
  const auto it = std::ranges::find(conditions, "Ready", &NodeCondition::type);
  return it == conditions.end() ? conditions.empty() : it->status == "True";
}

std::string_view ClusterNode::zone() const {
  const std::string* zone = object.labels.find(kZoneLabel);
  if (zone == nullptr) zone = object.labels.find(kOldZoneLabel);
  return zone == nullptr ? std::string_view() : std::string_view(*zone);
}

bool matches_any(const std::vector<NodeSelectorTerm>& terms, const ClusterNode& node) {
  return std::ranges::any_of(terms, [&](const NodeSelectorTerm& term) { return matches(term, node); });
}

bool may_run_on(const PodSpec& spec, const ClusterNode& node) {
  if (!spec.node_name.empty()) return spec.node_name == node.name();
  for (const auto& [key, value] : spec.node_selector) {
    const std::string* found = node.object.labels.find(key);
    if (found == nullptr || *found != value) return false;
  }
  return !spec.affinity.node_required || matches_any(*spec.affinity.node_required, node);
}

// core/v1: an empty key with Exists tolerates everything; an absent effect means all of them.
bool Toleration::tolerates(const Taint& taint) const {
  if (effect && *effect != taint.effect) return false;
  if (!key.empty() && key != taint.key) return false;
  if (op == Operator::exists) return true;
  return !key.empty() && value == taint.value;
}

ResourceList total_requests(const PodSpec& spec) {
  ResourceList sidecars;
  ResourceList largest_step;
  for (const Container& container : spec.init_containers) {
    ResourceList step = sidecars;
    add_container(container, step);
    if (container.sidecar) sidecars = step;
    take_larger(step, largest_step);
  }
  ResourceList total = sidecars;
  for (const Container& container : spec.containers) add_container(container, total);
  take_larger(largest_step, total);
  for (const auto& [name, amount] : spec.overhead) total[name] += amount;
  return total;
}

std::vector<Port> find_named_ports(const PodSpec& spec, std::string_view name, Protocol protocol) {
  std::vector<Port> found;
  const auto add = [&](const Container& container) {
    for (const ContainerPort& port : container.ports) {
      if (port.name == name && port.protocol == protocol) found.push_back(port.port);
    }
  };
  for (const Container& container : spec.containers) add(container);
  for (const Container& container : spec.init_containers) {
    if (container.sidecar) add(container);
  }
  return found;
}

}  // namespace gantry::kube
