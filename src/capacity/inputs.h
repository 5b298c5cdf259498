#pragma once

// What people write to ask about capacity: the block of a check, or a file for `gantry scale` (docs/formats/capacity.md). Every key is
// known, or the error names the nearest right one; what contradicts itself is an error too.
//
//   check: hpa.fits                      # in a file, `check` may be left out
//   autoscaler: shop/web
//   traffic: {stages: "2m:50,10m:200", start_rate: 20}
//   pod: {cpu_ms_per_request: 8, start_up: 40s}

#include "base/node.h"
#include "base/result.h"
#include "capacity/judge_autoscaler.h"
#include "capacity/simulate.h"
#include "capacity/sizing.h"
#include "kube/snapshot.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace gantry::capacity {

// The map `pod`, as far as it is written.
struct PodInput {
  std::optional<double> cpu_ms_per_request;
  std::optional<double> idle_cpu_milli;
  std::optional<double> cpu_max_milli;
  std::optional<double> cpu_peak_milli;
  std::optional<double> rate_max;
  std::optional<Millis> pending;
  std::optional<Millis> start_up;
  std::optional<double> response_ms;
  std::optional<double> idle_memory_bytes;
  std::optional<double> memory_bytes_per_request;
  base::SourcePos where;
};

struct SimulationRequest {
  std::string autoscaler;          // "shop/web"; "" where there is only one
  std::optional<Traffic> traffic;  // nothing: it is in the file `trace` or `script`
  std::string trace;               // path of a CSV
  std::string script;              // path of a script's options
  ScriptLoad script_load;          // for parse_script_file
  std::optional<Millis> gap_max;   // for parse_traffic_csv
  PodInput pod;
  std::map<std::string, Signal, std::less<>> signals;  // by the name of the metric
  ControllerOptions controller;
  Millis metrics_resolution{15'000};
  std::vector<Outage> outages;
  std::optional<std::int64_t> replicas;
  double late_ms = 500;
  double timeout_ms = 30'000;
  Allowance allowance;
  base::SourcePos where;
};
base::Result<SimulationRequest> parse_simulation(const base::Node& block);

// With the manifests: requests, limits and probes are theirs where the block says nothing. What had to be assumed is said in
// sentences. `request.traffic` is there. Errors: input: no such autoscaler, a metric of which nothing says how it follows the load.
struct PreparedSimulation {
  Scenario scenario;
  ScaledWorkload workload;
  std::vector<std::string> assumptions;
};
base::Result<PreparedSimulation> prepare_simulation(const kube::Snapshot& snapshot, const SimulationRequest& request);

struct SizingRequest {
  std::string workload;  // "shop/web"; "": nothing is compared
  std::string summary;   // path of a load test's summary; "": `baseline` or `levels` say what was measured
  SizingInput input;     // without workload; its baseline is what the block says beside the summary
  base::SourcePos where;
};
base::Result<SizingRequest> parse_sizing(const base::Node& block);

// The summary with what the block says beside it (replicas, CPU, memory, think time).
base::Result<Baseline> join_baseline(Baseline summary, const Baseline& beside);

}  // namespace gantry::capacity
