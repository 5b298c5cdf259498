#include "load/summary/sink_node.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <optional>
#include <utility>

namespace gantry::load {

namespace {

using base::Node;
using base::Result;

// Beyond it counts of several files no longer add up in 64 bits.
constexpr std::int64_t kCountMax = std::int64_t{1} << 53;
constexpr std::int64_t kBucketMax = std::int64_t{1} << 40;

Node count(std::uint64_t number) { return static_cast<std::int64_t>(number); }

std::unexpected<base::Error> refuse(std::string_view what, std::string_view why) {
  return base::input_error(fmt::format("{}: {}", what, why), {}, "give what gantry load run --out summary=FILE wrote");
}

struct ToNode {
  Node operator()(const CounterSink& sink) const { return Node::Map{{"sum", sink.count(), {}}}; }
  Node operator()(const GaugeSink& sink) const {
    return Node::Map{{"value", sink.value(), {}},
                     {"at_ns", static_cast<std::int64_t>(sink.at().count()), {}},
                     {"min", sink.min(), {}},
                     {"max", sink.max(), {}}};
  }
  Node operator()(const RateSink& sink) const {
    return Node::Map{{"trues", count(sink.trues()), {}}, {"falses", count(sink.falses()), {}}};
  }
  Node operator()(const TrendSink& sink) const { return to_node(sink); }
};

// Whole numbers from 0 to `most`, `group` of them at a time.
Result<std::vector<std::int64_t>> read_whole(const Node* node, std::size_t group, std::string_view what) {
  std::vector<std::int64_t> numbers;
  if (!node || node->is_null()) return numbers;
  if (!node->is_array() || node->array().size() % group != 0) return refuse(what, "a list is not whole");
  for (const Node& each : node->array()) {
    if (!each.is_integer() || each.integer() < -kCountMax || each.integer() > kCountMax)
      return refuse(what, "a list holds what is no number");
    numbers.push_back(each.integer());
  }
  return numbers;
}

Result<std::vector<double>> read_values(const Node* node, std::string_view what) {
  std::vector<double> values;
  if (!node || node->is_null()) return values;
  if (!node->is_array() || node->array().size() > TrendSink::kExactMax) return refuse(what, "values are no list");
  for (const Node& each : node->array()) {
    if (!each.is_number() || !std::isfinite(each.number())) return refuse(what, "a value is no number");
    values.push_back(each.number());
  }
  return values;
}

Result<Histogram> read_histogram(const Node* node, std::string_view what) {
  Histogram histogram;
  const std::vector<std::int64_t> numbers = TRY(read_whole(node, 3, what));
  for (std::size_t i = 0; i < numbers.size(); i += 3) {
    if (numbers[i + 2] < 1 || numbers[i + 2] > kBucketMax ||
        !histogram.add({numbers[i], numbers[i + 1], static_cast<std::uint64_t>(numbers[i + 2])}))
      return refuse(what, "its histogram has a bucket that there is not");
  }
  return histogram;
}

Result<GaugeSink> read_gauge(const Node& node, std::string_view what) {
  const double value = TRY(read_number(node, "value", what));
  const double min = TRY(read_number(node, "min", what));
  const double max = TRY(read_number(node, "max", what));
  const std::uint64_t at = TRY(read_count(node, "at_ns", what));
  if (!(min <= value && value <= max)) return refuse(what, "its last value is not between its ends");
  GaugeSink sink;
  sink.add(min, SampleTime::min());
  sink.add(max, SampleTime::min());
  sink.add(value, SampleTime(static_cast<std::int64_t>(at)));
  return sink;
}

Result<TimeSeries::Interval> read_interval(const Node& node, std::string_view what) {
  if (!node.is_map()) return refuse(what, "an interval is no object");
  TimeSeries::Interval interval;
  interval.begun = TRY(read_count(node, "begun", what));
  interval.dropped = TRY(read_count(node, "dropped", what));
  interval.failed = TRY(read_count(node, "failed", what));
  interval.vus = TRY(read_count(node, "vus", what));
  const std::vector<std::int64_t> numbers = TRY(read_whole(node.get("latency"), 2, what));
  for (std::size_t i = 0; i < numbers.size(); i += 2)
    if (!interval.latency.add_bucket(numbers[i], numbers[i + 1]))
      return refuse(what, "an interval has a bucket that there is not");
  interval.latency.note_max(TRY(read_number(node, "max", what)));
  return interval;
}

}  // namespace

Node to_node(const Sink& sink) {
  if (std::visit([](const auto& kind) { return kind.empty(); }, sink)) return Node::empty_map();
  return std::visit(ToNode(), sink);
}

Node to_node(const TrendSink& sink) {
  if (sink.empty()) return Node::empty_map();
  // The sum has more digits than a double: the second number is what the first leaves.
  const auto high = static_cast<double>(sink.sum());
  const auto low = static_cast<double>(sink.sum() - static_cast<long double>(high));
  Node node = Node::Map{{"min", sink.min(), {}}, {"max", sink.max(), {}}, {"sum", Node::Array{high, low}, {}}};
  Node::Array values;
  for (const double value : sink.exact()) values.emplace_back(value);
  if (!values.empty()) node.set("values", std::move(values));
  Node::Array buckets;
  for (const Histogram::Bucket& bucket : sink.histogram().buckets()) {
    buckets.emplace_back(bucket.order);
    buckets.emplace_back(bucket.index);
    buckets.push_back(count(bucket.count));
  }
  if (!buckets.empty()) node.set("histogram", std::move(buckets));
  return node;
}

Node to_node(const TimeSeries& series) {
  Node::Array intervals;
  for (const TimeSeries::Interval& interval : series.intervals()) {
    Node::Array latency;
    for (const auto& [bucket, times] : interval.latency.buckets()) {
      latency.emplace_back(bucket);
      latency.emplace_back(times);
    }
    intervals.push_back(Node::Map{{"begun", count(interval.begun), {}},
                                  {"dropped", count(interval.dropped), {}},
                                  {"failed", count(interval.failed), {}},
                                  {"vus", count(interval.vus), {}},
                                  {"max", interval.latency.max(), {}},
                                  {"latency", std::move(latency), {}}});
  }
  return Node::Map{{"seconds", static_cast<std::int64_t>(series.width().count()), {}},
                   {"intervals", std::move(intervals), {}}};
}

Result<std::uint64_t> read_count(const Node& node, std::string_view key, std::string_view what) {
  const Node* value = node.get(key);
  if (!value || value->is_null()) return 0;
  if (!value->is_integer() || value->integer() < 0 || value->integer() > kCountMax)
    return refuse(what, fmt::format("{} is no count", key));
  return static_cast<std::uint64_t>(value->integer());
}

Result<double> read_number(const Node& node, std::string_view key, std::string_view what) {
  const Node* value = node.get(key);
  if (!value || !value->is_number() || !std::isfinite(value->number()))
    return refuse(what, fmt::format("{} is no number", key));
  return value->number();
}

Result<TrendSink> read_trend(const Node* node, std::string_view what) {
  if (!node || !node->is_map()) return refuse(what, "is no object");
  if (node->map().empty()) return TrendSink();
  std::vector<double> values = TRY(read_values(node->get("values"), what));
  Histogram histogram = TRY(read_histogram(node->get("histogram"), what));
  if (values.empty() == (histogram.count() == 0)) return refuse(what, "has values in no form, or in two");
  // Fewer are kept as they are, and nowhere else.
  if (values.empty() && histogram.count() <= TrendSink::kExactMax) return refuse(what, "has a histogram of few values");
  const double min = TRY(read_number(*node, "min", what));
  const double max = TRY(read_number(*node, "max", what));
  const std::vector<double> sum = TRY(read_values(node->get("sum"), what));
  if (sum.size() != 2 || !std::isfinite(sum[0] + sum[1]) || min > max)
    return refuse(what, "its sum or its ends are none");
  return TrendSink(static_cast<long double>(sum[0]) + static_cast<long double>(sum[1]), min, max, std::move(values),
                   std::move(histogram));
}

Result<Sink> read_sink(const Node& node, MetricType type, std::string_view what) {
  if (!node.is_map()) return refuse(what, "is no object");
  Sink sink = make_sink(type);
  if (node.map().empty()) return sink;
  switch (type) {
    case MetricType::counter: std::get<CounterSink>(sink).add(TRY(read_number(node, "sum", what))); break;
    case MetricType::gauge: sink = TRY(read_gauge(node, what)); break;
    case MetricType::rate:
      std::get<RateSink>(sink).add(1, TRY(read_count(node, "trues", what)));
      std::get<RateSink>(sink).add(0, TRY(read_count(node, "falses", what)));
      break;
    case MetricType::trend: sink = TRY(read_trend(&node, what)); break;
  }
  return sink;
}

Result<TimeSeries> read_series(const Node* node, std::string_view what) {
  if (!node || !node->is_map()) return refuse(what, "is no object");
  const std::uint64_t width = TRY(read_count(*node, "seconds", what));
  const Node* given = node->get("intervals");
  const bool is_width = width > 0 && width <= (1U << 30) && (width & (width - 1)) == 0;
  if (!is_width || !given || !given->is_array() || given->array().size() > TimeSeries::kIntervalsMax)
    return refuse(what, "has intervals that are none");
  std::vector<TimeSeries::Interval> intervals;
  for (const Node& each : given->array()) intervals.push_back(TRY(read_interval(each, what)));
  return TimeSeries(std::chrono::seconds(width), std::move(intervals));
}

}  // namespace gantry::load
