#include "load/metrics/threshold.h"

#include "base/number.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

namespace gantry::load {

namespace {

using base::input_error;
using base::Result;

struct Operator {
  std::string_view text;
  Comparison comparison;
};
// One that begins with another stands before it.
constexpr std::array<Operator, 7> kOperators = {{{"<=", Comparison::less_or_equal},
                                                 {"<", Comparison::less},
                                                 {">=", Comparison::greater_or_equal},
                                                 {">", Comparison::greater},
                                                 {"===", Comparison::strictly_equal},
                                                 {"==", Comparison::equal},
                                                 {"!=", Comparison::not_equal}}};

struct Method {
  std::string_view text;
  Aggregation aggregation;
};
constexpr std::array<Method, 7> kMethods = {{{"count", Aggregation::count},
                                             {"rate", Aggregation::rate},
                                             {"value", Aggregation::value},
                                             {"avg", Aggregation::avg},
                                             {"min", Aggregation::min},
                                             {"max", Aggregation::max},
                                             {"med", Aggregation::med}}};

struct Fitting {
  MetricType type;
  std::string_view written;  // as an error shows them
  std::array<Aggregation, 5> aggregations;
};
constexpr Aggregation kCount = Aggregation::count;
constexpr Aggregation kRate = Aggregation::rate;
constexpr Aggregation kValue = Aggregation::value;
constexpr std::array<Fitting, 4> kFitting = {
    {{MetricType::counter, "count and rate", {kCount, kRate, kRate, kRate, kRate}},
     {MetricType::gauge, "value", {kValue, kValue, kValue, kValue, kValue}},
     {MetricType::rate, "rate", {kRate, kRate, kRate, kRate, kRate}},
     {MetricType::trend,
      "avg, min, max, med and p(N)",
      {Aggregation::avg, Aggregation::min, Aggregation::max, Aggregation::med, Aggregation::percentile}}}};

constexpr std::string_view kBlanks = " \t\r\n\v\f";

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::unexpected<base::Error> refuse(std::string_view text, std::string_view why) {
  return input_error(fmt::format("threshold \"{}\" cannot be read: {}", text, why), {},
                     "write an aggregation, a comparison and a number: p(95)<500, rate<0.01, count>=100");
}

Result<void> read_method(std::string_view text, std::string_view written, Threshold& threshold) {
  for (const Method& method : kMethods) {
    if (written != method.text) continue;
    threshold.aggregation = method.aggregation;
    return {};
  }
  if (!written.starts_with("p(") || !written.ends_with(')'))
    return refuse(
        text, written.empty() ? "the aggregation is missing" : fmt::format("there is no aggregation \"{}\"", written));
  const std::optional<double> percent = base::parse_double(written.substr(2, written.size() - 3));
  if (!percent) return refuse(text, "p() needs a number");
  if (!(*percent >= 0 && *percent <= 100)) return refuse(text, "a percentile is from 0 to 100");
  threshold.aggregation = Aggregation::percentile;
  threshold.percent = *percent;
  return {};
}

struct Compare {
  double bound;
  bool operator()(Comparison comparison, double value) const {
    switch (comparison) {
      case Comparison::less: return value < bound;
      case Comparison::less_or_equal: return value <= bound;
      case Comparison::greater: return value > bound;
      case Comparison::greater_or_equal: return value >= bound;
      case Comparison::equal:
      case Comparison::strictly_equal: return value == bound;
      case Comparison::not_equal: return value != bound;
    }
    return false;
  }
};

struct Aggregate {
  const Threshold& threshold;
  std::chrono::nanoseconds elapsed;

  std::optional<double> operator()(const CounterSink& sink) const {
    return threshold.aggregation == Aggregation::rate ? sink.rate(elapsed) : sink.count();
  }
  std::optional<double> operator()(const GaugeSink& sink) const { return sink.value(); }
  std::optional<double> operator()(const RateSink& sink) const { return sink.rate(); }
  std::optional<double> operator()(const TrendSink& sink) const {
    switch (threshold.aggregation) {
      case Aggregation::avg: return sink.average();
      case Aggregation::min: return sink.min();
      case Aggregation::max: return sink.max();
      case Aggregation::med: return sink.percentile(50);
      default: return sink.percentile(threshold.percent);
    }
  }
};

std::string_view unquote(std::string_view text) {
  for (const char quote : {'"', '\'', '`'})
    if (text.size() >= 2 && text.front() == quote && text.back() == quote) return text.substr(1, text.size() - 2);
  return text;
}

}  // namespace

Result<Threshold> parse_threshold(std::string_view text) {
  const std::size_t at = text.find_first_of("<>=!");
  if (at == std::string_view::npos) return refuse(text, "the comparison is missing");
  const std::string_view rest = text.substr(at);
  const auto* found = std::ranges::find_if(kOperators, [&](const Operator& o) { return rest.starts_with(o.text); });
  if (found == kOperators.end()) return refuse(text, "the comparison is none of < <= > >= == === !=");
  Threshold threshold{.source = std::string(text), .comparison = found->comparison};
  TRY(read_method(text, trim(text.substr(0, at)), threshold));
  const std::string_view number = trim(rest.substr(found->text.size()));
  const std::optional<double> bound = base::parse_double(number);
  if (!bound)
    return refuse(text, number.empty() ? "the number is missing" : fmt::format("\"{}\" is no number", number));
  threshold.bound = *bound;
  return threshold;
}

Result<void> check_fits(const Threshold& threshold, MetricType type) {
  const Fitting& fitting = kFitting[static_cast<std::size_t>(type)];
  if (std::ranges::find(fitting.aggregations, threshold.aggregation) != fitting.aggregations.end()) return {};
  return input_error(fmt::format("threshold \"{}\" does not fit a {}", threshold.source, to_string(type)), {},
                     fmt::format("a {} has {}", to_string(type), fitting.written));
}

Judgement judge(const Threshold& threshold, const Sink& sink, std::chrono::nanoseconds elapsed) {
  Judgement judgement;
  judgement.value = std::visit(Aggregate{threshold, elapsed}, sink);
  judgement.is_undecided = std::visit([](const auto& kind) { return kind.empty(); }, sink);
  if (judgement.value) judgement.holds = Compare{threshold.bound}(threshold.comparison, *judgement.value);
  return judgement;
}

Result<MetricSelector> parse_metric_selector(std::string_view text) {
  const auto fail = [&](std::string_view why) {
    return input_error(fmt::format("\"{}\" names no metric: {}", text, why), {},
                       "write a metric's name, or name{tag:value} for a part of its samples");
  };
  MetricSelector selector{.text = std::string(text)};
  const std::size_t brace = text.find('{');
  selector.metric = std::string(trim(text.substr(0, brace)));
  if (selector.metric.empty()) return fail("the name is missing");
  if (brace == std::string_view::npos) {
    if (text.contains('}')) return fail("the opening brace is missing");
    return selector;
  }
  std::string_view inside = trim(text.substr(brace + 1));
  if (!inside.ends_with('}')) return fail("it does not end with the closing brace");
  inside = trim(inside.substr(0, inside.size() - 1));
  selector.text = fmt::format("{}{{{}}}", selector.metric, inside);
  for (std::size_t comma = 0; comma != std::string_view::npos;) {
    comma = inside.find(',');
    const std::string_view pair = inside.substr(0, comma);
    if (comma != std::string_view::npos) inside.remove_prefix(comma + 1);
    const std::size_t colon = pair.find(':');
    if (colon == std::string_view::npos) return fail(fmt::format("\"{}\" has no value", trim(pair)));
    const std::string_view key = unquote(trim(pair.substr(0, colon)));
    const std::string_view value = unquote(trim(pair.substr(colon + 1)));
    if (key.empty()) return fail("a tag has no name");
    if (value.empty()) return fail(fmt::format("\"{}\" has no value", key));
    selector.tags.emplace_back(key, value);
  }
  return selector;
}

}  // namespace gantry::load
