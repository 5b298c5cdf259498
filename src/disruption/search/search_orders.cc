// Many orders of the same drain. Orders that only swap interchangeable nodes are one: what is permuted are classes of nodes.

#include "disruption/model/model.h"
#include "disruption/search.h"

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <tuple>
#include <utility>

namespace gantry::disruption {

namespace {

using ClassOrder = std::vector<std::size_t>;

// What tells nodes apart: labels but for the host name, room, taints, state, and the pods that are there. Members of an ordered
// StatefulSet are told apart by their ordinals.
class NodeClasses {
 public:
  NodeClasses(const Cluster& cluster, const std::vector<std::string>& nodes) {
    const Model& model = cluster.model();
    std::vector<std::multiset<PodMark>> pods(model.node_count());
    for (const ModelPod& pod : model.pods) {
      if (pod.node == kNone) continue;
      const Kind& kind = model.kinds[pod.kind];
      const bool ordered = model.workloads[kind.workload].ordered;
      pods[pod.node].emplace(kind.workload, ordered ? kind.ordinal : -1, pod.state);
    }
    std::map<Signature, std::size_t> known;
    for (const std::string& name : nodes) {
      const std::uint32_t index = cluster.find_node(name)->value();
      const kube::ClusterNode& node = model.nodes[index];
      kube::LabelSet labels = node.object.labels;
      labels.erase("kubernetes.io/hostname");
      const auto first = model.allocatable.begin() + static_cast<std::ptrdiff_t>(index * model.resources.size());
      std::vector<std::int64_t> room(first, first + static_cast<std::ptrdiff_t>(model.resources.size()));
      std::vector<std::string> taints;
      for (const kube::Taint& taint : node.taints) taints.push_back(taint.key + "=" + taint.value);
      Signature signature{std::move(labels), std::move(room), std::move(taints), node.unschedulable, pods[index]};
      const auto [it, is_new] = known.emplace(std::move(signature), members_.size());
      if (is_new) members_.emplace_back();
      members_[it->second].push_back(name);
      first_.push_back(it->second);
    }
  }

  ClassOrder sorted() const {
    ClassOrder order = first_;
    std::ranges::sort(order);
    return order;
  }
  std::vector<std::string> name(const ClassOrder& order) const {
    std::vector<std::size_t> next(members_.size());
    std::vector<std::string> names;
    for (const std::size_t each : order) names.push_back(members_[each][next[each]++]);
    return names;
  }
  // How many different orders there are, or `max` when there are more.
  std::size_t count(std::size_t max) const {
    double count = 1;
    double placed = 0;
    for (const std::vector<std::string>& members : members_)
      for (std::size_t i = 1; i <= members.size(); ++i) count = count * ++placed / static_cast<double>(i);
    return count >= static_cast<double>(max) ? max : static_cast<std::size_t>(count + 0.5);
  }

 private:
  using PodMark = std::tuple<std::uint32_t, std::int64_t, PodState>;
  using Signature =
      std::tuple<kube::LabelSet, std::vector<std::int64_t>, std::vector<std::string>, bool, std::multiset<PodMark>>;
  std::vector<std::vector<std::string>> members_;  // by class
  ClassOrder first_;
};

std::vector<ClassOrder> choose_orders(const NodeClasses& classes, const OrderOptions& options, OrderSearch& result) {
  std::vector<ClassOrder> orders;
  ClassOrder order = classes.sorted();
  if (classes.count(options.orders_max + 1) <= options.orders_max) {
    do orders.push_back(order);
    while (std::ranges::next_permutation(order).found);
    return orders;
  }
  result.coverage = OrderSearch::Coverage::sampled;
  result.seed = options.seed;
  std::mt19937_64 random(options.seed);
  std::set<ClassOrder> known;
  for (std::size_t i = 0; i < options.orders_max; ++i) {
    for (std::size_t at = order.size(); at > 1; --at) std::swap(order[at - 1], order[random() % at]);
    if (known.insert(order).second) orders.push_back(order);
  }
  return orders;
}

}  // namespace

base::Result<OrderSearch> search_orders(const Cluster& cluster, const DrainOptions& drain,
                                        const OrderOptions& options) {
  if (options.orders_max < 1) return base::usage_error("no order is no rehearsal", "allow 1 order or more");
  DrainOptions quiet = drain;
  quiet.events_max = 0;
  // The first order is the given one: it also says which nodes there are, and whether the options are any good.
  const Rehearsal first = TRY(rehearse_drain(cluster, quiet));
  std::vector<std::string> nodes = drain.nodes;
  if (nodes.empty())
    for (const NodeOutcome& outcome : first.nodes) nodes.push_back(cluster.nodes()[outcome.node.value()].name());
  std::erase_if(nodes,
                [&](const std::string& name) { return std::ranges::find(drain.down, name) != drain.down.end(); });
  const NodeClasses classes(cluster, nodes);
  OrderSearch result{.worst = first};
  std::optional<Verdict> worst;
  const std::vector<ClassOrder> orders = choose_orders(classes, options, result);
  base::NoProgress silent;
  base::Progress& progress = options.progress ? *options.progress : silent;
  progress.begin("rehearsing orders of nodes", orders.size());
  for (const ClassOrder& order : orders) {
    if (options.stop.stop_requested()) break;
    quiet.nodes = classes.name(order);
    const Rehearsal rehearsal = TRY(rehearse_drain(cluster, quiet));
    progress.advance(++result.orders);
    if (worst && rehearsal.verdict <= *worst) continue;
    worst = rehearsal.verdict;
    result.worst_order = quiet.nodes;
  }
  progress.end();
  DrainOptions loud = drain;
  loud.nodes = result.worst_order;
  result.worst = TRY(rehearse_drain(cluster, loud));
  return result;
}

}  // namespace gantry::disruption
