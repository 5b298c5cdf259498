// The whole of sizing, top to bottom. Each step adds the figures that it computes, with the numbers put in.

#include "capacity/sizing.h"

#include "base/time.h"
#include "capacity/figures.h"
#include "capacity/judge_sizing.h"
#include "capacity/simulate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace gantry::capacity {

using base::Result;

namespace {

// Metrics are up to one resolution old, the controller looks once a period, and a change shows in full after one window.
constexpr double kMetricsDelaySeconds = 15 + 15 + 15;
constexpr double kMemoryMargin = 1.25;  // 20 to 30 % (disruption reference, §14.3)
constexpr double kCpuStepMilli = 10;    // requests are written in such steps
constexpr double kMemoryStepBytes = 16.0 * 1024 * 1024;
constexpr double kTargetMin = 30;  // percent: below, pods are paid and idle
constexpr double kTargetMax = 90;  // above, waiting explodes: M/M/1 at 0.9 is ten times the service time

std::vector<LoadLevel> levels_of(const SizingInput& input) {
  std::vector<LoadLevel> levels = input.levels;
  if (levels.empty())
    levels.push_back({.rate = input.baseline.rate,
                      .achieved = {},
                      .mean_ms = input.baseline.latency("avg"),
                      .p95_ms = input.baseline.latency("p95").value_or(0),
                      .error_percent = input.baseline.error_share.value_or(0) * 100,
                      .cpu_milli = input.baseline.cpu_milli,
                      .throttled = false});
  const double replicas = static_cast<double>(input.baseline.replicas);
  for (LoadLevel& level : levels) {
    level.rate /= replicas;
    if (level.achieved) *level.achieved /= replicas;
    if (level.cpu_milli) *level.cpu_milli /= replicas;
  }
  return levels;
}

double mean_latency(const SizingInput& input) {
  for (const std::string_view name : {"avg", "p50"})
    if (const std::optional<double> latency = input.baseline.latency(name)) return *latency;
  return input.target.p95_ms;
}

double rounded_up(double value, double step) { return std::ceil(value / step - 1e-9) * step; }

// The steps share what they have computed so far.
class Sizer {
 public:
  explicit Sizer(const SizingInput& input) : input_(input), levels_(levels_of(input)) {}

  Result<Sizing> size() {
    judge_baseline(input_.baseline, input_.target, sizing_.findings);
    if (!measure_knee()) {
      judge_without_good_rate(input_, levels_.front(), sizing_.findings);
      base::sort_findings(sizing_.findings);
      return std::move(sizing_);
    }
    measure_cpu();
    choose_rate();
    choose_cpu();
    choose_memory();
    TRY(choose_replicas());
    choose_autoscaler();
    choose_maximum();
    choose_budget();
    sizing_.autoscaler_yaml = write_autoscaler(input_, sizing_);
    judge_sizing(input_, sizing_, sizing_.findings);
    base::sort_findings(sizing_.findings);
    return std::move(sizing_);
  }

 private:
  void add(Figure figure) { sizing_.figures.push_back(std::move(figure)); }

  bool measure_knee();
  void measure_cpu();
  void choose_rate();
  void choose_cpu();
  void choose_memory();
  Result<void> choose_replicas();
  void choose_autoscaler();
  void choose_maximum();
  void choose_budget();

  const SizingInput& input_;
  std::vector<LoadLevel> levels_;  // of one replica
  Sizing sizing_;
  std::optional<double> cpu_ms_;  // per request
  double safe_rate_ = 0;          // of one replica
  std::optional<double> cpu_request_milli_;
  std::int64_t replicas_min_ = 0;
  std::int64_t replicas_max_ = 0;
  double reaction_seconds_ = 0;
  double arriving_rate_ = 0;  // before scaling has reacted
};

// False when no measured rate is good: then there is nothing to size from.
bool Sizer::measure_knee() {
  const KneeCriteria criteria{.p95_ms = input_.target.p95_ms, .error_percent = input_.target.error_percent};
  std::optional<Knee> knee = find_knee(levels_, criteria);
  if (!knee) return false;
  sizing_.knee = *std::move(knee);
  const double replicas = static_cast<double>(input_.baseline.replicas);
  const std::string of_all =
      input_.baseline.replicas == 1
          ? ""
          : fmt::format(" ({:g}/s of {:g} replicas ÷ {:g})", sizing_.knee.rate * replicas, replicas, replicas);
  add({.id = "knee",
       .label = "Knee of one replica",
       .value = sizing_.knee.rate,
       .unit = "per_second",
       .shown = fmt::format("{}{:.1f}/s", sizing_.knee.is_lower_bound ? "at least " : "", sizing_.knee.rate),
       .arithmetic = sizing_.knee.is_lower_bound
                         ? fmt::format("the highest measured rate that kept p95 ≤ {:g} ms and errors ≤ {:g} %{}",
                                       criteria.p95_ms, criteria.error_percent, of_all)
                         : fmt::format("the smallest of {} estimates{}", sizing_.knee.estimates.size(), of_all),
       .why = fmt::format("confidence {}: {}", to_string(sizing_.knee.confidence), sizing_.knee.why)});
  return true;
}

// U = X · D, so D = U / X.
void Sizer::measure_cpu() {
  std::string arithmetic;
  if (input_.cpu_ms_per_request) {
    cpu_ms_ = input_.cpu_ms_per_request;
    arithmetic = "as measured";
  } else if (input_.baseline.cpu_milli) {
    cpu_ms_ = *input_.baseline.cpu_milli / input_.baseline.rate;
    arithmetic = fmt::format("{} ÷ {:g}/s", shown_cpu(*input_.baseline.cpu_milli), input_.baseline.rate);
  } else {
    const LoadLevel* best = nullptr;  // the highest level at the knee or below that says its CPU
    for (const LoadLevel& level : levels_)
      if (level.cpu_milli && level.rate <= sizing_.knee.rate && (!best || level.rate > best->rate)) best = &level;
    if (!best) return;
    cpu_ms_ = *best->cpu_milli / best->achieved.value_or(best->rate);
    arithmetic = fmt::format("{} ÷ {:g}/s, the highest level at the knee or below", shown_cpu(*best->cpu_milli),
                             best->achieved.value_or(best->rate));
  }
  add({.id = "cpu_per_request",
       .label = "CPU of one request",
       .value = *cpu_ms_,
       .unit = "ms",
       .shown = fmt::format("{:.3g} ms", *cpu_ms_),
       .arithmetic = std::move(arithmetic),
       .why = "service demand: utilization ÷ throughput"});
}

void Sizer::choose_rate() {
  const double share = input_.headroom_percent / 100;
  safe_rate_ = sizing_.knee.rate * share;
  std::string arithmetic = fmt::format("{:.1f}/s × {:.2f} = {:.1f}/s", sizing_.knee.rate, share, safe_rate_);
  // A request that is written already bounds what a pod should take: beyond, it lives on what others left.
  const bool is_written = input_.workload && input_.workload->cpu_request_milli;
  if (is_written && cpu_ms_ && *cpu_ms_ > 0 && input_.workload->autoscaler) {
    const double by_request =
        input_.utilization_percent / 100 * static_cast<double>(*input_.workload->cpu_request_milli) / *cpu_ms_;
    arithmetic +=
        fmt::format("; with the request as written it would be {:.2f} × {} ÷ {:.3g} ms = {:.1f}/s",
                    input_.utilization_percent / 100,
                    shown_cpu(static_cast<double>(*input_.workload->cpu_request_milli)), *cpu_ms_, by_request);
  }
  add({.id = "safe_rate",
       .label = "Safe rate of one replica",
       .value = safe_rate_,
       .unit = "per_second",
       .shown = fmt::format("{:.1f}/s", safe_rate_),
       .arithmetic = std::move(arithmetic),
       .why = "headroom below the knee: waiting grows as 1 ÷ (1 − utilization)"});
}

void Sizer::choose_cpu() {
  if (!cpu_ms_) return;
  const double used = safe_rate_ * *cpu_ms_;
  const double share = input_.utilization_percent / 100;
  cpu_request_milli_ = std::max(rounded_up(used / share, kCpuStepMilli), kCpuStepMilli);
  add({.id = "cpu_request",
       .label = "CPU request",
       .value = *cpu_request_milli_,
       .unit = "milli",
       .shown = shown_cpu(*cpu_request_milli_),
       .arithmetic = fmt::format("{:.1f}/s × {:.3g} ms ÷ {:.2f} = {:.0f}m, rounded up to {:.0f}m", safe_rate_, *cpu_ms_,
                                 share, used / share, kCpuStepMilli),
       .why = "CPU at the safe rate is the wished share of the request; scheduling and the autoscaler both read it"});
  const double burst = std::max(input_.cpu_peak_milli.value_or(0), sizing_.knee.rate * *cpu_ms_);
  const double least = rounded_up(std::max(burst, 2 * used), 100);
  add({.id = "cpu_limit",
       .label = "CPU limit",
       .value = least,
       .unit = "milli",
       .shown = fmt::format("none; if there must be one, no less than {}", shown_cpu(least)),
       .arithmetic = fmt::format("the larger of {} and twice {:.0f}m, rounded up to 100m",
                                 input_.cpu_peak_milli.value_or(0) >= burst
                                     ? fmt::format("the measured burst {}", shown_cpu(burst))
                                     : fmt::format("{:.1f}/s × {:.3g} ms at the knee", sizing_.knee.rate, *cpu_ms_),
                                 used),
       .why = "a limit throttles bursts although the node has CPU left"});
}

// L = X · R.
void Sizer::choose_memory() {
  if (!input_.idle_memory_bytes && !input_.baseline.memory_bytes) return;
  double modelled = input_.idle_memory_bytes.value_or(0);
  std::string arithmetic = fmt::format("{} idle", shown_memory(modelled));
  if (input_.memory_bytes_per_request) {
    const double mean_ms = mean_latency(input_);
    const double in_flight = safe_rate_ * mean_ms / 1000;
    modelled += in_flight * *input_.memory_bytes_per_request;
    arithmetic += fmt::format(" + {:.1f}/s × {:.0f} ms = {:.2g} in flight × {}", safe_rate_, mean_ms, in_flight,
                              shown_memory(*input_.memory_bytes_per_request));
  }
  const double measured = input_.baseline.memory_bytes.value_or(0);
  if (measured >= modelled) arithmetic = fmt::format("{} measured", shown_memory(measured));
  const double used = std::max(measured, modelled);
  const double value = rounded_up(used * kMemoryMargin, kMemoryStepBytes);
  add({.id = "memory",
       .label = "Memory request and limit",
       .value = value,
       .unit = "bytes",
       .shown = shown_memory(value),
       .arithmetic = fmt::format("({}) × {:.2f}, rounded up to 16Mi", arithmetic, kMemoryMargin),
       .why = "memory cannot be compressed: request and limit are one, with a margin"});
}

Result<void> Sizer::choose_replicas() {
  const Target& target = input_.target;
  const Survival& survival = input_.survival;
  reaction_seconds_ = kMetricsDelaySeconds + static_cast<double>(input_.start_up.count()) / 1000;
  add({.id = "reaction",
       .label = "Time until scaling helps",
       .value = reaction_seconds_,
       .unit = "seconds",
       .shown = fmt::format("{:.0f} s", reaction_seconds_),
       .arithmetic = fmt::format("15 s window + 15 s until it is read + 15 s sync + {} start-up",
                                 base::format_duration(input_.start_up)),
       .why = "metrics are late, and pods take time to start"});

  const double now = target.now.value_or(target.rate);
  const double peak = target.rate * target.burst;
  // Traffic that grows does not grow beyond what is planned for.
  const double growth = std::min(target.growth_per_minute / 60 * reaction_seconds_, peak - now);
  arriving_rate_ = now + growth;
  add({.id = "arriving_rate",
       .label = "What comes until then",
       .value = arriving_rate_,
       .unit = "per_second",
       .shown = fmt::format("{:g}/s", arriving_rate_),
       .arithmetic = fmt::format("{:g}/s now + {:g}/s a minute × {:.0f} s, at most the peak {:g}/s", now,
                                 target.growth_per_minute, reaction_seconds_, peak),
       .why = "until scaling helps, what is there must hold"});
  const auto need = [&](double rate) { return std::ceil(rate / safe_rate_ - 1e-9); };
  if (!(need(std::max(peak, arriving_rate_)) < static_cast<double>(kReplicasMax) / 2))
    return base::input_error(
        fmt::format("{:g} requests a second at {:.3g} for each replica need {:.3g} replicas", peak, safe_rate_,
                    need(peak)),
        input_.baseline.where,
        fmt::format("no Kubernetes cluster holds more than {} pods: check the units", kReplicasMax));

  const std::int64_t for_target = static_cast<std::int64_t>(need(target.rate));
  add({.id = "replicas_for_target",
       .label = "Replicas for the target rate",
       .value = static_cast<double>(for_target),
       .unit = "replicas",
       .shown = fmt::format("{}", for_target),
       .arithmetic = fmt::format("⌈{:g}/s ÷ {:.1f}/s⌉", target.rate, safe_rate_),
       .why = "with the headroom, and with nothing lost"});
  const std::int64_t with_loss = replicas_to_survive(for_target, survival);
  add({.id = "replicas_zone_lost",
       .label = survival.zones > 1 ? "… with one zone lost" : "… with pods away",
       .value = static_cast<double>(with_loss),
       .unit = "replicas",
       .shown = fmt::format("{}", with_loss),
       .arithmetic = describe_survival(for_target, with_loss, survival),
       .why = "the smallest number of which enough is left"});

  const std::int64_t base = std::max<std::int64_t>(2, static_cast<std::int64_t>(need(arriving_rate_)));
  replicas_min_ = replicas_to_survive(base, survival);
  add({.id = "replicas_min",
       .label = "minReplicas",
       .value = static_cast<double>(replicas_min_),
       .unit = "replicas",
       .shown = fmt::format("{}", replicas_min_),
       .arithmetic = fmt::format("max(2, ⌈{:g}/s ÷ {:.1f}/s⌉) = {}; {}", arriving_rate_, safe_rate_, base,
                                 describe_survival(base, replicas_min_, survival)),
       .why = "what can arrive before scaling reacts, with one zone lost"});
  return {};
}

// No less than what the autoscaler itself will ask for at the peak: with a low target it wants more than the load needs.
void Sizer::choose_maximum() {
  const double peak = input_.target.rate * input_.target.burst;
  const std::int64_t needed = std::max<std::int64_t>(2, static_cast<std::int64_t>(std::ceil(peak / safe_rate_ - 1e-9)));
  const std::int64_t surviving = replicas_to_survive(needed, input_.survival);
  std::string arithmetic =
      fmt::format("⌈{:g}/s × {:g} burst ÷ {:.1f}/s⌉ = {}; {}", input_.target.rate, input_.target.burst, safe_rate_,
                  needed, describe_survival(needed, surviving, input_.survival));
  replicas_max_ = std::max(replicas_min_, surviving);
  if (const Figure* target = sizing_.find("hpa_target")) {
    const double acts_at = target->value / 100 * *cpu_request_milli_;
    const double wanted = std::ceil(peak * *cpu_ms_ / acts_at - 1e-9);
    arithmetic += fmt::format("; at its target the autoscaler wants ⌈{:g}/s × {:.3g} ms ÷ {}⌉ = {:.0f}", peak, *cpu_ms_,
                              shown_cpu(acts_at), wanted);
    replicas_max_ =
        std::max(replicas_max_, static_cast<std::int64_t>(std::min(wanted, static_cast<double>(kReplicasMax))));
  }
  add({.id = "replicas_max",
       .label = "maxReplicas",
       .value = static_cast<double>(replicas_max_),
       .unit = "replicas",
       .shown = fmt::format("{}", replicas_max_),
       .arithmetic = std::move(arithmetic),
       .why = "the planned peak with one zone lost; quota, nodes and what the service calls must allow it"});
}

void Sizer::choose_autoscaler() {
  if (!cpu_request_milli_) return;
  // u* ≤ u_knee · λ / (λ + g·T): what comes until new pods are ready still fits below the knee.
  const double knee_share = sizing_.knee.rate * *cpu_ms_ / *cpu_request_milli_;
  const double now = input_.target.now.value_or(input_.target.rate);
  const double bound = 100 * knee_share * now / arriving_rate_;
  const double percent =
      std::floor(std::clamp(std::min(bound, input_.utilization_percent), kTargetMin, kTargetMax) + 1e-9);
  add({.id = "hpa_target",
       .label = "Autoscaler's CPU target",
       .value = percent,
       .unit = "percent",
       .shown = fmt::format("{:.0f} % of the request ({})", percent, shown_cpu(percent / 100 * *cpu_request_milli_)),
       .arithmetic = fmt::format(
           "min({:.0f} %, {:.0f} % at the knee × {:g}/s ÷ {:g}/s = {:.0f} %), within {:.0f} and {:.0f} %",
           input_.utilization_percent, 100 * knee_share, now, arriving_rate_, bound, kTargetMin, kTargetMax),
       .why = "until new pods are ready, what is left must absorb the growth"});
  add({.id = "hpa_up_window",
       .label = "Window for scaling up",
       .value = 0,
       .unit = "seconds",
       .shown = "0 s, at least 100 % each 15 s",
       .arithmetic = "each second of it is a second of overload",
       .why = "unless flapping is shown"});
  add({.id = "hpa_down_window",
       .label = "Window for scaling down",
       .value = 300,
       .unit = "seconds",
       .shown = "300 s",
       .arithmetic = "no less than the period in which the load goes up and down",
       .why = "the controller's default"});
}

void Sizer::choose_budget() {
  const double needed = std::ceil(arriving_rate_ / sizing_.knee.rate - 1e-9);
  const double allowed = std::max(1.0, static_cast<double>(replicas_min_) - needed);
  add({.id = "pdb_max_unavailable",
       .label = "maxUnavailable of the budget",
       .value = allowed,
       .unit = "replicas",
       .shown = fmt::format("{:.0f}", allowed),
       .arithmetic = fmt::format("{} − ⌈{:g}/s ÷ {:.1f}/s at the knee⌉ = {:.0f}, at least 1", replicas_min_,
                                 arriving_rate_, sizing_.knee.rate, static_cast<double>(replicas_min_) - needed),
       .why = "a drain may take what the load at its quietest does not need"});
  const std::int64_t surge = (replicas_max_ + 3) / 4;
  std::string cpu =
      cpu_request_milli_ ? shown_cpu(static_cast<double>(surge) * *cpu_request_milli_) + " CPU" : "no known CPU";
  add({.id = "surge_room",
       .label = "Room for a rollout at the peak",
       .value = static_cast<double>(surge),
       .unit = "replicas",
       .shown = fmt::format("{} more pods, {}", surge, cpu),
       .arithmetic = fmt::format("⌈25 % of {}⌉ = {}", replicas_max_, surge),
       .why = "maxSurge's default; without it a rollout stalls at the peak"});
}

}  // namespace

const Figure* Sizing::find(std::string_view id) const {
  const auto found = std::ranges::find(figures, id, &Figure::id);
  return found == figures.end() ? nullptr : &*found;
}

// n pods over z zones: the fullest holds ⌈n/z⌉.
std::int64_t replicas_to_survive(std::int64_t needed, const Survival& survival) {
  const auto left = [&](std::int64_t replicas) {
    const std::int64_t lost = survival.zones > 1 ? (replicas + survival.zones - 1) / survival.zones : 0;
    return replicas - lost - survival.absent;
  };
  // n·(z−1)/z is at least needed + absent, and rounding takes one more at most.
  const std::int64_t least = needed + survival.absent;
  std::int64_t replicas = survival.zones > 1 ? least * survival.zones / (survival.zones - 1) : least;
  while (left(replicas) < needed) ++replicas;
  while (replicas > 1 && left(replicas - 1) >= needed) --replicas;
  return replicas;
}

Result<Sizing> size(const SizingInput& input) { return Sizer(input).size(); }

}  // namespace gantry::capacity
