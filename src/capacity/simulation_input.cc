// The block of hpa.fits, and what becomes of it with the manifests.

#include "base/time.h"
#include "capacity/inputs.h"
#include "capacity/inputs_shared.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace gantry::capacity {

using base::Node;
using base::Result;
using kube::ScaleMetric;

namespace {

constexpr std::array<std::string_view, 13> kKeys = {"check",   "autoscaler", "traffic",    "trace",    "script",
                                                    "pod",     "signals",    "controller", "replicas", "late",
                                                    "timeout", "allow",      "outages"};
constexpr std::array<std::string_view, 7> kTrafficKeys = {
    "stages", "start_rate", "doubling", "gap_max", "scenario", "requests_per_iteration", "rate_per_vu"};
constexpr std::array<std::string_view, 5> kDoublingKeys = {"from", "to", "after", "ramp", "hold"};
constexpr std::array<std::string_view, 12> kPodKeys = {
    "cpu_ms_per_request", "idle_cpu",    "cpu_max",     "cpu_peak",           "rate_max", "pending",
    "start_up",           "response_ms", "idle_memory", "memory_per_request", "cpu",      "memory"};
constexpr std::array<std::string_view, 3> kSignalKeys = {"source", "base", "factor"};
constexpr std::array<std::string_view, 5> kSignalWords = {"rate", "in_flight", "queue", "constant", "missing"};
constexpr std::array kSignalSources = {Signal::Source::rate, Signal::Source::in_flight, Signal::Source::queue,
                                       Signal::Source::constant, Signal::Source::missing};
constexpr std::array<std::string_view, 7> kControllerKeys = {
    "release", "sync", "tolerance", "stabilization", "cpu_initialization", "initial_readiness", "metrics_resolution"};
constexpr std::array<std::string_view, 2> kReleaseWords = {"current", "older"};
constexpr std::array<std::string_view, 3> kAllowKeys = {"saturated", "late_percent", "flaps"};
constexpr std::array<std::string_view, 2> kOutageKeys = {"from", "for"};

constexpr Millis kPeriodMax{3'600'000};
constexpr Millis kStartMax{24LL * 3'600'000};
constexpr Millis kStartUpAssumed{30'000};
constexpr Millis kPendingAssumed{2'000};
constexpr std::size_t kOutagesMax = 1000;

double as_ms(Millis duration) { return static_cast<double>(duration.count()); }

Result<Millis> within(std::string_view key, Millis value, Millis min, Millis max, const base::SourcePos& where) {
  if (value >= min && value <= max) return value;
  return base::input_error(fmt::format("\"{}\" must be from {} to {}, and is {}", key, base::format_duration(min),
                                       base::format_duration(max), base::format_duration(value)),
                           where, "write a duration such as 90s or 10m");
}

// ---- Traffic

Result<Traffic> parse_doubling(const Node& node) {
  const Fields fields = TRY(Fields::open(node, "doubling", kDoublingKeys));
  Doubling doubling;
  doubling.from = TRY(fields.required_number("from", {0, kRateMax}));
  doubling.to = TRY(fields.number("to", {0, kRateMax}));
  for (const auto& [key, value] :
       {std::pair{"after", &doubling.after}, {"ramp", &doubling.ramp}, {"hold", &doubling.hold}})
    if (const std::optional<Millis> written = TRY(fields.duration(key)))
      *value = TRY(within(key, *written, Millis(0), Millis(kTraceMax), node.pos()));
  Result<Traffic> traffic = make_doubling(doubling);
  if (!traffic && !traffic.error().where) traffic.error().where = node.pos();
  return traffic;
}

// What says how a script's load becomes requests.
Result<void> parse_script_load(const Fields& fields, SimulationRequest& request) {
  ScriptLoad& load = request.script_load;
  if (const std::optional<std::string> scenario = TRY(fields.text("scenario"))) load.scenario = *scenario;
  load.requests_per_iteration = TRY(fields.number("requests_per_iteration", {0, kRateMax})).value_or(1);
  load.rate_per_vu = TRY(fields.number("rate_per_vu", {0, kRateMax}));
  for (const std::string_view key : {"scenario", "requests_per_iteration", "rate_per_vu"})
    if (fields.node(key) && request.script.empty())
      return base::input_error(fmt::format("\"{}\" belongs to a script", key), fields.node(key)->pos(), "leave it out");
  return {};
}

Result<void> parse_traffic(const Node* node, SimulationRequest& request) {
  constexpr auto kWays = "write stages, doubling, trace: FILE.csv, or script: OPTIONS.json";
  const bool in_file = !request.trace.empty() || !request.script.empty();
  if (!node && in_file && (request.trace.empty() || request.script.empty())) return {};
  if (!node && !in_file)
    return base::input_error("nothing says what traffic comes", request.where,
                             "write traffic: {stages: …} or {doubling: …}, trace: FILE.csv, or script: OPTIONS.json");
  if (!node) return base::input_error("the traffic is said in two ways", request.where, "keep one of trace and script");
  const Fields fields = TRY(Fields::open(*node, "traffic", kTrafficKeys));
  const Node* stages = fields.node("stages");
  const Node* doubling = fields.node("doubling");
  const int ways = (stages != nullptr) + (doubling != nullptr) + !request.trace.empty() + !request.script.empty();
  if (ways > 1)
    return base::input_error("the traffic is said in two ways", node->pos(),
                             "keep one of stages, doubling, trace and script");
  if (ways == 0) return base::input_error("nothing says what traffic comes", node->pos(), kWays);
  request.gap_max = TRY(fields.duration("gap_max"));
  const std::optional<double> start_rate = TRY(fields.number("start_rate", {0, kRateMax}));
  if (start_rate && !stages) return base::input_error("\"start_rate\" belongs to stages", node->pos(), "leave it out");
  if (request.gap_max && request.trace.empty())
    return base::input_error("\"gap_max\" belongs to a trace", node->pos(), "leave it out");
  TRY(parse_script_load(fields, request));
  if (stages) request.traffic = TRY(parse_stages(*stages, start_rate.value_or(0)));
  if (doubling) request.traffic = TRY(parse_doubling(*doubling));
  return {};
}

// ---- Signals, controller, allowance

Result<Signal> parse_signal(const Node& node) {
  Signal signal;
  std::string word;
  if (node.is_string()) {
    word = node.string();
  } else {
    const Fields fields = TRY(Fields::open(node, "signals", kSignalKeys));
    word = TRY(fields.text("source")).value_or("rate");
    signal.base = TRY(fields.number("base")).value_or(0);
    signal.factor = TRY(fields.number("factor")).value_or(1);
  }
  signal.source = kSignalSources.at(TRY(find_word(word, kSignalWords, "source of a signal", node.pos())));
  return signal;
}

Result<void> parse_signals(const Node* node, SimulationRequest& request) {
  if (!node) return {};
  if (!node->is_map())
    return base::input_error("\"signals\" must be a map from names of metrics", node->pos(),
                             "as in {http_requests_per_second: rate}");
  for (const Node::Member& member : node->map()) request.signals.emplace(member.key, TRY(parse_signal(member.value)));
  return {};
}

Result<void> parse_controller(const Node* node, SimulationRequest& request) {
  if (!node) return {};
  const Fields fields = TRY(Fields::open(*node, "controller", kControllerKeys));
  if (const std::optional<std::string> release = TRY(fields.text("release"))) {
    const std::size_t found = TRY(find_word(*release, kReleaseWords, "release of the controller", node->pos()));
    request.controller.release = found == 0 ? ControllerRelease::current : ControllerRelease::older;
  }
  request.controller.tolerance = TRY(fields.number("tolerance", {0, 1})).value_or(request.controller.tolerance);
  struct Period {
    std::string_view key;
    Millis* value;
    Millis min;
  };
  const Millis second{1000};
  const Period kPeriods[] = {
      {"sync", &request.controller.sync_period, second},
      {"stabilization", &request.controller.downscale_stabilization, Millis(0)},
      {"cpu_initialization", &request.controller.times.cpu_initialization, Millis(0)},
      {"initial_readiness", &request.controller.times.initial_readiness_delay, Millis(0)},
      {"metrics_resolution", &request.metrics_resolution, second},
  };
  for (const Period& period : kPeriods)
    if (const std::optional<Millis> written = TRY(fields.duration(period.key)))
      *period.value = TRY(within(period.key, *written, period.min, kPeriodMax, node->pos()));
  return {};
}

Result<void> parse_allowance(const Node* node, Allowance& allowance) {
  if (!node) return {};
  const Fields fields = TRY(Fields::open(*node, "allow", kAllowKeys));
  allowance.saturated = TRY(fields.duration("saturated")).value_or(allowance.saturated);
  allowance.late_percent = TRY(fields.number("late_percent", {0, 100})).value_or(allowance.late_percent);
  if (const std::optional<std::int64_t> flaps = TRY(fields.integer("flaps", {0, 1e6})))
    allowance.flaps = static_cast<std::size_t>(*flaps);
  return {};
}

Result<void> parse_outages(const Node* node, std::vector<Outage>& outages) {
  if (!node) return {};
  if (!node->is_array() || node->array().size() > kOutagesMax)
    return base::input_error("\"outages\" must be a list of {from, for}", node->pos(), "as in [{from: 10m, for: 2m}]");
  for (const Node& element : node->array()) {
    const Fields fields = TRY(Fields::open(element, "outages", kOutageKeys));
    Millis from = TRY(fields.required_duration("from"));
    from = TRY(within("from", from, Millis(0), Millis(kTraceMax), element.pos()));
    Millis lasting = TRY(fields.required_duration("for"));
    lasting = TRY(within("for", lasting, Millis(0), Millis(kTraceMax), element.pos()));
    outages.push_back({from, from + lasting});
  }
  return {};
}

// ---- With the manifests

Result<Signal> signal_of(const ScaleMetric& metric, const SimulationRequest& request) {
  const bool of_resource =
      metric.type == ScaleMetric::Type::resource || metric.type == ScaleMetric::Type::container_resource;
  const auto written = request.signals.find(metric.name);
  if (written != request.signals.end()) return written->second;
  if (of_resource && metric.name == "cpu") return Signal{.source = Signal::Source::cpu};
  if (of_resource && metric.name == "memory") {
    if (request.pod.idle_memory_bytes) return Signal{.source = Signal::Source::memory};
    return base::input_error("the autoscaler reads memory, and nothing says how much a pod uses", metric.where,
                             "add pod: {idle_memory: 180Mi, memory_per_request: 1Mi}");
  }
  return base::input_error(
      fmt::format("the autoscaler reads {}, and nothing says how it follows the load", metric.name), metric.where,
      fmt::format("add signals: {{{}: rate}}, or in_flight, queue, constant, missing", metric.name));
}

Result<void> check_signals(const SimulationRequest& request, const kube::HorizontalPodAutoscaler& autoscaler) {
  std::vector<std::string_view> names;
  for (const ScaleMetric& metric : autoscaler.metrics) names.push_back(metric.name);
  for (const auto& [name, signal] : request.signals)
    TRY(find_word(name, names, "metric of the autoscaler", request.where));
  return {};
}

PodModel model_pod(const PodInput& written, const ScaledWorkload& workload, std::vector<std::string>& assumptions) {
  PodModel pod;
  pod.cpu_ms_per_request = written.cpu_ms_per_request.value_or(0);
  pod.idle_cpu_milli = written.idle_cpu_milli.value_or(0);
  pod.rate_max = written.rate_max;
  pod.response_ms = written.response_ms.value_or(pod.response_ms);
  pod.idle_memory_bytes = written.idle_memory_bytes.value_or(0);
  pod.memory_bytes_per_request = written.memory_bytes_per_request.value_or(0);
  if (written.cpu_max_milli) {
    pod.cpu_max_milli = *written.cpu_max_milli;
  } else if (workload.cpu_limit_milli) {
    pod.cpu_max_milli = static_cast<double>(*workload.cpu_limit_milli);
    assumptions.push_back(fmt::format("a pod can use {}m of CPU, its limit (pod.cpu_max)", *workload.cpu_limit_milli));
  } else if (!pod.rate_max) {
    assumptions.push_back("a pod can use one core, since it has no CPU limit (pod.cpu_max)");
  }
  pod.pending = written.pending.value_or(std::min(kPendingAssumed, written.start_up.value_or(kPendingAssumed)));
  const Millis least = pod.pending + workload.ready_after;
  if (written.start_up) {
    pod.start_up = *written.start_up;
  } else {
    pod.start_up = std::max(kStartUpAssumed, least);
    assumptions.push_back(fmt::format("a pod is Ready {} after it was created (pod.start_up); its probes allow {}",
                                      base::format_duration(pod.start_up), base::format_duration(least)));
  }
  return pod;
}

std::int64_t replicas_at_start(const SimulationRequest& request, const kube::HorizontalPodAutoscaler& autoscaler,
                               const ScaledWorkload& workload, std::vector<std::string>& assumptions) {
  if (request.replicas) return *request.replicas;
  if (autoscaler.status && autoscaler.status->current_replicas > 0) return autoscaler.status->current_replicas;
  const bool written = workload.workload && workload.workload->written_replicas;
  const std::int64_t replicas =
      std::max(autoscaler.min_replicas, written ? *workload.workload->written_replicas : std::int64_t{0});
  assumptions.push_back(fmt::format("there are {} replicas at the start (replicas)", replicas));
  return replicas;
}

}  // namespace

Result<PodInput> parse_pod(const Node* node) {
  PodInput pod;
  if (!node) return pod;
  const Fields fields = TRY(Fields::open(*node, "pod", kPodKeys));
  for (const auto& [key, help] : {std::pair{"cpu", "cpu_max or idle_cpu"}, {"memory", "idle_memory"}})
    if (fields.node(key))
      return base::input_error(fmt::format("\"{}\" of \"pod\" could mean several things", key), fields.node(key)->pos(),
                               fmt::format("write {}", help));
  pod.where = node->pos();
  pod.cpu_ms_per_request = TRY(fields.number("cpu_ms_per_request", {0, 1e7}));
  pod.rate_max = TRY(fields.number("rate_max", {1e-6, kRateMax}));
  pod.response_ms = TRY(fields.number("response_ms", {0, 1e7}));
  const auto milli = [&](std::string_view key) -> Result<std::optional<double>> {
    const std::optional<kube::Quantity> quantity = TRY(fields.quantity(key));
    return quantity ? std::optional(static_cast<double>(quantity->milli())) : std::nullopt;
  };
  const auto bytes = [&](std::string_view key) -> Result<std::optional<double>> {
    const std::optional<kube::Quantity> quantity = TRY(fields.quantity(key));
    return quantity ? std::optional(quantity->as_double()) : std::nullopt;
  };
  pod.idle_cpu_milli = TRY(milli("idle_cpu"));
  pod.cpu_max_milli = TRY(milli("cpu_max"));
  pod.cpu_peak_milli = TRY(milli("cpu_peak"));
  pod.idle_memory_bytes = TRY(bytes("idle_memory"));
  pod.memory_bytes_per_request = TRY(bytes("memory_per_request"));
  if (pod.memory_bytes_per_request && !pod.idle_memory_bytes)
    return base::input_error("\"memory_per_request\" of \"pod\" needs \"idle_memory\"", node->pos(),
                             "say what a pod uses without requests");
  for (const auto& [key, value] : {std::pair{"pending", &pod.pending}, {"start_up", &pod.start_up}})
    if (const std::optional<Millis> written = TRY(fields.duration(key)))
      *value = TRY(within(key, *written, Millis(0), kStartMax, node->pos()));
  if (pod.start_up && pod.pending && *pod.start_up < *pod.pending)
    return base::input_error(fmt::format("a pod cannot be ready ({}) before its containers run ({})",
                                         base::format_duration(*pod.start_up), base::format_duration(*pod.pending)),
                             node->pos(), "start_up counts from the pod's creation, pending included");
  if (pod.cpu_max_milli && pod.idle_cpu_milli.value_or(0) >= *pod.cpu_max_milli)
    return base::input_error("an idle pod uses all the CPU that it can use", node->pos(),
                             "compare idle_cpu and cpu_max");
  return pod;
}

Result<SimulationRequest> parse_simulation(const Node& block) {
  const Fields fields = TRY(Fields::open(block, "hpa.fits", kKeys));
  SimulationRequest request;
  request.where = block.pos();
  request.autoscaler = TRY(fields.text("autoscaler")).value_or("");
  request.trace = TRY(fields.text("trace")).value_or("");
  request.script = TRY(fields.text("script")).value_or("");
  TRY(parse_traffic(fields.node("traffic"), request));
  request.pod = TRY(parse_pod(fields.node("pod")));
  TRY(parse_signals(fields.node("signals"), request));
  TRY(parse_controller(fields.node("controller"), request));
  TRY(parse_allowance(fields.node("allow"), request.allowance));
  TRY(parse_outages(fields.node("outages"), request.outages));
  request.replicas = TRY(fields.integer("replicas", {0, static_cast<double>(kReplicasMax)}));
  for (const auto& [key, value] : {std::pair{"late", &request.late_ms}, {"timeout", &request.timeout_ms}})
    if (const std::optional<Millis> written = TRY(fields.duration(key)))
      *value = as_ms(TRY(within(key, *written, Millis(1), kPeriodMax, block.pos())));
  if (request.timeout_ms < request.late_ms)
    return base::input_error("a client that goes away before it is late is never late", block.pos(),
                             "make timeout longer than late");
  return request;
}

Result<PreparedSimulation> prepare_simulation(const kube::Snapshot& snapshot, const SimulationRequest& request) {
  if (!request.traffic) return base::internal_error("a simulation without its trace");
  const kube::HorizontalPodAutoscaler& autoscaler = *TRY(find_autoscaler(snapshot, request.autoscaler, request.where));
  TRY(check_signals(request, autoscaler));
  ScaledWorkload workload = describe_scaled(snapshot, autoscaler);
  std::vector<std::string> assumptions;
  PodModel pod = model_pod(request.pod, workload, assumptions);
  if (!(pod.rate_per_pod() > 0))
    return base::input_error("nothing says what a request costs", request.where,
                             "add pod: {cpu_ms_per_request: 8}, or rate_max: requests a second that a pod serves");
  std::vector<Signal> signals;
  for (const ScaleMetric& metric : autoscaler.metrics) signals.push_back(TRY(signal_of(metric, request)));
  const bool reads_cpu =
      std::ranges::any_of(signals, [](const Signal& each) { return each.source == Signal::Source::cpu; });
  if (reads_cpu && !request.pod.cpu_ms_per_request)
    return base::input_error("the autoscaler reads CPU, and nothing says how much a request needs", request.where,
                             "add pod: {cpu_ms_per_request: 8}");
  const std::int64_t replicas = replicas_at_start(request, autoscaler, workload, assumptions);
  Scenario scenario{.autoscaler = autoscaler,
                    .requests_milli = workload.requests_milli,
                    .signals = std::move(signals),
                    .replicas = replicas,
                    .traffic = *request.traffic,
                    .pod = pod,
                    .controller = request.controller,
                    .metrics_resolution = request.metrics_resolution,
                    .outages = request.outages,
                    .late_ms = request.late_ms,
                    .timeout_ms = request.timeout_ms};
  return PreparedSimulation{std::move(scenario), std::move(workload), std::move(assumptions)};
}

}  // namespace gantry::capacity
