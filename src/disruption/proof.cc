#include "disruption/proof.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

namespace gantry::disruption {

using Why = StuckReason::Kind;

namespace {

std::string budget_text(const Model& model, std::uint32_t index, const BudgetNumbers& numbers) {
  const BudgetModel& budget = model.budgets[index];
  return fmt::format("PodDisruptionBudget {} ({}; expected {}, desired {}, healthy {}, allowed {})", budget.name,
                     to_string(budget.bounds), numbers.expected, numbers.desired, numbers.healthy, numbers.allowed);
}

class Prover {
 public:
  explicit Prover(Simulator& simulator) : simulator_(simulator), world_(simulator.world()), model_(world_.model()) {}

  std::vector<StuckReason> prove(std::uint32_t pod);

 private:
  StuckReason blame(std::uint32_t pod);
  std::vector<StuckReason> unhealthy_of(std::uint32_t budget);
  std::vector<StuckReason> prove_budget(std::uint32_t pod, std::uint32_t budget);

  Simulator& simulator_;
  const World& world_;
  const Model& model_;
};

// Why a pod that is not healthy stays so.
StuckReason Prover::blame(std::uint32_t pod) {
  StuckReason reason{.pod = PodIndex(pod)};
  const WorldPod& state = world_.pod(pod);
  const std::string name = name_of(world_, pod);
  if (state.node != kNone && world_.node_state(state.node) == NodeState::lost) {
    reason.kind = Why::lost_node;
    reason.text = fmt::format("{} was on {}, which is lost, and nobody removes its object", name,
                              model_.nodes[state.node].name());
  } else if (state.state == PodState::pending) {
    reason.kind = Why::unplaced;
    reason.obstacles = find_obstacles(world_, simulator_.scheduler(), pod);
    reason.text = fmt::format("{} fits on no node: {}", name, describe(model_, reason.obstacles));
  } else {
    reason.kind = Why::unhealthy;
    reason.text = fmt::format("{} is not Ready, and nothing says that it will be", name);
  }
  return reason;
}

std::vector<StuckReason> Prover::unhealthy_of(std::uint32_t budget) {
  std::vector<StuckReason> reasons;
  const auto is_counted = [&](std::uint32_t kind) {
    const std::vector<std::uint32_t>& budgets = model_.kinds[kind].budgets;
    return std::ranges::find(budgets, budget) != budgets.end();
  };
  for (std::uint32_t pod = 0; pod < world_.pod_count(); ++pod) {
    const PodState state = world_.pod(pod).state;
    if (state == PodState::ready || state == PodState::gone || state == PodState::finished) continue;
    if (!is_counted(world_.pod(pod).kind)) continue;
    // A ReplicaSet has replaced what is going on a lost node; the replacement is what counts.
    const bool replaced = state == PodState::terminating &&
                          model_.workloads[world_.kind_of(pod).workload].recreation == Recreation::at_deletion;
    if (!replaced) reasons.push_back(blame(pod));
  }
  for (const Simulator::Waiting& waiting : simulator_.waiting())
    if (is_counted(waiting.kind))
      reasons.push_back({.kind = Why::waits_order,
                         .pod = PodIndex(waiting.replaces),
                         .text = fmt::format("{} is not created before every lower ordinal is Ready",
                                             name_of(world_, waiting.replaces))});
  return reasons;
}

// With U pods unhealthy of which `needed` would have to come back, U - needed + 1 of them suffice to keep it stuck.
std::vector<StuckReason> Prover::prove_budget(std::uint32_t pod, std::uint32_t budget) {
  const BudgetNumbers numbers = world_.budget(budget);
  StuckReason reason{.kind = Why::budget, .pod = PodIndex(pod), .budget = BudgetIndex(budget), .numbers = numbers};
  std::vector<StuckReason> unhealthy = unhealthy_of(budget);
  const auto count = static_cast<std::int64_t>(unhealthy.size());
  const std::string text = budget_text(model_, budget, numbers);
  const std::int64_t needed = numbers.desired + 1 - numbers.healthy;
  if (numbers.sync_failed || numbers.expected <= 0 || needed > count) {
    reason.text = numbers.sync_failed ? fmt::format("{}: an owner has no scale, so the controller admits nothing", text)
                                      : fmt::format("{} admits no eviction even with every pod healthy", text);
    return {std::move(reason)};
  }
  reason.kind = Why::budget_short;
  reason.text = fmt::format("{} waits for {} more healthy {}", text, needed, needed == 1 ? "pod" : "pods");
  std::vector<StuckReason> reasons = {std::move(reason)};
  for (std::int64_t i = 0; i < count - needed + 1; ++i)
    reasons.push_back(std::move(unhealthy[static_cast<std::size_t>(i)]));
  return reasons;
}

std::vector<StuckReason> Prover::prove(std::uint32_t pod) {
  const std::vector<std::uint32_t>& budgets = world_.kind_of(pod).budgets;
  if (world_.pod(pod).state == PodState::terminating || budgets.empty()) return {blame(pod)};
  if (budgets.size() == 1) return prove_budget(pod, budgets.front());
  std::vector<std::string_view> names;
  for (const std::uint32_t budget : budgets) names.push_back(model_.budgets[budget].name);
  return {{.kind = Why::overlap,
           .pod = PodIndex(pod),
           .budget = BudgetIndex(budgets.front()),
           .text = fmt::format("{} is selected by several budgets ({}): every eviction answers 500",
                               name_of(world_, pod), fmt::join(names, ", "))}};
}

}  // namespace

std::vector<StuckReason> prove_stuck(Simulator& simulator, std::span<const std::uint32_t> pods) {
  Prover prover(simulator);
  std::vector<StuckReason> smallest;
  for (const std::uint32_t pod : pods) {
    std::vector<StuckReason> reasons = prover.prove(pod);
    if (smallest.empty() || reasons.size() < smallest.size()) smallest = std::move(reasons);
  }
  return smallest;
}

std::vector<NodeObstacle> find_obstacles(const World& world, Scheduler& scheduler, std::uint32_t pod) {
  std::vector<NodeObstacle> obstacles;
  for (std::uint32_t node = 0; node < world.model().node_count(); ++node) {
    if (world.node_state(node) == NodeState::absent) continue;
    if (std::optional<Obstacle> obstacle = scheduler.obstacle(world, pod, node))
      obstacles.push_back({NodeIndex(node), *std::move(obstacle)});
  }
  return obstacles;
}

std::string describe(const Model& model, const std::vector<NodeObstacle>& obstacles) {
  std::vector<std::pair<std::string, std::vector<std::string_view>>> groups;
  for (const NodeObstacle& each : obstacles) {
    const bool room = each.obstacle.kind == ObstacleKind::room;
    const std::string why =
        room ? fmt::format("no room for {}", each.obstacle.resource) : std::string(to_string(each.obstacle.kind));
    auto group = std::ranges::find(groups, why, &std::pair<std::string, std::vector<std::string_view>>::first);
    if (group == groups.end()) group = groups.insert(groups.end(), {why, {}});
    group->second.push_back(model.nodes[each.node.value()].name());
  }
  constexpr std::size_t kNamesMax = 3;
  std::vector<std::string> texts;
  for (auto& [why, names] : groups) {
    const std::size_t more = names.size() > kNamesMax ? names.size() - kNamesMax : 0;
    names.resize(names.size() - more);
    texts.push_back(
        fmt::format("{}{}: {}", fmt::join(names, ", "), more > 0 ? fmt::format(" and {} more", more) : "", why));
  }
  return texts.empty() ? "there is none" : fmt::format("{}", fmt::join(texts, "; "));
}

std::string name_of(const World& world, std::uint32_t pod) {
  const Model& model = world.model();
  const WorkloadModel& workload = model.workloads[world.kind_of(pod).workload];
  if (pod < model.pods.size()) return fmt::format("{}/{}", workload.name_space, model.pods[pod].name);
  const std::int64_t ordinal = world.kind_of(pod).ordinal;
  return fmt::format("{}/{}-{}", workload.name_space, workload.base_name,
                     ordinal >= 0 ? ordinal : world.pod(pod).number);
}

DrainPod drain_facts(const World& world, std::uint32_t pod, const DrainFlags& flags) {
  const Kind& kind = world.kind_of(pod);
  DrainPod facts = kind.drain;
  facts.terminal = world.pod(pod).state == PodState::finished;
  facts.selected = !flags.pod_selector || kube::match(*flags.pod_selector, kind.labels) == kube::Match::yes;
  return facts;
}

}  // namespace gantry::disruption
