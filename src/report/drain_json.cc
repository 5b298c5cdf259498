// A rehearsal as JSON, schema gantry.drain/v1 (docs/formats/drain.md). Times are milliseconds from its start.

#include "report/drain.h"
#include "report/drain_words.h"
#include "report/json_values.h"

namespace gantry::report {

using disruption::Cluster;
using disruption::Event;
using disruption::Instant;
using disruption::Invariant;
using disruption::NodeIndex;
using disruption::NodeOutcome;
using disruption::PodIndex;
using disruption::Rehearsal;

namespace {

class RehearsalJson {
 public:
  explicit RehearsalJson(const RehearsalReport& report)
      : report_(report), rehearsal_(report.rehearsal), cluster_(report.rehearsal.cluster) {
    for (disruption::ClusterBudget& budget : cluster_.budgets()) budget_names_.push_back(std::move(budget.name));
  }
  Json document() const;

 private:
  static Json time(Instant at) { return at.count(); }
  Json node_name(NodeIndex node) const { return cluster_.nodes()[node.value()].name(); }
  Json pod_name(PodIndex pod) const { return rehearsal_.pod(pod).name; }
  Json budget_name(disruption::BudgetIndex budget) const { return budget_names_[budget.value()]; }
  // Null for what is absent.
  template <typename Value, typename Write>
  static Json maybe(const std::optional<Value>& value, const Write& write) {
    return value ? Json(write(*value)) : Json(nullptr);
  }
  Json maybe_node(const std::optional<NodeIndex>& node) const {
    return maybe(node, [this](NodeIndex each) { return node_name(each); });
  }
  Json maybe_pod(const std::optional<PodIndex>& pod) const {
    return maybe(pod, [this](PodIndex each) { return pod_name(each); });
  }

  Json nodes() const;
  Json obstacles(const std::vector<disruption::NodeObstacle>& obstacles) const;
  Json stuck_reason(const disruption::StuckReason& reason) const;
  Json outcome(const NodeOutcome& outcome) const;
  Json invariant(std::size_t index) const;
  Json budgets() const;
  Json quorum(const disruption::QuorumVerdict& verdict) const;
  Json smallest() const;
  Json event(const Event& event) const;
  Json track(const disruption::PodTrack& track) const;
  Json orders() const;
  Json group(const disruption::GroupSearch& group) const;
  Json example(const std::optional<disruption::CounterExample>& example) const;

  const RehearsalReport& report_;
  const Rehearsal& rehearsal_;
  const Cluster& cluster_;
  std::vector<std::string> budget_names_;
};

Json RehearsalJson::nodes() const {
  Json list = Json::array();
  const std::size_t old = cluster_.nodes().size() - cluster_.surge_node_count();
  for (std::size_t i = 0; i < cluster_.nodes().size(); ++i) {
    const kube::ClusterNode& node = cluster_.nodes()[i];
    list.push_back({{"name", node.name()}, {"zone", std::string(node.zone())}, {"surge", i >= old}});
  }
  return list;
}

Json RehearsalJson::obstacles(const std::vector<disruption::NodeObstacle>& obstacles) const {
  return json_list(obstacles, [this](const disruption::NodeObstacle& each) {
    return Json{{"node", node_name(each.node)},
                {"obstacle", to_string(each.obstacle.kind)},
                {"resource", each.obstacle.resource}};
  });
}

Json RehearsalJson::stuck_reason(const disruption::StuckReason& reason) const {
  const disruption::BudgetNumbers& numbers = reason.numbers;
  return {{"kind", name_of(reason.kind)},
          {"pod", pod_name(reason.pod)},
          {"budget", maybe(reason.budget, [this](disruption::BudgetIndex each) { return budget_name(each); })},
          {"expected", reason.budget ? Json(numbers.expected) : Json(nullptr)},
          {"desired", reason.budget ? Json(numbers.desired) : Json(nullptr)},
          {"healthy", reason.budget ? Json(numbers.healthy) : Json(nullptr)},
          {"allowed", reason.budget ? Json(numbers.allowed) : Json(nullptr)},
          {"obstacles", obstacles(reason.obstacles)},
          {"text", reason.text}};
}

Json RehearsalJson::outcome(const NodeOutcome& outcome) const {
  return {{"node", node_name(outcome.node)},
          {"verdict", to_string(outcome.verdict)},
          {"begin_ms", time(outcome.begin)},
          {"end_ms", time(outcome.end)},
          {"evictions", outcome.evictions},
          {"refusals", outcome.refusals},
          {"timed_out", outcome.timed_out},
          {"refused", json_list(outcome.refused,
                                [this](const disruption::RefusedPod& each) {
                                  return Json{{"pod", pod_name(each.pod)},
                                              {"filter", to_string(each.decision.filter)},
                                              {"flag", each.decision.flag},
                                              {"destroys", each.decision.destroys}};
                                })},
          {"why_stuck",
           json_list(outcome.why_stuck, [this](const disruption::StuckReason& each) { return stuck_reason(each); })},
          {"broken", json_list(outcome.broken, [](disruption::InvariantIndex each) { return Json(each.value()); })},
          {"destroyed", outcome.destroyed},
          {"command", outcome.command}};
}

Json RehearsalJson::invariant(std::size_t index) const {
  const Invariant& invariant = cluster_.invariants()[index];
  const disruption::InvariantOutcome& outcome = rehearsal_.invariants[index];
  return {{"kind", name_of(invariant.kind)},
          {"origin", name_of(invariant.origin)},
          {"subject", invariant.subject},
          {"system", invariant.system},
          {"of", invariant.of},
          {"needs", invariant.needs},
          {"reason", invariant.reason},
          {"where", json_place(invariant.where)},
          {"lowest", outcome.lowest},
          {"lowest_at_ms", time(outcome.lowest_at)},
          {"below_ms", time(outcome.below)},
          {"broken", outcome.broken},
          {"broken_before", outcome.broken_before}};
}

Json RehearsalJson::quorum(const disruption::QuorumVerdict& verdict) const {
  const auto cause = [](const disruption::QuorumCause& each) {
    return Json{{"holds", to_string(each.holds)}, {"text", each.text}, {"where", json_place(each.where)}};
  };
  const auto number = [](std::int64_t each) { return each; };
  return {{"invariant", verdict.invariant.value()},
          {"safe", verdict.safe()},
          {"tolerates", verdict.tolerates},
          {"budget", cause(verdict.budget)},
          {"placement", cause(verdict.placement)},
          {"readiness", cause(verdict.readiness)},
          {"data", cause(verdict.data)},
          {"most_on_node", maybe(verdict.most_on_node, number)},
          {"most_on_node_draining", maybe(verdict.most_on_node_draining, number)},
          {"most_in_zone", maybe(verdict.most_in_zone, number)}};
}

Json RehearsalJson::smallest() const {
  if (!report_.smallest) return nullptr;
  return {{"nodes", maybe(report_.smallest->nodes, [](std::int64_t nodes) { return nodes; })},
          {"tried", json_list(report_.smallest->tried, [](const disruption::SmallestCluster::Tried& each) {
             return Json{{"nodes", each.nodes}, {"verdict", to_string(each.verdict)}, {"unplaced", each.unplaced}};
           })}};
}

Json RehearsalJson::budgets() const {
  Json list = Json::array();
  const std::vector<disruption::ClusterBudget> budgets = cluster_.budgets();
  for (std::size_t i = 0; i < budgets.size(); ++i) {
    const disruption::BudgetNumbers& numbers = budgets[i].numbers;
    list.push_back({{"budget", budgets[i].name},
                    {"expected", numbers.expected},
                    {"desired", numbers.desired},
                    {"healthy", numbers.healthy},
                    {"allowed", numbers.allowed},
                    {"sync_failed", numbers.sync_failed},
                    {"lowest_allowed", rehearsal_.budgets[i].lowest_allowed},
                    {"refusals", rehearsal_.budgets[i].refusals}});
  }
  return list;
}

Json RehearsalJson::event(const Event& event) const {
  return {{"at_ms", time(event.at)},
          {"kind", to_string(event.kind)},
          {"node", maybe_node(event.node)},
          {"pod", maybe_pod(event.pod)},
          {"replaces", maybe_pod(event.other)},
          {"budget", maybe(event.budget, [this](disruption::BudgetIndex each) { return budget_name(each); })},
          {"invariant", maybe(event.invariant, [](disruption::InvariantIndex each) { return each.value(); })},
          {"cause", maybe(event.cause, [](disruption::EvictionCause cause) { return to_string(cause); })},
          {"count", event.count}};
}

Json RehearsalJson::track(const disruption::PodTrack& track) const {
  const disruption::RehearsedPod pod = rehearsal_.pod(track.pod);
  return {{"pod", pod.name},
          {"workload", pod.workload},
          {"replaces", maybe_pod(pod.replaces)},
          {"refusals_ms", json_list(track.refusals, [](Instant at) { return time(at); })},
          {"spans", json_list(track.spans, [this](const disruption::TrackSpan& span) {
             return Json{{"from_ms", time(span.from)},
                         {"to_ms", time(span.to)},
                         {"state", to_string(span.state)},
                         {"node", maybe_node(span.node)}};
           })}};
}

Json RehearsalJson::orders() const {
  if (!report_.orders) return nullptr;
  const disruption::OrderSearch& orders = *report_.orders;
  const bool sampled = orders.coverage == disruption::OrderSearch::Coverage::sampled;
  return {{"coverage", sampled ? "sampled" : "exhaustive"},
          {"orders", orders.orders},
          {"seed", sampled ? Json(orders.seed) : Json(nullptr)},
          {"worst_order", orders.worst_order}};
}

Json RehearsalJson::example(const std::optional<disruption::CounterExample>& example) const {
  if (!example) return nullptr;
  return {{"shortest", example->shortest}, {"steps", json_list(example->steps, [this](const disruption::Step& step) {
                                              return Json{{"step", to_string(step.kind)},
                                                          {"node", maybe_node(step.node)},
                                                          {"pod", step.pod},
                                                          {"level", step.level},
                                                          {"text", to_string(step, cluster_)}};
                                            })}};
}

Json RehearsalJson::group(const disruption::GroupSearch& group) const {
  return {{"invariant", group.invariant.value()},
          {"coverage", name_of(group.coverage)},
          {"states", group.states},
          {"walks", group.walks},
          {"members", group.members},
          {"members_all", group.members_all},
          {"nodes", group.nodes},
          {"nodes_all", group.nodes_all},
          {"broken", example(group.broken)},
          {"stuck", example(group.stuck)}};
}

Json RehearsalJson::document() const {
  Json invariants = Json::array();
  for (std::size_t i = 0; i < rehearsal_.invariants.size(); ++i) invariants.push_back(invariant(i));
  const auto by_member = [this](auto member) {
    return [this, member](const auto& each) { return (this->*member)(each); };
  };
  return {{"schema", "gantry.drain/v1"},
          {"what", rehearsal_.what},
          {"verdict", to_string(verdict_of(report_))},
          {"end_ms", time(rehearsal_.end)},
          {"assumptions", cluster_.assumptions()},
          {"nodes", nodes()},
          {"outcomes", json_list(rehearsal_.nodes, by_member(&RehearsalJson::outcome))},
          {"invariants", std::move(invariants)},
          {"quorums", json_list(report_.quorums, by_member(&RehearsalJson::quorum))},
          {"budgets", budgets()},
          {"unplaced", json_list(rehearsal_.unplaced,
                                 [this](const disruption::Unplaced& each) {
                                   return Json{{"pod", pod_name(each.pod)}, {"obstacles", obstacles(each.obstacles)}};
                                 })},
          {"smallest", smallest()},
          {"orders", orders()},
          {"groups", json_list(report_.groups, by_member(&RehearsalJson::group))},
          {"findings", json_list(report_.findings, json_finding)},
          {"events_cut", rehearsal_.events_cut},
          {"events", json_list(rehearsal_.events, by_member(&RehearsalJson::event))},
          {"tracks", json_list(compute_tracks(rehearsal_), by_member(&RehearsalJson::track))}};
}

}  // namespace

std::string render_rehearsal_json(const RehearsalReport& report) {
  return dump_document(RehearsalJson(report).document());
}

}  // namespace gantry::report
