#include "launch/checks/drains/rehearsal_check.h"

#include "base/json.h"
#include "launch/checks/references/world.h"
#include "launch/checks/system/rules.h"
#include "report/drain.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace gantry::launch {

using base::Finding;
using base::Result;
using disruption::Cluster;
using disruption::GroupSearch;
using disruption::Invariant;
using disruption::Rehearsal;

namespace {

// A search of a group is an experiment of its own; the rehearsal follows one course.
void judge_group(const Rehearsal& rehearsal, const GroupSearch& group, std::vector<Finding>& findings) {
  const Invariant& invariant = rehearsal.cluster.invariants()[group.invariant.value()];
  const auto told = [&](const disruption::CounterExample& example) {
    std::vector<std::string> steps;
    for (const disruption::Step& step : example.steps) steps.push_back(to_string(step, rehearsal.cluster));
    return fmt::format("{}", fmt::join(steps, ", "));
  };
  if (group.broken)
    findings.push_back(make_finding("drain.quorum-course", invariant.subject, invariant.where,
                                    fmt::format("{} falls below {} of {} in this course of events: {}",
                                                invariant.subject, invariant.needs, invariant.of, told(*group.broken)),
                                    "admit one eviction at a time, and place members apart"));
  if (group.stuck)
    findings.push_back(make_finding(
        "drain.stuck-course", invariant.subject, invariant.where,
        fmt::format("a drain of {} never ends in this course of events: {}", invariant.subject, told(*group.stuck)),
        "give members a place while a node is away, or admit more evictions"));
  if (group.coverage == GroupSearch::Coverage::sampled)
    findings.push_back(make_finding("drain.sampled", invariant.subject, invariant.where,
                                    fmt::format("not every course of events of {} was tried", invariant.subject),
                                    "rehearse the group on fewer nodes"));
}

void judge_times(const Rehearsal& rehearsal, std::vector<Finding>& findings) {
  const auto late = std::ranges::find_if(rehearsal.nodes, &disruption::NodeOutcome::timed_out);
  if (late == rehearsal.nodes.end()) return;
  const std::string& name = rehearsal.cluster.nodes()[late->node.value()].name();
  findings.push_back(make_finding("drain.timed-out", name, {},
                                  fmt::format("{} takes longer to drain than its time limit", name),
                                  "allow more time, or shorten what the pods take to stop and to start"));
}

// An outage is most often that of services with one pod, which somebody may accept: how many says more than the word.
std::string word_verdict(const Rehearsal& rehearsal) {
  if (rehearsal.verdict != disruption::Verdict::outage) return std::string(to_string(rehearsal.verdict));
  std::size_t down = 0;
  for (std::size_t i = 0; i < rehearsal.invariants.size(); ++i)
    down += rehearsal.cluster.invariants()[i].kind == Invariant::Kind::available && rehearsal.invariants[i].lowest <= 0;
  return fmt::format("outage of {}", count_of(down, "service"));
}

std::string summarize(const Rehearsed& rehearsed) {
  const Rehearsal& rehearsal = rehearsed.rehearsal();
  const std::string verdict = word_verdict(rehearsal);
  std::string text = fmt::format("{}: {}", rehearsal.what, verdict);
  if (rehearsed.orders)
    text = fmt::format("{} drain, {} of them: {}", count_of(rehearsal.nodes.size(), "node"),
                       count_of(rehearsed.orders->orders, "order"), verdict);
  for (std::size_t i = 0; i < rehearsal.invariants.size(); ++i) {
    const Invariant& invariant = rehearsal.cluster.invariants()[i];
    if (invariant.kind == Invariant::Kind::quorum)
      text += fmt::format("; {} keeps {} of {}", invariant.subject, rehearsal.invariants[i].lowest, invariant.of);
  }
  return text;
}

std::vector<base::Metric> metrics_of(const Rehearsed& rehearsed) {
  const Rehearsal& rehearsal = rehearsed.rehearsal();
  double evictions = 0;
  double refusals = 0;
  for (const disruption::NodeOutcome& node : rehearsal.nodes) {
    evictions += static_cast<double>(node.evictions);
    refusals += static_cast<double>(node.refusals);
  }
  std::vector<base::Metric> metrics = {{"nodes_count", static_cast<double>(rehearsal.cluster.nodes().size())},
                                       {"nodes_drained_count", static_cast<double>(rehearsal.nodes.size())},
                                       {"evictions_count", evictions},
                                       {"evictions_refused_count", refusals},
                                       {"pods_unplaced_count", static_cast<double>(rehearsal.unplaced.size())},
                                       {"duration_seconds", static_cast<double>(rehearsal.end.count()) / 1000.0}};
  if (rehearsed.orders) metrics.push_back({"orders_count", static_cast<double>(rehearsed.orders->orders)});
  for (std::size_t i = 0; i < rehearsal.invariants.size(); ++i)
    metrics.push_back({fmt::format("lowest_count.{}", rehearsal.cluster.invariants()[i].subject),
                       static_cast<double>(rehearsal.invariants[i].lowest)});
  return metrics;
}

}  // namespace

Result<disruption::GivenDrain> read_rehearsal_block(const CheckContext& context) {
  // Which key says what is part of the evidence's key already where the block says it.
  if (context.config.drain.is_map()) context.inputs.note("option:drain", base::dump_json(context.config.drain));
  return disruption::parse_given(context.block, context.config.drain);
}

Result<kube::Snapshot> load_rehearsed(CheckContext& context, const kube::Snapshot& manifests) {
  if (!context.kubectl) return manifests;
  return join_snapshots(TRY(read_live_cluster(context)), manifests);
}

Result<Cluster> build_cluster(const CheckContext& context, const kube::Snapshot& snapshot,
                              disruption::ClusterOptions options) {
  if (context.kubectl) options.nodes.clear();
  if (options.nodes.empty() && snapshot->nodes.empty())
    return base::input_error("nobody says which nodes there are, so none can be drained", context.where(),
                             "write nodes: 3 in the block, or in gantry.yaml under drain:, or run with --context");
  return Cluster::build(snapshot, options);
}

Result<CheckOutcome> conclude_rehearsal(const Rehearsed& rehearsed) {
  const Rehearsal& rehearsal = rehearsed.rehearsal();
  CheckOutcome outcome;
  // Evictions were asked for and answered, and what came of it was watched: on a model, which its assumptions describe (launch
  // reference, §2.7 and §3, step A.5).
  outcome.evidence_class = base::EvidenceClass::rehearsal;
  outcome.findings = find_drain_problems(rehearsal);
  std::ranges::move(find_workload_mistakes(rehearsal.cluster), std::back_inserter(outcome.findings));
  for (const GroupSearch& group : rehearsed.groups) judge_group(rehearsal, group, outcome.findings);
  judge_times(rehearsal, outcome.findings);
  outcome.summary = summarize(rehearsed);
  outcome.metrics = metrics_of(rehearsed);

  std::vector<disruption::QuorumVerdict> quorums;
  for (std::uint32_t i = 0; i < rehearsal.cluster.invariants().size(); ++i)
    if (rehearsal.cluster.invariants()[i].kind == Invariant::Kind::quorum)
      quorums.push_back(TRY(disruption::judge_quorum(rehearsal.cluster, disruption::InvariantIndex(i))));
  const report::RehearsalReport report{.rehearsal = rehearsal,
                                       .orders = rehearsed.orders ? &*rehearsed.orders : nullptr,
                                       .groups = rehearsed.groups,
                                       .quorums = quorums};
  outcome.artifacts = {
      {.name = "rehearsal.json", .media_type = "application/json", .content = render_rehearsal_json(report)},
      {.name = "timeline.svg", .media_type = "image/svg+xml", .content = render_rehearsal_svg(report)},
      {.name = "rehearsal.txt", .media_type = "text/plain", .content = render_rehearsal(report, {.width = 120})}};
  conclude(outcome);
  return outcome;
}

}  // namespace gantry::launch
