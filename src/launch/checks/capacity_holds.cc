// capacity.holds: what is written of a workload (requests, limits, replicas, its autoscaler) holds the target rate by what a load test
// measured, with headroom and one zone lost.

#include "base/json.h"
#include "capacity/capacity.h"
#include "launch/checks/checks.h"
#include "launch/checks/system/loading.h"
#include "launch/checks/system/outcome.h"
#include "report/scale.h"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace gantry::launch {

using base::Result;

namespace {

constexpr std::array kFields = {
    Field{"workload", FieldKind::text, Need::optional, "NAMESPACE/NAME; without, the only one there is"},
    Field{"target", FieldKind::any, Need::required,
          "{rate: 100, burst: 1.5, p95_ms: 500, error_percent: 1, now: 60, growth_per_minute: 10}"},
    Field{"summary", FieldKind::path, Need::optional, "the JSON summary of a load test: k6's, or Gantry's"},
    Field{"baseline", FieldKind::any, Need::optional,
          "what the summary does not say: {replicas: 2, cpu: 1.2, memory: 210Mi, think: 100ms}, or without one all of "
          "it: "
          "{rate: 80, p95_ms: 120, …}"},
    Field{"levels", FieldKind::any, Need::optional,
          "steps of the load test, for the knee: [{rate: 50, p95_ms: 40}, …]"},
    Field{"pod", FieldKind::any, Need::optional,
          "{cpu_ms_per_request: 8, start_up: 40s, idle_memory: 180Mi, memory_per_request: 1Mi, cpu_peak: 900m}"},
    Field{"survive", FieldKind::any, Need::optional,
          "what may be lost: {zones: 3, absent: 1}: one zone, and one pod more"},
    Field{"utilization", FieldKind::number, Need::optional,
          "percent of the CPU request that is wished for (default 70)"},
    Field{"headroom", FieldKind::number, Need::optional, "percent of the knee that is used (default 80)"},
};

Result<capacity::SizingRequest> read_request(const CheckContext& context) {
  capacity::SizingRequest request = TRY(capacity::parse_sizing(context.block));
  if (request.summary.empty()) return request;
  const std::string text = TRY(context.files.read(request.summary));
  const base::Node document = TRY(base::load_json(text, request.summary));
  capacity::Baseline summary = TRY(capacity::parse_summary(document));
  request.input.baseline = TRY(capacity::join_baseline(std::move(summary), request.input.baseline));
  return request;
}

std::string summarize(const capacity::SizingInput& input, const capacity::Sizing& sizing) {
  const capacity::Figure* rate = sizing.find("safe_rate");
  const capacity::Figure* replicas = sizing.find("replicas_zone_lost");
  if (!rate || !replicas) return "no measured rate is good";
  return fmt::format("{} holds {:g}/s: {} for each replica, {} replicas with one zone lost",
                     input.workload ? input.workload->name : "it", input.target.rate, rate->shown, replicas->shown);
}

Result<CheckOutcome> run(CheckContext& context) {
  capacity::SizingRequest request = TRY(read_request(context));
  LoadedManifests loaded = TRY(load_world(context));
  if (loaded.problem) return fail_by(*std::move(loaded.problem));
  const kube::Workload& workload = *TRY(capacity::find_scalable(loaded.snapshot(), request.workload, context.where()));
  request.input.workload = capacity::describe_scaled(loaded.snapshot(), workload);
  const capacity::Sizing sizing = TRY(capacity::size(request.input));

  CheckOutcome outcome;
  outcome.findings = sizing.findings;
  outcome.summary = summarize(request.input, sizing);
  for (const capacity::Figure& figure : sizing.figures)
    outcome.metrics.push_back({fmt::format("{}_{}", figure.id, figure.unit), figure.value});
  const report::SizedService sized{request.input, sizing};
  outcome.artifacts.push_back(
      {.name = "sizing.json", .media_type = "application/json", .content = render_sizing_json(sized)});
  outcome.artifacts.push_back({.name = "sizing.txt", .media_type = "text/plain", .content = render_sizing(sized, {})});
  conclude(outcome);
  return outcome;
}

}  // namespace

const CheckType kCapacityHolds = {.name = "capacity.holds",
                                  .summary = "requests, limits and replicas hold the target rate with one zone lost",
                                  .fields = kFields,
                                  .version = 1,
                                  .run = run,
                                  .missing_engine = {}};

}  // namespace gantry::launch
