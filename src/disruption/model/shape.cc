// A pod template as the scheduler reads it (disruption reference, §7).

#include "disruption/model/build.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace gantry::disruption {

namespace {

const kube::Taint kCordon{
    .key = "node.kubernetes.io/unschedulable", .value = "", .effect = kube::TaintEffect::no_schedule};

bool tolerates(const kube::PodSpec& spec, const kube::Taint& taint) {
  return std::ranges::any_of(spec.tolerations, [&](const kube::Toleration& each) { return each.tolerates(taint); });
}

// A cordon comes and goes, and a node that is not ready is lost: both are the rehearsal's to say. What else the node controller
// sets (disk-pressure, memory-pressure, …) keeps new pods away like any other taint.
constexpr std::string_view kStates[] = {"node.kubernetes.io/unschedulable", "node.kubernetes.io/not-ready",
                                        "node.kubernetes.io/unreachable"};

bool bears_taints(const kube::PodSpec& spec, const kube::ClusterNode& node) {
  return std::ranges::all_of(node.taints, [&](const kube::Taint& taint) {
    if (std::ranges::find(kStates, taint.key) != std::end(kStates)) return true;
    // The control plane lets every pod tolerate it that asks for something (QoS other than BestEffort).
    const bool is_given = taint.key == "node.kubernetes.io/memory-pressure" && !kube::total_requests(spec).empty();
    return is_given || taint.effect == kube::TaintEffect::prefer_no_schedule || tolerates(spec, taint);
  });
}

template <typename Predicate>
std::uint32_t select_nodes(Model& model, Predicate predicate) {
  NodeSet set((model.nodes.size() + 63) / 64);
  for (std::size_t node = 0; node < model.nodes.size(); ++node)
    if (predicate(model.nodes[node])) set[node / 64] |= std::uint64_t{1} << (node % 64);
  return intern_node_set(model, std::move(set));
}

std::vector<std::int64_t> requests_of(const Model& model, const kube::PodSpec& spec, const std::string& name_space) {
  kube::PodSpec admitted;
  const kube::PodSpec* counted = &spec;
  std::vector<const kube::LimitRange*> ranges;
  for (const kube::LimitRange& range : kube::in_namespace(model.snapshot->limit_ranges, name_space))
    ranges.push_back(&range);
  if (!ranges.empty()) {
    admitted = spec;
    for (std::vector<kube::Container>* list : {&admitted.containers, &admitted.init_containers})
      for (kube::Container& container : *list)
        container.requests = kube::effective_resources(container, ranges).requests;
    counted = &admitted;
  }
  const kube::ResourceList total = kube::total_requests(*counted);
  const std::vector<std::string> ports = host_ports_of(spec);
  std::vector<std::int64_t> request;
  for (const std::string& resource : model.resources) {
    if (resource.starts_with(kHostPort)) {
      request.push_back(std::ranges::find(ports, resource) != ports.end() ? 1 : 0);
      continue;
    }
    const auto it = total.find(resource);
    const std::int64_t amount = it == total.end() ? 0 : resource == "cpu" ? it->second.milli() : it->second.value();
    request.push_back(resource == "pods" ? 1 : std::min(amount, kUnlimited));
  }
  return request;
}

class ShapeCompiler {
 public:
  ShapeCompiler(Model& model, const std::string& name_space, const kube::LabelKnowledge& labels)
      : model_(model), name_space_(name_space), labels_(labels) {}

  void add_affinity(const kube::Affinity& affinity, Shape& shape);
  void add_spread(const std::vector<kube::TopologySpread>& constraints, Shape& shape);

 private:
  std::uint32_t intern(Counter counter);
  Counter counter_of(const kube::PodAffinityTerm& term, bool of_holders);
  // The selector, and the pod's own values of those keys as far as they are known.
  kube::LabelSelector with_own_labels(const kube::LabelSelector& selector, const std::vector<std::string>& keys,
                                      kube::SelectorOperator op) const;
  std::vector<std::string> name_spaces_of(const kube::PodAffinityTerm& term) const;

  Model& model_;
  const std::string& name_space_;
  const kube::LabelKnowledge& labels_;
};

std::uint32_t ShapeCompiler::intern(Counter counter) {
  const auto known = std::ranges::find(model_.counters, counter);
  if (known != model_.counters.end()) return static_cast<std::uint32_t>(known - model_.counters.begin());
  model_.counters.push_back(std::move(counter));
  return static_cast<std::uint32_t>(model_.counters.size() - 1);
}

kube::LabelSelector ShapeCompiler::with_own_labels(const kube::LabelSelector& selector,
                                                   const std::vector<std::string>& keys,
                                                   kube::SelectorOperator op) const {
  if (keys.empty()) return selector;
  std::vector<kube::Requirement> requirements = selector.requirements();
  for (const std::string& key : keys)
    if (const std::string* value = labels_.known.find(key)) requirements.push_back({key, op, {*value}});
  return kube::LabelSelector(std::move(requirements));
}

std::vector<std::string> ShapeCompiler::name_spaces_of(const kube::PodAffinityTerm& term) const {
  std::vector<std::string> names = term.namespaces;
  if (term.namespace_selector)
    for (const kube::Namespace& each : model_.snapshot->namespaces)
      if (term.namespace_selector->matches(each.object.labels)) names.push_back(each.object.id.name);
  if (names.empty() && !term.namespace_selector) names.push_back(name_space_);
  std::ranges::sort(names);
  const auto repeated = std::ranges::unique(names);
  names.erase(repeated.begin(), repeated.end());
  return names;
}

Counter ShapeCompiler::counter_of(const kube::PodAffinityTerm& term, bool of_holders) {
  kube::LabelSelector selector = with_own_labels(*term.selector, term.match_label_keys, kube::SelectorOperator::in);
  selector = with_own_labels(selector, term.mismatch_label_keys, kube::SelectorOperator::not_in);
  return {.name_spaces = name_spaces_of(term),
          .selector = std::move(selector),
          .topology = intern_topology(model_, term.topology_key),
          .alive_only = false,
          .of_holders = of_holders};
}

// A term without a selector speaks about no pod.
void ShapeCompiler::add_affinity(const kube::Affinity& affinity, Shape& shape) {
  for (const kube::PodAffinityTerm& term : affinity.anti_required) {
    if (!term.selector) continue;
    shape.anti.push_back({intern(counter_of(term, false)), 0});
    shape.held.push_back(intern(counter_of(term, true)));
  }
  for (const kube::PodAffinityTerm& term : affinity.pod_required)
    if (term.selector) shape.affinity.push_back({intern(counter_of(term, false)), 0});
  for (const kube::PreferredPodTerm& each : affinity.pod_preferred)
    if (each.term.selector) shape.preferred.push_back({intern(counter_of(each.term, false)), each.weight});
  for (const kube::PreferredPodTerm& each : affinity.anti_preferred)
    if (each.term.selector) shape.preferred.push_back({intern(counter_of(each.term, false)), -each.weight});
  for (const kube::PreferredNodeTerm& each : affinity.node_preferred)
    shape.preferred_nodes.emplace_back(
        select_nodes(model_, [&](const kube::ClusterNode& node) { return kube::matches_any({each.term}, node); }),
        each.weight);
}

void ShapeCompiler::add_spread(const std::vector<kube::TopologySpread>& constraints, Shape& shape) {
  for (const kube::TopologySpread& each : constraints) {
    if (!each.selector) continue;
    Counter counter{.name_spaces = {name_space_},
                    .selector = with_own_labels(*each.selector, each.match_label_keys, kube::SelectorOperator::in),
                    .topology = intern_topology(model_, each.topology_key),
                    .alive_only = true};
    shape.spread.push_back({.counter = intern(std::move(counter)),
                            .max_skew = each.max_skew,
                            .min_domains = each.min_domains,
                            .hard = each.do_not_schedule,
                            .honors_affinity = each.node_affinity_policy == kube::NodeInclusion::honor,
                            .honors_taints = each.node_taints_policy == kube::NodeInclusion::honor});
  }
}

}  // namespace

Shape compile_shape(Model& model, const kube::PodSpec& spec, const std::string& name_space,
                    const kube::LabelKnowledge& labels) {
  Shape shape;
  shape.request = requests_of(model, spec, name_space);
  kube::PodSpec unplaced;  // where it is now says nothing about where the next one may be
  unplaced.node_selector = spec.node_selector;
  unplaced.affinity.node_required = spec.affinity.node_required;
  shape.selected = select_nodes(model, [&](const kube::ClusterNode& node) { return kube::may_run_on(unplaced, node); });
  shape.tolerated = select_nodes(model, [&](const kube::ClusterNode& node) { return bears_taints(spec, node); });
  shape.allowed = select_nodes(model, [&](const kube::ClusterNode& node) {
    return kube::may_run_on(unplaced, node) && bears_taints(spec, node);
  });
  shape.tolerates_cordon = tolerates(spec, kCordon);
  ShapeCompiler compiler(model, name_space, labels);
  compiler.add_affinity(spec.affinity, shape);
  compiler.add_spread(spec.topology_spread, shape);
  return shape;
}

}  // namespace gantry::disruption
