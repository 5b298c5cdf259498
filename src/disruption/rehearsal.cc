// Whole rehearsals, top to bottom: what is lost first, what is drained, and what that comes to.

#include "disruption/rehearsal.h"

#include "base/text.h"
#include "disruption/drainer.h"
#include "disruption/proof.h"
#include "disruption/simulator.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <utility>

namespace gantry::disruption {

using base::Result;

namespace {

std::vector<std::uint32_t> old_nodes(const Cluster& cluster) {
  std::vector<std::uint32_t> nodes;
  for (std::uint32_t node = 0; node < cluster.nodes().size() - cluster.surge_node_count(); ++node)
    nodes.push_back(node);
  return nodes;
}

// "did you mean node-1?", or the first few that there are.
std::string known_help(std::string_view name, std::vector<std::string_view> names) {
  constexpr std::size_t kNamesMax = 8;
  if (const std::optional<std::string_view> nearest = base::nearest_name(name, names))
    return fmt::format("did you mean {}?", *nearest);
  const std::size_t more = names.size() > kNamesMax ? names.size() - kNamesMax : 0;
  names.resize(names.size() - more);
  return fmt::format("there are: {}{}", fmt::join(names, ", "), more > 0 ? fmt::format(" and {} more", more) : "");
}

Result<std::uint32_t> find_node(const Cluster& cluster, const std::string& name) {
  const std::optional<NodeIndex> node = cluster.find_node(name);
  if (node) return node->value();
  std::vector<std::string_view> names;
  for (const std::uint32_t each : old_nodes(cluster)) names.push_back(cluster.nodes()[each].name());
  return base::usage_error(fmt::format("there is no node \"{}\"", name), known_help(name, std::move(names)));
}

Result<std::vector<std::uint32_t>> find_nodes(const Cluster& cluster, const std::vector<std::string>& names) {
  std::vector<std::uint32_t> nodes;
  for (const std::string& name : names) {
    const std::uint32_t node = TRY(find_node(cluster, name));
    if (std::ranges::find(nodes, node) != nodes.end())
      return base::usage_error(fmt::format("node {} is named twice", name), "name each node once");
    nodes.push_back(node);
  }
  return nodes;
}

void run_until_quiet(Simulator& simulator) {
  while (!simulator.quiet()) {
    simulator.step();
    simulator.recorder().look(simulator.world(), simulator.now());
  }
  simulator.take_gone();
}

// One broken invariant: how bad it is.
Verdict weigh(const Invariant& invariant, const InvariantOutcome& outcome) {
  if (invariant.kind == Invariant::Kind::quorum) return Verdict::quorum_lost;
  return outcome.lowest <= 0 ? Verdict::outage : Verdict::degraded;
}

void judge_node(const Rehearsal& rehearsal, NodeOutcome& outcome) {
  Verdict worst = outcome.refusals > 0 ? Verdict::slow : Verdict::clean;
  if (!outcome.destroyed.empty()) worst = std::max(worst, Verdict::unsafe_flags);
  for (const InvariantIndex index : outcome.broken)
    worst = std::max(worst, weigh(rehearsal.cluster.invariants()[index.value()], rehearsal.invariants[index.value()]));
  if (!outcome.refused.empty()) worst = Verdict::refused;
  if (!outcome.why_stuck.empty()) worst = Verdict::stuck;
  outcome.verdict = worst;
}

Rehearsal conclude(Simulator& simulator, std::string what, std::vector<NodeOutcome> outcomes) {
  std::vector<Unplaced> unplaced;
  for (const std::uint32_t pod : simulator.pending())
    unplaced.push_back({PodIndex(pod), find_obstacles(simulator.world(), simulator.scheduler(), pod)});
  for (const Simulator::Waiting& waiting : simulator.waiting()) unplaced.push_back({PodIndex(waiting.replaces), {}});
  Rehearsal rehearsal = simulator.finish(std::move(what));
  rehearsal.unplaced = std::move(unplaced);
  rehearsal.nodes = std::move(outcomes);
  for (NodeOutcome& outcome : rehearsal.nodes) {
    judge_node(rehearsal, outcome);
    rehearsal.verdict = std::max(rehearsal.verdict, outcome.verdict);
  }
  for (std::size_t i = 0; i < rehearsal.invariants.size(); ++i)
    if (rehearsal.invariants[i].broken)
      rehearsal.verdict =
          std::max(rehearsal.verdict, weigh(rehearsal.cluster.invariants()[i], rehearsal.invariants[i]));
  return rehearsal;
}

std::string describe_drain(const DrainOptions& options, std::size_t count) {
  std::string text = options.nodes.empty() ? fmt::format("drain of all {} nodes", count)
                                           : fmt::format("drain of {}", fmt::join(options.nodes, ", "));
  if (options.parallel > 1) text += fmt::format(", {} at once", options.parallel);
  if (!options.down.empty()) text += fmt::format(", with {} down", fmt::join(options.down, ", "));
  return text;
}

std::unexpected<base::Error> no_zone(const Cluster& cluster, std::string_view zone) {
  std::set<std::string_view> zones;
  for (const kube::ClusterNode& node : cluster.nodes())
    if (!node.zone().empty()) zones.insert(node.zone());
  return base::usage_error(fmt::format("no node is in zone {}", zone),
                           zones.empty() ? "no node says in which zone it is: declare the zones with the nodes"
                                         : known_help(zone, {zones.begin(), zones.end()}));
}

}  // namespace

Result<Rehearsal> rehearse_drain(const Cluster& cluster, const DrainOptions& options) {
  TRY(check(options.flags));
  if (options.parallel < 1)
    return base::usage_error(fmt::format("{} nodes at once drain nothing", options.parallel), "write 1 or more");
  const std::vector<std::uint32_t> down = TRY(find_nodes(cluster, options.down));
  DrainPlan plan{
      .flags = options.flags,
      .parallel = options.parallel,
      .cordon_all_first = options.cordon_all_first,
      .after = options.after == AfterDrain::uncordon ? DrainPlan::After::uncordon : DrainPlan::After::leave_cordoned};
  plan.nodes = options.nodes.empty() ? old_nodes(cluster) : TRY(find_nodes(cluster, options.nodes));
  std::erase_if(plan.nodes, [&](std::uint32_t node) { return std::ranges::find(down, node) != down.end(); });
  if (plan.nodes.empty()) return base::usage_error("no node is left to drain", "drain one that is not down");

  Simulator simulator(cluster, options.events_max);
  // What is lost is lost for good before the drain begins; the drain's own clock and figures start after that.
  for (const std::uint32_t node : down) simulator.lose_node(node);
  if (!down.empty()) {
    run_until_quiet(simulator);
    simulator.recorder().restart(simulator.world(), simulator.now());
  }
  const std::size_t count = plan.nodes.size();
  Drainer drainer(simulator, std::move(plan));
  drainer.run();
  return conclude(simulator, describe_drain(options, count), drainer.take_outcomes());
}

Result<Rehearsal> rehearse_upgrade(const Cluster& cluster, const UpgradeOptions& options) {
  TRY(check(options.flags));
  if (options.parallel < 1)
    return base::usage_error(fmt::format("{} nodes at once upgrade nothing", options.parallel), "write 1 or more");
  if (options.surge < 0 || options.surge > static_cast<std::int64_t>(cluster.surge_node_count()))
    return base::usage_error(
        fmt::format("the cluster was built with {} surge nodes, not {}", cluster.surge_node_count(), options.surge),
        "build it with as many as the upgrade adds");
  if (options.node_start.count() < 0) return base::usage_error("a node cannot start before it is replaced");
  Simulator simulator(cluster, options.events_max);
  DrainPlan plan{.nodes = old_nodes(cluster),
                 .flags = options.flags,
                 .parallel = options.parallel,
                 .deadline = options.deadline,
                 .after = DrainPlan::After::replace,
                 .node_start = options.node_start};
  const std::size_t count = plan.nodes.size();
  for (std::int64_t i = 0; i < options.surge; ++i)
    simulator.open_node(static_cast<std::uint32_t>(count + static_cast<std::size_t>(i)), EventKind::node_joined);
  Drainer drainer(simulator, std::move(plan));
  drainer.run();
  return conclude(
      simulator,
      fmt::format("rolling upgrade of {} nodes, {} surge, {} at once", count, options.surge, options.parallel),
      drainer.take_outcomes());
}

Result<Rehearsal> rehearse_zone_loss(const Cluster& cluster, std::string_view zone, std::size_t events_max) {
  Simulator simulator(cluster, events_max);
  std::size_t lost = 0;
  for (const std::uint32_t node : old_nodes(cluster)) {
    if (cluster.nodes()[node].zone() != zone) continue;
    simulator.lose_node(node);
    ++lost;
  }
  if (lost == 0 || zone.empty()) return no_zone(cluster, zone);
  simulator.recorder().look(simulator.world(), simulator.now());
  run_until_quiet(simulator);
  return conclude(simulator, fmt::format("loss of zone {} with {} {}", zone, lost, lost == 1 ? "node" : "nodes"), {});
}

RehearsedPod Rehearsal::pod(PodIndex index) const {
  const Model& model = cluster.model();
  const std::size_t at = index.value();
  if (at < model.pods.size()) {
    const WorkloadModel& workload = model.workloads[model.kinds[model.pods[at].kind].workload];
    return {.name = fmt::format("{}/{}", workload.name_space, model.pods[at].name), .workload = workload.name};
  }
  const Made& one = made.at(at - model.pods.size());
  const Kind& kind = model.kinds[one.kind];
  const WorkloadModel& workload = model.workloads[kind.workload];
  const std::int64_t number = kind.ordinal >= 0 ? kind.ordinal : std::int64_t{one.number};
  return {.name = fmt::format("{}/{}-{}", workload.name_space, workload.base_name, number),
          .workload = workload.name,
          .replaces = PodIndex(one.replaces)};
}

}  // namespace gantry::disruption
