#pragma once

// The figures of a load test that its verdict is about.

#include "base/evidence.h"
#include "load/load.h"

#include <chrono>
#include <optional>
#include <string_view>
#include <vector>

namespace gantry::launch {

struct Measured {
  double seconds = 0;
  double requests = 0;
  double in_scenarios = 0;   // of the requests, those that setup() and teardown() have not sent
  double unanswered = 0;     // of these: refused, reset, timed out
  double server_errors = 0;  // of these: answers of 500 and above, whatever the script expects
  double rate = 0;           // requests a second
  double iterations = 0;
  double dropped = 0;                                                        // arrivals that no VU was free for
  std::optional<double> failed_share;                                        // nothing where no request was judged
  double min = 0, average = 0, p50 = 0, p90 = 0, p95 = 0, p99 = 0, max = 0;  // ms
  // What the script itself lets through, however fast the target is: closed loops that wait between requests. Nothing where nothing waits.
  std::optional<double> rate_ceiling;
  bool is_open = false;  // every scenario starts iterations by the clock
  // Of this process while the scenarios played, and of the target with its services, where they were started for the run.
  std::chrono::microseconds own_cpu{0};
  double own_cpu_share = 0;  // of one core, which is all that its scripts run on
  double delay_p95 = 0;      // ms that this process waited for a processor, see load/measure/generator_meter.h
  std::chrono::microseconds target_cpu{0};
};

Measured measure(const load::RunOutcome& outcome, std::chrono::microseconds target_cpu);
std::vector<base::Metric> metrics_of(const Measured& measured);

}  // namespace gantry::launch
