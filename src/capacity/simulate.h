#pragma once

// A HorizontalPodAutoscaler against a trace of traffic, second by second: pods that take time to start, metrics that come late, the
// controller's own arithmetic, and a queue where more comes than is served.
//
//   const Simulation day = TRY(simulate(scenario));
//   day.answers.saturated   // how long more came than was served
//
// What is simulated: requests spread evenly over the ready pods, and wait in one queue, first come first served. A pod serves as
// many a second as its CPU allows, or as was measured. Metrics are averages over a window and become visible only at the sync
// after they were taken, one to two syncs after what they tell of. Pods that go take no request with them.
// What is not: a cluster without room for the pods, uneven load (long-lived connections), caches that are cold at the start.

#include "base/result.h"
#include "capacity/controller.h"
#include "capacity/traffic.h"
#include "kube/policy.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace gantry::capacity {

// One pod under load.
struct PodModel {
  double cpu_ms_per_request = 0;
  double idle_cpu_milli = 0;
  double cpu_max_milli = 1000;          // what it can use: its limit, or one core for each thread that works
  std::optional<double> rate_max = {};  // requests a second that were measured to be all it serves
  Millis pending{2'000};                // until its containers run: scheduling, pulling
  Millis start_up{30'000};              // until it is Ready, `pending` included
  double response_ms = 50;              // without waiting in the queue
  double idle_memory_bytes = 0;
  double memory_bytes_per_request = 0;  // in flight

  // Requests a second, all that one pod can serve.
  double rate_per_pod() const;
};

// How a metric follows the load: base + factor * source. Per pod for metrics of pods, in all for Object and External metrics.
struct Signal {
  enum class Source : std::uint8_t { cpu, memory, rate, in_flight, queue, constant, missing };
  Source source = Source::cpu;
  double base = 0;
  double factor = 1;
};
std::string_view to_string(Signal::Source source);

// A time in which the metrics API answers nothing.
struct Outage {
  Millis from{0};
  Millis to{0};
};

struct Scenario {
  kube::HorizontalPodAutoscaler autoscaler;
  std::vector<std::optional<std::int64_t>> requests_milli;  // per metric, as the Controller takes them
  std::vector<Signal> signals;                              // one for each metric
  std::optional<std::int64_t> replicas = {};                // at the start; minReplicas when absent
  Traffic traffic;
  PodModel pod;
  ControllerOptions controller = {};
  Millis metrics_resolution{15'000};  // how often samples are taken, and the window that they are the average of
  std::vector<Outage> outages = {};
  double late_ms = 500;        // a request that waits longer than this is late
  double timeout_ms = 30'000;  // a client that has waited so long goes away: the request is lost
};

// What is seen at one sync, and what came of the time until the next.
struct Step {
  Millis at{0};
  double rate = 0;  // that arrives
  std::int64_t replicas = 0;
  std::int64_t ready = 0;
  std::int64_t desired = 0;
  std::optional<std::int64_t> recommendation = {};
  Limit limit = Limit::none;
  std::vector<Proposal> proposals = {};
  double load = 0;   // share of what the ready pods can serve that they do serve, until the next step
  double queue = 0;  // requests that wait at the end
  double late = 0;   // until the next step
  double lost = 0;
  Millis saturated{0};
};

struct Answers {
  double requests = 0;
  double late = 0;                        // served, but after more than late_ms
  double lost = 0;                        // never served: the client went away
  Millis saturated{0};                    // in all: seconds at whose end somebody waited
  Millis saturated_longest{0};            // at a stretch
  std::optional<Millis> saturated_first;  // when it began
  double queue_peak = 0;
  std::int64_t replicas_peak = 0;
  std::int64_t replicas_needed = 0;  // that serve the peak of the trace, at their very limit
  std::int64_t replicas_at_end = 0;
  Millis at_max{0};           // with maxReplicas
  Millis short_of_max{0};     // the metrics asked for more than maxReplicas
  std::size_t scaled_up = 0;  // times
  std::size_t scaled_down = 0;
  // There, back, and there again, each within kFlapWindow of the change before.
  std::size_t flaps = 0;
  Millis without_metrics{0};

  double late_share() const { return requests > 0 ? (late + lost) / requests : 0; }
};
inline constexpr std::chrono::minutes kFlapWindow{10};

struct Simulation {
  std::vector<Step> steps;
  Answers answers;
};

// More pods than any Kubernetes cluster is made for.
inline constexpr std::int64_t kReplicasMax = 150'000;

// Errors: input, with the place in the manifest: numbers of replicas that no cluster has, a metric without a target, a pod that
// serves nothing. An interrupted simulation ends early.
base::Result<Simulation> simulate(const Scenario& scenario, std::stop_token stop = {});

}  // namespace gantry::capacity
