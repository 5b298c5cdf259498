// An outcome as a document, and back.

#include "base/version.h"
#include "load/options/redacted.h"
#include "load/options/segment.h"
#include "load/run/judging.h"
#include "load/summary/data.h"
#include "load/summary/merge.h"
#include "load/summary/sink_node.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace gantry::load {

namespace {

using base::Node;
using base::Result;

constexpr std::string_view kFormats = "gantry-load-run/";
constexpr std::string_view kFormat = "gantry-load-run/4";
constexpr int kGroupDepthMax = 100;

Node count(std::uint64_t number) { return static_cast<std::int64_t>(number); }
Node nanoseconds(std::chrono::nanoseconds time) { return static_cast<std::int64_t>(time.count()); }

std::unexpected<base::Error> refuse(std::string_view what, std::string_view why) {
  return base::input_error(fmt::format("{}: {}", what, why), {}, "give what gantry load run --out summary=FILE wrote");
}

Node make_metrics(const RunOutcome& outcome) {
  const MetricRegistry& registry = *outcome.registry;
  Node::Array metrics;
  for (MetricId id = 0; id < registry.size(); ++id) {
    Node node = Node::Map{{"name", registry[id].name, {}},
                          {"type", to_string(registry[id].type), {}},
                          {"contains", to_string(registry[id].contains), {}}};
    if (const Sink* sink = outcome.recorder->sink(id)) node.set("samples", to_node(*sink));
    Node parts = Node::empty_map();
    for (const MetricSelector& selector : outcome.recorder->parts(id))
      parts.set(selector.text, to_node(*outcome.recorder->sink(selector.text)));
    if (!parts.map().empty()) node.set("parts", std::move(parts));
    metrics.push_back(std::move(node));
  }
  return metrics;
}

Node make_group(const ScriptGroup& group) {
  Node::Array groups;
  for (const ScriptGroup& inner : group.groups) groups.push_back(make_group(inner));
  return Node::Map{
      {"name", group.name, {}}, {"checks", make_check_list(group.checks), {}}, {"groups", std::move(groups), {}}};
}

Node make_scenarios(const RunOutcome& outcome) {
  Node::Array scenarios;
  for (const ScenarioOutcome& each : outcome.scenarios)
    scenarios.push_back(Node::Map{{"name", each.scenario.name, {}},
                                  {"completed", count(each.completed), {}},
                                  {"interrupted", count(each.interrupted), {}},
                                  {"dropped", count(each.dropped), {}}});
  return scenarios;
}

Node make_measurement(const Measurement& measured) {
  Node::Array scenarios;
  for (const ScenarioTimes& each : measured.scenarios)
    scenarios.push_back(
        Node::Map{{"name", each.name, {}},
                  {"model", std::string(each.responses.model() == ResponseTimes::Model::open ? "open" : "closed"), {}},
                  {"response_time", to_node(each.responses.corrected()), {}},
                  {"with_connection", to_node(each.responses.totals()), {}},
                  {"dropped", count(each.responses.dropped()), {}},
                  {"unasked", count(each.responses.unasked()), {}}});
  const Generator& generator = measured.generator;
  return Node::Map{{"scenarios", std::move(scenarios), {}},
                   {"series", to_node(measured.series), {}},
                   {"generator",
                    Node::Map{{"played_ns", nanoseconds(generator.played), {}},
                              {"cpu_us", static_cast<std::int64_t>(generator.cpu.count()), {}},
                              {"lateness", to_node(generator.lateness), {}},
                              {"delays", to_node(generator.delays), {}}},
                    {}}};
}

Node make_texts(const std::map<std::string, std::string>& texts) {
  Node node = Node::empty_map();
  for (const auto& [name, text] : texts) node.set(name, text);
  return node;
}

Node make_head(int exit_code, const std::optional<base::Error>& error, const PartIdentity& identity) {
  return Node::Map{{"format", kFormat, {}},      {"version", base::version(), {}},
                   {"run", identity.run, {}},    {"process", identity.process, {}},
                   {"exit_code", exit_code, {}}, {"error", error ? Node(error->message) : Node(), {}}};
}

// Everything below reads one member of the document into the outcome.
class Reader {
 public:
  Reader(const Node& node, const std::string& name) : node_(node), name_(name) {}

  Result<PartOfRun> read();

 private:
  Result<const Node*> list(const Node& of, std::string_view key) const {
    const Node* node = of.get(key);
    if (!node || !node->is_array()) return refuse(name_, fmt::format("{} is no list", key));
    return node;
  }
  Result<std::map<std::string, std::string>> texts(std::string_view key) const;
  Result<void> check_origin() const;
  Result<void> read_end();
  Result<void> read_metric(const Node& node);
  Result<void> read_checks(const Node& of, std::string_view key, ScriptCheckList& checks);
  Result<void> read_group(const Node& node, ScriptGroup& group, int depth);
  Result<void> read_scenarios_of();
  Result<void> read_measurement(const Node& node);

  const Node& node_;
  const std::string& name_;
  PartOfRun part_ = {};
  RunOutcome& outcome_ = part_.outcome;
};

Result<std::map<std::string, std::string>> Reader::texts(std::string_view key) const {
  const Node* node = node_.get(key);
  if (!node || !node->is_map()) return refuse(name_, fmt::format("{} is no object", key));
  std::map<std::string, std::string> texts;
  for (const Node::Member& member : node->map()) {
    if (!member.value.is_string()) return refuse(name_, fmt::format("{} is no object of texts", key));
    texts[member.key] = member.value.string();
  }
  return texts;
}

Result<void> Reader::check_origin() const {
  if (is_of_another_version(node_)) {
    const std::string_view version = node_.text("version");
    return base::input_error(fmt::format("{} was written by {} ({}), and this is Gantry {} ({})", name_,
                                         version.empty() ? "another Gantry" : fmt::format("Gantry {}", version),
                                         node_.text("format"), base::version(), kFormat),
                             {}, "let one version of gantry run all parts, and merge them");
  }
  if (!node_.is_map() || node_.text("format") != kFormat) return refuse(name_, fmt::format("is no {}", kFormat));
  return {};
}

Result<void> Reader::read_end() {
  constexpr std::uint64_t kExitCodeMax = 255;
  const std::uint64_t code = TRY(read_count(node_, "exit_code", name_));
  bool is_known = false;
  for (const RunEnd end : {RunEnd::passed, RunEnd::thresholds_crossed, RunEnd::setup_timed_out,
                           RunEnd::teardown_timed_out, RunEnd::invalid_options, RunEnd::stopped, RunEnd::script_failed,
                           RunEnd::test_aborted, RunEnd::test_failed, RunEnd::broken})
    if (exit_code(end) == static_cast<int>(code)) part_.outcome.end = end, is_known = true;
  // Before a run begins, others than runs fail.
  if (!is_known && !part_.outcome.has_begun) part_.outcome.end = RunEnd::broken, is_known = code <= kExitCodeMax;
  if (!is_known || (code == 0 && !part_.outcome.has_begun)) return refuse(name_, "ended with no exit code of a run");
  part_.exit_code = static_cast<int>(code);
  if (const std::string_view message = node_.text("error"); !message.empty())
    part_.outcome.error = base::Error{.kind = base::ErrorKind::input, .message = std::string(message)};
  return {};
}

Result<void> Reader::read_metric(const Node& node) {
  const std::string_view name = node.text("name");
  const auto find = [&](const auto& names, std::string_view key) {
    return static_cast<std::size_t>(std::ranges::find(names, node.text(key)) - names.begin());
  };
  constexpr std::array<std::string_view, 4> kTypes = {"counter", "gauge", "rate", "trend"};
  constexpr std::array<std::string_view, 3> kContents = {"default", "time", "data"};
  const std::size_t type = find(kTypes, "type");
  const std::size_t contains = find(kContents, "contains");
  if (type == kTypes.size() || contains == kContents.size()) return refuse(name_, "a metric has no type");
  const auto metric_type = static_cast<MetricType>(type);
  const MetricId id = TRY(outcome_.registry->declare(name, metric_type, static_cast<Contains>(contains)));
  const std::string what = fmt::format("{}: metric {}", name_, name);
  if (const Node* samples = node.get("samples")) {
    const Sink sink = TRY(read_sink(*samples, metric_type, what));
    outcome_.recorder->merge(id, sink);
  }
  const Node* parts = node.get("parts");
  if (!parts) return {};
  if (!parts->is_map()) return refuse(what, "its parts are no object");
  for (const Node::Member& part : parts->map()) {
    const MetricSelector selector = TRY(parse_metric_selector(part.key));
    if (selector.metric != name) return refuse(what, fmt::format("{} is no part of it", part.key));
    const Sink sink = TRY(read_sink(part.value, metric_type, what));
    outcome_.recorder->merge(selector, sink);
  }
  return {};
}

Result<void> Reader::read_checks(const Node& of, std::string_view key, ScriptCheckList& checks) {
  for (const Node& check : TRY(list(of, key))->array()) {
    ScriptCheck& into = check_of(checks, check.text("name"));
    into.passes += TRY(read_count(check, "passes", name_));
    into.fails += TRY(read_count(check, "fails", name_));
  }
  return {};
}

Result<void> Reader::read_group(const Node& node, ScriptGroup& group, int depth) {
  if (depth > kGroupDepthMax) return refuse(name_, "groups are too deep");
  TRY(read_checks(node, "checks", group.checks));
  for (const Node& inner : TRY(list(node, "groups"))->array()) {
    const std::string_view inner_name = inner.text("name");
    if (inner_name.contains("::")) return refuse(name_, "a group has the name of several");
    TRY(read_group(inner, group.at(fmt::format("::{}", inner_name)), depth + 1));
  }
  return {};
}

// The plans are the options', the figures the document's.
Result<void> Reader::read_scenarios_of() {
  for (const Scenario& scenario : TRY(read_scenarios(outcome_.options)))
    outcome_.scenarios.push_back({.scenario = scenario});
  for (const Node& node : TRY(list(node_, "scenarios"))->array()) {
    const auto found = std::ranges::find(outcome_.scenarios, node.text("name"),
                                         [](const ScenarioOutcome& s) -> std::string_view { return s.scenario.name; });
    if (found == outcome_.scenarios.end()) return refuse(name_, "a scenario is not in the options");
    found->completed = TRY(read_count(node, "completed", name_));
    found->interrupted = TRY(read_count(node, "interrupted", name_));
    found->dropped = TRY(read_count(node, "dropped", name_));
  }
  return {};
}

Result<void> Reader::read_measurement(const Node& node) {
  Measurement& measured = outcome_.measurement;
  for (const Node& each : TRY(list(node, "scenarios"))->array()) {
    TrendSink corrected = TRY(read_trend(each.get("response_time"), name_));
    TrendSink totals = TRY(read_trend(each.get("with_connection"), name_));
    const std::uint64_t dropped = TRY(read_count(each, "dropped", name_));
    const std::uint64_t unasked = TRY(read_count(each, "unasked", name_));
    const auto model = each.text("model") == "open" ? ResponseTimes::Model::open : ResponseTimes::Model::closed;
    measured.scenarios.push_back({std::string(each.text("name")),
                                  ResponseTimes(model, std::move(corrected), std::move(totals), dropped, unasked)});
  }
  measured.series = TRY(read_series(node.get("series"), name_));
  const Node* generator = node.get("generator");
  if (!generator) return refuse(name_, "says nothing of the generator");
  const std::uint64_t played = TRY(read_count(*generator, "played_ns", name_));
  const std::uint64_t cpu = TRY(read_count(*generator, "cpu_us", name_));
  measured.generator.played = std::chrono::nanoseconds(played);
  measured.generator.cpu = std::chrono::microseconds(cpu);
  measured.generator.lateness = TRY(read_trend(generator->get("lateness"), name_));
  measured.generator.delays = TRY(read_trend(generator->get("delays"), name_));
  return {};
}

Result<PartOfRun> Reader::read() {
  TRY(check_origin());
  part_.name = name_;
  part_.identity.run = node_.text("run");
  part_.identity.process = node_.text("process");
  const Node* options = node_.get("options");
  outcome_.has_begun = options != nullptr;
  TRY(read_end());
  if (!options) return std::move(part_);
  if (!options->is_map()) return refuse(name_, "has no options");
  outcome_.options = *options;
  outcome_.script = node_.text("script");
  part_.identity.files = TRY(texts("files"));
  part_.identity.variables = TRY(texts("variables"));
  const std::uint64_t duration = TRY(read_count(node_, "duration_ns", name_));
  const std::uint64_t slept = TRY(read_count(node_, "slept_ns", name_));
  outcome_.duration = std::chrono::nanoseconds(duration);
  outcome_.slept = std::chrono::nanoseconds(slept);
  for (const Node& metric : TRY(list(node_, "metrics"))->array()) TRY(read_metric(metric));
  const Node* groups = node_.get("groups");
  const Node* measurement = node_.get("measurement");
  if (!groups || !measurement) return refuse(name_, "is not whole");
  TRY(read_checks(node_, "checks", outcome_.checks.by_name));
  TRY(read_group(*groups, outcome_.checks.groups, 0));
  TRY(read_scenarios_of());
  TRY(read_measurement(*measurement));
  TRY(summary_trend_stats(outcome_.options));
  outcome_.thresholds = TRY(read_thresholds(outcome_.options, *outcome_.registry));
  return std::move(part_);
}

}  // namespace

Node make_mergeable(const RunOutcome& outcome, const PartIdentity& identity) {
  Node made = make_head(exit_code(outcome.end), outcome.error, identity);
  if (!outcome.has_begun) return made;
  made.set("duration_ns", nanoseconds(outcome.duration));
  made.set("slept_ns", nanoseconds(outcome.slept));
  made.set("options", redact_options(outcome.options));
  made.set("variables", make_texts(identity.variables));
  made.set("files", make_texts(identity.files));
  made.set("scenarios", make_scenarios(outcome));
  made.set("metrics", make_metrics(outcome));
  made.set("checks", make_check_list(outcome.checks.by_name));
  made.set("groups", make_group(outcome.checks.groups));
  made.set("measurement", make_measurement(outcome.measurement));
  made.set("script", outcome.script);
  return made;
}

Node make_mergeable(const base::Error& error, int exit_code, const PartIdentity& identity) {
  return make_head(exit_code, error, identity);
}

bool is_of_another_version(const Node& summary) {
  const std::string_view format = summary.is_map() ? summary.text("format") : std::string_view();
  return format.starts_with(kFormats) && (format != kFormat || summary.text("version") != base::version());
}

Result<PartOfRun> read_mergeable(const Node& node, std::string name) { return Reader(node, name).read(); }

}  // namespace gantry::load
