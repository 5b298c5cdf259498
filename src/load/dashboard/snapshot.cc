#include "load/dashboard/snapshot.h"

#include "load/summary/data.h"
#include "load/summary/measured.h"
#include "load/summary/progress.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <string>
#include <utility>

namespace gantry::load {

namespace {

using base::Node;

// In the order of RunPhase.
constexpr std::array<std::string_view, 12> kPhases = {
    "created", "making_vus", "making_executors", "ready", "paused",      "started",
    "setup",   "running",    "teardown",         "ended", "interrupted", "marked_failed"};
static_assert(kPhases.size() == static_cast<std::size_t>(RunPhase::marked_failed) + 1);

Node number(std::uint64_t count) { return static_cast<std::int64_t>(count); }

Node thousandths(double value) { return std::round(value * 1000) / 1000; }
Node seconds(std::chrono::nanoseconds time) { return thousandths(std::chrono::duration<double>(time).count()); }

template <typename Kind>
Kind find_sink(const RunOutcome& outcome, BuiltInMetric metric) {
  const Sink* sink = outcome.recorder->sink(static_cast<MetricId>(metric));
  return sink ? std::get<Kind>(*sink) : Kind();
}

Node make_requests(const RunOutcome& outcome) {
  const auto failed = find_sink<RateSink>(outcome, BuiltInMetric::http_req_failed);
  return Node::Map{
      {"count",
       number(static_cast<std::uint64_t>(find_sink<CounterSink>(outcome, BuiltInMetric::http_reqs).count())),
       {}},
      {"failed", number(failed.trues()), {}},
      {"per_second", requests_per_second(outcome.measurement.series), {}}};
}

Node make_scenarios(const RunOutcome& outcome, const RunProgress& progress) {
  Node::Array scenarios;
  for (std::size_t i = 0; i < outcome.scenarios.size(); ++i) {
    const ScenarioOutcome& each = outcome.scenarios[i];
    // Both are in the order in which the scenarios begin.
    const ScenarioProgress* playing = i < progress.scenarios.size() ? &progress.scenarios[i] : nullptr;
    scenarios.push_back(Node::Map{{"name", each.scenario.name, {}},
                                  {"executor", executor_name(each.scenario.plan), {}},
                                  {"progress", thousandths(playing ? part_done(*playing) : 1), {}},
                                  {"vus", number(playing ? playing->vus_active : 0), {}},
                                  {"completed", number(each.completed), {}},
                                  {"interrupted", number(each.interrupted), {}},
                                  {"dropped", number(each.dropped), {}},
                                  {"is_over", !playing || playing->is_over, {}}});
  }
  return scenarios;
}

Node make_thresholds(const RunOutcome& outcome) {
  Node::Array thresholds;
  for (const JudgedMetric& metric : outcome.thresholds)
    for (const JudgedThreshold& each : metric.thresholds)
      thresholds.push_back(Node::Map{{"metric", metric.selector.text, {}},
                                     {"threshold", each.threshold.source, {}},
                                     {"value", each.judgement.value ? Node(*each.judgement.value) : Node(), {}},
                                     {"holds", each.judgement.holds, {}},
                                     {"is_undecided", each.judgement.is_undecided, {}}});
  return thresholds;
}

}  // namespace

Node make_dashboard_snapshot(const RunLook& look, const RunProgress& progress) {
  const RunOutcome& outcome = look.outcome;
  Node node = Node::Map{{"phase", kPhases[static_cast<std::size_t>(look.phase)], {}}};
  node.set("is_over", look.phase >= RunPhase::ended);
  node.set("elapsed_seconds", seconds(look.elapsed));
  node.set("planned_seconds", progress.scenarios.empty() ? Node() : seconds(progress.planned));
  node.set("vus", Node::Map{{"active", number(look.vus_active), {}}, {"made", number(look.vus), {}}});
  node.set("requests", make_requests(outcome));
  node.set("scenarios", make_scenarios(outcome, progress));
  node.set("thresholds", make_thresholds(outcome));
  node.set("checks", make_check_list(outcome.checks.by_name));
  node.set("error", outcome.error ? Node(outcome.error->message) : Node());
  node.set("measured", make_measured_so_far(outcome));
  return node;
}

}  // namespace gantry::load
