// The block of capacity.holds.

#include "capacity/inputs.h"
#include "capacity/inputs_shared.h"

#include <fmt/format.h>

#include <array>

namespace gantry::capacity {

using base::Node;
using base::Result;

namespace {

constexpr std::array<std::string_view, 10> kKeys = {"check", "workload", "summary", "baseline",    "levels",
                                                    "pod",   "target",   "survive", "utilization", "headroom"};
constexpr std::array<std::string_view, 14> kBaselineKeys = {
    "rate",   "offered_rate",  "requests", "duration", "mean_ms",  "p50_ms", "p95_ms",
    "p99_ms", "error_percent", "vus",      "think",    "replicas", "cpu",    "memory"};
// What a summary says itself: a block that says it too would have to be compared.
constexpr std::array<std::string_view, 9> kOfSummary = {"rate",   "requests", "duration",      "mean_ms", "p50_ms",
                                                        "p95_ms", "p99_ms",   "error_percent", "vus"};
constexpr std::array<std::string_view, 7> kLevelKeys = {"rate",          "achieved", "mean_ms",  "p95_ms",
                                                        "error_percent", "cpu",      "throttled"};
constexpr std::array<std::string_view, 6> kTargetKeys = {"rate",          "burst", "p95_ms",
                                                         "error_percent", "now",   "growth_per_minute"};
constexpr std::array<std::string_view, 2> kSurviveKeys = {"zones", "absent"};

constexpr Range kRate{1e-6, kRateMax};
constexpr Range kLatency{0, 1e7};         // ms
constexpr std::size_t kLevelsMax = 1000;  // steps of a load test

Result<std::optional<double>> cpu_milli(const Fields& fields) {
  const std::optional<kube::Quantity> cpu = TRY(fields.quantity("cpu"));
  return cpu ? std::optional(static_cast<double>(cpu->milli())) : std::nullopt;
}

Result<Baseline> parse_baseline(const Node* node, bool has_summary) {
  Baseline baseline;
  if (!node) return baseline;
  const Fields fields = TRY(Fields::open(*node, "baseline", kBaselineKeys));
  if (has_summary)
    for (const std::string_view key : kOfSummary)
      if (fields.node(key))
        return base::input_error(fmt::format("\"{}\" is said by the summary, and by the block as well", key),
                                 fields.node(key)->pos(), "leave it out: the summary was measured");
  baseline.where = node->pos();
  baseline.format = "the block";
  baseline.rate = TRY(fields.number("rate", kRate)).value_or(0);
  baseline.offered_rate = TRY(fields.number("offered_rate", kRate));
  baseline.requests = TRY(fields.number("requests", {0, 1e15}));
  baseline.duration = TRY(fields.duration("duration"));
  for (const auto& [key, name] : {std::pair{"mean_ms", "avg"}, {"p50_ms", "p50"}, {"p95_ms", "p95"}, {"p99_ms", "p99"}})
    if (const std::optional<double> latency = TRY(fields.number(key, kLatency)))
      baseline.latency_ms.emplace(name, *latency);
  if (const std::optional<double> percent = TRY(fields.number("error_percent", {0, 100})))
    baseline.error_share = *percent / 100;
  baseline.vus = TRY(fields.number("vus", {1, 1e8}));
  if (const std::optional<Millis> think = TRY(fields.duration("think")))
    baseline.think_ms = static_cast<double>(think->count());
  baseline.replicas = TRY(fields.integer("replicas", {1, static_cast<double>(kReplicasMax)})).value_or(1);
  baseline.cpu_milli = TRY(cpu_milli(fields));
  if (const std::optional<kube::Quantity> memory = TRY(fields.quantity("memory")))
    baseline.memory_bytes = memory->as_double();
  return baseline;
}

Result<LoadLevel> parse_level(const Node& node) {
  const Fields fields = TRY(Fields::open(node, "levels", kLevelKeys));
  LoadLevel level;
  level.rate = TRY(fields.required_number("rate", kRate));
  level.achieved = TRY(fields.number("achieved", {0, kRateMax}));
  level.mean_ms = TRY(fields.number("mean_ms", kLatency));
  level.p95_ms = TRY(fields.required_number("p95_ms", kLatency));
  level.error_percent = TRY(fields.number("error_percent", {0, 100})).value_or(0);
  level.cpu_milli = TRY(cpu_milli(fields));
  if (const Node* throttled = fields.node("throttled")) {
    if (!throttled->is_bool())
      return base::input_error("\"throttled\" must be true or false", throttled->pos(),
                               "write true where CPU throttling was seen");
    level.throttled = throttled->boolean();
  }
  return level;
}

Result<std::vector<LoadLevel>> parse_levels(const Node* node) {
  std::vector<LoadLevel> levels;
  if (!node) return levels;
  if (!node->is_array() || node->array().empty() || node->array().size() > kLevelsMax)
    return base::input_error("\"levels\" must be a list of {rate, p95_ms, …}", node->pos(),
                             "one for each step of the load test");
  for (const Node& element : node->array()) levels.push_back(TRY(parse_level(element)));
  return levels;
}

Result<Target> parse_target(const Node* node, const base::SourcePos& where) {
  if (!node)
    return base::input_error("nothing says what rate is the target", where, "add target: {rate: 100, p95_ms: 500}");
  const Fields fields = TRY(Fields::open(*node, "target", kTargetKeys));
  Target target;
  target.rate = TRY(fields.required_number("rate", kRate));
  target.burst = TRY(fields.number("burst", {1, 1000})).value_or(target.burst);
  target.p95_ms = TRY(fields.number("p95_ms", {0.001, 1e7})).value_or(target.p95_ms);
  target.error_percent = TRY(fields.number("error_percent", {0, 100})).value_or(target.error_percent);
  target.now = TRY(fields.number("now", kRate));
  target.growth_per_minute = TRY(fields.number("growth_per_minute", {0, kRateMax})).value_or(0);
  if (target.now && *target.now > target.rate)
    return base::input_error(
        fmt::format("the rate now ({:g}/s) is above that of the planned peak ({:g}/s)", *target.now, target.rate),
        node->pos(), "the target is the peak that is planned for");
  return target;
}

Result<Survival> parse_survival(const Node* node) {
  Survival survival;
  if (!node) return survival;
  const Fields fields = TRY(Fields::open(*node, "survive", kSurviveKeys));
  survival.zones = TRY(fields.integer("zones", {1, 100})).value_or(survival.zones);
  survival.absent = TRY(fields.integer("absent", {0, 10'000})).value_or(survival.absent);
  return survival;
}

}  // namespace

Result<SizingRequest> parse_sizing(const Node& block) {
  const Fields fields = TRY(Fields::open(block, "capacity.holds", kKeys));
  SizingRequest request;
  request.where = block.pos();
  request.workload = TRY(fields.text("workload")).value_or("");
  request.summary = TRY(fields.text("summary")).value_or("");
  SizingInput& input = request.input;
  input.baseline = TRY(parse_baseline(fields.node("baseline"), !request.summary.empty()));
  input.levels = TRY(parse_levels(fields.node("levels")));
  input.target = TRY(parse_target(fields.node("target"), block.pos()));
  input.survival = TRY(parse_survival(fields.node("survive")));
  const PodInput pod = TRY(parse_pod(fields.node("pod")));
  input.cpu_ms_per_request = pod.cpu_ms_per_request;
  input.idle_memory_bytes = pod.idle_memory_bytes;
  input.memory_bytes_per_request = pod.memory_bytes_per_request;
  input.cpu_peak_milli = pod.cpu_peak_milli;
  input.start_up = pod.start_up.value_or(input.start_up);
  input.utilization_percent = TRY(fields.number("utilization", kPercent)).value_or(input.utilization_percent);
  input.headroom_percent = TRY(fields.number("headroom", kPercent)).value_or(input.headroom_percent);
  if (request.summary.empty() && input.baseline.rate <= 0 && input.levels.empty())
    return base::input_error("nothing says what was measured", block.pos(),
                             "add summary: FILE.json, baseline: {rate: 100, p95_ms: 80}, or levels");
  if (request.summary.empty() && input.baseline.rate > 0 && input.levels.empty() && !input.baseline.latency("p95"))
    return base::input_error("the baseline has no p95_ms", block.pos(), "a rate without its latency sizes nothing");
  return request;
}

Result<Baseline> join_baseline(Baseline summary, const Baseline& beside) {
  summary.replicas = beside.replicas;
  summary.cpu_milli = beside.cpu_milli;
  summary.memory_bytes = beside.memory_bytes;
  summary.think_ms = beside.think_ms;
  summary.offered_rate = beside.offered_rate;
  if (!summary.latency("p95"))
    return base::input_error(
        fmt::format("the summary ({}) has no 95th percentile of http_req_duration", summary.format), summary.where,
        "add 'p(95)' to summaryTrendStats and run again");
  return summary;
}

}  // namespace gantry::capacity
