#include "load/summary/measured.h"

#include "load/summary/course.h"
#include "load/summary/remarks.h"

#include <fmt/format.h>

#include <cmath>

namespace gantry::load {

namespace {

using base::Node;

Node number(std::uint64_t count) { return static_cast<std::int64_t>(count); }

// Whole nanoseconds: more is noise.
Node milliseconds(double ms) { return std::round(ms * 1e6) / 1e6; }

Node make_latency(const TrendSink& sink) {
  Node ms = Node::empty_map();
  Node beyond = Node::empty_map();
  for (const double percent : kShownPercentiles) {
    const std::string name = fmt::format("p{:g}", percent);
    ms.set(name, milliseconds(sink.percentile(percent)));
    beyond.set(name, number(samples_beyond(sink, percent)));
  }
  ms.set("max", milliseconds(sink.max()));
  return Node::Map{{"count", number(sink.count()), {}}, {"ms", std::move(ms), {}}, {"beyond", std::move(beyond), {}}};
}

Node make_scenarios(const Measurement& measured) {
  Node scenarios = Node::empty_map();
  for (const ScenarioTimes& scenario : measured.scenarios) {
    const ResponseTimes& responses = scenario.responses;
    const bool is_open = responses.model() == ResponseTimes::Model::open;
    scenarios.set(scenario.name, Node::Map{{"model", std::string(is_open ? "open" : "closed"), {}},
                                           {"response_time", make_latency(responses.corrected()), {}},
                                           {"dropped", number(responses.dropped()), {}},
                                           {"unasked", number(responses.unasked()), {}}});
  }
  return scenarios;
}

Node make_generator(const RunOutcome& outcome) {
  const Generator& generator = outcome.measurement.generator;
  Node node = Node::Map{{"seconds", std::chrono::duration<double>(generator.played).count(), {}},
                        {"cpu_seconds", std::chrono::duration<double>(generator.cpu).count(), {}},
                        {"cpu_percent", std::round(1000 * generator.cpu_share()) / 10, {}},
                        {"lateness", make_latency(generator.lateness), {}},
                        {"processor_wait_ms_p95", milliseconds(generator.delays.percentile(95)), {}}};
  if (const std::optional<std::string> why = why_bottleneck(outcome)) node.set("bottleneck", *why);
  return node;
}

Node make_series(const TimeSeries& series) {
  Node::Array intervals;
  for (const TimeSeries::Interval& interval : series.intervals())
    intervals.push_back(Node::Map{{"begun", number(interval.begun), {}},
                                  {"dropped", number(interval.dropped), {}},
                                  {"vus", number(interval.vus), {}},
                                  {"requests", number(interval.latency.count()), {}},
                                  {"failed", number(interval.failed), {}},
                                  {"p50", milliseconds(interval.latency.percentile(50)), {}},
                                  {"p95", milliseconds(interval.latency.percentile(95)), {}},
                                  {"p99", milliseconds(interval.latency.percentile(99)), {}},
                                  {"max", milliseconds(interval.latency.max()), {}}});
  return Node::Map{{"seconds", static_cast<std::int64_t>(series.width().count()), {}},
                   {"intervals", std::move(intervals), {}}};
}

Node make_drift(const std::optional<Drift>& drift) {
  if (!drift) return {};
  return Node::Map{{"change", drift->change, {}}, {"doubt", drift->doubt, {}}};
}

Node make_course(const RunOutcome& outcome) {
  const Course course = course_of(outcome);
  const std::int64_t width = outcome.measurement.series.width().count();
  return Node::Map{
      {"warm_up_seconds", static_cast<std::int64_t>(course.warm_up.count()), {}},
      {"drift_p50", make_drift(course.median), {}},
      {"drift_p95", make_drift(course.p95), {}},
      {"worst_second", course.worst ? Node(static_cast<std::int64_t>(*course.worst) * width) : Node(), {}}};
}

}  // namespace

std::uint64_t samples_beyond(const TrendSink& sink, double percent) {
  constexpr double kRounding = 1e-9;  // 100 - 99.9 is a little less than 0.1
  return static_cast<std::uint64_t>(static_cast<double>(sink.count()) * (100 - percent) / 100 + kRounding);
}

Node make_measured_so_far(const RunOutcome& outcome) {
  const Measurement& measured = outcome.measurement;
  Node node = Node::Map{{"response_time", make_latency(measured.corrected()), {}}};
  const Sink* sink = outcome.recorder->sink(static_cast<MetricId>(BuiltInMetric::http_req_duration));
  node.set("http_req_duration", make_latency(sink ? std::get<TrendSink>(*sink) : TrendSink()));
  node.set("with_connection", make_latency(measured.totals()));
  node.set("scenarios", make_scenarios(measured));
  node.set("generator", make_generator(outcome));
  node.set("series", make_series(measured.series));
  return node;
}

Node make_measured(const RunOutcome& outcome) {
  Node::Array remarks;
  for (std::string& remark : make_remarks(outcome)) remarks.emplace_back(std::move(remark));
  Node node = make_measured_so_far(outcome);
  node.set("course", make_course(outcome));
  node.set("remarks", std::move(remarks));
  return node;
}

}  // namespace gantry::load
