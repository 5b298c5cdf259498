#include "load/summary/shown.h"

#include <algorithm>
#include <string_view>

namespace gantry::load {

std::vector<Shown> shown_metrics(const RunOutcome& outcome) {
  const auto judged_of = [&](std::string_view text) -> const JudgedMetric* {
    const auto at = std::ranges::find(outcome.thresholds, text,
                                      [](const JudgedMetric& m) -> std::string_view { return m.selector.text; });
    return at == outcome.thresholds.end() ? nullptr : &*at;
  };
  std::vector<Shown> shown;
  const MetricRegistry& registry = *outcome.registry;
  for (MetricId id = 0; id < registry.size(); ++id) {
    const Sink* sink = outcome.recorder->sink(id);
    const JudgedMetric* judged = judged_of(registry[id].name);
    const bool has_parts = std::ranges::any_of(
        outcome.thresholds, [&](const JudgedMetric& part) { return part.selector.metric == registry[id].name; });
    if (sink || has_parts)
      shown.push_back({registry[id].name, &registry[id], sink ? *sink : make_sink(registry[id].type), judged});
  }
  for (const JudgedMetric& judged : outcome.thresholds) {
    if (judged.selector.tags.empty()) continue;
    const Metric& metric = registry[*registry.find(judged.selector.metric)];
    const Sink* sink = outcome.recorder->sink(judged.selector.text);
    shown.push_back({judged.selector.text, &metric, sink ? *sink : make_sink(metric.type), &judged});
  }
  const Sink* expected = outcome.recorder->sink(kExpectedResponses);
  if (expected && !judged_of(kExpectedResponses) &&
      std::visit([](const auto& sink) { return !sink.empty(); }, *expected))
    shown.push_back({std::string(kExpectedResponses), &registry[BuiltInMetric::http_req_duration], *expected, nullptr});
  std::ranges::sort(shown, {}, &Shown::name);
  return shown;
}

}  // namespace gantry::load
