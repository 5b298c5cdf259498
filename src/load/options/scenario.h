#pragma once

// Scenarios: which VUs run which function when (k6 reference, §6).

#include "base/node.h"
#include "base/result.h"
#include "load/executors/arrivals.h"
#include "load/executors/stripe.h"
#include "load/executors/vu_ramp.h"
#include "load/options/duration.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace gantry::load {

struct ConstantVus {
  std::int64_t vus = 1;
  Duration duration{0};
  friend bool operator==(const ConstantVus&, const ConstantVus&) = default;
};
struct RampingVus {
  std::int64_t start_vus = 1;
  std::vector<VuStage> stages = {};
  Duration graceful_ramp_down = std::chrono::seconds(30);
  friend bool operator==(const RampingVus&, const RampingVus&) = default;
};
struct SharedIterations {
  std::int64_t vus = 1;
  std::int64_t iterations = 1;
  Duration max_duration = std::chrono::minutes(10);
  friend bool operator==(const SharedIterations&, const SharedIterations&) = default;
};
struct PerVuIterations {
  std::int64_t vus = 1;
  std::int64_t iterations = 1;
  Duration max_duration = std::chrono::minutes(10);
  friend bool operator==(const PerVuIterations&, const PerVuIterations&) = default;
};
struct ConstantArrivalRate {
  std::int64_t rate = 1;
  Duration time_unit = std::chrono::seconds(1);
  Duration duration{0};
  std::int64_t pre_allocated_vus = 1;
  std::int64_t max_vus = 1;
  friend bool operator==(const ConstantArrivalRate&, const ConstantArrivalRate&) = default;
};
struct RampingArrivalRate {
  std::int64_t start_rate = 0;
  Duration time_unit = std::chrono::seconds(1);
  std::vector<RateStage> stages = {};
  std::int64_t pre_allocated_vus = 1;
  std::int64_t max_vus = 1;
  friend bool operator==(const RampingArrivalRate&, const RampingArrivalRate&) = default;
};
using ExecutorPlan =
    std::variant<ConstantVus, RampingVus, SharedIterations, PerVuIterations, ConstantArrivalRate, RampingArrivalRate>;

struct Scenario {
  std::string name = "default";
  ExecutorPlan plan = {};
  Duration start_time{0};
  Duration graceful_stop = std::chrono::seconds(30);
  std::string exec = "default";
  std::map<std::string, std::string> env = {};
  std::map<std::string, std::string> tags = {};
  Stripe part = {};  // of its iterations, where several processes share them (segment.h); ramping-vus: of its VUs too
  friend bool operator==(const Scenario&, const Scenario&) = default;
};

// "constant-vus", …
std::string_view executor_name(const ExecutorPlan& plan);
// How many VUs it may have at once, and how many there are before it starts.
std::int64_t most_vus(const Scenario& scenario);
std::int64_t first_vus(const Scenario& scenario);
// Whether the clock begins its iterations, however long they take (an open model).
bool is_open(const ExecutorPlan& plan);
// Until the regular end, without grace.
Duration length_of(const ExecutorPlan& plan);

// The scenarios of an options object: its `scenarios`, or what its shorthand (vus, duration, iterations, stages) means (§5.2). Sorted as
// they start. Errors: input: two of these at once, an unknown executor or key (with the nearest right one), a value of the wrong kind or
// out of its range; each names the scenario and the key.
base::Result<std::vector<Scenario>> read_scenarios(const base::Node& options);

}  // namespace gantry::load
