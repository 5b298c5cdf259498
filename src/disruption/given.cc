#include "disruption/given.h"

#include "base/text.h"
#include "kube/quantity.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <span>
#include <utility>

namespace gantry::disruption {

using base::Node;
using base::Result;

namespace {

constexpr std::array<std::string_view, 9> kNodeKeys = {"count", "name",     "cpu",    "memory", "zones",
                                                       "pods",  "extended", "labels", "taints"};
constexpr std::array<std::string_view, 3> kQuorumKeys = {"pods", "of", "needs"};
constexpr std::array<std::string_view, 2> kAvailableKeys = {"service", "min"};

Result<void> check_keys(const Node& node, std::string_view what, std::span<const std::string_view> known) {
  if (!node.is_map())
    return base::input_error(fmt::format("\"{}\" is {}, not a map", what, to_string(node.kind())), node.pos(),
                             fmt::format("write keys and values: {}", fmt::join(known, ", ")));
  for (const Node::Member& member : node.map()) {
    if (std::ranges::find(known, member.key) != known.end()) continue;
    const std::optional<std::string_view> nearest = base::nearest_name(member.key, known);
    return base::input_error(fmt::format("\"{}\" has an unknown key \"{}\"", what, member.key), member.key_pos,
                             nearest ? fmt::format("did you mean \"{}\"?", *nearest)
                                     : fmt::format("known here: {}", fmt::join(known, ", ")));
  }
  return {};
}

std::unexpected<base::Error> wrong(const Node& node, std::string_view what, std::string_view must) {
  return base::input_error(fmt::format("\"{}\" must be {}", what, must), node.pos());
}

Result<std::int64_t> read_count(const Node& node, std::string_view what) {
  if (!node.is_integer()) return wrong(node, what, "a whole number");
  return node.integer();
}

// Of a key that may be left out.
Result<std::int64_t> read_count(const Node& map, std::string_view key, std::int64_t absent) {
  const Node* node = map.get(key);
  return node ? read_count(*node, key) : absent;
}

Result<std::string> read_name(const Node& map, std::string_view what, std::string_view key) {
  const Node* node = map.get(key);
  if (!node) return base::input_error(fmt::format("\"{}\" lacks \"{}\"", what, key), map.pos());
  if (!node->is_string() || node->string().empty()) return wrong(*node, key, "a name");
  return node->string();
}

// One map, or a list of maps.
template <typename Value>
Result<std::vector<Value>> read_each(const Node& node, Result<Value> (*read)(const Node&)) {
  std::vector<Value> values;
  if (!node.is_array()) {
    values.push_back(TRY(read(node)));
    return values;
  }
  for (const Node& element : node.array()) values.push_back(TRY(read(element)));
  return values;
}

Result<std::vector<std::string>> read_zones(const Node& node) {
  // `zones: 3` is as many as that: zone-1, zone-2, zone-3.
  std::vector<std::string> zones;
  if (node.is_integer()) {
    if (node.integer() < 1 || node.integer() > kNodesMax)
      return wrong(node, "zones", fmt::format("from 1 to {}", kNodesMax));
    for (std::int64_t i = 1; i <= node.integer(); ++i) zones.push_back(fmt::format("zone-{}", i));
    return zones;
  }
  if (!node.is_array()) return wrong(node, "zones", "a list of names, or how many there are");
  for (const Node& zone : node.array()) {
    if (!zone.is_string() || zone.string().empty()) return wrong(zone, "zones", "a list of names");
    if (std::ranges::find(zones, zone.string()) != zones.end())
      return base::input_error(fmt::format("zone {} is named twice", zone.string()), zone.pos(), "name each zone once");
    zones.push_back(zone.string());
  }
  return zones;
}

// "key=value:NoSchedule", "key:NoExecute", as `kubectl taint` takes them.
Result<kube::Taint> read_taint(const Node& node) {
  using Effect = std::pair<std::string_view, kube::TaintEffect>;
  constexpr std::array kEffects = {Effect("NoSchedule", kube::TaintEffect::no_schedule),
                                   Effect("PreferNoSchedule", kube::TaintEffect::prefer_no_schedule),
                                   Effect("NoExecute", kube::TaintEffect::no_execute)};
  const std::string_view text = node.is_string() ? std::string_view(node.string()) : std::string_view();
  const std::size_t colon = text.rfind(':');
  const std::string_view left = text.substr(0, colon);
  const auto* const effect = colon == std::string_view::npos
                                 ? kEffects.end()
                                 : std::ranges::find(kEffects, text.substr(colon + 1), &Effect::first);
  if (effect == kEffects.end() || left.empty() || left.front() == '=')
    return wrong(node, "taints", "written as KEY=VALUE:NoSchedule, :PreferNoSchedule or :NoExecute");
  const std::size_t equals = left.find('=');
  return kube::Taint{.key = std::string(left.substr(0, equals)),
                     .value = equals == std::string_view::npos ? "" : std::string(left.substr(equals + 1)),
                     .effect = effect->second};
}

Result<void> read_amounts(const Node& node, NodeGroup& group) {
  for (const std::string_view resource : {"cpu", "memory", "pods"})
    if (const Node* amount = node.get(resource))
      group.allocatable[std::string(resource)] = TRY(kube::Quantity::parse_node(*amount));
  const Node* extended = node.get("extended");
  if (!extended) return {};
  if (!extended->is_map()) return wrong(*extended, "extended", "a map from resources to amounts");
  for (const Node::Member& member : extended->map())
    group.allocatable[member.key] = TRY(kube::Quantity::parse_node(member.value));
  return {};
}

Result<void> read_labels(const Node& node, NodeGroup& group) {
  if (!node.is_map()) return wrong(node, "labels", "a map of texts");
  for (const Node::Member& member : node.map()) {
    if (!member.value.is_string()) return wrong(member.value, member.key, "a text");
    group.labels.set(member.key, member.value.string());
  }
  return {};
}

Result<NodeGroup> read_group(const Node& node) {
  NodeGroup group{.where = node.pos()};
  if (!node.is_map()) {
    if (!node.is_integer()) return wrong(node, "nodes", "how many there are, or a map with count, cpu, memory, zones");
    group.count = node.integer();
    return group;
  }
  TRY(check_keys(node, "nodes", kNodeKeys));
  const Node* count = node.get("count");
  if (!count) return base::input_error("\"nodes\" lacks \"count\"", node.pos(), "say how many nodes there are");
  group.count = TRY(read_count(*count, "count"));
  if (node.get("name")) group.name = TRY(read_name(node, "nodes", "name"));
  if (const Node* zones = node.get("zones")) group.zones = TRY(read_zones(*zones));
  TRY(read_amounts(node, group));
  if (const Node* labels = node.get("labels")) TRY(read_labels(*labels, group));
  if (const Node* taints = node.get("taints")) {
    if (!taints->is_array()) return wrong(*taints, "taints", "a list");
    for (const Node& taint : taints->array()) group.taints.push_back(TRY(read_taint(taint)));
  }
  return group;
}

Result<QuorumClaim> read_quorum(const Node& node) {
  TRY(check_keys(node, "quorum", kQuorumKeys));
  QuorumClaim claim{.pods = TRY(read_name(node, "quorum", "pods")), .where = node.pos()};
  for (const auto& [key, number] : {std::pair("of", &claim.of), std::pair("needs", &claim.needs)}) {
    const Node* given = node.get(key);
    if (!given) continue;
    *number = TRY(read_count(*given, key));
    // Zero would read as "not said".
    if (*number < 1) return base::input_error(fmt::format("\"{}\" of \"quorum\" must be 1 or more", key), given->pos());
  }
  return claim;
}

Result<AvailabilityClaim> read_available(const Node& node) {
  TRY(check_keys(node, "available", kAvailableKeys));
  AvailabilityClaim claim{.service = TRY(read_name(node, "available", "service")), .where = node.pos()};
  claim.min = TRY(read_count(node, "min", 1));
  return claim;
}

}  // namespace

Result<std::vector<NodeGroup>> parse_nodes(const Node& node) {
  std::vector<NodeGroup> groups = TRY(read_each(node, read_group));
  // Here the place is known; the cluster would only know that something is wrong.
  if (const Result<std::vector<kube::ClusterNode>> nodes = declare_nodes(groups); !nodes) {
    base::Error error = nodes.error();
    if (!error.where) error.where = node.pos();
    return std::unexpected(std::move(error));
  }
  return groups;
}

Result<std::vector<QuorumClaim>> parse_quorums(const Node& node) { return read_each(node, read_quorum); }

Result<std::vector<AvailabilityClaim>> parse_availability(const Node& node) { return read_each(node, read_available); }

}  // namespace gantry::disruption
