#pragma once

// What can be said of an autoscaler without simulating it, and what its simulation came to (disruption reference, §14.4 and §15).

#include "base/finding.h"
#include "capacity/scaled_workload.h"
#include "capacity/simulate.h"

#include <optional>
#include <string>
#include <vector>

namespace gantry::capacity {

struct AutoscalerFacts {
  std::optional<double> idle_memory_bytes;  // of one pod
};

// `workload` has an autoscaler.
void judge_autoscaler(const ScaledWorkload& workload, const AutoscalerFacts& facts,
                      std::vector<base::Finding>& findings);

// How much of what nobody wants may happen.
struct Allowance {
  Millis saturated{60'000};  // in all
  double late_percent = 1;   // of all requests, those that went away included
  std::size_t flaps = 0;
};

void judge_simulation(const Scenario& scenario, const Simulation& simulation, const Allowance& allowance,
                      std::vector<base::Finding>& findings);

// "serves 36,000 requests with 2 to 7 replicas; saturated for 45 s; 0.2 % late"
std::string summarize(const Simulation& simulation);

}  // namespace gantry::capacity
