#include "load/summary/data.h"

#include "base/json.h"
#include "base/number.h"
#include "load/summary/measured.h"
#include "load/summary/shown.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>

namespace gantry::load {

namespace {

using base::Node;
using base::Result;

Node number(double value) { return value; }

struct Values {
  const std::vector<std::string>& stats;
  std::chrono::nanoseconds duration;

  Node operator()(const CounterSink& sink) const {
    return Node::Map{{"count", number(sink.count()), {}}, {"rate", number(sink.rate(duration)), {}}};
  }
  Node operator()(const GaugeSink& sink) const {
    return Node::Map{
        {"value", number(sink.value()), {}}, {"min", number(sink.min()), {}}, {"max", number(sink.max()), {}}};
  }
  Node operator()(const RateSink& sink) const {
    return Node::Map{{"rate", number(sink.rate().value_or(0)), {}},
                     {"passes", static_cast<std::int64_t>(sink.trues()), {}},
                     {"fails", static_cast<std::int64_t>(sink.falses()), {}}};
  }
  Node operator()(const TrendSink& sink) const {
    Node values = Node::empty_map();
    for (const std::string& stat : stats) values.set(stat, number(*trend_stat(sink, stat)));
    return values;
  }
};

Node make_check(const ScriptGroup& group, const ScriptCheck& check) {
  const std::string path = group.path + "::" + check.name;
  return Node::Map{{"name", check.name, {}},
                   {"path", path, {}},
                   {"id", script_id(path), {}},
                   {"passes", static_cast<std::int64_t>(check.passes), {}},
                   {"fails", static_cast<std::int64_t>(check.fails), {}}};
}

Node make_group(const ScriptGroup& group) {
  Node::Array checks;
  for (const ScriptCheck& check : group.checks) checks.push_back(make_check(group, check));
  Node::Array groups;
  for (const ScriptGroup& inner : group.groups) groups.push_back(make_group(inner));
  return Node::Map{{"name", group.name, {}},
                   {"path", group.path, {}},
                   {"id", script_id(group.path), {}},
                   {"groups", std::move(groups), {}},
                   {"checks", std::move(checks), {}}};
}

Node make_keyed_group(const ScriptGroup& group) {
  Node checks = Node::empty_map();
  for (const ScriptCheck& check : group.checks) checks.set(check.name, make_check(group, check));
  Node groups = Node::empty_map();
  for (const ScriptGroup& inner : group.groups) groups.set(inner.name, make_keyed_group(inner));
  return Node::Map{{"name", group.name, {}},
                   {"path", group.path, {}},
                   {"id", script_id(group.path), {}},
                   {"groups", std::move(groups), {}},
                   {"checks", std::move(checks), {}}};
}

constexpr std::array<std::string_view, 6> kUsualStats = {"avg", "min", "med", "max", "p(90)", "p(95)"};

// The options are checked before the run: what is asked for here exists.
std::vector<std::string> stats_of(const RunOutcome& outcome) {
  const Result<std::vector<std::string>> stats = summary_trend_stats(outcome.options);
  return stats ? *stats : std::vector<std::string>(kUsualStats.begin(), kUsualStats.end());
}

}  // namespace

std::string script_id(const std::string& path) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  ::EVP_Digest(path.data(), path.size(), digest.data(), &size, ::EVP_md5(), nullptr);
  std::string text;
  for (unsigned i = 0; i < size; ++i) text += fmt::format("{:02x}", digest[i]);
  return text;
}

std::optional<double> trend_stat(const TrendSink& sink, std::string_view stat) {
  if (stat == "count") return static_cast<double>(sink.count());
  const Result<Threshold> asked = parse_threshold(fmt::format("{}<0", stat));
  if (!asked || !check_fits(*asked, MetricType::trend)) return std::nullopt;
  return judge(*asked, sink, std::chrono::nanoseconds(1)).value;
}

Result<std::vector<std::string>> summary_trend_stats(const Node& options) {
  const Node* given = options.get("summaryTrendStats");
  if (!given || !given->is_array()) return std::vector<std::string>(kUsualStats.begin(), kUsualStats.end());
  std::vector<std::string> stats;
  for (const Node& stat : given->array()) {
    if (!stat.is_string() || !trend_stat(TrendSink(), stat.string()))
      return base::input_error(fmt::format("summaryTrendStats: {} is no statistic", base::dump_json(stat)), {},
                               "there are avg, min, med, max, count and p(N)");
    stats.push_back(stat.string());
  }
  return stats;
}

Node make_check_list(const ScriptCheckList& checks) {
  Node::Array list;
  for (const ScriptCheck& check : checks)
    list.push_back(Node::Map{{"name", check.name, {}},
                             {"passes", static_cast<std::int64_t>(check.passes), {}},
                             {"fails", static_cast<std::int64_t>(check.fails), {}}});
  return list;
}

Node make_summary_data(const RunOutcome& outcome, SummaryTerminals terminals) {
  const std::vector<std::string> stats = stats_of(outcome);
  Node metrics = Node::empty_map();
  for (const Shown& shown : shown_metrics(outcome)) {
    Node metric = Node::Map{{"type", to_string(shown.metric->type), {}},
                            {"contains", to_string(shown.metric->contains), {}},
                            {"values", std::visit(Values{stats, outcome.duration}, shown.sink), {}}};
    if (shown.judged && !shown.judged->thresholds.empty()) {
      Node thresholds = Node::empty_map();
      for (const JudgedThreshold& judged : shown.judged->thresholds)
        thresholds.set(judged.threshold.source, Node::Map{{"ok", judged.judgement.holds, {}}});
      metric.set("thresholds", std::move(thresholds));
    }
    metrics.set(shown.name, std::move(metric));
  }
  Node::Array stat_nodes;
  for (const std::string& stat : stats) stat_nodes.emplace_back(stat);
  const Node* unit = outcome.options.get("summaryTimeUnit");
  Node data = Node::Map{
      {"options",
       Node::Map{{"summaryTrendStats", std::move(stat_nodes), {}},
                 {"summaryTimeUnit", unit && unit->is_string() ? unit->string() : std::string(), {}},
                 {"noColor", terminals.no_color, {}}},
       {}},
      {"state",
       Node::Map{{"isStdOutTTY", terminals.stdout_is_tty, {}},
                 {"isStdErrTTY", terminals.stderr_is_tty, {}},
                 {"testRunDurationMs", std::chrono::duration<double, std::milli>(outcome.duration).count(), {}}},
       {}},
      {"metrics", std::move(metrics), {}}};
  if (outcome.setup_data)
    if (Result<Node> setup = base::load_json(*outcome.setup_data, "setup data"))
      data.set("setup_data", *std::move(setup));
  data.set("root_group", make_group(outcome.checks.groups));
  return data;
}

Node make_summary_export(const RunOutcome& outcome) {
  const std::vector<std::string> stats = stats_of(outcome);
  Node metrics = Node::empty_map();
  for (const Shown& shown : shown_metrics(outcome)) {
    Node metric = std::visit(Values{stats, outcome.duration}, shown.sink);
    if (shown.metric->type == MetricType::rate) {
      metric.set("value", *metric.get("rate"));
      metric.erase("rate");
    }
    if (shown.judged && !shown.judged->thresholds.empty()) {
      Node thresholds = Node::empty_map();
      for (const JudgedThreshold& judged : shown.judged->thresholds)
        thresholds.set(judged.threshold.source, !judged.judgement.holds);
      metric.set("thresholds", std::move(thresholds));
    }
    metrics.set(shown.name, std::move(metric));
  }
  Node data = Node::Map{{"metrics", std::move(metrics), {}},
                        {"root_group", make_keyed_group(outcome.checks.groups), {}},
                        {"gantry", make_measured(outcome), {}}};
  if (outcome.setup_data)
    if (Result<Node> setup = base::load_json(*outcome.setup_data, "setup data"))
      data.set("setup_data", *std::move(setup));
  return data;
}

}  // namespace gantry::load
