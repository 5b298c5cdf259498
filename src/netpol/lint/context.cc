#include "netpol/lint/context.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace gantry::netpol::linting {

using base::Node;
using base::SourcePos;
using kube::Direction;
using kube::NetworkPolicy;
using kube::PolicyPort;
using kube::PolicyRule;

namespace {

constexpr std::size_t kPlacesMax = 20;  // of one mistake

}  // namespace

base::Finding& Report::add(std::string object, SourcePos where, std::string message, std::string fix) {
  const std::string mistake = object + '\0' + message;
  return add_shared(mistake, std::move(object), std::move(where), std::move(message), std::move(fix));
}

base::Finding& Report::add_shared(const std::string& mistake, std::string object, SourcePos where, std::string message,
                                  std::string fix) {
  if (const auto it = known_.find(mistake); it != known_.end()) {
    base::Finding& first = findings_[it->second];
    const auto is_there = [&](const base::RelatedPlace& place) { return place.where == where; };
    const bool listed = first.where == where || std::ranges::any_of(first.related, is_there);
    if (!listed && first.related.size() < kPlacesMax)
      first.related.push_back({.where = std::move(where), .note = "here as well"});
    return first;
  }
  base::Finding finding;
  finding.rule = rule_.id;
  finding.severity = rule_.severity;
  finding.object = std::move(object);
  finding.where = std::move(where);
  finding.message = std::move(message);
  finding.explanation = rule_.why;
  finding.fix = std::move(fix);
  if (known_.size() >= kLintFindingsMax) return surplus_ = std::move(finding);
  known_.emplace(mistake, findings_.size());
  return findings_.emplace_back(std::move(finding));
}

std::string name_of(const NetworkPolicy& policy) { return to_string(policy.object.id); }

std::string list_key(Direction direction) { return direction == Direction::ingress ? "from" : "to"; }

std::string rule_name(const NetworkPolicy& policy, Direction direction, std::size_t rule) {
  return fmt::format("{}[{}] of {}", to_string(direction), rule, name_of(policy));
}

std::string describe(const PolicyPort& port) {
  if (!port.port) return fmt::format("every {} port", to_string(port.protocol));
  const std::string last = port.end_port ? fmt::format("-{}", port.end_port->value()) : "";
  return fmt::format("{}{}/{}", to_string(*port.port), last, to_string(port.protocol));
}

std::string describe_ports(const PolicyRule& rule) {
  std::vector<std::string> texts;
  for (const PolicyPort& port : rule.ports) texts.push_back(describe(port));
  return texts.empty() ? "every port" : fmt::format("{}", fmt::join(texts, ", "));
}

std::string yaml(const PolicyPort& port) {
  std::string text = fmt::format("{{protocol: {}", to_string(port.protocol));
  if (port.port) text += fmt::format(", port: {}", to_string(*port.port));
  if (port.end_port) text += fmt::format(", endPort: {}", port.end_port->value());
  return text + "}";
}

std::string join_names(const std::vector<std::string>& names, std::size_t max) {
  std::vector<std::string> unique;
  for (const std::string& name : names)
    if (std::ranges::find(unique, name) == unique.end()) unique.push_back(name);
  if (unique.empty()) return "";
  const bool more = unique.size() > max;
  if (more) unique.resize(max);
  const std::string last = more ? "others" : unique.back();
  if (!more) unique.pop_back();
  return unique.empty() ? last : fmt::format("{} and {}", fmt::join(unique, ", "), last);
}

bool holds(const PolicyPort& entry, kube::Protocol protocol, kube::Port port, const kube::PodSpec& spec) {
  if (entry.protocol != protocol) return false;
  if (!entry.port) return true;
  if (const kube::Port* first = std::get_if<kube::Port>(&*entry.port))
    return *first <= port && port <= entry.end_port.value_or(*first);
  const std::vector<kube::Port> named = find_named_ports(spec, std::get<std::string>(*entry.port), protocol);
  return std::ranges::find(named, port) != named.end();
}

bool holds(const PolicyRule& rule, kube::Protocol protocol, kube::Port port, const kube::PodSpec& spec) {
  if (rule.ports.empty()) return true;
  return std::ranges::any_of(rule.ports, [&](const PolicyPort& entry) { return holds(entry, protocol, port, spec); });
}

std::vector<const kube::ContainerPort*> ports_of(const kube::PodSpec& spec) {
  std::vector<const kube::ContainerPort*> ports;
  for (const kube::Container& container : spec.containers)
    for (const kube::ContainerPort& port : container.ports) ports.push_back(&port);
  for (const kube::Container& container : spec.init_containers)
    if (container.sidecar)
      for (const kube::ContainerPort& port : container.ports) ports.push_back(&port);
  return ports;
}

const Node* find_at(const Node* list, const SourcePos& where) {
  if (!list || !list->is_array()) return nullptr;
  const std::vector<Node>& nodes = list->array();
  // Mostly a list stands in its document from top to bottom, and then halves lead to the place. One that was put together of several
  // is gone through.
  std::size_t first = 0;
  for (std::size_t last = nodes.size(); first < last;) {
    const std::size_t middle = first + (last - first) / 2;
    const SourcePos& pos = nodes[middle].pos();
    if (std::pair(pos.line, pos.column) < std::pair(where.line, where.column)) {
      first = middle + 1;
    } else {
      last = middle;
    }
  }
  if (first < nodes.size() && nodes[first].pos() == where) return &nodes[first];
  const auto it = std::ranges::find_if(nodes, [&](const Node& node) { return node.pos() == where; });
  return it == nodes.end() ? nullptr : &*it;
}

const Node* rule_node(const NetworkPolicy& policy, Direction direction, const PolicyRule& rule) {
  if (!policy.object.document) return nullptr;
  return find_at(policy.object.document->find("spec", to_string(direction)), rule.where);
}

const Node* peer_node(const NetworkPolicy& policy, Direction direction, const PolicyRule& rule,
                      const kube::PolicyPeer& peer) {
  const Node* node = rule_node(policy, direction, rule);
  return node ? find_at(node->get(list_key(direction)), peer.where) : nullptr;
}

SourcePos place_of(const Node* selector, const kube::Requirement& requirement, const SourcePos& otherwise) {
  if (!selector) return otherwise;
  if (const Node* value = selector->find("matchLabels", requirement.key)) return value->pos();
  const Node* expressions = selector->get("matchExpressions");
  if (expressions && expressions->is_array()) {
    for (const Node& expression : expressions->array())
      if (expression.text("key") == requirement.key) return expression.pos();
  }
  return selector->pos();
}

SourcePos place_of(const Node* map, std::string_view key, const SourcePos& otherwise) {
  const Node* value = map ? map->get(key) : nullptr;
  return value ? value->pos() : otherwise;
}

}  // namespace gantry::netpol::linting
