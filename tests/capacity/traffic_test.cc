#include "capacity/traffic.h"

#include "base/yaml.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace gantry::capacity {
namespace {

using base::Result;

Traffic stages(std::string_view text, double start = 0) { return *parse_stages(text, start); }

TEST(Traffic, StagesRampEvenly) {
  const Traffic traffic = stages("10s:100,20s:100,0s:10,10s:0", 0);
  EXPECT_EQ(traffic.duration(), Millis(40'000));
  EXPECT_EQ(traffic.peak(), 100);
  EXPECT_DOUBLE_EQ(traffic.rate_at(Millis(0)), 0);
  EXPECT_DOUBLE_EQ(traffic.rate_at(Millis(5'000)), 50);
  EXPECT_DOUBLE_EQ(traffic.rate_at(Millis(29'999)), 100);
  EXPECT_DOUBLE_EQ(traffic.rate_at(Millis(30'000)), 10) << "a stage that lasts no time is a jump";
  EXPECT_DOUBLE_EQ(traffic.rate_at(Millis(99'000)), 0) << "after the end, the last rate";
  EXPECT_DOUBLE_EQ(traffic.requests_between(Millis(0), Millis(10'000)), 500) << "half of 100 for 10 s";
  EXPECT_DOUBLE_EQ(traffic.requests_between(Millis(5'000), Millis(35'000)), 375 + 2000 + 37.5);
  EXPECT_DOUBLE_EQ(traffic.requests_between(Millis(0), Millis(60'000)), 500 + 2000 + 50);
}

TEST(Traffic, CursorAddsUpToTheWhole) {
  const Traffic traffic = stages("7s:33,11s:5,0s:80,3s:2", 12);
  TrafficCursor cursor(traffic);
  double sum = 0;
  for (Millis time{0}; time < Millis(30'000); time += Millis(250)) sum += cursor.requests_until(time + Millis(250));
  EXPECT_NEAR(sum, traffic.requests_between(Millis(0), Millis(30'000)), 1e-9);
}

TEST(Traffic, Doubling) {
  const Traffic traffic = *make_doubling({.from = 60, .to = {}, .after = Millis(60'000), .ramp = Millis(10'000)});
  EXPECT_DOUBLE_EQ(traffic.rate_at(Millis(59'000)), 60);
  EXPECT_DOUBLE_EQ(traffic.rate_at(Millis(65'000)), 90);
  EXPECT_DOUBLE_EQ(traffic.rate_at(Millis(80'000)), 120);
  EXPECT_FALSE(make_doubling({.from = 0}));
}

TEST(Traffic, StagesOfABlockAreThoseOfAText) {
  const Result<base::Node> node =
      base::load_yaml_document("[{duration: 10s, target: 100}, {duration: 1m, target: 5}]", "b.yaml");
  EXPECT_EQ(*parse_stages(*node, 3), stages("10s:100,1m:5", 3));
}

struct Refused {
  std::string_view text;
  std::string_view message;
};

TEST(Traffic, BadStages) {
  constexpr Refused kRefused[] = {
      {"", "is no stage"},
      {"10s", "is no stage"},
      {"10s:", "is no stage"},
      {":5", "duration"},
      {"ten:5", "duration"},
      {"10s:many", "is no stage"},
      {"10s:nan", "is no stage"},
      {"10s:-1", "below 0"},
      {"-10s:1", "duration"},
      {"10s:1e300", "is no rate"},
      {"0s:5", "lasts less than a second"},
      {"40d:5", "too long"},
      {"20d:5,20d:5", "longer than 31 days"},
      {"10s:5,,10s:5", "is no stage"},
  };
  for (const Refused& refused : kRefused) {
    const Result<Traffic> traffic = parse_stages(refused.text, 0);
    ASSERT_FALSE(traffic) << refused.text;
    EXPECT_TRUE(traffic.error().message.contains(refused.message)) << refused.text << ": " << traffic.error().message;
  }
}

TEST(Traffic, CsvForms) {
  constexpr std::string_view kForms[] = {
      "0,10\n60,20\n120,0\n",
      "time,rate\n0,10\n60,20\n120,0",
      "\xEF\xBB\xBF# a day\ntime;rate\r\n0;10\r\n60;20\r\n\r\n120;0\r\n",
      "0s\t10\n1m\t20\n2m\t0\n",
      "\"2026-11-24T10:00:00Z\",\"10\"\n2026-11-24T10:01:00Z,20\n2026-11-24T10:02:00Z,0\n",
      "1764000000,10\n1764000060,20\n1764000120,0\n",
  };
  const Traffic expected = *Traffic::from_points({{Millis(0), 10}, {Millis(60'000), 20}, {Millis(120'000), 0}});
  for (const std::string_view form : kForms) {
    const Result<Traffic> traffic = parse_traffic_csv(form, "t.csv");
    ASSERT_TRUE(traffic) << form << traffic.error().message;
    EXPECT_EQ(*traffic, expected) << form;
  }
}

struct BadCsv {
  std::string_view text;
  std::uint32_t line;
  std::string_view message;
};

TEST(Traffic, BadCsvNamesTheLine) {
  constexpr BadCsv kBad[] = {
      {"", 0, "fewer than two lines"},
      {"time,rate\n", 0, "fewer than two lines"},
      {"0,1\n60,2\n60,3\n", 3, "not after that of the line before"},
      {"0,1\n60,2\n30,3\n", 3, "not after that of the line before"},
      {"0,1\n60\n", 2, "1 columns instead of two"},
      {"0,1,2\n60,2,3\n", 1, "3 columns instead of two"},
      {"0,1\n60,-2\n", 2, "is no rate"},
      {"0,1\n60,much\n", 2, "is no rate"},
      {"0,1\n60,inf\n", 2, "is no rate"},
      {"0,1\nnoon,2\n", 2, "is no time"},
      {"0,1\n60,1\n120,1\n600,1\n660,1\n720,1\n", 4, "a gap: 480 s without a line, where 60 s are usual"},
      {"0,1\n9999999,1\n", 2, "longer than 31 days"},
      {"0,1\n1e300,1\n", 2, "longer than 31 days"},
      {"0,1\n60,1e9\n", 2, "is no rate"},
  };
  for (const BadCsv& bad : kBad) {
    const Result<Traffic> traffic = parse_traffic_csv(bad.text, "t.csv");
    ASSERT_FALSE(traffic) << bad.text;
    EXPECT_TRUE(traffic.error().message.contains(bad.message)) << bad.text << ": " << traffic.error().message;
    EXPECT_FALSE(traffic.error().help.empty()) << bad.text;
    ASSERT_TRUE(traffic.error().where) << bad.text;
    EXPECT_EQ(traffic.error().where->line, bad.line) << bad.text;
  }
}

TEST(Traffic, AGapMayBeAllowed) {
  constexpr std::string_view kGap = "0,1\n60,1\n120,1\n600,1\n660,1\n720,1\n";
  EXPECT_FALSE(parse_traffic_csv(kGap, "t.csv", Millis(479'000)));
  EXPECT_TRUE(parse_traffic_csv(kGap, "t.csv", Millis(480'000)));
}

}  // namespace
}  // namespace gantry::capacity
