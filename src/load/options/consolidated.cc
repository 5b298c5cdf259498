#include "load/options/consolidated.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gantry::load {

namespace {

using base::Node;

Node texts(std::span<const std::string_view> list) {
  Node::Array array;
  for (const std::string_view text : list) array.emplace_back(std::string(text));
  return array;
}

Node null() { return Node(); }
Node no_dns() { return Node::Map{{"ttl", Node(), {}}, {"select", Node(), {}}, {"policy", Node(), {}}}; }
Node usual_trend_stats() {
  constexpr std::array<std::string_view, 6> kStats = {"avg", "min", "med", "max", "p(90)", "p(95)"};
  return texts(kStats);
}
Node usual_system_tags() {
  constexpr std::array<std::string_view, 14> kTags = {
      "check",    "error",   "error_code", "expected_response", "group",       "method", "name", "proto",
      "scenario", "service", "status",     "subproto",          "tls_version", "url"};
  return texts(kTags);
}

struct Option {
  std::string_view name;
  Node (*usual)() = null;  // where nobody set it
};
constexpr std::array kOptions = {
    Option{"paused"},
    Option{"scenarios"},
    Option{"executionSegment"},
    Option{"executionSegmentSequence"},
    Option{"noSetup"},
    Option{"setupTimeout"},
    Option{"noTeardown"},
    Option{"teardownTimeout"},
    Option{"handleSummaryTimeout"},
    Option{"rps"},
    Option{"dns", no_dns},
    Option{"maxRedirects"},
    Option{"userAgent"},
    Option{"batch"},
    Option{"batchPerHost"},
    Option{"httpDebug"},
    Option{"insecureSkipTLSVerify"},
    Option{"tlsCipherSuites"},
    Option{"tlsVersion"},
    Option{"tlsAuth"},
    Option{"throw"},
    Option{"thresholds"},
    Option{"blacklistIPs"},
    Option{"blockHostnames"},
    Option{"hosts"},
    Option{"noConnectionReuse"},
    Option{"noVUConnectionReuse"},
    Option{"minIterationDuration"},
    Option{"ext"},
    Option{"summaryTrendStats", usual_trend_stats},
    Option{"summaryTimeUnit"},
    Option{"systemTags", usual_system_tags},
    Option{"tags"},
    Option{"metricSamplesBufferSize"},
    Option{"noCookiesReset"},
    Option{"discardResponseBodies"},
    Option{"features"},
    Option{"consoleOutput"},
    Option{"localIPs"},
};

constexpr std::array<std::string_view, 6> kCommonKeys = {"executor", "startTime", "gracefulStop",
                                                         "env",      "exec",      "tags"};
// Of each executor, in the order of ExecutorPlan.
constexpr std::array<std::array<std::string_view, 5>, 6> kKeys = {
    {{"vus", "duration"},
     {"startVUs", "stages", "gracefulRampDown"},
     {"vus", "iterations", "maxDuration"},
     {"vus", "iterations", "maxDuration"},
     {"rate", "timeUnit", "duration", "preAllocatedVUs", "maxVUs"},
     {"startRate", "timeUnit", "stages", "preAllocatedVUs", "maxVUs"}}};

// `given` is the scenario as it was written, or the options whose shorthand means it.
Node make_scenario(const Scenario& scenario, const Node* given, bool is_shorthand) {
  Node made = Node::empty_map();
  const auto copy = [&](std::string_view key, std::string_view from) {
    const Node* value = given ? given->get(from) : nullptr;
    made.set(std::string(key), value ? *value : Node());
  };
  for (const std::string_view key : kCommonKeys) copy(key, is_shorthand ? "" : key);
  made.set("executor", Node(std::string(executor_name(scenario.plan))));
  for (const std::string_view key : kKeys[scenario.plan.index()]) {
    if (key.empty()) break;
    if (is_shorthand && key == "startVUs")
      copy(key, "vus");
    else if (is_shorthand && key == "maxDuration")
      copy(key, "duration");
    else
      copy(key, key);
  }
  // Of a lone number of VUs.
  if (const auto* shared = std::get_if<SharedIterations>(&scenario.plan); shared && is_shorthand)
    made.set("iterations", Node(shared->iterations));
  return made;
}

// Entries that say more than the expression say all of it.
Node complete_thresholds(const Node& thresholds) {
  if (!thresholds.is_map()) return thresholds;
  Node completed = Node::empty_map();
  for (const Node::Member& metric : thresholds.map()) {
    if (!metric.value.is_array()) continue;
    Node::Array entries;
    for (Node entry : metric.value.array()) {
      if (entry.is_map() && !entry.get("delayAbortEval")) entry.set("delayAbortEval", Node());
      entries.push_back(std::move(entry));
    }
    completed.set(metric.key, std::move(entries));
  }
  return completed;
}

}  // namespace

Node complete_options(const Node& options) {
  Node made = Node::empty_map();
  const auto copy = [&](std::string_view name) {
    const Node* given = options.get(name);
    made.set(std::string(name), given ? *given : Node());
  };
  for (const Option& option : kOptions) {
    // The shorthand stands where the scenarios do.
    if (option.name == "scenarios")
      for (const std::string_view name : {"vus", "duration", "iterations", "stages"}) copy(name);
    if (option.usual == no_dns && !options.get(option.name))
      made.set(std::string(option.name), no_dns());
    else
      copy(option.name);
  }
  return made;
}

ExecutionRequirements execution_requirements(std::span<const Scenario> scenarios) {
  ExecutionRequirements needs;
  const auto end_of = [](const Scenario& s) { return s.start_time + length_of(s.plan) + s.graceful_stop; };
  for (const Scenario& at : scenarios) {
    needs.duration = std::max(needs.duration, end_of(at));
    // The peak is where one of them starts.
    std::int64_t vus = 0;
    for (const Scenario& other : scenarios)
      if (other.start_time <= at.start_time && at.start_time < end_of(other)) vus += most_vus(other);
    needs.vus = std::max(needs.vus, vus);
  }
  return needs;
}

Node consolidated_options(const Node& options, std::span<const Scenario> scenarios) {
  Node made = Node::empty_map();
  for (const Option& option : kOptions) {
    const Node* given = options.get(option.name);
    made.set(std::string(option.name), given && !given->is_null() ? *given : option.usual());
  }
  const Node* given = options.get("scenarios");
  Node written = Node::empty_map();
  for (const Scenario& scenario : scenarios) {
    const Node* of = given && given->is_map() ? given->get(scenario.name) : nullptr;
    written.set(scenario.name, make_scenario(scenario, of ? of : &options, of == nullptr));
  }
  made.set("scenarios", std::move(written));
  made.set("thresholds", complete_thresholds(*made.get("thresholds")));
  return made;
}

}  // namespace gantry::load
