#include "load/processes/whole_progress.h"

#include "load/summary/sink_node.h"

#include <algorithm>
#include <utility>

namespace gantry::load {

namespace {

using base::Node;
using base::Result;

constexpr std::string_view kName = "progress";

Node count(auto number) { return static_cast<std::int64_t>(number); }

// Before a scenario begins they are negative.
Result<std::chrono::nanoseconds> read_time(const Node& node, std::string_view key) {
  const Node* const time = node.get(key);
  if (!time || !time->is_integer()) return base::input_error("progress has no time");
  return std::chrono::nanoseconds(time->integer());
}

bool is_true(const Node& node, std::string_view key) {
  const Node* const flag = node.get(key);
  return flag && flag->is_bool() && flag->boolean();
}

Result<TimeSeries::Interval> read_interval(const Node* node) {
  const TimeSeries series = TRY(read_series(node, kName));
  return series.intervals().empty() ? TimeSeries::Interval() : series.intervals().front();
}

}  // namespace

Node to_node(const RunProgress& progress) {
  Node::Array scenarios;
  for (const ScenarioProgress& each : progress.scenarios)
    scenarios.push_back(Node::Map{{"name", each.scenario.name, {}},
                                  {"elapsed_ns", count(each.elapsed.count()), {}},
                                  {"vus_active", count(each.vus_active), {}},
                                  {"completed", count(each.completed), {}},
                                  {"is_over", each.is_over, {}}});
  return Node::Map{{"elapsed_ns", count(progress.elapsed.count()), {}},
                   {"planned_ns", count(progress.planned.count()), {}},
                   {"vus_active", count(progress.vus_active), {}},
                   {"vus", count(progress.vus), {}},
                   {"iterations", progress.iterations, {}},
                   {"interrupted", progress.interrupted, {}},
                   {"dropped", progress.dropped, {}},
                   {"requests", progress.requests, {}},
                   {"lately", to_node(TimeSeries(std::chrono::seconds(1), {progress.lately})), {}},
                   {"scenarios", std::move(scenarios), {}}};
}

Result<void> WholeProgress::hear(std::size_t process, const Node& said) {
  Part part;
  RunProgress& figures = part.figures;
  figures.elapsed = TRY(read_time(said, "elapsed_ns"));
  figures.planned = TRY(read_time(said, "planned_ns"));
  figures.vus_active = TRY(read_count(said, "vus_active", kName));
  figures.vus = TRY(read_count(said, "vus", kName));
  figures.iterations = TRY(read_number(said, "iterations", kName));
  figures.interrupted = TRY(read_number(said, "interrupted", kName));
  figures.dropped = TRY(read_number(said, "dropped", kName));
  figures.requests = TRY(read_number(said, "requests", kName));
  figures.lately = TRY(read_interval(said.get("lately")));
  const Node* const scenarios = said.get("scenarios");
  if (!scenarios || !scenarios->is_array()) return base::input_error("progress has no scenarios");
  for (const Node& each : scenarios->array()) {
    const std::chrono::nanoseconds elapsed = TRY(read_time(each, "elapsed_ns"));
    const std::uint64_t vus_active = TRY(read_count(each, "vus_active", kName));
    const std::uint64_t completed = TRY(read_count(each, "completed", kName));
    part.scenarios.push_back(
        {std::string(each.text("name")), elapsed, vus_active, completed, is_true(each, "is_over")});
  }
  parts_[process] = std::move(part);
  return {};
}

void WholeProgress::leave(std::size_t process) {
  if (!parts_[process]) parts_[process].emplace();
  parts_[process]->is_last = true;
}

bool WholeProgress::is_new() const {
  return std::ranges::all_of(parts_, [](const auto& part) { return part && (part->is_new || part->is_last); });
}

std::optional<RunProgress> WholeProgress::so_far() {
  if (std::ranges::any_of(parts_, [](const auto& part) { return !part; })) return std::nullopt;
  RunProgress sum;
  for (std::optional<Part>& part : parts_) {
    part->is_new = false;
    const RunProgress& own = part->figures;
    sum.elapsed = std::max(sum.elapsed, own.elapsed);
    sum.planned = std::max(sum.planned, own.planned);
    sum.vus_active += own.vus_active;
    sum.vus += own.vus;
    sum.iterations += own.iterations;
    sum.interrupted += own.interrupted;
    sum.dropped += own.dropped;
    sum.requests += own.requests;
    sum.lately.merge(own.lately);
  }
  for (const Scenario& scenario : scenarios_) sum.scenarios.push_back(sum_of(scenario));
  return sum;
}

// Of those processes that have a part in it.
ScenarioProgress WholeProgress::sum_of(const Scenario& scenario) const {
  ScenarioProgress sum{.scenario = scenario, .elapsed = std::chrono::nanoseconds::min(), .is_over = true};
  for (const std::optional<Part>& part : parts_)
    for (const ScenarioPart& own : part->scenarios) {
      if (own.name != scenario.name) continue;
      sum.elapsed = std::max(sum.elapsed, own.elapsed);
      sum.vus_active += own.vus_active;
      sum.completed += own.completed;
      sum.is_over = sum.is_over && own.is_over;
    }
  return sum;
}

}  // namespace gantry::load
