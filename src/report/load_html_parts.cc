#include "report/load_html_parts.h"

#include "load/summary/course.h"
#include "load/summary/data.h"
#include "load/summary/measured.h"
#include "load/summary/remarks.h"
#include "report/load_chart.h"
#include "report/load_figures.h"
#include "report/xml.h"

#include "base/time.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

namespace gantry::report {

namespace {

using load::BuiltInMetric;
using load::show_time;
using load::TimeSeries;
using load::TrendSink;

template <typename Kind>
Kind find_sink(const load::RunOutcome& outcome, BuiltInMetric metric) {
  const load::Sink* sink = outcome.recorder->sink(static_cast<load::MetricId>(metric));
  return sink ? std::get<Kind>(*sink) : Kind();
}

HtmlCell figure(std::string text) { return {std::move(text), "figure"}; }

std::string whole(double value) { return fmt::format("{:.0f}", value); }

// "12.3", "1.2k"
std::string short_number(double value) {
  if (value >= 1e6) return fmt::format("{:.3g}M", value / 1e6);
  if (value >= 1e4) return fmt::format("{:.3g}k", value / 1e3);
  return fmt::format("{:.4g}", value);
}

struct Tile {
  std::string_view name;
  std::string value;
  std::string under;
};

std::string tile(const Tile& each) {
  return fmt::format("<div><dt>{}</dt><dd>{} <span class=\"under\">{}</span></dd></div>\n", each.name,
                     xml_text(each.value), xml_text(each.under));
}

// The intervals of a series that are drawn.
struct Course {
  std::span<const TimeSeries::Interval> intervals;
  std::chrono::seconds width;
};

// A line of it, as a figure a second where that is asked for.
std::vector<double> line_of(const Course& course, auto value) {
  std::vector<double> values;
  for (const TimeSeries::Interval& interval : course.intervals) values.push_back(static_cast<double>(value(interval)));
  return values;
}
std::vector<double> rates_of(const Course& course, auto value) {
  std::vector<double> values = line_of(course, value);
  for (double& each : values) each /= static_cast<double>(course.width.count());
  return values;
}
std::vector<double> latencies_of(const Course& course, double percent) {
  return line_of(course, [percent](const TimeSeries::Interval& interval) {
    return interval.latency.count() > 0 ? interval.latency.percentile(percent)
                                        : std::numeric_limits<double>::quiet_NaN();
  });
}

std::string worst_text(const load::RunOutcome& outcome, std::size_t worst) {
  const TimeSeries& series = outcome.measurement.series;
  return fmt::format("{} from {} on, in which a request took {}",
                     series.width().count() == 1 ? "the second" : base::format_duration(series.width()),
                     base::format_duration(series.width() * static_cast<std::int64_t>(worst)),
                     show_time(series.intervals()[worst].latency.max()));
}

std::vector<HtmlCell> latency_row(std::string name, const TrendSink& sink) {
  std::vector<HtmlCell> row = {{std::move(name)}};
  for (const double percent : load::kShownPercentiles) row.push_back(figure(show_time(sink.percentile(percent))));
  row.push_back(figure(show_time(sink.max())));
  row.push_back(figure(fmt::format("{}", sink.count())));
  return row;
}

std::vector<HtmlCell> beyond_row(const TrendSink& sink) {
  std::vector<HtmlCell> row = {{"so many lie beyond"}};
  for (const double percent : load::kShownPercentiles)
    row.push_back(figure(fmt::format("{}", load::samples_beyond(sink, percent))));
  return row;
}

void add_checks(const load::ScriptGroup& group, std::vector<std::vector<HtmlCell>>& rows) {
  for (const load::ScriptCheck& check : group.checks)
    rows.push_back({{check.name},
                    {group.path},
                    {check.fails == 0 ? "✓ holds" : "✗ fails", check.fails == 0 ? "good" : "bad"},
                    figure(fmt::format("{}", check.passes)),
                    figure(fmt::format("{}", check.fails))});
  for (const load::ScriptGroup& inner : group.groups) add_checks(inner, rows);
}

std::size_t count_thresholds(const load::RunOutcome& outcome, auto is_counted) {
  std::size_t count = 0;
  for (const load::JudgedMetric& metric : outcome.thresholds)
    count += static_cast<std::size_t>(std::ranges::count_if(metric.thresholds, is_counted));
  return count;
}

// The first `count` intervals.
std::string draw_charts(const load::RunOutcome& outcome, std::size_t count) {
  const TimeSeries& series = outcome.measurement.series;
  if (count == 0) return "";
  const Course course{std::span(series.intervals()).first(count), series.width()};
  const auto begun = [](const TimeSeries::Interval& each) { return each.begun; };
  const auto asked = [](const TimeSeries::Interval& each) { return each.begun + each.dropped; };
  const auto answered = [](const TimeSeries::Interval& each) { return each.latency.count() - each.failed; };
  const auto failed = [](const TimeSeries::Interval& each) { return each.failed; };
  const auto vus = [](const TimeSeries::Interval& each) { return each.vus; };
  std::optional<std::size_t> worst = load::find_worst(series);
  if (worst && *worst >= count) worst.reset();
  const std::string moment = worst ? worst_text(outcome, *worst) : "";
  const std::string why = worst ? "the worst moment: " + moment : "";
  std::string text;
  // As wide as can be read; on a narrow screen it is moved below a window.
  const auto draw = [&text](const LoadChart& chart) {
    text += fmt::format("<div class=\"wide chart\">\n{}</div>\n", draw_load_chart(chart));
  };
  draw({.title = "iterations and answers a second",
        .lines = {{"answered well", "a", rates_of(course, answered)},
                  {"begun", "b", rates_of(course, begun)},
                  {"asked for", "c", rates_of(course, asked)}},
        .interval = series.width(),
        .label = short_number,
        .marked = worst,
        .mark = why});
  draw({.title = "latency, as http_req_duration has it",
        .lines = {{"p50", "a", latencies_of(course, 50)},
                  {"p95", "b", latencies_of(course, 95)},
                  {"p99", "c", latencies_of(course, 99)}},
        .interval = series.width(),
        .label = show_time,
        .marked = worst,
        .mark = why});
  draw({.title = "failed requests a second",
        .lines = {{"failed", "d", rates_of(course, failed)}},
        .interval = series.width(),
        .label = short_number});
  draw({.title = "virtual users at work",
        .lines = {{"VUs", "a", line_of(course, vus)}},
        .interval = series.width(),
        .label = short_number});
  if (worst) text += fmt::format("<p class=\"soft\">The worst moment is marked: {}.</p>\n", xml_text(moment));
  return html_section("How it went", text);
}

}  // namespace

std::string html_table(const std::vector<std::string_view>& head, const std::vector<std::vector<HtmlCell>>& rows) {
  std::string text = "<div class=\"wide\"><table>\n<thead><tr>";
  for (std::size_t i = 0; i < head.size(); ++i) {
    const bool has_class = !rows.empty() && i < rows.front().size();
    text += fmt::format("<th scope=\"col\" class=\"{}\">{}</th>", has_class ? rows.front()[i].css_class : "",
                        xml_text(head[i]));
  }
  text += "</tr></thead>\n<tbody>\n";
  for (const std::vector<HtmlCell>& row : rows) {
    if (row.empty()) continue;
    text += fmt::format("<tr><th scope=\"row\">{}</th>", xml_text(row.front().text));
    for (std::size_t i = 1; i < row.size(); ++i)
      text += fmt::format("<td class=\"{}\">{}</td>", row[i].css_class, xml_text(row[i].text));
    text += "</tr>\n";
  }
  return text + "</tbody>\n</table></div>\n";
}

std::string html_section(std::string_view title, const std::string& content) {
  return fmt::format("<section>\n<h2>{}</h2>\n{}</section>\n", title, content);
}

HtmlCell load_verdict(const load::RunOutcome& outcome) {
  const std::size_t all = count_thresholds(outcome, [](const auto&) { return true; });
  const std::size_t crossed = count_thresholds(outcome, [](const auto& each) { return !each.judgement.holds; });
  const std::size_t undecided = count_thresholds(outcome, [](const auto& each) { return each.judgement.is_undecided; });
  if (outcome.error) return {outcome.error->message, "bad"};
  if (crossed > 0) return {fmt::format("{} of {} thresholds do not hold", crossed, all), "bad"};
  if (undecided > 0)
    return {fmt::format("{} of {} thresholds judged nothing: they had no samples", undecided, all), "warn"};
  if (all == 0) return {"No threshold says what would have been good enough", "warn"};
  return {all == 1 ? "The threshold holds" : fmt::format("All {} thresholds hold", all), "good"};
}

std::string html_tiles(const load::RunOutcome& outcome) {
  const auto requests = find_sink<load::CounterSink>(outcome, BuiltInMetric::http_reqs);
  const auto failed = find_sink<load::RateSink>(outcome, BuiltInMetric::http_req_failed);
  const auto latency = find_sink<TrendSink>(outcome, BuiltInMetric::http_req_duration);
  const auto iterations = find_sink<load::CounterSink>(outcome, BuiltInMetric::iterations);
  const auto vus = find_sink<load::GaugeSink>(outcome, BuiltInMetric::vus);
  const TrendSink corrected = outcome.measurement.corrected();
  std::string text = "<dl class=\"tiles\">\n";
  for (const Tile& each :
       {Tile{"requests", short_number(requests.count()), short_number(requests.rate(outcome.duration)) + "/s"},
        Tile{"p(95) as k6 counts", show_time(latency.percentile(95)), "once a connection is ready"},
        Tile{"p(95) as users see it", show_time(corrected.percentile(95)), "from when they were due"},
        Tile{"failed requests", show_load_share(failed.rate().value_or(0)),
             fmt::format("{} of {}", failed.trues(), failed.total())},
        Tile{"iterations", short_number(iterations.count()), fmt::format("{} dropped", outcome.measurement.dropped())},
        Tile{"virtual users", whole(vus.max()), "at most"},
        Tile{"duration", show_time(std::chrono::duration<double, std::milli>(outcome.duration).count()), ""}})
    text += tile(each);
  return text + "</dl>\n";
}

std::string html_remarks(const load::RunOutcome& outcome) {
  const std::vector<std::string> remarks = load::make_remarks(outcome);
  if (remarks.empty())
    return html_section("Can it be believed?", "<p>Nothing was seen that speaks against these figures.</p>\n");
  std::string text = "<ul class=\"remarks\">\n";
  for (const std::string& remark : remarks) text += fmt::format("<li>{}</li>\n", xml_text(remark));
  return html_section("Can it be believed?", text + "</ul>\n");
}

std::string html_charts(const load::RunOutcome& outcome) {
  return draw_charts(outcome, outcome.measurement.series.intervals().size());
}

std::string html_charts_so_far(const load::RunOutcome& outcome) {
  return draw_charts(outcome, std::max<std::size_t>(outcome.measurement.series.intervals().size(), 1) - 1);
}

std::string html_latencies(const load::RunOutcome& outcome) {
  std::vector<std::string_view> head = {"", "p50", "p90", "p95", "p99", "p99.9", "p99.99", "max", "requests"};
  static_assert(load::kShownPercentiles.size() == 6);
  const TrendSink corrected = outcome.measurement.corrected();
  if (corrected.empty()) return "";
  std::vector<std::vector<HtmlCell>> rows = {
      latency_row("http_req_duration, as k6 has it", find_sink<TrendSink>(outcome, BuiltInMetric::http_req_duration)),
      latency_row("and the wait for a connection", outcome.measurement.totals()),
      latency_row("as users see it", corrected), beyond_row(corrected)};
  if (outcome.measurement.scenarios.size() > 1)
    for (const load::ScenarioTimes& scenario : outcome.measurement.scenarios)
      rows.push_back(latency_row(scenario.name + ", as users see it", scenario.responses.corrected()));
  return html_section("Latency",
                      html_table(head, rows) +
                          "<p class=\"soft\">As users see it: from when a request was due, those counted that "
                          "a target kept from being sent. A percentile that fewer than five lie beyond is "
                          "chance.</p>\n");
}

std::string html_thresholds(const load::RunOutcome& outcome) {
  std::vector<std::vector<HtmlCell>> rows;
  for (const load::JudgedMetric& metric : outcome.thresholds)
    for (const load::JudgedThreshold& each : metric.thresholds) {
      const HtmlCell verdict = !each.judgement.holds         ? HtmlCell{"✗ does not hold", "bad"}
                               : each.judgement.is_undecided ? HtmlCell{"? judged nothing", "warn"}
                                                             : HtmlCell{"✓ holds", "good"};
      const load::Metric& kind = (*outcome.registry)[*outcome.registry->find(metric.selector.metric)];
      rows.push_back({{metric.selector.text}, {each.threshold.source}, {show_load_judgement(kind, each)}, verdict});
    }
  return rows.empty() ? "" : html_section("Thresholds", html_table({"metric", "threshold", "it was", ""}, rows));
}

std::string html_checks(const load::RunOutcome& outcome) {
  std::vector<std::vector<HtmlCell>> rows;
  add_checks(outcome.checks.groups, rows);
  if (rows.empty())
    add_checks({.checks = outcome.checks.by_name}, rows);  // their samples do not say in which group they were
  return rows.empty() ? "" : html_section("Checks", html_table({"check", "group", "", "passed", "failed"}, rows));
}

std::string html_metrics(const load::RunOutcome& outcome) {
  const auto stats = load::summary_trend_stats(outcome.options);
  std::vector<std::vector<HtmlCell>> rows;
  const auto add = [&](const std::string& name, const load::Metric& metric, const load::Sink* sink) {
    if (sink && stats)
      rows.push_back(
          {{name}, {fmt::format("{}", fmt::join(show_load_sink(metric, *sink, *stats, outcome.duration), "  "))}});
  };
  for (load::MetricId id = 0; id < outcome.registry->size(); ++id) {
    const load::Metric& metric = (*outcome.registry)[id];
    add(metric.name, metric, outcome.recorder->sink(id));
    for (const load::JudgedMetric& judged : outcome.thresholds)
      if (judged.selector.metric == metric.name && !judged.selector.tags.empty())
        add(judged.selector.text, metric, outcome.recorder->sink(judged.selector.text));
  }
  return rows.empty() ? "" : html_section("Metrics, as k6 has them", html_table({"metric", ""}, rows));
}

std::string html_generator(const load::RunOutcome& outcome) {
  const load::Generator& generator = outcome.measurement.generator;
  if (generator.played.count() == 0) return "";
  const std::optional<std::string> why = load::why_bottleneck(outcome);
  std::vector<std::vector<HtmlCell>> rows = {
      {{"processor time"}, {fmt::format("{:.1f} % of one core", 100 * generator.cpu_share())}},
      {{"late beginnings and wakings"},
       {fmt::format("p(50) {}, p(99) {}, max {}", show_time(generator.lateness.percentile(50)),
                    show_time(generator.lateness.percentile(99)), show_time(generator.lateness.max()))}},
      {{"waits for a processor"}, {fmt::format("p(95) {}", show_time(generator.delays.percentile(95)))}},
      {{"was it the bottleneck?"}, why ? HtmlCell{"yes: " + *why, "bad"} : HtmlCell{"no", "good"}}};
  return html_section("The generator itself", html_table({"", ""}, rows));
}

std::string html_intervals(const load::RunOutcome& outcome) {
  const TimeSeries& series = outcome.measurement.series;
  if (series.intervals().empty()) return "";
  std::vector<std::vector<HtmlCell>> rows;
  for (std::size_t i = 0; i < series.intervals().size(); ++i) {
    const TimeSeries::Interval& each = series.intervals()[i];
    rows.push_back({{base::format_duration(series.width() * static_cast<std::int64_t>(i))},
                    figure(fmt::format("{}", each.begun)),
                    figure(fmt::format("{}", each.dropped)),
                    figure(fmt::format("{}", each.latency.count())),
                    figure(fmt::format("{}", each.failed)),
                    figure(show_time(each.latency.percentile(50))),
                    figure(show_time(each.latency.percentile(95))),
                    figure(show_time(each.latency.percentile(99))),
                    figure(show_time(each.latency.max())),
                    figure(fmt::format("{}", each.vus))});
  }
  return "<details>\n<summary>Interval by interval</summary>\n" +
         html_table({"from", "begun", "dropped", "requests", "failed", "p50", "p95", "p99", "max", "VUs"}, rows) +
         "</details>\n";
}

}  // namespace gantry::report
