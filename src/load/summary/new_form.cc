#include "load/summary/new_form.h"

#include "load/summary/data.h"
#include "load/summary/shown.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gantry::load {

namespace {

using base::Node;

struct Values {
  const std::vector<std::string>& stats;  // that are asked for

  Node operator()(const CounterSink& sink) const { return Node::Map{{"count", sink.count(), {}}}; }
  Node operator()(const GaugeSink& sink) const {
    return Node::Map{{"value", sink.value(), {}}, {"min", sink.min(), {}}, {"max", sink.max(), {}}};
  }
  Node operator()(const RateSink& sink) const {
    return Node::Map{{"rate", sink.rate().value_or(0), {}},
                     {"matches", static_cast<std::int64_t>(sink.trues()), {}},
                     {"total", static_cast<std::int64_t>(sink.total()), {}}};
  }
  Node operator()(const TrendSink& sink) const {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kNames = {
        {{"avg", "avg"}, {"min", "min"}, {"med", "med"}, {"max", "max"}, {"p90", "p(90)"}, {"p95", "p(95)"}}};
    Node values = Node::empty_map();
    for (const auto& [name, stat] : kNames)
      if (std::ranges::find(stats, stat) != stats.end()) values.set(std::string(name), *trend_stat(sink, stat));
    return values;
  }
};

Node make_metric(std::string_view name, std::string_view type, std::string_view contains, Node values) {
  return Node::Map{{"name", std::string(name), {}},
                   {"type", std::string(type), {}},
                   {"contains", std::string(contains), {}},
                   {"values", std::move(values), {}}};
}

Node make_share(std::uint64_t matches, std::uint64_t total) {
  const double rate = total == 0 ? 0 : static_cast<double>(matches) / static_cast<double>(total);
  return Node::Map{{"rate", rate, {}},
                   {"matches", static_cast<std::int64_t>(matches), {}},
                   {"total", static_cast<std::int64_t>(total), {}}};
}

Node make_checks(const ScriptCheckList& checks) {
  ScriptCheck all;
  for (const ScriptCheck& check : checks) {
    all.passes += check.passes;
    all.fails += check.fails;
  }
  const std::uint64_t total = all.passes + all.fails;
  Node::Array metrics;
  metrics.push_back(
      make_metric("checks_total", "counter", "default", Node::Map{{"count", static_cast<std::int64_t>(total), {}}}));
  metrics.push_back(make_metric("checks_failed", "rate", "default", make_share(all.fails, total)));
  metrics.push_back(make_metric("checks_succeeded", "rate", "default", make_share(all.passes, total)));
  return Node::Map{{"metrics", std::move(metrics), {}}, {"results", make_check_list(checks), {}}};
}

// Told by the checks themselves, or of no interest to a machine.
bool is_left_out(std::string_view name) {
  constexpr std::array<std::string_view, 2> kNames = {"checks", "group_duration"};
  return std::ranges::find(kNames, name) != kNames.end();
}

}  // namespace

Node make_new_summary(const RunOutcome& outcome, base::Timestamp now) {
  const auto stats = summary_trend_stats(outcome.options);
  const std::vector<std::string> wanted = stats ? *stats : std::vector<std::string>();
  const Values values{wanted};
  Node::Array metrics;
  for (const Shown& shown : shown_metrics(outcome))
    if (!is_left_out(shown.name))
      metrics.push_back(make_metric(shown.name, to_string(shown.metric->type), to_string(shown.metric->contains),
                                    std::visit(values, shown.sink)));
  Node results = Node::Map{{"metrics", std::move(metrics), {}}};
  if (!outcome.checks.by_name.empty()) results.set("checks", make_checks(outcome.checks.by_name));
  return Node::Map{
      {"version", "1.0.0", {}},
      {"metadata", Node::Map{{"generated_at", base::format_rfc3339(now), {}}, {"k6_version", "2.2.0", {}}}, {}},
      {"config",
       Node::Map{{"duration", std::chrono::duration<double>(outcome.duration).count(), {}},
                 {"execution", "local", {}},
                 {"script", outcome.script, {}}},
       {}},
      {"results", std::move(results), {}}};
}

}  // namespace gantry::load
