#include "load/metrics/threshold.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>

namespace gantry::load {
namespace {

using std::chrono::seconds;

constexpr std::array<std::string_view, 8> kAggregations = {"count", "rate", "value", "avg", "min", "max", "med", "p"};
constexpr std::array<std::string_view, 7> kComparisons = {"<", "<=", ">", ">=", "==", "===", "!="};

// In other words than its own, or "error: " and the reason.
std::string read(std::string_view text) {
  const base::Result<Threshold> threshold = parse_threshold(text);
  if (!threshold) return "error: " + threshold.error().message;
  EXPECT_EQ(threshold->source, text);
  const std::string_view aggregation = kAggregations[static_cast<std::size_t>(threshold->aggregation)];
  return fmt::format("{}{} {} {}", aggregation,
                     threshold->aggregation == Aggregation::percentile ? fmt::format(" {}", threshold->percent) : "",
                     kComparisons[static_cast<std::size_t>(threshold->comparison)], threshold->bound);
}

struct GrammarCase {
  std::string_view text;
  std::string_view expected;  // without what every error begins with
};

constexpr GrammarCase kGrammar[] = {
    {"p(95)<500", "p 95 < 500"},
    {"p(99.99) <= 1.5", "p 99.99 <= 1.5"},
    {"p(0)>=0", "p 0 >= 0"},
    {"p(100)!=1", "p 100 != 1"},
    {"  rate\t<\n0.01 ", "rate < 0.01"},
    {"count===10", "count === 10"},
    {"value==-3", "value == -3"},
    {"avg>1e-3", "avg > 0.001"},
    {"med<+5", "med < 5"},
    {"min<.5", "min < 0.5"},
    {"max<5.", "max < 5"},

    {"", "error: the comparison is missing"},
    {"p(95)", "error: the comparison is missing"},
    {"<500", "error: the aggregation is missing"},
    {"p(95)<", "error: the number is missing"},
    {"p(95)<abc", "error: \"abc\" is no number"},
    {"p(95)<0x10", "error: \"0x10\" is no number"},
    {"p(95)<5 00", "error: \"5 00\" is no number"},
    {"p(95)<500 && avg<5", "error: \"500 && avg<5\" is no number"},
    {"p95<500", "error: there is no aggregation \"p95\""},
    {"p(95<500", "error: there is no aggregation \"p(95\""},
    {"P(95)<500", "error: there is no aggregation \"P(95)\""},
    {"p()<500", "error: p() needs a number"},
    {"p(x)<500", "error: p() needs a number"},
    {"p(nan)<500", "error: p() needs a number"},
    {"avg<inf", "error: \"inf\" is no number"},
    {"p(-1)<500", "error: a percentile is from 0 to 100"},
    {"p(100.01)<500", "error: a percentile is from 0 to 100"},
    {"rate=1", "error: the comparison is none of < <= > >= == === !="},
    {"rate!1", "error: the comparison is none of < <= > >= == === !="},
    {"rate =< 1", "error: the comparison is none of < <= > >= == === !="},
};

TEST(Threshold, IsOneComparison) {
  for (const GrammarCase& c : kGrammar) {
    std::string said = read(c.text);
    const std::string opening = fmt::format("error: threshold \"{}\" cannot be read: ", c.text);
    if (said.starts_with(opening)) said = "error: " + said.substr(opening.size());
    EXPECT_EQ(said, c.expected) << c.text;
  }
}

TEST(Threshold, FitsTheTypesThatHaveItsAggregation) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kFits = {{{"count>0", "counter"},
                                                                                   {"rate>0", "counter rate"},
                                                                                   {"value>0", "gauge"},
                                                                                   {"avg>0", "trend"},
                                                                                   {"min>0", "trend"},
                                                                                   {"max>0", "trend"},
                                                                                   {"med>0", "trend"},
                                                                                   {"p(9)>0", "trend"}}};
  for (const auto& [text, fits] : kFits) {
    std::string types;
    for (const MetricType type : {MetricType::counter, MetricType::gauge, MetricType::rate, MetricType::trend})
      if (check_fits(*parse_threshold(text), type))
        types += fmt::format("{}{}", types.empty() ? "" : " ", to_string(type));
    EXPECT_EQ(types, fits) << text;
  }
  EXPECT_EQ(check_fits(*parse_threshold("count>0"), MetricType::trend).error().message,
            "threshold \"count>0\" does not fit a trend");
}

template <typename Kind>
Kind fed(std::initializer_list<double> values) {
  Kind sink;
  for (const double value : values) {
    if constexpr (std::is_same_v<Kind, GaugeSink>)
      sink.add(value, {});
    else
      sink.add(value);
  }
  return sink;
}

struct JudgeCase {
  std::string_view text;
  Sink sink;
  std::string_view expected;  // "holds" or "broken", the value, "undecided"
};

const JudgeCase kJudgements[] = {
    {"count<3", fed<CounterSink>({1, 1}), "holds 2"},
    {"count<2", fed<CounterSink>({1, 1}), "broken 2"},
    {"rate>=0.2", fed<CounterSink>({1, 1}), "holds 0.2"},  // over the 10 s of the run
    {"value!=4", fed<GaugeSink>({9, 4}), "broken 4"},
    {"rate<0.5", fed<RateSink>({1, 0, 0, 0}), "holds 0.25"},
    {"rate===0.25", fed<RateSink>({1, 0, 0, 0}), "holds 0.25"},
    {"avg==2", fed<TrendSink>({1, 3}), "holds 2"},
    {"min>1", fed<TrendSink>({1, 3}), "broken 1"},
    {"max<=3", fed<TrendSink>({1, 3}), "holds 3"},
    {"med<2", fed<TrendSink>({1, 3}), "broken 2"},
    {"p(75)<=2.5", fed<TrendSink>({1, 3}), "holds 2.5"},
    // Nobody fed it: k6 passes all but those that 0 breaks, and says nothing (reference, §7.5).
    {"p(95)<500", TrendSink(), "holds 0 undecided"},
    {"p(95)>500", TrendSink(), "broken 0 undecided"},
    {"count>0", CounterSink(), "broken 0 undecided"},
    {"value<1", GaugeSink(), "holds 0 undecided"},
    {"rate>0.9", RateSink(), "holds - undecided"},
};

TEST(Threshold, IsJudgedOnWhatTheSinkHolds) {
  for (const JudgeCase& c : kJudgements) {
    const Judgement judged = judge(*parse_threshold(c.text), c.sink, seconds(10));
    const std::string said =
        fmt::format("{} {}{}", judged.holds ? "holds" : "broken", judged.value ? fmt::format("{}", *judged.value) : "-",
                    judged.is_undecided ? " undecided" : "");
    EXPECT_EQ(said, c.expected) << c.text;
  }
}

std::string select(std::string_view text) {
  const base::Result<MetricSelector> selector = parse_metric_selector(text);
  if (!selector) return "error: " + selector.error().message;
  std::string said = selector->metric;
  for (const auto& [key, value] : selector->tags) said += fmt::format(" [{}]=[{}]", key, value);
  return said;
}

constexpr GrammarCase kSelectors[] = {
    {"http_reqs", "http_reqs"},
    {"a{scenario:baseline}", "a [scenario]=[baseline]"},
    {" a { b : c , d:e } ", "a [b]=[c] [d]=[e]"},
    {"a{name:http://${}.com}", "a [name]=[http://${}.com]"},
    {"a{url:\"x y\"}", "a [url]=[x y]"},
    {"a{'k':`v`}", "a [k]=[v]"},
    {"a{group:::b::c}", "a [group]=[::b::c]"},
    {"", "error: \"\" names no metric: the name is missing"},
    {"{a:b}", "error: \"{a:b}\" names no metric: the name is missing"},
    {"a{b:c", "error: \"a{b:c\" names no metric: it does not end with the closing brace"},
    {"a{b:c}d", "error: \"a{b:c}d\" names no metric: it does not end with the closing brace"},
    {"ab:c}", "error: \"ab:c}\" names no metric: the opening brace is missing"},
    {"a{}", "error: \"a{}\" names no metric: \"\" has no value"},
    {"a{b}", "error: \"a{b}\" names no metric: \"b\" has no value"},
    {"a{b:}", "error: \"a{b:}\" names no metric: \"b\" has no value"},
    {"a{:c}", "error: \"a{:c}\" names no metric: a tag has no name"},
    {"a{b:c,}", "error: \"a{b:c,}\" names no metric: \"\" has no value"},
};

TEST(MetricSelector, IsANameAndTags) {
  for (const GrammarCase& c : kSelectors) EXPECT_EQ(select(c.text), c.expected) << c.text;
}

}  // namespace
}  // namespace gantry::load
