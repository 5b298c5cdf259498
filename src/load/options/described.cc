#include "load/options/described.h"

#include "load/options/duration.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <vector>

namespace gantry::load {

namespace {

// What a plan is, and what is particular about it.
struct Described {
  std::string text;
  std::vector<std::string> facts = {};
};

double per_second(std::int64_t rate, Duration time_unit) {
  return static_cast<double>(rate) / std::chrono::duration<double>(time_unit).count();
}

std::string vu_range(std::int64_t first, std::int64_t most) {
  return most > first ? fmt::format("maxVUs: {}-{}", first, most) : fmt::format("maxVUs: {}", first);
}

struct Describe {
  Duration length;
  const Stripe& part;  // what of it runs here

  Described operator()(const ConstantVus& plan) const {
    return {fmt::format("{} looping VUs for {}", plan.vus, format_go_duration(length))};
  }
  Described operator()(const RampingVus& plan) const {
    std::int64_t most = plan.start_vus;
    for (const VuStage& stage : plan.stages) most = std::max(most, stage.target);
    return {fmt::format("Up to {} looping VUs for {} over {} stages", part.scale(most), format_go_duration(length),
                        plan.stages.size()),
            {"gracefulRampDown: " + format_go_duration(plan.graceful_ramp_down)}};
  }
  Described operator()(const SharedIterations& plan) const {
    return {fmt::format("{} iterations shared among {} VUs", plan.iterations, plan.vus),
            {"maxDuration: " + format_go_duration(plan.max_duration)}};
  }
  Described operator()(const PerVuIterations& plan) const {
    return {fmt::format("{} iterations for each of {} VUs", plan.iterations, plan.vus),
            {"maxDuration: " + format_go_duration(plan.max_duration)}};
  }
  Described operator()(const ConstantArrivalRate& plan) const {
    return {fmt::format("{:.2f} iterations/s for {}", part.share() * per_second(plan.rate, plan.time_unit),
                        format_go_duration(length)),
            {vu_range(plan.pre_allocated_vus, plan.max_vus)}};
  }
  Described operator()(const RampingArrivalRate& plan) const {
    std::int64_t most = plan.start_rate;
    for (const RateStage& stage : plan.stages) most = std::max(most, stage.target);
    return {
        fmt::format("Up to {:.2f} iterations/s for {} over {} stages", part.share() * per_second(most, plan.time_unit),
                    format_go_duration(length), plan.stages.size()),
        {vu_range(plan.pre_allocated_vus, plan.max_vus)}};
  }
};

}  // namespace

std::string describe(const Scenario& scenario) {
  Described described = std::visit(Describe{length_of(scenario.plan), scenario.part}, scenario.plan);
  std::vector<std::string>& facts = described.facts;
  if (scenario.exec != "default") facts.push_back("exec: " + scenario.exec);
  if (scenario.start_time > Duration(0)) facts.push_back("startTime: " + format_go_duration(scenario.start_time));
  if (scenario.graceful_stop > Duration(0))
    facts.push_back("gracefulStop: " + format_go_duration(scenario.graceful_stop));
  return facts.empty() ? described.text : fmt::format("{} ({})", described.text, fmt::join(facts, ", "));
}

}  // namespace gantry::load
