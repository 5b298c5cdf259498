#include "load/run/judging.h"

#include "load/options/fields.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>

namespace gantry::load {

namespace {

using base::Node;
using base::Result;

// `delayAbortEval` of a threshold with `abortOnFail` (k6 reference, §7.1).
Result<std::optional<std::chrono::nanoseconds>> read_abort(const Node& threshold) {
  if (!threshold.is_map()) return std::nullopt;
  const Node* aborts = threshold.get("abortOnFail");
  if (aborts && !aborts->is_null() && !aborts->is_bool())
    return base::input_error("thresholds: abortOnFail must be true or false");
  // Read where nothing aborts, too: what cannot be read is said, as k6 does.
  const std::chrono::nanoseconds delay = TRY(OptionFields(threshold, "threshold").duration("delayAbortEval", {}, {}));
  if (!aborts || !aborts->is_bool() || !aborts->boolean()) return std::nullopt;
  return delay;
}

Result<JudgedMetric> read_metric(const Node::Member& member, const MetricRegistry& registry) {
  JudgedMetric judged;
  judged.selector = TRY(parse_metric_selector(member.key));
  const MetricId* metric = registry.find(judged.selector.metric);
  if (!metric) return base::input_error(fmt::format("thresholds: no metric name \"{}\" found", judged.selector.metric));
  if (member.value.is_null()) return judged;
  if (!member.value.is_array()) return base::input_error(fmt::format("thresholds: {} must have a list", member.key));
  for (const Node& entry : member.value.array()) {
    const Node* text = entry.is_map() ? entry.get("threshold") : &entry;
    Threshold threshold = TRY(parse_threshold(text && text->is_string() ? text->string() : ""));
    TRY(check_fits(threshold, registry[*metric].type));
    const std::optional<std::chrono::nanoseconds> aborts_after = TRY(read_abort(entry));
    judged.thresholds.push_back({std::move(threshold), {}, aborts_after});
  }
  return judged;
}

}  // namespace

Result<std::vector<JudgedMetric>> read_thresholds(const Node& options, const MetricRegistry& registry) {
  std::vector<JudgedMetric> thresholds;
  const Node* given = options.get("thresholds");
  if (!given || given->is_null()) return thresholds;
  if (!given->is_map()) return base::input_error("thresholds must be an object of lists, by metric");
  for (const Node::Member& member : given->map()) thresholds.push_back(TRY(read_metric(member, registry)));
  return thresholds;
}

bool keep_aborting(std::vector<JudgedMetric>& thresholds) {
  for (JudgedMetric& metric : thresholds)
    std::erase_if(metric.thresholds, [](const JudgedThreshold& each) { return !each.aborts_after; });
  return std::ranges::any_of(thresholds, [](const JudgedMetric& metric) { return !metric.thresholds.empty(); });
}

void judge_thresholds(RunOutcome& outcome, std::chrono::nanoseconds elapsed) {
  for (JudgedMetric& metric : outcome.thresholds) {
    const MetricId id = *outcome.registry->find(metric.selector.metric);
    const Sink* sink =
        metric.selector.tags.empty() ? outcome.recorder->sink(id) : outcome.recorder->sink(metric.selector.text);
    const Sink none = make_sink((*outcome.registry)[id].type);
    for (JudgedThreshold& judged : metric.thresholds)
      judged.judgement = judge(judged.threshold, sink ? *sink : none, elapsed);
  }
}

bool has_crossed(const RunOutcome& outcome) {
  return std::ranges::any_of(outcome.thresholds, [](const JudgedMetric& metric) {
    return std::ranges::any_of(metric.thresholds, [](const JudgedThreshold& t) { return !t.judgement.holds; });
  });
}

bool is_to_abort(const RunOutcome& outcome, std::chrono::nanoseconds elapsed) {
  return std::ranges::any_of(outcome.thresholds, [&](const JudgedMetric& metric) {
    return std::ranges::any_of(metric.thresholds, [&](const JudgedThreshold& threshold) {
      const bool is_due = threshold.aborts_after && *threshold.aborts_after < elapsed;
      // Metrics without samples are passed over while the run lasts (k6 reference, §7.5).
      return is_due && !threshold.judgement.is_undecided && !threshold.judgement.holds;
    });
  });
}

base::Error abort_error(const RunOutcome& outcome) {
  std::vector<std::string> crossed;
  for (const JudgedMetric& metric : outcome.thresholds)
    if (std::ranges::any_of(metric.thresholds, [](const JudgedThreshold& each) { return !each.judgement.holds; }))
      crossed.push_back(metric.selector.text);
  std::ranges::sort(crossed);
  return {.kind = base::ErrorKind::input,
          .message = fmt::format("thresholds on metrics '{}' were crossed; at least one has abortOnFail enabled, "
                                 "stopping test prematurely",
                                 fmt::join(crossed, ", "))};
}

}  // namespace gantry::load
