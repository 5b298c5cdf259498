#include "load/summary/merge.h"

#include "base/json.h"
#include "load/options/segment.h"
#include "load/run/judging.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace gantry::load {

namespace {

using base::Node;
using base::Result;

// What may differ from part to part.
Node shared_options(Node options) {
  for (const std::string_view own : {"executionSegment", "executionSegmentSequence"}) options.erase(own);
  return options;
}

Result<void> check_alike(const PartOfRun& first, const PartOfRun& other) {
  const auto differ = [&](std::string_view what) {
    return base::input_error(fmt::format("{} and {} are no parts of one run: {} differ", first.name, other.name, what),
                             {}, "merge what the same script wrote, with the same flags but for its segment");
  };
  if (first.outcome.script != other.outcome.script) return differ("their scripts");
  if (base::dump_json(shared_options(first.outcome.options)) != base::dump_json(shared_options(other.outcome.options)))
    return differ("their options");
  return {};
}

// How many VUs there are is said by each process of its own.
void add_vus(RunOutcome& into, const RunOutcome& from) {
  for (const BuiltInMetric metric : {BuiltInMetric::vus, BuiltInMetric::vus_max}) {
    const auto id = static_cast<MetricId>(metric);
    const Sink* sink = from.recorder->sink(id);
    const Sink* own = into.recorder->sink(id);
    if (!sink) continue;
    if (!own) {
      into.recorder->merge(id, *sink);
      continue;
    }
    into.recorder->replace(id, std::get<GaugeSink>(*own).plus(std::get<GaugeSink>(*sink)));
  }
}

Result<void> merge_metrics(RunOutcome& into, const RunOutcome& from) {
  const MetricRegistry& registry = *from.registry;
  for (MetricId other = 0; other < registry.size(); ++other) {
    const Metric& metric = registry[other];
    const MetricId id = TRY(into.registry->declare(metric.name, metric.type, metric.contains));
    const bool is_own =
        other == static_cast<MetricId>(BuiltInMetric::vus) || other == static_cast<MetricId>(BuiltInMetric::vus_max);
    if (const Sink* sink = from.recorder->sink(other); sink && !is_own) into.recorder->merge(id, *sink);
    for (const MetricSelector& selector : from.recorder->parts(other))
      into.recorder->merge(selector, *from.recorder->sink(selector.text));
  }
  add_vus(into, from);
  return {};
}

void merge_checks(ScriptGroup& into, const ScriptGroup& from) {
  for (const ScriptCheck& check : from.checks) {
    ScriptCheck& own = into.check(check.name);
    own.passes += check.passes;
    own.fails += check.fails;
  }
  for (const ScriptGroup& group : from.groups) merge_checks(into.at("::" + group.name), group);
}

void merge_measurement(Measurement& into, const Measurement& from) {
  for (const ScenarioTimes& scenario : from.scenarios) {
    const auto found = std::ranges::find(into.scenarios, scenario.name, &ScenarioTimes::name);
    if (found == into.scenarios.end())
      into.scenarios.push_back(scenario);
    else
      found->responses.merge(scenario.responses);
  }
  into.series.merge(from.series);
  into.generator.merge(from.generator);
}

Result<void> merge_into(RunOutcome& into, const RunOutcome& from) {
  TRY(merge_metrics(into, from));
  merge_checks(into.checks, from.checks);
  merge_measurement(into.measurement, from.measurement);
  for (std::size_t i = 0; i < into.scenarios.size(); ++i) {
    into.scenarios[i].completed += from.scenarios[i].completed;
    into.scenarios[i].interrupted += from.scenarios[i].interrupted;
    into.scenarios[i].dropped += from.scenarios[i].dropped;
  }
  into.duration = std::max(into.duration, from.duration);
  into.slept += from.slept;
  return {};
}

// A threshold that ended it early left an error.
bool has_come_to_its_end(const RunOutcome& outcome) {
  return outcome.end == RunEnd::passed || (outcome.end == RunEnd::thresholds_crossed && !outcome.error);
}

// Where none says which segment it had, each may have been a whole.
std::vector<std::string> look_at_segments(const std::vector<PartOfRun>& parts) {
  std::vector<Segment> segments;
  bool has_segments = false;
  for (const PartOfRun& part : parts) {
    const std::string_view text = part.outcome.options.text("executionSegment");
    has_segments |= !text.empty();
    if (const auto segment = parse_segment(text)) segments.push_back(*segment);
  }
  return has_segments ? find_gaps(std::move(segments)) : std::vector<std::string>();
}

}  // namespace

Result<MergedRun> merge_runs(std::vector<PartOfRun> parts) {
  MergedRun merged{.outcome = {}, .remarks = look_at_segments(parts)};
  for (const PartOfRun& part : parts) TRY(check_alike(parts.front(), part));
  const auto failed =
      std::ranges::find_if_not(parts, [](const PartOfRun& part) { return has_come_to_its_end(part.outcome); });
  RunEnd end = RunEnd::passed;
  std::optional<base::Error> error;
  if (failed != parts.end()) {
    end = failed->outcome.end;
    error = failed->outcome.error;
    if (error) error->message = fmt::format("{}: {}", failed->name, error->message);
  }
  RunOutcome& all = merged.outcome;
  all = std::move(parts.front().outcome);
  for (std::size_t i = 1; i < parts.size(); ++i) TRY(merge_into(all, parts[i].outcome));
  all.options = shared_options(std::move(all.options));
  all.end = end;
  all.error = std::move(error);
  judge_thresholds(all, all.duration);
  if (end == RunEnd::passed && has_crossed(all)) all.end = RunEnd::thresholds_crossed;
  return merged;
}

}  // namespace gantry::load
