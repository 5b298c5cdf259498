// The target's memory: read from a page of metrics, kept in bounded memory, and its course.

#include "launch/checks/load/memory_watch.h"

#include "load/summary/course.h"

#include <gtest/gtest.h>

#include <string_view>

namespace gantry::launch {
namespace {

struct Case {
  std::string_view page;
  std::optional<double> bytes;
};
constexpr Case kCases[] = {
    {"# TYPE process_resident_memory_bytes gauge\nprocess_resident_memory_bytes 4.194304e+06\n", 4194304},
    {"up 1\nprocess_resident_memory_bytes{pod=\"a b\"} 100 1700000000\n", 100},
    {"process_resident_memory_bytes_max 7\n", std::nullopt},
    {"process_resident_memory_bytes much\n", std::nullopt},
    {"", std::nullopt},
};

TEST(MemoryWatch, ReadsThePrometheusText) {
  for (const Case& c : kCases) EXPECT_EQ(find_resident_memory(c.page), c.bytes) << c.page;
}

TEST(MemoryCurve, StaysSmallHoweverLongTheRunIs) {
  MemoryCurve curve;
  for (int second = 1; second <= 100'000; ++second) curve.add(second);
  EXPECT_LT(curve.bytes.size(), MemoryCurve::kSamplesMax);
  EXPECT_EQ(curve.width, std::chrono::seconds(256));
  EXPECT_EQ(curve.bytes.front(), 256);
  EXPECT_EQ(curve.bytes[1], 512);
}

TEST(MemoryCourse, LeavesTheWarmUpOut) {
  MemoryCurve curve;
  for (int i = 0; i < 60; ++i) curve.add(i < 10 ? 10 + i : 50 + i % 2);
  const std::optional<MemoryCourse> course = course_of(curve);
  ASSERT_TRUE(course);
  EXPECT_EQ(course->first, 10);
  EXPECT_EQ(course->max, 51);
  EXPECT_EQ(course->warm_up, std::chrono::seconds(10));
  EXPECT_FALSE(load::is_drift(course->drift)) << course->drift->change;
  EXPECT_FALSE(course_of(MemoryCurve{}));
}

// Without a page there is nothing to look at, and nobody waits for it.
TEST(MemoryWatch, LooksAtNothingWithoutAPage) {
  MemoryWatch watch({"127.0.0.1", "1"}, "");
  EXPECT_TRUE(watch.stop().bytes.empty());
  MemoryWatch nobody({"127.0.0.1", "1"}, "/metrics");
  EXPECT_TRUE(nobody.stop().bytes.empty());
}

}  // namespace
}  // namespace gantry::launch
