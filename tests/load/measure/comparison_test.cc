// Two runs, second by second: what is read of a summary, and what each kind of difference is called.

#include "load/measure/comparison.h"

#include "base/json.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace gantry::load {
namespace {

constexpr std::string_view kSummary = R"({"gantry": {
  "scenarios": {"shop": {"model": "open"}},
  "series": {"seconds": 2, "intervals": [
    {"requests": 100, "p50": 1, "p95": 2, "p99": 3},
    {"requests": 0, "p50": 0, "p95": 0, "p99": 0},
    {"requests": 80, "p50": 1.5, "p95": 2.5, "p99": 3.5},
    {"requests": 3, "p50": 9, "p95": 9, "p99": 9}]}}})";

// A silent interval has no latency, but a rate, and the last one is only part of one.
TEST(RunCurve, HasTheWholeIntervals) {
  const base::Result<RunCurve> curve = read_run_curve(*base::load_json(kSummary, "summary"));
  ASSERT_TRUE(curve);
  EXPECT_EQ(curve->rate, (std::vector<double>{50, 0, 40}));
  EXPECT_EQ(curve->p95, (std::vector<double>{2, 2.5}));
  EXPECT_EQ(curve->scenarios.at("shop"), "open");
  EXPECT_EQ(curve->failed.size(), 4U);
  EXPECT_FALSE(read_run_curve(*base::load_json(R"({"metrics": {}})", "summary")));
}

// Three silent seconds, five slow ones, sixty as they are: eight are warm-up, of the rate as of the latencies.
TEST(RunCurve, BeginsAllFiguresAtTheSameSecond) {
  base::Node::Array intervals;
  for (int second = 0; second < 69; ++second) {
    const bool is_silent = second < 3;
    const double ms = second < 8 ? 40 : 10 + second % 2;
    intervals.push_back(base::Node::Map{{"requests", is_silent ? 0 : 100 + second, {}},
                                        {"p50", is_silent ? 0.0 : ms, {}},
                                        {"p95", is_silent ? 0.0 : ms, {}},
                                        {"p99", is_silent ? 0.0 : ms, {}}});
  }
  const base::Node series = base::Node::Map{{"seconds", 1, {}}, {"intervals", std::move(intervals), {}}};
  const base::Node gantry = base::Node::Map{{"series", series, {}}};
  const base::Result<RunCurve> curve = read_run_curve(base::Node::Map{{"gantry", gantry, {}}});
  ASSERT_TRUE(curve);
  EXPECT_EQ(curve->p50.size(), 60U);
  EXPECT_EQ(curve->rate.size(), 60U);
  EXPECT_EQ(curve->rate.front(), 108);
  EXPECT_EQ(curve->p95_or_none.size(), 60U);
}

// Seconds in a mixed order, spread over 7 steps.
RunCurve curve_of(double ms, double rate, double step) {
  RunCurve curve;
  for (int i = 0; i < 42; ++i) {
    const double off = step * (i * 3 % 7);
    curve.p50.push_back(ms + off);
    curve.rate.push_back(rate - off);
    curve.failed.push_back({0, 1000});
  }
  return curve;
}
RunCurve failing(double of_thousand) {
  RunCurve curve = curve_of(10, 50, 0);
  for (std::size_t i = 0; i < curve.failed.size(); ++i)
    curve.failed[i].some = of_thousand + static_cast<double>(i * 3 % 7);
  return curve;
}

struct Case {
  std::string_view name;
  std::string_view figure;
  RunCurve before, after;
  Tolerance tolerance;
  ComparisonResult result;
};
const Case kCases[] = {
    {"the same", "p50", curve_of(100, 50, 1), curve_of(100, 50, 1), {}, ComparisonResult::same},
    {"slower", "p50", curve_of(100, 50, 1), curve_of(130, 50, 1), {}, ComparisonResult::worse},
    {"slower, within the tolerance",
     "p50",
     curve_of(100, 50, 1),
     curve_of(105, 50, 1),
     {},
     ComparisonResult::tolerated},
    {"slower, and more than is tolerated is not ruled out",
     "p50",
     curve_of(100, 50, 3),
     curve_of(110, 50, 3),
     {},
     ComparisonResult::open},
    {"twice as slow, of nearly nothing",
     "p50",
     curve_of(0.3, 50, 0.01),
     curve_of(0.6, 50, 0.01),
     {},
     ComparisonResult::worse},
    {"slower by what a busy machine does",
     "p50",
     curve_of(0.3, 50, 0.01),
     curve_of(0.4, 50, 0.01),
     {},
     ComparisonResult::tolerated},
    {"slower by less than counts",
     "p50",
     curve_of(1, 50, 0.01),
     curve_of(1.5, 50, 0.01),
     {.least = 1},
     ComparisonResult::tolerated},
    {"faster", "p50", curve_of(100, 50, 1), curve_of(60, 50, 1), {}, ComparisonResult::better},
    {"fewer", "rate", curve_of(1, 100, 1), curve_of(1, 70, 1), {}, ComparisonResult::worse},
    {"more", "rate", curve_of(1, 100, 1), curve_of(1, 130, 1), {}, ComparisonResult::better},
    {"all over the place", "p50", curve_of(100, 50, 60), curve_of(110, 50, 60), {}, ComparisonResult::unclear},
    {"nothing", "p50", RunCurve(), curve_of(100, 50, 1), {}, ComparisonResult::too_few},
    {"no errors", "errors", curve_of(1, 1, 0), curve_of(1, 1, 0), {}, ComparisonResult::same},
    {"one error in a hundred", "errors", curve_of(1, 1, 0), failing(10), {}, ComparisonResult::worse},
    {"as many errors as before", "errors", failing(300), failing(300), {}, ComparisonResult::same},
    {"fewer errors", "errors", failing(30), failing(0), {}, ComparisonResult::better},
};

TEST(RunComparison, CallsADifferenceWhatItIs) {
  for (const Case& c : kCases) {
    const auto figure = std::ranges::find(compared_figures(), c.figure, &ComparedFigure::name);
    EXPECT_EQ(compare_figure(*figure, c.before, c.after, c.tolerance).result, c.result) << c.name;
  }
}

// Every third second stands still: no middle moves, and no one would call it the same.
TEST(RunComparison, SeesSecondsThatStandStill) {
  const auto make = [](double rate, double p95) {
    RunCurve curve;
    for (int i = 0; i < 60; ++i) {
      const double off = i * 3 % 7;
      const bool stands = i % 3 == 0;
      curve.rate.push_back(stands ? rate : 100 - off);
      curve.p95_or_none.push_back(stands ? p95 : 10 + off / 10);
      curve.p95.push_back(curve.p95_or_none.back());
    }
    return curve;
  };
  const RunCurve usual = make(98, 10.3);
  const std::pair<RunCurve, ComparisonResult> cases[] = {{usual, ComparisonResult::same},
                                                         {make(98, 15), ComparisonResult::same},
                                                         {make(98, 5000), ComparisonResult::worse},
                                                         {make(0, 0), ComparisonResult::worse}};
  for (const auto& [after, result] : cases) {
    EXPECT_EQ(compare_stalls(usual, after, {}).result, result) << after.rate[0] << " " << after.p95[0];
    EXPECT_EQ(compare_stalls(after, after, {}).result, ComparisonResult::same);
  }
  EXPECT_EQ(compare_stalls({}, usual, {}).result, ComparisonResult::too_few);
}

}  // namespace
}  // namespace gantry::load
