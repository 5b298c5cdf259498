#include "capacity/proposal.h"

#include <algorithm>
#include <cmath>

namespace gantry::capacity {

using kube::ScaleMetric;

namespace {

// The sums that a ratio is made of; `requests` counts for Utilization only.
struct Totals {
  std::int64_t pods = 0;
  std::int64_t usage = 0;
  std::int64_t requests = 0;

  void add(std::int64_t count, std::int64_t used, std::int64_t requested) {
    pods += count;
    usage += used;
    requests += requested;
  }
};

struct Ratio {
  double ratio = 0;
  std::int64_t reading = 0;
};

std::int64_t ceil_replicas(double replicas) {
  const double whole = std::ceil(replicas);
  return whole >= static_cast<double>(kReplicasEnd) ? kReplicasEnd : static_cast<std::int64_t>(whole);
}

std::int64_t percent_of(std::int64_t part, std::int64_t whole) {
  // Memory in thousandths of bytes times 100 leaves 64 bits with petabytes only.
  __extension__ using Int128 = __int128;
  return static_cast<std::int64_t>(Int128{part} * 100 / whole);
}

// A metric that is read pod by pod: what is the same for Utilization and AverageValue, and what is not.
class PerPod {
 public:
  PerPod(const ScaleMetric& metric, std::optional<std::int64_t> request, const CalculatorOptions& options)
      : utilization_(metric.target == ScaleMetric::Target::utilization),
        target_(utilization_ ? metric.utilization_percent : metric.amount.milli()),
        request_(request.value_or(0)),
        options_(options) {}

  Ratio ratio_of(const Totals& totals) const {
    // GetResourceUtilizationRatio and GetMetricUsageRatio: both divide integers, and so cut the fraction off.
    const std::int64_t reading = utilization_ ? percent_of(totals.usage, std::max<std::int64_t>(totals.requests, 1))
                                              : totals.usage / totals.pods;
    return {static_cast<double>(reading) / static_cast<double>(target_), reading};
  }
  void add(Totals& totals, std::int64_t count, std::int64_t used) const { totals.add(count, used, count * request_); }

  // What a pod without a sample is taken to use, when everything speaks for fewer pods.
  std::int64_t missing_on_the_way_down() const {
    if (!utilization_) return target_;
    const std::int64_t percent =
        options_.release == ControllerRelease::current ? std::max<std::int64_t>(100, target_) : 100;
    return request_ * percent / 100;
  }
  bool within(double ratio) const { return is_within(ratio, options_.tolerances, options_.release); }

 private:
  bool utilization_;
  std::int64_t target_;
  std::int64_t request_;
  const CalculatorOptions& options_;
};

struct Sorted {
  Totals ready;
  std::int64_t ready_pods = 0;
  std::int64_t unready_pods = 0;
  std::int64_t missing_pods = 0;
};

// §12.3, points 5 to 7.
Proposal decide(const PerPod& rules, const Sorted& sorted, std::int64_t current) {
  const Ratio first = rules.ratio_of(sorted.ready);
  Proposal proposal{.replicas = current, .ratio = first.ratio, .reading = first.reading, .kept = true, .failure = {}};
  const bool scale_up_with_unready = sorted.unready_pods > 0 && first.ratio > 1;
  if (!scale_up_with_unready && sorted.missing_pods == 0) {
    if (rules.within(first.ratio)) return proposal;
    proposal.replicas = ceil_replicas(first.ratio * static_cast<double>(sorted.ready_pods));
    proposal.kept = false;
    return proposal;
  }
  Totals filled = sorted.ready;
  if (first.ratio < 1) rules.add(filled, sorted.missing_pods, sorted.missing_pods * rules.missing_on_the_way_down());
  if (first.ratio > 1) rules.add(filled, sorted.missing_pods, 0);
  if (scale_up_with_unready) rules.add(filled, sorted.unready_pods, 0);

  const double ratio = rules.ratio_of(filled).ratio;
  proposal.ratio = ratio;
  if (rules.within(ratio) || (first.ratio < 1 && ratio > 1) || (first.ratio > 1 && ratio < 1)) return proposal;
  const std::int64_t replicas = ceil_replicas(ratio * static_cast<double>(filled.pods));
  if ((ratio < 1 && replicas > current) || (ratio > 1 && replicas < current)) return proposal;
  proposal.replicas = replicas;
  proposal.kept = false;
  return proposal;
}

Proposal failed(std::string why) { return {.failure = std::move(why)}; }

Proposal propose_per_pod(const ScaleMetric& metric, std::optional<std::int64_t> request,
                         const std::vector<PodGroup>& pods, const MetricReading& reading, std::int64_t current,
                         Moment now, const CalculatorOptions& options) {
  const bool of_resource =
      metric.type == ScaleMetric::Type::resource || metric.type == ScaleMetric::Type::container_resource;
  const PerPod rules(metric, request, options);
  Sorted sorted;
  bool any = false;
  for (std::size_t i = 0; i < pods.size(); ++i) {
    const PodGroup& group = pods[i];
    any = any || group.count > 0;
    const std::optional<PodSample>& sample = reading.samples[i];
    switch (classify(group, sample, of_resource && metric.name == "cpu", now, options.times)) {
      case PodClass::ready:
        rules.add(sorted.ready, group.count, sample->total_milli);
        sorted.ready_pods += group.count;
        break;
      case PodClass::unready: sorted.unready_pods += group.count; break;
      case PodClass::missing: sorted.missing_pods += group.count; break;
      case PodClass::ignored: break;
    }
  }
  if (!any) return failed("the selector finds no pod");
  if (sorted.ready.pods == 0) return failed("no pod that could be believed has a sample");
  // calculateRequests comes after the samples: a pod without a request only matters once there is something to compare.
  if (of_resource && metric.target == ScaleMetric::Target::utilization && request.value_or(0) <= 0)
    return failed("a container has no request for " + metric.name);
  return decide(rules, sorted, current);
}

// §12.4: Object and External metrics.
Proposal propose_value(const ScaleMetric& metric, const std::vector<PodGroup>& pods, std::int64_t value,
                       std::int64_t current, const CalculatorOptions& options) {
  const auto within = [&](double ratio) { return is_within(ratio, options.tolerances, options.release); };
  const double usage = static_cast<double>(value);
  const double target = static_cast<double>(metric.amount.milli());
  Proposal proposal{.replicas = current, .ratio = 0, .reading = value, .kept = true, .failure = {}};
  if (metric.target == ScaleMetric::Target::average_value) {
    proposal.ratio = usage / (target * static_cast<double>(current));
    proposal.kept = within(proposal.ratio);
    if (!proposal.kept) proposal.replicas = ceil_replicas(usage / target);
    return proposal;
  }
  proposal.ratio = usage / target;
  if (current == 0) {
    proposal.replicas = ceil_replicas(proposal.ratio);
    proposal.kept = false;
    return proposal;
  }
  if (within(proposal.ratio)) return proposal;
  std::int64_t ready = 0;
  for (const PodGroup& group : pods)
    if (group.phase == PodGroup::Phase::running && group.ready) ready += group.count;
  proposal.replicas = ceil_replicas(proposal.ratio * static_cast<double>(ready));
  proposal.kept = false;
  return proposal;
}

}  // namespace

std::string_view to_string(ControllerRelease release) {
  return release == ControllerRelease::current ? "current" : "older";
}

bool is_within(double ratio, const Tolerances& tolerances, ControllerRelease release) {
  if (release == ControllerRelease::older) return std::abs(1.0 - ratio) <= tolerances.up;
  return 1.0 - tolerances.down <= ratio && ratio <= 1.0 + tolerances.up;
}

// groupPods in replica_calculator.go.
PodClass classify(const PodGroup& pods, const std::optional<PodSample>& sample, bool is_cpu, Moment now,
                  const PodTimes& times) {
  if (pods.terminating || pods.phase == PodGroup::Phase::failed) return PodClass::ignored;
  if (pods.phase == PodGroup::Phase::pending) return PodClass::unready;
  if (!sample) return PodClass::missing;
  if (!is_cpu) return PodClass::ready;
  if (pods.started + times.cpu_initialization > now) {
    // Fresh: believed only once a whole window lies after the pod became ready.
    const bool unready = !pods.ready || sample->taken < pods.ready_changed + sample->window;
    return unready ? PodClass::unready : PodClass::ready;
  }
  // Old and not ready: was it ever?
  const bool never_ready = !pods.ready && pods.started + times.initial_readiness_delay > pods.ready_changed;
  return never_ready ? PodClass::unready : PodClass::ready;
}

Proposal propose(const ScaleMetric& metric, std::optional<std::int64_t> request_milli,
                 const std::vector<PodGroup>& pods, const MetricReading& reading, std::int64_t current, Moment now,
                 const CalculatorOptions& options) {
  if (!reading.failure.empty()) return failed(reading.failure);
  const bool per_pod = metric.type != ScaleMetric::Type::object && metric.type != ScaleMetric::Type::external;
  if (per_pod) return propose_per_pod(metric, request_milli, pods, reading, current, now, options);
  if (!reading.value_milli) return failed("the metric has no value");
  return propose_value(metric, pods, *reading.value_milli, current, options);
}

}  // namespace gantry::capacity
