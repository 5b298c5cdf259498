#pragma once

// The figures of a load test that its verdict is about.

#include "base/evidence.h"
#include "load/load.h"

#include <chrono>
#include <optional>
#include <string_view>
#include <vector>

namespace gantry::launch {

// CPU time of this process and of those that it started and that have ended.
struct CpuTimes {
  std::chrono::microseconds own{0};
  std::chrono::microseconds of_children{0};
  static CpuTimes now();
  friend CpuTimes operator-(const CpuTimes& a, const CpuTimes& b) {
    return {a.own - b.own, a.of_children - b.of_children};
  }
};

// The part of its requests that no answer came to, kept apart while it runs.
inline constexpr std::string_view kUnanswered = "http_reqs{status:0}";

struct Measured {
  double seconds = 0;
  double requests = 0;
  double unanswered = 0;  // refused, reset, timed out
  double rate = 0;        // requests a second
  double iterations = 0;
  double dropped = 0;                         // arrivals that no VU was free for
  std::optional<double> failed_share;         // nothing where no request was judged
  double p50 = 0, p95 = 0, p99 = 0, max = 0;  // ms
  // What the script itself lets through, however fast the target is: closed loops that wait between requests. Nothing where nothing waits.
  std::optional<double> rate_ceiling;
  bool is_open = false;  // every scenario starts iterations by the clock
  CpuTimes cpu;
  double delay_p95 = 0;  // ms that this process waited for a processor, see load/measure/generator_meter.h
};

Measured measure(const load::RunOutcome& outcome, const CpuTimes& cpu, double delay_p95);
std::vector<base::Metric> metrics_of(const Measured& measured);

// Of one core, which is all that its scripts run on.
double own_cpu_share(const Measured& measured);

}  // namespace gantry::launch
