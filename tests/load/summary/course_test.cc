#include "load/summary/course.h"

#include <gtest/gtest.h>

#include <chrono>

namespace gantry::load {
namespace {

// Seconds without an answer are part of the warm-up that they belong to, and of none where there is none.
TEST(Course, WarmsUpForSecondsAndNotForAnswers) {
  for (const double slow_ms : {60.0, 4.0}) {
    RunOutcome outcome;
    outcome.scenarios.push_back({.scenario = {.name = "s", .plan = ConstantVus{.vus = 1}}});
    TimeSeries& series = outcome.measurement.series;
    for (int second = 0; second < 80; ++second) {
      series.begin(std::chrono::seconds(second));
      if (second >= 4) series.answer(std::chrono::seconds(second), second < 9 ? slow_ms : 4, false);
    }
    EXPECT_EQ(course_of(outcome).warm_up, std::chrono::seconds(slow_ms > 4 ? 9 : 0));
  }
}

}  // namespace
}  // namespace gantry::load
