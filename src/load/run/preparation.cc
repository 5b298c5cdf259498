#include "load/run/preparation.h"

#include "base/json.h"
#include "load/options/consolidated.h"
#include "load/options/fields.h"
#include "load/options/known.h"
#include "load/options/layers.h"
#include "load/options/names.h"
#include "load/options/normalized.h"
#include "load/options/requests.h"
#include "load/options/segment.h"
#include "load/options/system_tags.h"
#include "load/options/tls.h"
#include "load/run/judging.h"
#include "load/run/lifecycle.h"
#include "load/summary/data.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>

namespace gantry::load {

namespace {

using base::Node;

// GODEBUG=http2client=0, as programs in Go understand it (k6 reference, §18).
bool forbids_http2(const std::map<std::string, std::string>& env) {
  const auto debug = env.find("GODEBUG");
  if (debug == env.end()) return false;
  const std::string all = "," + debug->second + ",";
  return all.contains(",http2client=0,");
}

RunResult<bool> is_set(const Node& options, std::string_view option) {
  return as(OptionFields(options, "options").boolean(option, false), RunEnd::invalid_options);
}

// The script's own between those that it wins over and those that win over it.
RunResult<void> merge_layers(Playhouse& house, const ScriptContext& script) {
  const RunRequest& request = house.request;
  const auto exported = script.export_as_json("options");
  if (!exported)
    return fail(RunEnd::broken, {.kind = base::ErrorKind::input,
                                 .message = "options hold what JSON cannot: " + exported.error().message});
  Node options = Node::empty_map();
  if (*exported) options = TRY(as(base::load_json(**exported, request.script), RunEnd::invalid_options));
  if (!options.is_map() && !options.is_null())
    return fail(RunEnd::invalid_options, {.kind = base::ErrorKind::input, .message = "options must be an object"});
  Node& merged = house.outcome.options;
  const Node written = merge_options(normalize_options(request.defaults), normalize_options(std::move(options)));
  merged = normalize_segments(merge_options(written, request.overrides));
  if (request.processes > 1 && (written.get("executionSegment") || written.get("executionSegmentSequence")))
    return fail(RunEnd::invalid_options,
                {.kind = base::ErrorKind::usage,
                 .message = "options have a segment of the load (executionSegment), which --processes deals out itself",
                 .help = "leave the one or the other out"});
  for (const std::string& sentence : find_ineffective(merged)) request.log(LogLevel::warning, sentence, "");
  const OptionFields fields(merged, "options");
  if (fields.has("vus") && fields.has("scenarios") && !fields.has("stages"))
    request.log(LogLevel::warning, "vus without a duration, iterations or stages replaces all scenarios", "");
  return {};
}

// What VUs and their connections go by.
RunResult<void> set_rules(Playhouse& house) {
  const Node& options = house.outcome.options;
  const OptionFields fields(options, "options");
  CrewState& state = house.state;
  for (auto& tag : TRY(as(fields.texts("tags"), RunEnd::invalid_options))) state.run_tags.push_back(tag);
  if (const Node* stats = fields.get("summaryTrendStats"); stats && !stats->is_array())
    return fail(RunEnd::invalid_options, fields.refuse("summaryTrendStats", "must be a list").error());
  TRY(as(summary_trend_stats(options), RunEnd::broken));
  TRY(check_timeouts(options));
  TlsOptions tls = TRY(as(read_tls_options(options), RunEnd::invalid_options));
  tls.offers_http2 = !forbids_http2(house.request.network);
  house.tls.set_options(tls);
  state.requests = TRY(as(read_request_options(options), RunEnd::invalid_options));
  house.resolver.set_rules(TRY(as(read_name_rules(options), RunEnd::invalid_options)));
  const std::int64_t rps =
      TRY(as(fields.integer("rps", 0, std::numeric_limits<std::int64_t>::min()), RunEnd::invalid_options));
  house.pace.set_rate(std::max<std::int64_t>(0, rps), house.request.processes);
  state.pace = &house.pace;
  house.proxies = TRY(as(ProxyRules::from_environment(house.request.network), RunEnd::invalid_options));
  state.proxies = &house.proxies;
  state.system_tags = TRY(as(SystemTags::read(options), RunEnd::invalid_options));
  state.local_ips = TRY(as(read_local_ips(options), RunEnd::invalid_options));
  return {};
}

RunResult<void> find_functions(const Playhouse& house, const ScriptContext& script, RunPlan& plan) {
  const std::vector<std::string> functions = script.exported_functions();
  const auto has = [&](std::string_view name) { return std::ranges::find(functions, name) != functions.end(); };
  if (functions.empty())
    return fail(RunEnd::broken, {.kind = base::ErrorKind::input, .message = "no exported functions in script"});
  for (const Scenario& scenario : plan.scenarios)
    if (!has(scenario.exec))
      return fail(RunEnd::invalid_options, {.kind = base::ErrorKind::input,
                                            .message = fmt::format("scenario {}: function \"{}\" is not exported",
                                                                   scenario.name, scenario.exec)});
  if (has("options"))
    return fail(RunEnd::broken, {.kind = base::ErrorKind::input, .message = "options must not be a function"});
  for (const std::string_view name : {"setup", "teardown"})
    if (script.exports(name) && !has(name))
      return fail(RunEnd::broken,
                  {.kind = base::ErrorKind::input, .message = fmt::format("{} must be a function", name)});
  const Node& options = house.outcome.options;
  const RunRequest& request = house.request;
  plan.has_setup = request.calls_once && !TRY(is_set(options, "noSetup")) && has("setup");
  plan.has_teardown = request.calls_once && !TRY(is_set(options, "noTeardown")) && has("teardown");
  plan.has_summary = request.calls_once && request.has_summary && has("handleSummary");
  return {};
}

// What was said in any layer, and the lists that are there anyway (k6 reference, §5.1). Of scenarios the script keeps its own: k6 leaves an empty
// object.
Node own_options(const Node& said, const Node& in_force) {
  Node own = Node::empty_map();
  for (const Node::Member& member : said.map())
    if (!member.value.is_null() && member.key != "scenarios") own.set(member.key, member.value);
  for (const std::string_view list : {"summaryTrendStats", "systemTags"}) own.set(list, *in_force.get(list));
  return own;
}

RunResult<void> deal_out(Playhouse& house, RunPlan& plan) {
  const Deal deal = TRY(as(read_deal(house.outcome.options), RunEnd::invalid_options));
  const Node in_force = consolidated_options(house.outcome.options, plan.scenarios);
  house.state.options_json = base::dump_json(in_force);
  house.state.own_options_json = base::dump_json(own_options(house.outcome.options, in_force));
  plan.scenarios = deal_scenarios(std::move(plan.scenarios), deal);
  house.state.vus = deal.stripe();
  return {};
}

// A part of a metric that no sample is of, unless the script tags some so itself.
void warn_of_metadata(const Log& log, const MetricSelector& selector) {
  for (const auto& [name, value] : selector.tags)
    if (name == to_string(SystemTag::vu) || name == to_string(SystemTag::iter))
      log(LogLevel::warning,
          fmt::format("thresholds on '{}' see no samples: {} goes with a sample as its metadata, and is none of its "
                      "tags; give samples a tag of your own, such as exec.vu.tags['user'] = exec.vu.idInTest",
                      selector.text, name),
          "");
}

RunResult<void> find_thresholds(const RunRequest& request, RunOutcome& outcome) {
  Recorder& recorder = *outcome.recorder;
  recorder.keep_apart(*parse_metric_selector(kExpectedResponses));
  outcome.thresholds = TRY(as(read_thresholds(outcome.options, *outcome.registry), RunEnd::invalid_options));
  if (request.judges_only_aborting && keep_aborting(outcome.thresholds) && request.judges_thresholds)
    request.log(LogLevel::warning, kAbortsAlone, "");
  for (const JudgedMetric& metric : outcome.thresholds) warn_of_metadata(request.log, metric.selector);
  for (JudgedMetric& metric : outcome.thresholds) {
    if (!request.judges_thresholds) metric.thresholds.clear();
    if (!metric.selector.tags.empty()) recorder.keep_apart(metric.selector);
  }
  if (request.outputs.empty()) recorder.forget_other_tags();
  return {};
}

}  // namespace

RunResult<RunPlan> prepare_run(Playhouse& house) {
  const v8::Locker locker(house.isolate.get());
  house.isolate.limit_stack(std::size_t{1} << 20);
  house.outcome.script = TRY(as(house.request.files.read(house.request.script), RunEnd::broken));
  Vu vu(house.state, house.self, 0);
  const base::Result<void> loaded = house.load(vu);
  if (house.state.aborted) return fail_aborted(house.state);
  TRY(house.as_loaded(loaded));
  house.sources.close();
  for (const std::string& remark : vu.script().remarks()) house.request.log(LogLevel::warning, remark, "");
  TRY(merge_layers(house, vu.script()));
  const Node& options = house.outcome.options;
  RunPlan plan;
  plan.scenarios = TRY(as(read_scenarios(options), RunEnd::invalid_options));
  plan.begins_paused = TRY(is_set(options, "paused"));
  plan.min_iteration =
      TRY(as(OptionFields(options, "options").duration("minIterationDuration", {}, {}), RunEnd::invalid_options));
  TRY(set_rules(house));
  TRY(find_functions(house, vu.script(), plan));
  TRY(deal_out(house, plan));
  TRY(find_thresholds(house.request, house.outcome));
  return plan;
}

}  // namespace gantry::load
