#pragma once

// The pods of the simulated workload, and what the metrics API knows of them. Private to capacity.

#include "capacity/simulate.h"

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

namespace gantry::capacity {

// Pods that were created together.
struct Cohort {
  std::int64_t count = 0;
  Moment created{0};
  Moment running{0};
  Moment ready{0};
};

class PodFleet {
 public:
  // All of them ready for so long that nothing about them is fresh.
  PodFleet(const PodModel& model, std::int64_t replicas);

  void scale(Moment now, std::int64_t replicas);
  std::int64_t replicas() const { return replicas_; }
  std::int64_t ready(Moment now) const;
  const std::deque<Cohort>& cohorts() const { return cohorts_; }

 private:
  Millis pending_;
  Millis start_up_;
  std::int64_t replicas_ = 0;
  std::deque<Cohort> cohorts_;  // oldest first
};

// What the load was, second by second, and so what samples say.
class LoadHistory {
 public:
  // Before the start it was as it is at the start.
  LoadHistory(const Scenario& scenario, std::int64_t replicas);

  // The second that begins when the last one recorded ends.
  void record(double arrived, double served, std::int64_t ready, double waiting);

  // What the controller reads at a sync, of samples taken at `taken`.
  Observation observe(const PodFleet& fleet, Moment now, Moment taken) const;

 private:
  double served_per_pod_until(Moment time) const;
  double arrived_until(Moment time) const;
  double sample(const Signal& signal, const Cohort& cohort, Moment from, Moment to) const;
  double value(const Signal& signal, Moment from, Moment to) const;
  MetricReading read(std::size_t metric, const PodFleet& fleet, Moment taken) const;

  const Scenario& scenario_;
  // Sums up to the end of each second, from 0.
  std::vector<double> served_per_pod_ = {0};
  std::vector<double> arrived_ = {0};
  double served_per_pod_before_ = 0;  // a second, before the start
  double arrived_before_ = 0;
  std::int64_t ready_ = 0;
  double waiting_ = 0;
};

}  // namespace gantry::capacity
