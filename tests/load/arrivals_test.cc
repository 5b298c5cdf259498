#include "load/executors/arrivals.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

namespace gantry::load {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

std::vector<Duration> all(Arrivals arrivals, std::size_t most = 1'000'000) {
  std::vector<Duration> times;
  while (times.size() < most) {
    const std::optional<Duration> due = arrivals.next();
    if (!due) break;
    times.push_back(*due);
  }
  return times;
}

std::string text(const std::vector<Duration>& times) {
  std::vector<std::string> words;
  for (const Duration time : times) words.push_back(format_go_duration(time));
  return fmt::format("{}", fmt::join(words, " "));
}

TEST(Arrivals, OfAConstantRateIncludeBothEnds) {
  const std::vector<Duration> times = all(Arrivals::constant({.rate = 50, .duration = seconds(4)}));
  ASSERT_EQ(times.size(), 201U);  // reference, §6.3
  EXPECT_EQ(times.front(), Duration(0));
  EXPECT_EQ(times[1], milliseconds(20));
  EXPECT_EQ(times.back(), seconds(4));
}

TEST(Arrivals, OfAConstantRateNeverDrift) {
  // A third of a second is no whole number of nanoseconds: the millionth is as exact as the first.
  Arrivals arrivals = Arrivals::constant({.rate = 3, .duration = seconds(400'000)});
  for (std::int64_t i = 0; i <= 1'200'000; ++i) ASSERT_EQ(arrivals.next(), Duration(i * 1'000'000'000 / 3)) << i;
  EXPECT_EQ(arrivals.next(), std::nullopt);
}

TEST(Arrivals, CountInTheirTimeUnit) {
  EXPECT_EQ(text(all(Arrivals::constant({.rate = 2, .time_unit = seconds(60), .duration = seconds(60)}))),
            "0s 30s 1m0s");
}

struct RampCase {
  std::string_view what;
  RampingRate plan;
  std::string_view times;
};

const RampCase kRamps[] = {
    {"no iteration at the start, one at the end", {.start_rate = 2, .stages = {{seconds(2), 2}}}, "500ms 1s 1.5s 2s"},
    {"from nothing: the area is a triangle", {.stages = {{seconds(4), 2}}}, "2s 2.828427124s 3.464101615s 4s"},
    {"down to nothing", {.start_rate = 2, .stages = {{seconds(4), 0}}}, "535.898384ms 1.171572875s 2s 4s"},
    {"a stage of no length jumps", {.stages = {{seconds(0), 1}, {seconds(2), 1}}}, "1s 2s"},
    {"fractions carry over",
     {.start_rate = 1, .stages = {{milliseconds(1500), 1}, {milliseconds(1500), 1}}},
     "1s 2s 3s"},
    {"nothing while the rate is 0",
     {.stages = {{seconds(5), 0}, {seconds(1), 0}, {seconds(0), 1}, {seconds(1), 1}}},
     "7s"},
    {"no stage", {.start_rate = 5}, ""},
};

TEST(Arrivals, OfARampFollowTheAreaBelowIt) {
  for (const RampCase& c : kRamps) EXPECT_EQ(text(all(Arrivals::ramping(c.plan))), c.times) << c.what;
}

// Iterations due until `at`, straight from the definition: stage by stage, the area of a trapezium.
long double area_until(const RampingRate& plan, Duration at) {
  long double area = 0;
  long double rate = static_cast<long double>(plan.start_rate);
  Duration start{0};
  for (const RateStage& stage : plan.stages) {
    const Duration inside = std::min(std::max(at - start, Duration(0)), stage.duration);
    const auto target = static_cast<long double>(stage.target);
    if (stage.duration.count() > 0) {
      const long double share =
          static_cast<long double>(inside.count()) / static_cast<long double>(stage.duration.count());
      area += static_cast<long double>(inside.count()) * (rate + (rate + (target - rate) * share)) / 2;
    }
    rate = target;
    start += stage.duration;
  }
  return area / static_cast<long double>(plan.time_unit.count());
}

TEST(Arrivals, OfRandomRampsAreWhereTheAreaSays) {
  std::mt19937 random(20261129);  // NOLINT(cert-msc51-cpp): a fixed seed repeats the plans
  for (int round = 0; round < 200; ++round) {
    RampingRate plan{.start_rate = static_cast<std::int64_t>(random() % 100)};
    plan.time_unit = milliseconds(1 + random() % 3000);
    for (auto stages = 1 + random() % 5; stages > 0; --stages)
      plan.stages.push_back(
          {milliseconds(random() % 4 == 0 ? 0 : random() % 5000), static_cast<std::int64_t>(random() % 100)});
    SCOPED_TRACE(fmt::format("round {}", round));
    Arrivals arrivals = Arrivals::ramping(plan);
    Duration last{0};
    std::int64_t number = 0;
    while (const std::optional<Duration> due = arrivals.next()) {
      ASSERT_LT(++number, 2'000'000);
      ASSERT_GE(*due, last);
      last = *due;
      // A nanosecond earlier it is not due yet, two later it is.
      ASSERT_LE(area_until(plan, *due - Duration(1)), static_cast<long double>(number) + 1e-9L);
      ASSERT_GE(area_until(plan, *due + Duration(2)), static_cast<long double>(number) - 1e-9L);
    }
    ASSERT_LT(area_until(plan, arrivals.duration()), static_cast<long double>(number) + 1 + 1e-9L);
  }
}

TEST(Arrivals, OfHugePlansAreNotCutOff) {
  Arrivals arrivals =
      Arrivals::ramping({.start_rate = 1'000'000'000, .stages = {{std::chrono::hours(24 * 365), 1'000'000'000}}});
  for (std::int64_t n = 1; n < 1000; ++n) ASSERT_EQ(arrivals.next(), Duration(n));
}

}  // namespace
}  // namespace gantry::load
