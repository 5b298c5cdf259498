#include "capacity/pod_fleet.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace gantry::capacity {

using kube::ScaleMetric;

namespace {

// Long enough before the start that no window and no initialisation period reaches there.
constexpr Moment kLongAgo{-24LL * 3'600'000};

// Thousandths, rounded up as Quantity.MilliValue() does. What floating point adds to a whole number is no thousandth.
std::int64_t to_milli(double amount) {
  const double milli = std::ceil(amount - 1e-6);
  // Far above any cluster, and far enough from the end of 64 bits for sums.
  return static_cast<std::int64_t>(std::clamp(milli, 0.0, 1e18));
}

}  // namespace

PodFleet::PodFleet(const PodModel& model, std::int64_t replicas)
    : pending_(model.pending), start_up_(model.start_up), replicas_(replicas) {
  if (replicas > 0)
    cohorts_.push_back(
        {.count = replicas, .created = kLongAgo, .running = kLongAgo, .ready = kLongAgo + Moment(60'000)});
}

// Down, the ReplicaSet takes what is pending first, then what is not ready, then the youngest (disruption reference, §13): all
// start equally long here, so that is the youngest each time.
void PodFleet::scale(Moment now, std::int64_t replicas) {
  if (replicas > replicas_) cohorts_.push_back({replicas - replicas_, now, now + pending_, now + start_up_});
  for (std::int64_t surplus = replicas_ - replicas; surplus > 0;) {
    Cohort& youngest = cohorts_.back();
    const std::int64_t count = std::min(surplus, youngest.count);
    youngest.count -= count;
    surplus -= count;
    if (youngest.count == 0) cohorts_.pop_back();
  }
  replicas_ = replicas;
}

std::int64_t PodFleet::ready(Moment now) const {
  std::int64_t ready = 0;
  for (const Cohort& cohort : cohorts_)
    if (cohort.ready <= now) ready += cohort.count;
  return ready;
}

LoadHistory::LoadHistory(const Scenario& scenario, std::int64_t replicas)
    : scenario_(scenario), arrived_before_(scenario.traffic.rate_at(Moment(0))), ready_(replicas) {
  if (replicas > 0)
    served_per_pod_before_ = std::min(arrived_before_ / static_cast<double>(replicas), scenario.pod.rate_per_pod());
}

void LoadHistory::record(double arrived, double served, std::int64_t ready, double waiting) {
  arrived_.push_back(arrived_.back() + arrived);
  served_per_pod_.push_back(served_per_pod_.back() + (ready > 0 ? served / static_cast<double>(ready) : 0));
  ready_ = ready;
  waiting_ = waiting;
}

double LoadHistory::served_per_pod_until(Moment time) const {
  const double seconds = static_cast<double>(time.count()) / 1000;
  if (time <= Moment(0)) return served_per_pod_before_ * seconds;
  return served_per_pod_[std::min(static_cast<std::size_t>(time.count() / 1000), served_per_pod_.size() - 1)];
}

double LoadHistory::arrived_until(Moment time) const {
  const double seconds = static_cast<double>(time.count()) / 1000;
  if (time <= Moment(0)) return arrived_before_ * seconds;
  return arrived_[std::min(static_cast<std::size_t>(time.count() / 1000), arrived_.size() - 1)];
}

Observation LoadHistory::observe(const PodFleet& fleet, Moment now, Moment taken) const {
  Observation observation;
  for (const Cohort& cohort : fleet.cohorts()) {
    const bool ready = cohort.ready <= now;
    observation.pods.push_back({.count = cohort.count,
                                .phase = cohort.running <= now ? PodGroup::Phase::running : PodGroup::Phase::pending,
                                .terminating = false,
                                .ready = ready,
                                .started = cohort.created,
                                .ready_changed = ready ? cohort.ready : cohort.created});
  }
  const bool outage =
      std::ranges::any_of(scenario_.outages, [&](const Outage& each) { return each.from <= now && now < each.to; });
  for (std::size_t metric = 0; metric < scenario_.signals.size(); ++metric) {
    observation.readings.push_back(
        outage ? MetricReading{.samples = {}, .value_milli = {}, .failure = "the metrics API does not answer"}
               : read(metric, fleet, taken));
  }
  return observation;
}

MetricReading LoadHistory::read(std::size_t metric, const PodFleet& fleet, Moment taken) const {
  const Signal& signal = scenario_.signals[metric];
  MetricReading reading;
  if (signal.source == Signal::Source::missing) {
    reading.failure = "nothing serves the metric";
    return reading;
  }
  const Millis window = scenario_.metrics_resolution;
  const ScaleMetric::Type type = scenario_.autoscaler.metrics[metric].type;
  if (type == ScaleMetric::Type::object || type == ScaleMetric::Type::external) {
    reading.value_milli = to_milli(value(signal, taken - window, taken) * 1000);
    return reading;
  }
  for (const Cohort& cohort : fleet.cohorts()) {
    // A first sample takes a whole window of a running container.
    if (cohort.running + window > taken) {
      reading.samples.emplace_back();
      continue;
    }
    const double each = sample(signal, cohort, taken - window, taken);
    reading.samples.push_back(
        PodSample{.total_milli = to_milli(each * static_cast<double>(cohort.count)), .taken = taken, .window = window});
  }
  return reading;
}

// Of one pod, in thousandths.
double LoadHistory::sample(const Signal& signal, const Cohort& cohort, Moment from, Moment to) const {
  // Requests go to ready pods only.
  const Moment loaded_from = std::clamp(cohort.ready, from, to);
  const double window = static_cast<double>((to - from).count()) / 1000;
  const double rate = (served_per_pod_until(to) - served_per_pod_until(loaded_from)) / window;
  const PodModel& pod = scenario_.pod;
  const double waiting = cohort.ready <= to && ready_ > 0 ? waiting_ / static_cast<double>(ready_) : 0;
  const double in_flight = rate * pod.response_ms / 1000 + waiting;
  switch (signal.source) {
    case Signal::Source::cpu: return pod.idle_cpu_milli + rate * pod.cpu_ms_per_request;
    case Signal::Source::memory: return 1000 * (pod.idle_memory_bytes + in_flight * pod.memory_bytes_per_request);
    case Signal::Source::rate: return 1000 * (signal.base + signal.factor * rate);
    case Signal::Source::in_flight: return 1000 * (signal.base + signal.factor * in_flight);
    case Signal::Source::queue: return 1000 * (signal.base + signal.factor * waiting);
    case Signal::Source::constant: return 1000 * signal.base;
    case Signal::Source::missing: break;
  }
  return 0;
}

// Of the whole, in units.
double LoadHistory::value(const Signal& signal, Moment from, Moment to) const {
  const double window = static_cast<double>((to - from).count()) / 1000;
  const double rate = (arrived_until(to) - arrived_until(from)) / window;
  switch (signal.source) {
    case Signal::Source::rate: return signal.base + signal.factor * rate;
    case Signal::Source::in_flight:
      return signal.base + signal.factor * (rate * scenario_.pod.response_ms / 1000 + waiting_);
    case Signal::Source::queue: return signal.base + signal.factor * waiting_;
    case Signal::Source::constant: return signal.base;
    case Signal::Source::cpu:
    case Signal::Source::memory:
    case Signal::Source::missing: break;
  }
  return signal.base;
}

}  // namespace gantry::capacity
