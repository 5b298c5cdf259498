// The load of a k6 script, from its options as `k6 inspect` prints them. Scripts compute their options, so reading them takes a
// JavaScript engine; what it printed is JSON. Arrival-rate executors say iterations a second; executors of VUs say none, since that
// hangs on how long an iteration takes, and so has to be measured.

#include "base/json.h"
#include "capacity/traffic.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <set>
#include <utility>

namespace gantry::capacity {

using base::Node;
using base::Result;

namespace {

constexpr std::size_t kScenariosMax = 100;
constexpr std::size_t kStagesMax = 10'000;

// Null is as good as absent: k6 prints every option.
const Node* find(const Node& map, std::string_view key) {
  const Node* node = map.get(key);
  return node && !node->is_null() ? node : nullptr;
}

struct Unit {
  std::string_view name;
  double ms;
};
// The longer names first: "ms" is no "m".
constexpr std::array kUnits = {Unit{"ms", 1},          Unit{"us", 1e-3},    Unit{"\u00B5s", 1e-3}, Unit{"ns", 1e-6},
                               Unit{"h", 3'600'000.0}, Unit{"m", 60'000.0}, Unit{"s", 1'000.0}};

// As Go writes durations: "1m30s", "1.5s". A number is milliseconds.
std::optional<double> parse_go_duration(const Node& node) {
  if (node.is_integer()) return static_cast<double>(node.integer());
  if (!node.is_string() || node.string().empty()) return std::nullopt;
  double sum = 0;
  for (std::string_view rest = node.string(); !rest.empty();) {
    double number = 0;
    const auto [end, failure] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
    if (failure != std::errc{} || !std::isfinite(number)) return std::nullopt;
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    const auto unit = std::ranges::find_if(kUnits, [&](const Unit& each) { return rest.starts_with(each.name); });
    if (unit == kUnits.end()) return std::nullopt;
    rest.remove_prefix(unit->name.size());
    sum += number * unit->ms;
  }
  return sum;
}

Result<Millis> read_duration(const Node& map, std::string_view key, std::optional<Millis> absent) {
  const Node* node = find(map, key);
  if (!node && absent) return *absent;
  if (!node) return base::input_error(fmt::format("\"{}\" is missing", key), map.pos());
  const std::optional<double> ms = parse_go_duration(*node);
  if (!ms || *ms < 0) return base::input_error(fmt::format("\"{}\" is no duration", key), node->pos());
  if (*ms > static_cast<double>(Millis(kTraceMax).count()))
    return base::input_error(fmt::format("\"{}\" is longer than {} days", key, kTraceMax.count() / 24), node->pos());
  return Millis(std::llround(*ms));
}

Result<double> read_number(const Node& map, std::string_view key, std::optional<double> absent) {
  const Node* node = find(map, key);
  if (!node && absent) return *absent;
  if (!node) return base::input_error(fmt::format("\"{}\" is missing", key), map.pos());
  const double number = node->is_integer() ? static_cast<double>(node->integer()) : node->is_real() ? node->real() : -1;
  if (!(number >= 0 && number <= kRateMax))
    return base::input_error(fmt::format("\"{}\" is no number from 0 to {:.0f}", key, kRateMax), node->pos());
  return number;
}

// What one executor says a second, from its own start to its end; never empty.
using Points = std::vector<RatePoint>;

struct Executor {
  std::string_view name;
  bool ramps;              // else it is constant for its duration
  bool of_vus;             // else of iterations
  std::string_view first;  // where it begins: "startRate"
  double absent;           // what that is when it is not written
};
constexpr std::array kExecutors = {Executor{"constant-arrival-rate", false, false, "rate", -1},
                                   Executor{"ramping-arrival-rate", true, false, "startRate", 0},
                                   Executor{"constant-vus", false, true, "vus", 1},
                                   Executor{"ramping-vus", true, true, "startVUs", 1}};

class ScriptReader {
 public:
  explicit ScriptReader(const ScriptLoad& load) : load_(load) {}

  Result<Traffic> read(const Node& document);

 private:
  Result<void> add_scenarios(const Node& scenarios);
  Result<void> add(std::string_view name, const Node& scenario, const Executor& executor);
  Result<double> requests_of_one(const Executor& executor, std::string_view scenario, const Node& map) const;

  const ScriptLoad& load_;
  std::vector<Points> loads_;
  std::size_t stages_ = 0;  // of all scenarios
};

// Requests a second that one iteration a time unit, or one VU, comes to.
Result<double> ScriptReader::requests_of_one(const Executor& executor, std::string_view scenario,
                                             const Node& map) const {
  if (executor.of_vus) {
    if (load_.rate_per_vu) return *load_.rate_per_vu;
    return base::input_error(fmt::format("the VUs of scenario {} ({}) say no rate: that hangs on how long an iteration "
                                         "takes",
                                         scenario, executor.name),
                             map.pos(),
                             "measure it (http_reqs a second, by VUs) and write rate_per_vu, or use an arrival rate");
  }
  const Millis unit = TRY(read_duration(map, "timeUnit", Millis(1000)));
  if (unit.count() == 0) return base::input_error("\"timeUnit\" is no time", find(map, "timeUnit")->pos());
  return load_.requests_per_iteration * 1000 / static_cast<double>(unit.count());
}

Result<void> ScriptReader::add(std::string_view name, const Node& scenario, const Executor& executor) {
  const double one = TRY(requests_of_one(executor, name, scenario));
  const std::optional<double> absent = executor.absent < 0 ? std::nullopt : std::optional(executor.absent);
  const double first = TRY(read_number(scenario, executor.first, absent)) * one;
  Points points = {{TRY(read_duration(scenario, "startTime", Millis(0))), first}};
  if (!executor.ramps) {
    points.push_back({points.front().at + TRY(read_duration(scenario, "duration", {})), first});
    loads_.push_back(std::move(points));
    return {};
  }
  const Node* stages = find(scenario, "stages");
  if (!stages || !stages->is_array() || stages->array().empty())
    return base::input_error(fmt::format("scenario {} ({}) has no stages", name, executor.name), scenario.pos());
  stages_ += stages->array().size();
  if (stages_ > kStagesMax)
    return base::input_error(fmt::format("there are more than {} stages", kStagesMax), stages->pos());
  for (const Node& stage : stages->array()) {
    if (!stage.is_map()) return base::input_error("a stage must be {duration, target}", stage.pos());
    const Millis length = TRY(read_duration(stage, "duration", {}));
    const double target = TRY(read_number(stage, "target", {}));
    points.push_back({points.back().at + length, target * one});
  }
  loads_.push_back(std::move(points));
  return {};
}

Result<void> ScriptReader::add_scenarios(const Node& scenarios) {
  if (!scenarios.is_map()) return base::input_error("\"scenarios\" must be a map", scenarios.pos());
  if (scenarios.map().size() > kScenariosMax)
    return base::input_error(fmt::format("there are more than {} scenarios", kScenariosMax), scenarios.pos());
  for (const Node::Member& member : scenarios.map()) {
    if (!load_.scenario.empty() && member.key != load_.scenario) continue;
    if (!member.value.is_map()) return base::input_error("a scenario must be a map", member.value.pos());
    const std::string executor(member.value.text("executor"));
    const auto known = std::ranges::find(kExecutors, executor, &Executor::name);
    if (known == kExecutors.end())
      return base::input_error(
          fmt::format("scenario {} ({}) does not say how much comes a second", member.key, executor),
          member.value.pos(), "name another scenario, or give its stages or a trace");
    TRY(add(member.key, member.value, *known));
  }
  if (!loads_.empty()) return {};
  return base::input_error(load_.scenario.empty() ? std::string("there is no scenario")
                                                  : fmt::format("there is no scenario {}", load_.scenario),
                           scenarios.pos(), "name one of the script's scenarios");
}

// The rate at a time, seen from before it or from after it; outside of an executor's time it sends nothing.
enum class Side { before, after };
double rate_at(const Points& points, Millis time, Side side) {
  const auto at = side == Side::before ? std::ranges::lower_bound(points, time, {}, &RatePoint::at)
                                       : std::ranges::upper_bound(points, time, {}, &RatePoint::at);
  if (at == points.begin() || at == points.end()) return 0;
  const RatePoint& from = *(at - 1);
  const double share = static_cast<double>((time - from.at).count()) / static_cast<double>((at->at - from.at).count());
  return from.per_second + (at->per_second - from.per_second) * share;
}

Points add_up(const std::vector<Points>& loads) {
  std::set<Millis> times = {Millis(0)};
  for (const Points& points : loads)
    for (const RatePoint& point : points) times.insert(point.at);
  Points sum;
  for (const Millis time : times) {
    double before = 0;
    double after = 0;
    for (const Points& points : loads) {
      before += rate_at(points, time, Side::before);
      after += rate_at(points, time, Side::after);
    }
    const bool is_first = time == *times.begin();
    const bool is_last = time == *times.rbegin();
    if (!is_first) sum.push_back({time, before});
    if (!is_last && (is_first || before != after)) sum.push_back({time, after});
  }
  return sum;
}

// `scenarios`, or the short forms: `stages`, or `vus` for a `duration`.
Result<Traffic> ScriptReader::read(const Node& document) {
  if (!document.is_map())
    return base::input_error("these are no options of a script", document.pos(), "write them: k6 inspect load.js");
  if (const Node* scenarios = find(document, "scenarios");
      scenarios && !(scenarios->is_map() && scenarios->map().empty())) {
    TRY(add_scenarios(*scenarios));
  } else if (find(document, "stages")) {
    constexpr Executor kStages{"stages", true, true, "vus", 1};
    TRY(add("default", document, kStages));
  } else if (find(document, "duration")) {
    TRY(add("default", document, kExecutors[2]));
  } else {
    return base::input_error("the options say neither scenarios, nor stages, nor a duration", document.pos(),
                             "write them: k6 inspect load.js");
  }
  return Traffic::from_points(add_up(loads_), document.pos());
}

}  // namespace

Result<Traffic> parse_script_options(const Node& document, const ScriptLoad& load) {
  return ScriptReader(load).read(document);
}

Result<Traffic> parse_script_file(std::string_view text, std::string_view file, const ScriptLoad& load) {
  const Result<Node> document = base::load_json(text, file);
  if (document) return parse_script_options(*document, load);
  const std::size_t first = text.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  if (first != std::string_view::npos && text[first] == '{') return std::unexpected(document.error());
  return base::input_error(fmt::format("{} is a script, not its options", file), document.error().where,
                           fmt::format("write them as JSON, and name that: k6 inspect {} > options.json", file));
}

}  // namespace gantry::capacity
