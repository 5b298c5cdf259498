#include "disruption/placement.h"

#include <algorithm>
#include <limits>

namespace gantry::disruption {

namespace {

constexpr std::int64_t kNoMinimum = std::numeric_limits<std::int64_t>::max();

bool is_open(const World& world, std::uint32_t node, const Shape& shape) {
  const NodeState state = world.node_state(node);
  return state == NodeState::open || (state == NodeState::cordoned && shape.tolerates_cordon);
}

// The first resource that is short there; the number of resources when none is.
std::size_t short_resource(const World& world, const Shape& shape, std::uint32_t node) {
  const std::span<const std::int64_t> free = world.free_on(node);
  std::size_t i = 0;
  while (i < free.size() && (shape.request[i] == 0 || shape.request[i] <= free[i])) ++i;
  return i;
}

// Where the volume is, there the pod must be; one without a zone goes anywhere.
bool is_pinned_elsewhere(const World& world, std::uint32_t pod, std::uint32_t node) {
  const Kind& kind = world.kind_of(pod);
  const std::uint32_t home = world.pinned_to(world.pod(pod).kind);
  if (kind.pin == Pin::none || home == kNone) return false;
  if (kind.pin == Pin::node) return node != home || world.is_replaced(home);
  const std::vector<std::uint32_t>& zones = world.model().topologies[world.model().zone_topology].domain;
  return zones[node] != zones[home];
}

}  // namespace

Scheduler::DomainCounts Scheduler::sum_up(const World& world, std::uint32_t counter, const Kind& kind) const {
  const Topology& topology = world.model().topologies[world.model().counters[counter].topology];
  DomainCounts sums{.topology = world.model().counters[counter].topology, .counts = {}};
  sums.counts.resize(topology.domains);
  const std::span<const std::uint32_t> by_node = world.count(counter);
  for (std::size_t node = 0; node < by_node.size(); ++node) {
    sums.total += by_node[node];
    if (topology.domain[node] != kNone) sums.counts[topology.domain[node]] += by_node[node];
  }
  sums.selects_itself = std::ranges::binary_search(kind.counts, counter);
  return sums;
}

// Which nodes count as domains, and whose pods count: nodeAffinityPolicy and nodeTaintsPolicy. With the latter's default a
// cordoned node is a domain with few pods, and may make every other one ineligible (§7).
void Scheduler::sum_up_spread(const World& world, std::uint32_t pod, const SpreadRule& rule,
                              DomainCounts& counts) const {
  const Model& model = world.model();
  const Shape& shape = world.shape_of(pod);
  const Topology& topology = model.topologies[counts.topology];
  const std::span<const std::uint32_t> by_node = world.count(rule.counter);
  std::vector<char> eligible(topology.domains);
  std::ranges::fill(counts.counts, 0);
  for (std::uint32_t node = 0; node < by_node.size(); ++node) {
    const std::uint32_t domain = topology.domain[node];
    if (domain == kNone || world.node_state(node) == NodeState::absent) continue;
    if (rule.honors_affinity && !contains(model.node_sets[shape.selected], node)) continue;
    if (rule.honors_taints && !(is_open(world, node, shape) && contains(model.node_sets[shape.tolerated], node)))
      continue;
    eligible[domain] = 1;
    counts.counts[domain] += by_node[node];
  }
  counts.lowest = kNoMinimum;
  std::int64_t domains = 0;
  for (std::size_t domain = 0; domain < eligible.size(); ++domain) {
    if (!eligible[domain]) continue;
    ++domains;
    counts.lowest = std::min(counts.lowest, counts.counts[domain]);
  }
  if (domains < rule.min_domains || domains == 0) counts.lowest = 0;
}

void Scheduler::prepare(const World& world, std::uint32_t pod) {
  const Kind& kind = world.kind_of(pod);
  const Shape& shape = world.shape_of(pod);
  const auto sum_all = [&](const std::vector<AffinityRule>& rules, std::vector<DomainCounts>& into) {
    into.clear();
    for (const AffinityRule& rule : rules) into.push_back(sum_up(world, rule.counter, kind));
  };
  sum_all(shape.anti, anti_);
  sum_all(shape.affinity, affinity_);
  sum_all(shape.preferred, preferred_);
  held_.clear();
  for (const std::uint32_t counter : kind.rejected_by) held_.push_back(sum_up(world, counter, kind));
  spread_.clear();
  for (const SpreadRule& rule : shape.spread) {
    spread_.push_back(sum_up(world, rule.counter, kind));
    sum_up_spread(world, pod, rule, spread_.back());
  }
}

std::optional<ObstacleKind> Scheduler::rule_against(const World& world, std::uint32_t pod, std::uint32_t node) const {
  const Model& model = world.model();
  const auto count_at = [&](const DomainCounts& sums) -> std::optional<std::int64_t> {
    const std::uint32_t domain = model.topologies[sums.topology].domain[node];
    if (domain == kNone) return {};
    return sums.counts[domain];
  };
  for (const std::vector<DomainCounts>* rules : {&anti_, &held_})
    for (const DomainCounts& sums : *rules)
      if (count_at(sums).value_or(0) > 0) return ObstacleKind::anti_affinity;
  // A pod that its own rule selects may be the first of its kind (kube-scheduler, interpodaffinity).
  for (const DomainCounts& sums : affinity_) {
    const std::optional<std::int64_t> here = count_at(sums);
    if (!here) return ObstacleKind::affinity;
    if (*here == 0 && !(sums.total == 0 && sums.selects_itself)) return ObstacleKind::affinity;
  }
  const Shape& shape = world.shape_of(pod);
  for (std::size_t i = 0; i < spread_.size(); ++i) {
    if (!shape.spread[i].hard) continue;
    const std::optional<std::int64_t> here = count_at(spread_[i]);
    if (!here) return ObstacleKind::spread;
    if (*here + (spread_[i].selects_itself ? 1 : 0) - spread_[i].lowest > shape.spread[i].max_skew)
      return ObstacleKind::spread;
  }
  return {};
}

std::int64_t Scheduler::preference(const World& world, std::uint32_t pod, std::uint32_t node) const {
  const Model& model = world.model();
  const Shape& shape = world.shape_of(pod);
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < preferred_.size(); ++i) {
    const std::uint32_t domain = model.topologies[preferred_[i].topology].domain[node];
    if (domain != kNone) sum += shape.preferred[i].weight * preferred_[i].counts[domain];
  }
  for (const auto& [set, weight] : shape.preferred_nodes)
    if (contains(model.node_sets[set], node)) sum += weight;
  for (std::size_t i = 0; i < spread_.size(); ++i) {
    if (shape.spread[i].hard) continue;
    const std::uint32_t domain = model.topologies[spread_[i].topology].domain[node];
    if (domain != kNone) sum -= spread_[i].counts[domain];
  }
  return sum;
}

// Lower is better; the preference counts the other way round.
struct Scheduler::Score {
  std::int64_t dislike = 0;
  std::uint32_t own_on_node = 0;
  std::uint32_t own_in_zone = 0;
  std::int64_t load = 0;
  std::size_t pods = 0;

  friend auto operator<=>(const Score&, const Score&) = default;
};

std::optional<std::uint32_t> Scheduler::choose(const World& world, std::uint32_t pod) {
  const Model& model = world.model();
  const Kind& kind = world.kind_of(pod);
  const Shape& shape = model.shapes[kind.shape];
  const NodeSet& allowed = model.node_sets[kind.allowed];
  const std::vector<std::uint32_t>& zones = model.topologies[model.zone_topology].domain;
  const bool has_rules = shape.has_rules() || !kind.rejected_by.empty();
  if (has_rules) prepare(world, pod);
  own_on_node_.resize(model.node_count());
  own_in_zone_.assign(model.topologies[model.zone_topology].domains, 0);
  const std::span<const std::uint32_t> siblings = world.pods_of_workload(kind.workload);
  for (const std::uint32_t sibling : siblings) {
    const std::uint32_t node = world.pod(sibling).node;
    ++own_on_node_[node];
    if (zones[node] != kNone) ++own_in_zone_[zones[node]];
  }
  std::optional<std::uint32_t> best;
  Score best_score;
  for (std::uint32_t node = 0; node < model.node_count(); ++node) {
    if (!is_open(world, node, shape) || !contains(allowed, node)) continue;
    // The score first: few nodes are better than the best so far, and only those have to be looked at closely.
    const Score score{.dislike = has_rules ? -preference(world, pod, node) : 0,
                      .own_on_node = own_on_node_[node],
                      .own_in_zone = zones[node] == kNone ? 0 : own_in_zone_[zones[node]],
                      .load = world.load_on(node),
                      .pods = world.pods_on(node).size()};
    if (best && score >= best_score) continue;
    if (short_resource(world, shape, node) < shape.request.size()) continue;
    if (kind.pin != Pin::none && is_pinned_elsewhere(world, pod, node)) continue;
    if (has_rules && rule_against(world, pod, node)) continue;
    best = node;
    best_score = score;
  }
  for (const std::uint32_t sibling : siblings) own_on_node_[world.pod(sibling).node] = 0;
  return best;
}

std::optional<Obstacle> Scheduler::obstacle(const World& world, std::uint32_t pod, std::uint32_t node) {
  const Model& model = world.model();
  const Kind& kind = world.kind_of(pod);
  const Shape& shape = model.shapes[kind.shape];
  const NodeState state = world.node_state(node);
  if (state == NodeState::lost || state == NodeState::absent) return Obstacle{ObstacleKind::lost};
  if (!is_open(world, node, shape)) return Obstacle{ObstacleKind::cordoned};
  if (!contains(model.node_sets[shape.selected], node)) return Obstacle{ObstacleKind::selector};
  if (!contains(model.node_sets[shape.tolerated], node)) return Obstacle{ObstacleKind::taint};
  if (!contains(model.node_sets[kind.allowed], node) || is_pinned_elsewhere(world, pod, node))
    return Obstacle{ObstacleKind::volume};
  const std::size_t short_one = short_resource(world, shape, node);
  if (short_one < shape.request.size()) return Obstacle{ObstacleKind::room, model.resources[short_one]};
  prepare(world, pod);
  const std::optional<ObstacleKind> rule = rule_against(world, pod, node);
  return rule ? std::optional(Obstacle{*rule}) : std::nullopt;
}

}  // namespace gantry::disruption
