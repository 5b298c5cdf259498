#include "report/load.h"

#include "load/summary/data.h"
#include "report/load_figures.h"
#include "report/load_rows.h"
#include "report/load_users.h"
#include "report/plain_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <string>
#include <variant>
#include <vector>

namespace gantry::report {

namespace {

using load::Metric;
using load::MetricType;
using load::Sink;

struct Block {
  std::string_view title;
  bool (*holds)(std::string_view metric);
};
bool is_http(std::string_view name) { return name.starts_with("http_"); }
bool is_network(std::string_view name) { return name == "data_sent" || name == "data_received"; }
bool is_execution(std::string_view name) {
  return name == "vus" || name == "vus_max" || name.starts_with("iteration") || name == "dropped_iterations";
}
bool is_websocket(std::string_view name) {
  constexpr std::array<std::string_view, 6> kNames = {"ws_connecting", "ws_msgs_received",    "ws_msgs_sent",
                                                      "ws_ping",       "ws_session_duration", "ws_sessions"};
  return std::ranges::find(kNames, name) != kNames.end();
}
bool is_custom(std::string_view name) {
  return !is_http(name) && !is_network(name) && !is_execution(name) && !is_websocket(name);
}
constexpr std::array<Block, 5> kBlocks = {{{"CUSTOM", is_custom},
                                           {"HTTP", is_http},
                                           {"EXECUTION", is_execution},
                                           {"NETWORK", is_network},
                                           {"WEBSOCKET", is_websocket}}};

// Those that say little beside http_req_duration; `--summary-mode full` has them.
constexpr std::array<std::string_view, 8> kLeftOut = {
    "http_req_blocked", "http_req_connecting", "http_req_tls_handshaking", "http_req_sending",
    "http_req_waiting", "http_req_receiving",  "group_duration",           "checks"};

class Summary {
 public:
  Summary(const load::RunOutcome& outcome, const RenderOptions& options)
      : outcome_(outcome), options_(options), stats_(*load::summary_trend_stats(outcome.options)) {}

  std::string render() {
    add_thresholds();
    text_ += "  █ TOTAL RESULTS\n\n";
    add_checks();
    for (const Block& block : kBlocks) add_block(block);
    add_load_users(text_, outcome_);
    return std::move(text_);
  }

 private:
  std::string mark(bool holds) const {
    if (options_.colour != Colour::on) return holds ? "✓" : "✗";
    return holds ? "\x1b[32m✓\x1b[0m" : "\x1b[31m✗\x1b[0m";
  }

  void add_thresholds() {
    const bool has_any =
        std::ranges::any_of(outcome_.thresholds, [](const load::JudgedMetric& m) { return !m.thresholds.empty(); });
    if (!has_any) return;
    text_ += "  █ THRESHOLDS\n\n";
    for (const load::JudgedMetric& metric : outcome_.thresholds) {
      if (metric.thresholds.empty()) continue;
      text_ += fmt::format("    {}\n", inert_line(metric.selector.text));
      const Metric& kind = (*outcome_.registry)[*outcome_.registry->find(metric.selector.metric)];
      for (const load::JudgedThreshold& judged : metric.thresholds) add_threshold(kind, judged);
      text_ += "\n";
    }
  }

  void add_threshold(const Metric& metric, const load::JudgedThreshold& judged) {
    const std::string& source = judged.threshold.source;
    const std::string value = show_load_judgement(metric, judged);
    text_ += fmt::format("    {} '{}' {}\n", mark(judged.judgement.holds), inert_line(source), value);
  }

  void add_checks() {
    const Sink* sink = outcome_.recorder->sink(static_cast<load::MetricId>(load::BuiltInMetric::checks));
    if (!sink) return;
    const auto& checks = std::get<load::RateSink>(*sink);
    const double seconds = std::chrono::duration<double>(outcome_.duration).count();
    const auto share = [&](std::uint64_t part) {
      return std::vector{show_load_share(static_cast<double>(part) / static_cast<double>(checks.total())),
                         fmt::format("{} out of {}", part, checks.total())};
    };
    add_load_rows(
        text_,
        {{"checks_total",
          {fmt::format("{}", checks.total()), show_load_number(static_cast<double>(checks.total()) / seconds) + "/s"}},
         {"checks_succeeded", share(checks.trues())},
         {"checks_failed", share(checks.falses())}});
    text_ += "\n";
    for (const load::ScriptCheck& check : outcome_.checks.by_name) {
      text_ += fmt::format("    {} {}\n", mark(check.fails == 0), inert_line(check.name));
      if (check.fails > 0)
        text_ += fmt::format("      ↳  {}% — ✓ {} / ✗ {}\n", 100 * check.passes / (check.passes + check.fails),
                             check.passes, check.fails);
    }
    text_ += "\n";
  }

  void add_block(const Block& block) {
    std::vector<LoadRow> rows;
    for (load::MetricId id = 0; id < outcome_.registry->size(); ++id) {
      const Metric& metric = (*outcome_.registry)[id];
      const bool is_left_out =
          options_.detail != Detail::verbose && std::ranges::find(kLeftOut, metric.name) != kLeftOut.end();
      if (!block.holds(metric.name) || is_left_out || metric.name == "checks") continue;
      if (const Sink* sink = outcome_.recorder->sink(id)) rows.push_back({metric.name, columns(metric, *sink)});
      for (const std::string& part : parts_of(metric)) {
        const Sink* sink = outcome_.recorder->sink(part);
        if (!sink) continue;
        const std::string tags = part.substr(metric.name.size() + 1, part.size() - metric.name.size() - 2);
        rows.push_back({fmt::format("  {{ {} }}", tags), columns(metric, *sink)});
      }
    }
    if (rows.empty()) return;
    text_ += fmt::format("    {}\n", block.title);
    add_load_rows(text_, rows);
    text_ += "\n";
  }

  // Those that thresholds are about, and the one that k6 has of every run.
  std::vector<std::string> parts_of(const Metric& metric) const {
    std::vector<std::string> parts;
    for (const load::JudgedMetric& judged : outcome_.thresholds)
      if (judged.selector.metric == metric.name && !judged.selector.tags.empty()) parts.push_back(judged.selector.text);
    const Sink* expected = outcome_.recorder->sink(load::kExpectedResponses);
    if (metric.name == "http_req_duration" && expected &&
        std::visit([](const auto& sink) { return !sink.empty(); }, *expected) &&
        std::ranges::find(parts, load::kExpectedResponses) == parts.end())
      parts.emplace(parts.begin(), load::kExpectedResponses);
    return parts;
  }

  std::vector<std::string> columns(const Metric& metric, const Sink& sink) const {
    return show_load_sink(metric, sink, stats_, outcome_.duration);
  }

  const load::RunOutcome& outcome_;
  const RenderOptions& options_;
  std::vector<std::string> stats_;
  std::string text_ = {};
};

}  // namespace

std::string render_load_summary(const load::RunOutcome& outcome, const RenderOptions& options) {
  return Summary(outcome, options).render();
}

}  // namespace gantry::report
