#include "load/executors/vu_ramp.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <string>

namespace gantry::load {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

std::vector<VuStep> all(VuRamp ramp) {
  std::vector<VuStep> steps;
  while (const std::optional<VuStep> step = ramp.next()) steps.push_back(*step);
  return steps;
}

std::string text(const std::vector<VuStep>& steps) {
  std::vector<std::string> words;
  for (const VuStep& step : steps) words.push_back(fmt::format("{}:{}", format_go_duration(step.at), step.vus));
  return fmt::format("{}", fmt::join(words, " "));
}

struct Case {
  std::string_view what;
  std::int64_t start;
  std::vector<VuStage> stages;
  std::string_view steps;
};

const Case kCases[] = {
    {"up: when the line reaches the number", 0, {{seconds(4), 4}}, "0s:0 1s:1 2s:2 3s:3 4s:4"},
    {"down: when the line reaches the next lower one", 4, {{seconds(4), 0}}, "0s:4 1s:3 2s:2 3s:1 4s:0"},
    {"flat", 3, {{seconds(4), 3}}, "0s:3"},
    {"a stage of no length jumps at once", 1, {{seconds(2), 1}, {seconds(0), 5}, {seconds(2), 5}}, "0s:1 2s:5"},
    {"up, rest, down", 1, {{seconds(1), 3}, {seconds(2), 3}, {seconds(1), 2}}, "0s:1 500ms:2 1s:3 4s:2"},
    {"no stage", 2, {}, "0s:2"},
    {"thirds are cut to the nanosecond", 0, {{seconds(1), 3}}, "0s:0 333.333333ms:1 666.666666ms:2 1s:3"},
};

TEST(VuRamp, ChangesWhereTheLineCrossesAWholeNumber) {
  for (const Case& c : kCases) EXPECT_EQ(text(all({c.start, c.stages})), c.steps) << c.what;
}

TEST(VuRamp, KnowsItsLengthAndItsPeak) {
  const VuRamp ramp(2, {{seconds(3), 7}, {seconds(4), 1}});
  EXPECT_EQ(ramp.duration(), seconds(7));
  EXPECT_EQ(ramp.most_vus(), 7);
  EXPECT_EQ(VuRamp(9, {}).most_vus(), 9);
}

// The line itself, rounded down where it rises and up where it falls.
std::int64_t on_the_line(std::int64_t start, const std::vector<VuStage>& stages, Duration at) {
  std::int64_t from = start;
  for (const VuStage& stage : stages) {
    if (at < stage.duration) {
      const double line = static_cast<double>(from) + static_cast<double>(stage.target - from) *
                                                          static_cast<double>(at.count()) /
                                                          static_cast<double>(stage.duration.count());
      return static_cast<std::int64_t>(stage.target >= from ? std::floor(line + 1e-9) : std::ceil(line - 1e-9));
    }
    at -= stage.duration;
    from = stage.target;
  }
  return from;
}

TEST(VuRamp, IsTheLineAtEveryMoment) {
  std::mt19937 random(20261129);  // NOLINT(cert-msc51-cpp): a fixed seed repeats the plans
  for (int round = 0; round < 100; ++round) {
    SCOPED_TRACE(fmt::format("round {}", round));
    const auto start = static_cast<std::int64_t>(random() % 20);
    std::vector<VuStage> stages;
    for (auto count = random() % 5; count > 0; --count)
      stages.push_back(
          {milliseconds(random() % 4 == 0 ? 0 : random() % 300), static_cast<std::int64_t>(random() % 20)});
    const VuRamp ramp(start, stages);
    const std::vector<VuStep> steps = all(ramp);
    std::size_t step = 0;
    // Between whole milliseconds, so that no moment is that of a step.
    for (Duration at = Duration(500'000); at < ramp.duration(); at += milliseconds(1)) {
      while (step + 1 < steps.size() && steps[step + 1].at <= at) ++step;
      ASSERT_EQ(steps[step].vus, on_the_line(start, stages, at)) << format_go_duration(at);
    }
  }
}

TEST(VuRamp, OfAHundredMillionVusIsNotHeldInMemory) {
  VuRamp ramp(0, {{std::chrono::hours(1), 100'000'000}});
  EXPECT_EQ(ramp.next(), (VuStep{Duration(0), 0}));
  EXPECT_EQ(ramp.next(), (VuStep{Duration(36'000), 1}));
}

}  // namespace
}  // namespace gantry::load
