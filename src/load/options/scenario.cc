#include "load/options/scenario.h"

#include "base/text.h"
#include "load/options/fields.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

namespace gantry::load {

namespace {

using base::input_error;
using base::Node;
using base::Result;
using std::chrono::seconds;

constexpr std::int64_t kVusMax = 100'000'000;

Result<std::int64_t> read_vus(const OptionFields& fields) { return fields.integer("vus", 1, 1); }

template <typename Stage>
Result<std::vector<Stage>> read_stages(const OptionFields& fields) {
  const Node* node = fields.get("stages");
  if (!node || !node->is_array() || node->array().empty())
    return fields.refuse("stages", "must be a list of {duration, target}");
  std::vector<Stage> stages;
  for (std::size_t i = 0; i < node->array().size(); ++i) {
    const OptionFields stage(node->array()[i], fmt::format("{}: stage {}", fields.what(), i + 1));
    constexpr std::array<std::string_view, 2> kKnown = {"duration", "target"};
    TRY(stage.require_known(kKnown));
    Stage read;
    read.duration = TRY(stage.required_duration("duration", Duration(0)));
    read.target = TRY(stage.required_integer("target", 0));
    if (read.target > kVusMax) return stage.refuse("target", fmt::format("must be {} at most", kVusMax));
    stages.push_back(read);
  }
  return stages;
}

Result<ExecutorPlan> read_constant_vus(const OptionFields& fields) {
  ConstantVus plan;
  plan.vus = TRY(read_vus(fields));
  plan.duration = TRY(fields.required_duration("duration", seconds(1)));
  return plan;
}

Result<ExecutorPlan> read_ramping_vus(const OptionFields& fields) {
  RampingVus plan;
  plan.start_vus = TRY(fields.integer("startVUs", 1, 0));
  plan.graceful_ramp_down = TRY(fields.duration("gracefulRampDown", plan.graceful_ramp_down, Duration(0)));
  plan.stages = TRY(read_stages<VuStage>(fields));
  if (VuRamp(plan.start_vus, plan.stages).most_vus() == 0) return fields.refuse("stages", "never have a VU");
  return plan;
}

Result<ExecutorPlan> read_shared_iterations(const OptionFields& fields) {
  SharedIterations plan;
  plan.vus = TRY(read_vus(fields));
  plan.iterations = TRY(fields.integer("iterations", 1, 1));
  plan.max_duration = TRY(fields.duration("maxDuration", plan.max_duration, seconds(1)));
  if (plan.iterations < plan.vus)
    return fields.refuse("iterations",
                         fmt::format("({}) must be at least as many as vus ({})", plan.iterations, plan.vus));
  return plan;
}

Result<ExecutorPlan> read_per_vu_iterations(const OptionFields& fields) {
  PerVuIterations plan;
  plan.vus = TRY(read_vus(fields));
  plan.iterations = TRY(fields.integer("iterations", 1, 1));
  plan.max_duration = TRY(fields.duration("maxDuration", plan.max_duration, seconds(1)));
  return plan;
}

template <typename Plan>
Result<void> read_arrival_vus(const OptionFields& fields, Plan& plan) {
  plan.time_unit = TRY(fields.duration("timeUnit", plan.time_unit, Duration(1)));
  plan.pre_allocated_vus = TRY(fields.required_integer("preAllocatedVUs", 0));
  plan.max_vus = TRY(fields.integer("maxVUs", plan.pre_allocated_vus, 1));
  if (plan.max_vus < plan.pre_allocated_vus)
    return fields.refuse(
        "maxVUs", fmt::format("({}) must not be below preAllocatedVUs ({})", plan.max_vus, plan.pre_allocated_vus));
  return {};
}

Result<ExecutorPlan> read_constant_arrival_rate(const OptionFields& fields) {
  ConstantArrivalRate plan;
  plan.rate = TRY(fields.required_integer("rate", 1));
  plan.duration = TRY(fields.required_duration("duration", seconds(1)));
  TRY(read_arrival_vus(fields, plan));
  return plan;
}

Result<ExecutorPlan> read_ramping_arrival_rate(const OptionFields& fields) {
  RampingArrivalRate plan;
  plan.start_rate = TRY(fields.integer("startRate", 0, 0));
  plan.stages = TRY(read_stages<RateStage>(fields));
  TRY(read_arrival_vus(fields, plan));
  return plan;
}

constexpr std::array<std::string_view, 8> kCommonKeys = {"executor", "startTime", "gracefulStop", "exec",
                                                         "env",      "tags",      "options",      ""};

struct ExecutorKind {
  std::string_view name;
  std::array<std::string_view, 7> keys;
  Result<ExecutorPlan> (*read)(const OptionFields& fields);
};
// In the order of ExecutorPlan.
constexpr std::array<ExecutorKind, 6> kExecutors = {
    {{"constant-vus", {"vus", "duration"}, read_constant_vus},
     {"ramping-vus", {"startVUs", "stages", "gracefulRampDown"}, read_ramping_vus},
     {"shared-iterations", {"vus", "iterations", "maxDuration"}, read_shared_iterations},
     {"per-vu-iterations", {"vus", "iterations", "maxDuration"}, read_per_vu_iterations},
     {"constant-arrival-rate",
      {"rate", "duration", "timeUnit", "preAllocatedVUs", "maxVUs"},
      read_constant_arrival_rate},
     {"ramping-arrival-rate",
      {"startRate", "stages", "timeUnit", "preAllocatedVUs", "maxVUs"},
      read_ramping_arrival_rate}}};
static_assert(std::variant_size_v<ExecutorPlan> == kExecutors.size());

Result<const ExecutorKind*> find_executor(const OptionFields& fields) {
  const std::string name = TRY(fields.text("executor", ""));
  for (const ExecutorKind& kind : kExecutors)
    if (kind.name == name) return &kind;
  std::vector<std::string_view> names;
  for (const ExecutorKind& kind : kExecutors) names.push_back(kind.name);
  const std::optional<std::string_view> nearest = base::nearest_name(name, names);
  if (name == "externally-controlled") return fields.refuse("executor", "externally-controlled was removed from k6");
  return fields.refuse(
      "executor", name.empty() ? "is missing" : fmt::format("\"{}\" is none", name),
      nearest ? fmt::format("did you mean {}?", *nearest) : fmt::format("there are: {}", fmt::join(names, ", ")));
}

bool is_scenario_name(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-';
  });
}

Result<Scenario> read_scenario(const std::string& name, const Node& node) {
  if (!is_scenario_name(name))
    return input_error(fmt::format("\"{}\" is no name for a scenario", name),
                       node.pos().file ? std::optional(node.pos()) : std::nullopt, "take letters, digits, - and _");
  const OptionFields fields(node, "scenario " + name);
  if (!node.is_map()) return input_error(fmt::format("scenario {} must be an object", name));
  const ExecutorKind* kind = TRY(find_executor(fields));
  std::vector<std::string_view> known(kCommonKeys.begin(), kCommonKeys.end());
  known.insert(known.end(), kind->keys.begin(), kind->keys.end());
  std::erase(known, std::string_view());
  TRY(fields.require_known(known));
  Scenario scenario{.name = name};
  scenario.plan = TRY(kind->read(fields));
  scenario.start_time = TRY(fields.duration("startTime", Duration(0), Duration(0)));
  scenario.graceful_stop = TRY(fields.duration("gracefulStop", scenario.graceful_stop, Duration(0)));
  scenario.exec = TRY(fields.text("exec", "default"));
  scenario.env = TRY(fields.texts("env"));
  scenario.tags = TRY(fields.texts("tags"));
  return scenario;
}

// What vus, duration, iterations and stages mean where there are no scenarios.
Result<Scenario> read_shorthand(const Node& options) {
  const OptionFields fields(options, "options");
  Scenario scenario;
  const Node* stages = fields.get("stages");
  const bool has_stages = stages && stages->is_array() && !stages->array().empty();
  if (fields.has("iterations")) {
    SharedIterations plan;
    plan.vus = TRY(read_vus(fields));
    plan.iterations = TRY(fields.integer("iterations", 1, 1));
    plan.max_duration = TRY(fields.duration("duration", plan.max_duration, seconds(1)));
    if (plan.iterations < plan.vus)
      return fields.refuse("iterations",
                           fmt::format("({}) must be at least as many as vus ({})", plan.iterations, plan.vus));
    scenario.plan = plan;
  } else if (fields.has("duration")) {
    scenario.plan = TRY(read_constant_vus(fields));
  } else if (has_stages) {
    RampingVus plan;
    plan.start_vus = TRY(read_vus(fields));
    plan.stages = TRY(read_stages<VuStage>(fields));
    scenario.plan = plan;
  } else if (fields.has("vus") && !fields.has("stages")) {
    const std::int64_t vus = TRY(read_vus(fields));
    scenario.plan = SharedIterations{.vus = vus, .iterations = vus};
  } else {
    scenario.plan = PerVuIterations{};
  }
  return scenario;
}

template <typename... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};
template <typename... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;  // clang 16 deduces no aggregate without it

}  // namespace

std::string_view executor_name(const ExecutorPlan& plan) { return kExecutors[plan.index()].name; }

std::int64_t most_vus(const Scenario& scenario) {
  return std::visit(
      Overloaded{[&](const RampingVus& p) { return VuRamp(p.start_vus, p.stages, scenario.part).most_vus(); },
                 [](const ConstantArrivalRate& p) { return p.max_vus; },
                 [](const RampingArrivalRate& p) { return p.max_vus; }, [](const auto& p) { return p.vus; }},
      scenario.plan);
}

std::int64_t first_vus(const Scenario& scenario) {
  return std::visit(Overloaded{[](const ConstantArrivalRate& p) { return p.pre_allocated_vus; },
                               [](const RampingArrivalRate& p) { return p.pre_allocated_vus; },
                               [&](const auto&) { return most_vus(scenario); }},
                    scenario.plan);
}

bool is_open(const ExecutorPlan& plan) {
  return std::holds_alternative<ConstantArrivalRate>(plan) || std::holds_alternative<RampingArrivalRate>(plan);
}

Duration length_of(const ExecutorPlan& plan) {
  return std::visit(Overloaded{[](const ConstantVus& p) { return p.duration; },
                               [](const RampingVus& p) { return VuRamp(p.start_vus, p.stages).duration(); },
                               [](const SharedIterations& p) { return p.max_duration; },
                               [](const PerVuIterations& p) { return p.max_duration; },
                               [](const ConstantArrivalRate& p) { return p.duration; },
                               [](const RampingArrivalRate& p) {
                                 Duration length{0};
                                 for (const RateStage& stage : p.stages) length += stage.duration;
                                 return length;
                               }},
                    plan);
}

Result<std::vector<Scenario>> read_scenarios(const Node& options) {
  const OptionFields fields(options, "options");
  const bool has_scenarios =
      fields.has("scenarios") && fields.get("scenarios")->is_map() && !fields.get("scenarios")->map().empty();
  if (fields.has("scenarios") && !fields.get("scenarios")->is_map())
    return fields.refuse("scenarios", "must be an object");
  const Node* stages = fields.get("stages");
  if (stages && !stages->is_array()) return fields.refuse("stages", "must be a list of {duration, target}");
  const bool has_stages = stages && !stages->array().empty();
  std::vector<std::string_view> given;
  for (const std::string_view key : {"duration", "iterations"})
    if (fields.has(key)) given.push_back(key);
  if (has_stages) given.push_back("stages");
  if (has_scenarios && !given.empty())
    return fields.refuse(given.front(), "and scenarios cannot be together", "keep one of the two");
  if (has_stages && given.size() > 1)
    return fields.refuse(given.front(), "and stages cannot be together", "keep one of the two");
  // How many VUs and nothing else is a way to say how long, whatever scenarios there are (k6 reference, §5.2).
  const bool is_lone_vus = fields.has("vus") && given.empty() && !fields.has("stages");
  if (!has_scenarios || is_lone_vus) return std::vector{TRY(read_shorthand(options))};
  std::vector<Scenario> scenarios;
  for (const Node::Member& member : fields.get("scenarios")->map())
    scenarios.push_back(TRY(read_scenario(member.key, member.value)));
  std::ranges::sort(scenarios, {}, [](const Scenario& s) { return std::pair(s.start_time, s.name); });
  return scenarios;
}

}  // namespace gantry::load
