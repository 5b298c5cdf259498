// Sizings and simulations for machines (docs/formats/capacity.md).

#include "report/json_values.h"
#include "report/scale.h"

#include <fmt/format.h>

#include <optional>

namespace gantry::report {

using capacity::Millis;

namespace {

double seconds(Millis duration) { return static_cast<double>(duration.count()) / 1000; }

template <typename Value>
Json or_null(const std::optional<Value>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json json_proposal(const kube::ScaleMetric& metric, const capacity::Proposal& proposal) {
  const bool failed = !proposal.failure.empty();
  return {
      {"metric", metric.name},
      {"unit", metric.target == kube::ScaleMetric::Target::utilization ? "percent" : "milli"},
      {"reading", failed ? Json(nullptr) : Json(proposal.reading)},
      {"ratio", failed ? Json(nullptr) : Json(proposal.ratio)},
      {"replicas", failed ? Json(nullptr) : Json(proposal.replicas)},
      {"failure", proposal.failure},
  };
}

Json json_step(const std::vector<kube::ScaleMetric>& metrics, const capacity::Step& step) {
  Json readings = Json::array();
  for (std::size_t i = 0; i < step.proposals.size(); ++i)
    readings.push_back(json_proposal(metrics[i], step.proposals[i]));
  return {
      {"at_seconds", seconds(step.at)},
      {"rate", step.rate},
      {"replicas", step.replicas},
      {"ready", step.ready},
      {"desired", step.desired},
      {"recommendation", or_null(step.recommendation)},
      {"limit", capacity::to_string(step.limit)},
      {"metrics", std::move(readings)},
      {"load", step.load},
      {"waiting", step.queue},
      {"late", step.late},
      {"lost", step.lost},
      {"saturated_seconds", seconds(step.saturated)},
  };
}

Json json_answers(const capacity::Answers& answers) {
  return {
      {"requests", answers.requests},
      {"late", answers.late},
      {"lost", answers.lost},
      {"late_percent", 100 * answers.late_share()},
      {"saturated_seconds", seconds(answers.saturated)},
      {"saturated_longest_seconds", seconds(answers.saturated_longest)},
      {"saturated_first_seconds", answers.saturated_first ? Json(seconds(*answers.saturated_first)) : Json(nullptr)},
      {"waiting_peak", answers.queue_peak},
      {"replicas_peak", answers.replicas_peak},
      {"replicas_needed", answers.replicas_needed},
      {"replicas_at_end", answers.replicas_at_end},
      {"at_max_seconds", seconds(answers.at_max)},
      {"short_of_max_seconds", seconds(answers.short_of_max)},
      {"scaled_up_count", answers.scaled_up},
      {"scaled_down_count", answers.scaled_down},
      {"flaps_count", answers.flaps},
      {"without_metrics_seconds", seconds(answers.without_metrics)},
  };
}

Json json_pod(const capacity::PodModel& pod) {
  return {
      {"rate_per_pod", pod.rate_per_pod()},        {"cpu_ms_per_request", pod.cpu_ms_per_request},
      {"idle_cpu_milli", pod.idle_cpu_milli},      {"cpu_max_milli", pod.cpu_max_milli},
      {"start_up_seconds", seconds(pod.start_up)}, {"pending_seconds", seconds(pod.pending)},
  };
}

Json json_figure(const capacity::Figure& figure) {
  return {
      {"id", figure.id},       {"label", figure.label},           {"value", figure.value}, {"unit", figure.unit},
      {"shown", figure.shown}, {"arithmetic", figure.arithmetic}, {"why", figure.why},
  };
}

Json json_knee(const capacity::Knee& knee) {
  return {
      {"rate", knee.rate},
      {"is_lower_bound", knee.is_lower_bound},
      {"confidence", capacity::to_string(knee.confidence)},
      {"why", knee.why},
      {"broken", knee.broken},
      {"spread", knee.spread},
      {"estimates", json_list(knee.estimates,
                              [](const capacity::KneeEstimate& estimate) {
                                return Json{{"method", capacity::to_string(estimate.method)},
                                            {"rate", estimate.rate},
                                            {"reason", estimate.reason}};
                              })},
  };
}

Json json_baseline(const capacity::Baseline& baseline) {
  Json latency = Json::object();
  for (const auto& [name, value] : baseline.latency_ms) latency[name] = value;
  return {
      {"format", baseline.format},
      {"rate", baseline.rate > 0 ? Json(baseline.rate) : Json(nullptr)},
      {"replicas", baseline.replicas},
      {"latency_ms", std::move(latency)},
      {"error_percent", baseline.error_share ? Json(100 * *baseline.error_share) : Json(nullptr)},
      {"cpu_milli", or_null(baseline.cpu_milli)},
      {"where", json_place(baseline.where)},
  };
}

Json json_target(const capacity::Target& target) {
  return {
      {"rate", target.rate},        {"burst", target.burst},
      {"p95_ms", target.p95_ms},    {"error_percent", target.error_percent},
      {"now", or_null(target.now)}, {"growth_per_minute", target.growth_per_minute},
  };
}

}  // namespace

std::string render_simulation_json(const SimulatedScale& scale) {
  const capacity::Scenario& scenario = scale.prepared.scenario;
  const kube::HorizontalPodAutoscaler& autoscaler = scenario.autoscaler;
  return dump_document({
      {"schema", "gantry.scale-simulate/v1"},
      {"autoscaler", fmt::format("{}/{}", autoscaler.name_space(), autoscaler.name())},
      {"workload", scale.prepared.workload.name},
      {"min_replicas", autoscaler.min_replicas},
      {"max_replicas", autoscaler.max_replicas},
      {"release", capacity::to_string(scenario.controller.release)},
      {"sync_seconds", seconds(scenario.controller.sync_period)},
      {"traffic", {{"duration_seconds", seconds(scenario.traffic.duration())}, {"rate_peak", scenario.traffic.peak()}}},
      {"pod", json_pod(scenario.pod)},
      {"late_ms", scenario.late_ms},
      {"timeout_ms", scenario.timeout_ms},
      {"assumptions", scale.prepared.assumptions},
      {"answers", json_answers(scale.simulation.answers)},
      {"findings", json_list(scale.findings, json_finding)},
      {"steps", json_list(scale.simulation.steps,
                          [&](const capacity::Step& step) { return json_step(autoscaler.metrics, step); })},
  });
}

std::string render_sizing_json(const SizedService& sized) {
  const capacity::SizingInput& input = sized.input;
  return dump_document({
      {"schema", "gantry.scale-size/v1"},
      {"workload", input.workload ? Json(input.workload->name) : Json(nullptr)},
      {"baseline", json_baseline(input.baseline)},
      {"target", json_target(input.target)},
      {"survive", {{"zones", input.survival.zones}, {"absent", input.survival.absent}}},
      {"knee", json_knee(sized.sizing.knee)},
      {"figures", json_list(sized.sizing.figures, json_figure)},
      {"autoscaler_yaml", sized.sizing.autoscaler_yaml},
      {"findings", json_list(sized.sizing.findings, json_finding)},
  });
}

}  // namespace gantry::report
