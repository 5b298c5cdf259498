// hpa.fits: an autoscaler follows the traffic that is expected, without requests that wait, without flapping, without hitting its
// maximum: simulated by the controller's own rules.

#include "capacity/capacity.h"
#include "launch/checks/checks.h"
#include "launch/checks/system/loading.h"
#include "launch/checks/system/outcome.h"
#include "report/scale.h"

#include <array>
#include <chrono>

namespace gantry::launch {

using base::Result;

namespace {

constexpr std::array kFields = {
    Field{"autoscaler", FieldKind::text, Need::optional, "NAMESPACE/NAME; without, the only one there is"},
    Field{"traffic", FieldKind::any, Need::optional,
          "{stages: 30s:10,1m:100, start_rate: 5}, or {doubling: {from: 60}}"},
    Field{"trace", FieldKind::path, Need::optional, "instead of traffic: a CSV of time,rate"},
    Field{"script", FieldKind::path, Need::optional,
          "instead of traffic: the options of a k6 script, as `k6 inspect` prints them"},
    Field{"pod", FieldKind::any, Need::optional,
          "what a pod is like: {cpu_ms_per_request: 8, start_up: 40s, rate_max: 50, …}"},
    Field{"signals", FieldKind::any, Need::optional,
          "how metrics besides CPU and memory follow the load: {NAME: rate}"},
    Field{"controller", FieldKind::any, Need::optional, "{release: current, tolerance: 0.1, sync: 15s, …}"},
    Field{"replicas", FieldKind::integer, Need::optional, "how many there are at the start"},
    Field{"late", FieldKind::duration, Need::optional, "a request that waits longer is late (default 500ms)"},
    Field{"timeout", FieldKind::duration, Need::optional, "a client that waits so long goes away (default 30s)"},
    Field{"allow", FieldKind::any, Need::optional, "{saturated: 60s, late_percent: 1, flaps: 0}"},
    Field{"outages", FieldKind::any, Need::optional, "when the metrics API answers nothing: [{from: 10m, for: 2m}]"},
};

double seconds(capacity::Millis duration) { return static_cast<double>(duration.count()) / 1000; }

std::vector<base::Metric> metrics_of(const capacity::Answers& answers) {
  return {{"late_percent", 100 * answers.late_share()},
          {"saturated_seconds", seconds(answers.saturated)},
          {"replicas_peak_count", static_cast<double>(answers.replicas_peak)},
          {"at_max_seconds", seconds(answers.at_max)},
          {"short_of_max_seconds", seconds(answers.short_of_max)},
          {"flaps_count", static_cast<double>(answers.flaps)}};
}

Result<capacity::SimulationRequest> read_request(const CheckContext& context) {
  capacity::SimulationRequest request = TRY(capacity::parse_simulation(context.block));
  if (!request.trace.empty()) {
    const std::string text = TRY(context.files.read(request.trace));
    request.traffic = TRY(capacity::parse_traffic_csv(text, request.trace, request.gap_max));
  } else if (!request.script.empty()) {
    const std::string text = TRY(context.files.read(request.script));
    request.traffic = TRY(capacity::parse_script_file(text, request.script, request.script_load));
  }
  return request;
}

Result<CheckOutcome> run(CheckContext& context) {
  const capacity::SimulationRequest request = TRY(read_request(context));
  LoadedManifests loaded = TRY(load_world(context));
  if (loaded.problem) return fail_by(*std::move(loaded.problem));
  const capacity::PreparedSimulation prepared = TRY(capacity::prepare_simulation(loaded.snapshot(), request));
  const capacity::Simulation simulation = TRY(capacity::simulate(prepared.scenario, context.stop));

  CheckOutcome outcome;
  capacity::judge_autoscaler(prepared.workload, {.idle_memory_bytes = request.pod.idle_memory_bytes}, outcome.findings);
  capacity::judge_simulation(prepared.scenario, simulation, request.allowance, outcome.findings);
  outcome.summary = capacity::summarize(simulation);
  outcome.metrics = metrics_of(simulation.answers);
  const report::SimulatedScale scale{prepared, request.allowance, simulation, outcome.findings};
  outcome.artifacts.push_back(
      {.name = "hpa.svg", .media_type = "image/svg+xml", .content = render_simulation_svg(scale)});
  outcome.artifacts.push_back(
      {.name = "hpa.json", .media_type = "application/json", .content = render_simulation_json(scale)});
  conclude(outcome);
  return outcome;
}

}  // namespace

const CheckType kHpaFits = {
    .name = "hpa.fits",
    .summary = "the autoscaler follows the expected load without flapping or hitting its maximum",
    .fields = kFields,
    .version = 1,
    .run = run,
    .missing_engine = {}};

}  // namespace gantry::launch
