#include "capacity/simulate.h"

#include "capacity/pod_fleet.h"
#include "capacity/request_queue.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace gantry::capacity {

using base::Result;
using kube::ScaleMetric;

namespace {

constexpr Moment kTick{1000};

constexpr std::array<std::string_view, 7> kSourceNames = {"cpu",   "memory",   "rate",   "in_flight",
                                                          "queue", "constant", "missing"};

// ---- What can be simulated

Result<void> check_autoscaler(const kube::HorizontalPodAutoscaler& autoscaler) {
  const base::SourcePos& where = autoscaler.object.pos();
  const std::string name = fmt::format("HorizontalPodAutoscaler {}/{}", autoscaler.name_space(), autoscaler.name());
  if (autoscaler.max_replicas > kReplicasMax)
    return base::input_error(fmt::format("{} asks for up to {} replicas", name, autoscaler.max_replicas), where,
                             fmt::format("no Kubernetes cluster holds more than {} pods", kReplicasMax));
  if (autoscaler.max_replicas < 1 || autoscaler.max_replicas < autoscaler.min_replicas)
    return base::input_error(fmt::format("{} allows {} to {} replicas, which is no range", name,
                                         autoscaler.min_replicas, autoscaler.max_replicas),
                             where, "maxReplicas is no less than minReplicas, and at least 1");
  for (const ScaleMetric& metric : autoscaler.metrics) {
    const bool utilization = metric.target == ScaleMetric::Target::utilization;
    if (utilization ? metric.utilization_percent > 0 : metric.amount.milli() > 0) continue;
    return base::input_error(fmt::format("{} has no target above 0 for {}", name, metric.name), metric.where,
                             "write averageUtilization, averageValue or value");
  }
  return {};
}

Result<void> check(const Scenario& scenario) {
  TRY(check_autoscaler(scenario.autoscaler));
  const PodModel& pod = scenario.pod;
  if (!(pod.rate_per_pod() > 0))
    return base::input_error("a pod that serves no request cannot be scaled", {},
                             "say what a request costs (cpu_ms_per_request), or what a pod serves (rate_max)");
  if (pod.start_up < pod.pending)
    return base::input_error(
        fmt::format("a pod cannot be ready ({} ms) before it runs ({} ms)", pod.start_up.count(), pod.pending.count()),
        {}, "start_up counts from the creation of the pod, pending included");
  const Millis sync = scenario.controller.sync_period;
  for (const Millis period : {sync, scenario.metrics_resolution})
    if (period < kTick || period % kTick != Moment(0))
      return base::input_error(fmt::format("a period of {} ms is not simulated", period.count()), {},
                               "take whole seconds");
  const std::int64_t replicas = scenario.replicas.value_or(0);
  if (replicas < 0 || replicas > kReplicasMax)
    return base::input_error(fmt::format("{} replicas at the start are not possible", replicas), {},
                             fmt::format("from 0 to {}", kReplicasMax));
  return {};
}

// ---- What came of it

// Counts what a reader asks afterwards while the seconds go by.
class Tally {
 public:
  explicit Tally(const Scenario& scenario) : scenario_(scenario) {}

  void second(Moment now, double arrived, const RequestQueue::Served& served, double waiting) {
    answers_.requests += arrived;
    answers_.late += served.late;
    answers_.lost += served.lost;
    answers_.queue_peak = std::max(answers_.queue_peak, waiting);
    stretch_ = waiting > kWaiting ? stretch_ + kTick : Millis(0);
    if (stretch_ == Millis(0)) return;
    answers_.saturated += kTick;
    answers_.saturated_longest = std::max(answers_.saturated_longest, stretch_);
    if (!answers_.saturated_first) answers_.saturated_first = now;
  }
  void sync(Moment now, std::int64_t current, const Decision& decision) {
    const Millis period = scenario_.controller.sync_period;
    const std::int64_t max = scenario_.autoscaler.max_replicas;
    answers_.replicas_peak = std::max(answers_.replicas_peak, decision.desired);
    if (decision.desired >= max) answers_.at_max += period;
    if (decision.recommendation.value_or(0) > max) answers_.short_of_max += period;
    if (decision.limit == Limit::metrics_failed) answers_.without_metrics += period;
    if (decision.desired == current) return;
    const bool up = decision.desired > current;
    ++(up ? answers_.scaled_up : answers_.scaled_down);
    // Two turns in a row, each soon after the change before, are one flap: there, back, and there again.
    const bool turned = last_change_ && last_was_up_ != up && now - *last_change_ <= Moment(kFlapWindow);
    turns_ = turned ? turns_ + 1 : 0;
    if (turns_ == 2) {
      ++answers_.flaps;
      turns_ = 0;
    }
    last_change_ = now;
    last_was_up_ = up;
  }
  Answers finish(std::int64_t replicas) {
    answers_.replicas_at_end = replicas;
    answers_.replicas_needed =
        static_cast<std::int64_t>(std::ceil(scenario_.traffic.peak() / scenario_.pod.rate_per_pod() - 1e-9));
    return answers_;
  }

  bool saturated() const { return stretch_ > Millis(0); }

 private:
  static constexpr double kWaiting = 1e-6;  // of a request: less is rounding

  const Scenario& scenario_;
  Answers answers_;
  Millis stretch_{0};
  std::optional<Moment> last_change_;
  bool last_was_up_ = false;
  int turns_ = 0;
};

Step make_step(Moment now, const Scenario& scenario, const PodFleet& fleet, const Decision& decision) {
  return {.at = now,
          .rate = scenario.traffic.rate_at(now),
          .replicas = fleet.replicas(),
          .ready = fleet.ready(now),
          .desired = decision.desired,
          .recommendation = decision.recommendation,
          .limit = decision.limit,
          .proposals = decision.proposals};
}

}  // namespace

std::string_view to_string(Signal::Source source) { return kSourceNames.at(static_cast<std::size_t>(source)); }

double PodModel::rate_per_pod() const {
  const double by_cpu = cpu_ms_per_request > 0 ? std::max(0.0, cpu_max_milli - idle_cpu_milli) / cpu_ms_per_request
                                               : std::numeric_limits<double>::infinity();
  const double rate = std::min(by_cpu, rate_max.value_or(std::numeric_limits<double>::infinity()));
  return std::isfinite(rate) ? rate : 0;
}

Result<Simulation> simulate(const Scenario& scenario, std::stop_token stop) {
  TRY(check(scenario));
  const std::int64_t replicas = scenario.replicas.value_or(scenario.autoscaler.min_replicas);
  const Millis sync = scenario.controller.sync_period;
  Controller controller(scenario.autoscaler, scenario.requests_milli, scenario.controller);
  PodFleet fleet(scenario.pod, replicas);
  LoadHistory history(scenario, replicas);
  RequestQueue queue(scenario.late_ms / 1000, scenario.timeout_ms / 1000);
  TrafficCursor traffic(scenario.traffic);
  Tally tally(scenario);
  Simulation simulation;
  simulation.steps.reserve(static_cast<std::size_t>(scenario.traffic.duration() / sync + 1));
  const double rate_per_pod = scenario.pod.rate_per_pod();
  const double tick_share = static_cast<double>(kTick.count()) / static_cast<double>(sync.count());
  Moment taken{0};  // when the newest samples were taken

  for (Moment now{0}; now < scenario.traffic.duration(); now += kTick) {
    if (now % sync == Moment(0)) {
      if (stop.stop_requested()) break;
      const Decision decision = controller.sync(now, fleet.replicas(), history.observe(fleet, now, taken));
      simulation.steps.push_back(make_step(now, scenario, fleet, decision));
      tally.sync(now, fleet.replicas(), decision);
      fleet.scale(now, decision.desired);
    }
    // After the sync: a sample that is taken now is not there yet now.
    if (now % scenario.metrics_resolution == Moment(0)) taken = now;

    const std::int64_t ready = fleet.ready(now);
    const double capacity = static_cast<double>(ready) * rate_per_pod;
    const double arrived = traffic.requests_until(now + kTick);
    const RequestQueue::Served served = queue.step(static_cast<double>(now.count()) / 1000, arrived, capacity);
    history.record(arrived, served.served, ready, queue.waiting());
    tally.second(now, arrived, served, queue.waiting());

    Step& step = simulation.steps.back();
    if (capacity > 0) step.load += served.served / capacity * tick_share;
    step.queue = queue.waiting();
    step.late += served.late;
    step.lost += served.lost;
    if (tally.saturated()) step.saturated += kTick;
  }
  simulation.answers = tally.finish(fleet.replicas());
  return simulation;
}

}  // namespace gantry::capacity
