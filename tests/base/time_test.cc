#include "base/time.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <thread>

namespace gantry::base {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using std::chrono::sys_days;

constexpr std::int64_t kFirstMs = -62'167'219'200'000;  // 0000-01-01T00:00:00.000Z
constexpr std::int64_t kLastMs = 253'402'300'799'999;   // 9999-12-31T23:59:59.999Z

struct TimeCase {
  const char* text;
  const char* canonical;  // "" when the text must be refused
};

class Rfc3339 : public testing::TestWithParam<TimeCase> {};

TEST_P(Rfc3339, Parses) {
  const Result<Timestamp> time = parse_rfc3339(GetParam().text);
  EXPECT_EQ(time ? format_rfc3339(*time) : "", GetParam().canonical) << GetParam().text;
}

constexpr TimeCase kTimes[] = {
    {"2026-11-24T01:50:00Z", "2026-11-24T01:50:00.000Z"},
    {"2026-11-24", "2026-11-24T00:00:00.000Z"},
    {"1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z"},
    {"1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"},
    {"0000-01-01T00:00:00Z", "0000-01-01T00:00:00.000Z"},
    {"9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"},
    // RFC 3339 §5.6: lower case, and a space, are allowed.
    {"2026-11-24t01:50:00z", "2026-11-24T01:50:00.000Z"},
    {"2026-11-24 01:50:00Z", "2026-11-24T01:50:00.000Z"},
    // RFC 3339 §5.8, the examples.
    {"1985-04-12T23:20:50.52Z", "1985-04-12T23:20:50.520Z"},
    {"1996-12-19T16:39:57-08:00", "1996-12-20T00:39:57.000Z"},
    {"1990-12-31T23:59:60Z", "1991-01-01T00:00:00.000Z"},
    {"1990-12-31T15:59:60-08:00", "1991-01-01T00:00:00.000Z"},
    {"1937-01-01T12:00:27.87+00:20", "1937-01-01T11:40:27.870Z"},
    // Offsets.
    {"2026-01-01T00:00:00+14:00", "2025-12-31T10:00:00.000Z"},
    {"2026-01-01T00:00:00-00:00", "2026-01-01T00:00:00.000Z"},
    {"2026-01-01T00:00:00+23:59", "2025-12-31T00:01:00.000Z"},
    {"2026-01-01T00:00:00+24:00", ""},
    {"2026-01-01T00:00:00+01:60", ""},
    {"2026-01-01T00:00:00+0100", ""},
    {"2026-01-01T00:00:00+1:00", ""},
    {"2026-01-01T00:00:00", ""},
    {"2026-01-01T00:00:00ZZ", ""},
    {"2026-01-01T00:00:00Z ", ""},
    {"0000-01-01T00:00:00+00:01", ""},  // the year before 0000
    {"9999-12-31T23:59:59-00:01", ""},  // the year 10000
    // Fractions.
    {"2026-01-01T00:00:00.1Z", "2026-01-01T00:00:00.100Z"},
    {"2026-01-01T00:00:00.0019Z", "2026-01-01T00:00:00.001Z"},
    {"2026-01-01T00:00:00.999999999Z", "2026-01-01T00:00:00.999Z"},
    {"2026-01-01T00:00:00.9999999999Z", ""},
    {"2026-01-01T00:00:00.Z", ""},
    {"2026-01-01T00:00:00,5Z", ""},
    // The calendar.
    {"2024-02-29", "2024-02-29T00:00:00.000Z"},
    {"2000-02-29", "2000-02-29T00:00:00.000Z"},
    {"1900-02-29", ""},
    {"2023-02-29", ""},
    {"2026-02-30", ""},
    {"2026-04-31", ""},
    {"2026-00-01", ""},
    {"2026-13-01", ""},
    {"2026-01-00", ""},
    {"2026-01-32", ""},
    // The clock.
    {"2026-01-01T24:00:00Z", ""},
    {"2026-01-01T23:60:00Z", ""},
    {"2026-01-01T23:59:61Z", ""},
    {"2026-01-01T23:59:60Z", ""},  // §5.7: no leap second inside a month
    {"1990-12-31T22:59:60Z", ""},
    {"1990-12-31T23:59:60.5Z", "1991-01-01T00:00:00.500Z"},
    {"9999-12-31T23:59:60Z", ""},
    // Shapes.
    {"", ""},
    {"2026", ""},
    {"2026-11", ""},
    {"2026-11-24T", ""},
    {"2026-11-24T01:50Z", ""},
    {"2026-11-24T1:50:00Z", ""},
    {"2026-1-24", ""},
    {"26-11-24", ""},
    {"02026-11-24", ""},
    {"+2026-11-24", ""},
    {"-001-11-24", ""},
    {" 2026-11-24", ""},
    {"2026-11-24x", ""},
    {"2026/11/24", ""},
    {"24.11.2026", ""},
};

INSTANTIATE_TEST_SUITE_P(Time, Rfc3339, testing::ValuesIn(kTimes));

TEST(Rfc3339Error, NamesTheTextAndTheReason) {
  const Error no_day = parse_rfc3339("2026-02-30").error();
  EXPECT_EQ(no_day.kind, ErrorKind::input);
  EXPECT_EQ(no_day.message, "\"2026-02-30\" is not a time: there is no such day");
  EXPECT_NE(no_day.help, "");
  EXPECT_EQ(parse_rfc3339("2026-11-24T01:50:00").error().message,
            "\"2026-11-24T01:50:00\" is not a time: it does not end in Z or an offset such as +01:00");
  EXPECT_LT(parse_rfc3339(std::string(100'000, '9')).error().message.size(), 200U);
}

TEST(FormatDate, IsTheDayInUtc) {
  EXPECT_EQ(format_date(sys_days(2026y / 11 / 24) + 23h + 59min), "2026-11-24");
  EXPECT_EQ(format_date(sys_days(1969y / 12 / 31) + 1ms), "1969-12-31");
}

TEST(FormatRfc3339, WritesTheNearestTimeThatHasAFourDigitYear) {
  EXPECT_EQ(format_rfc3339(Timestamp::max()), "9999-12-31T23:59:59.999Z");
  EXPECT_EQ(format_rfc3339(Timestamp::min()), "0000-01-01T00:00:00.000Z");
}

RC_GTEST_PROP(Rfc3339Property, ReadsBackWhatItWrote, ()) {
  const auto count = *rc::gen::inRange<std::int64_t>(kFirstMs, kLastMs + 1);
  const Timestamp time{milliseconds(count)};
  const Result<Timestamp> again = parse_rfc3339(format_rfc3339(time));
  RC_ASSERT(again.has_value());
  RC_ASSERT(*again == time);
}

// The same instant, written as a wall clock elsewhere shows it.
RC_GTEST_PROP(Rfc3339Property, OffsetShiftsTheInstant, ()) {
  const auto count = *rc::gen::inRange<std::int64_t>(kFirstMs + 86'400'000, kLastMs - 86'400'000);
  const auto minutes = *rc::gen::inRange(-(24 * 60 - 1), 24 * 60);
  const Timestamp time{milliseconds(count)};
  std::string text = format_rfc3339(time + std::chrono::minutes(minutes));
  const int size = std::abs(minutes);
  text.pop_back();
  text += minutes < 0 ? '-' : '+';
  text += {static_cast<char>('0' + size / 600), static_cast<char>('0' + size / 60 % 10), ':',
           static_cast<char>('0' + size % 60 / 10), static_cast<char>('0' + size % 10)};
  RC_ASSERT(parse_rfc3339(text).value() == time);
}

struct DurationCase {
  const char* text;
  std::int64_t ms;
  const char* canonical;
};

class GoodDuration : public testing::TestWithParam<DurationCase> {};

TEST_P(GoodDuration, Parses) {
  const Result<milliseconds> duration = parse_duration(GetParam().text);
  ASSERT_TRUE(duration.has_value()) << describe(duration.error());
  EXPECT_EQ(duration->count(), GetParam().ms);
  EXPECT_EQ(format_duration(*duration), GetParam().canonical);
}

constexpr DurationCase kDurations[] = {
    {"0s", 0, "0s"},
    {"0ms", 0, "0s"},
    {"500ms", 500, "500ms"},
    {"90s", 90'000, "1m30s"},
    {"15m", 900'000, "15m"},
    {"2h30m", 9'000'000, "2h30m"},
    {"30d", 2'592'000'000, "30d"},
    {"1d2h3m4s5ms", 93'784'005, "1d2h3m4s5ms"},
    {"1d5ms", 86'400'005, "1d5ms"},
    {"48h", 172'800'000, "2d"},
    {"007s", 7'000, "7s"},
    {"9223372036854775807ms", std::numeric_limits<std::int64_t>::max(), "106751991167d7h12m55s807ms"},
    {"106751991167d7h12m55s807ms", std::numeric_limits<std::int64_t>::max(), "106751991167d7h12m55s807ms"},
};

INSTANTIATE_TEST_SUITE_P(Time, GoodDuration, testing::ValuesIn(kDurations));

class BadDuration : public testing::TestWithParam<const char*> {};

TEST_P(BadDuration, IsRefusedByName) {
  const Result<milliseconds> duration = parse_duration(GetParam());
  ASSERT_FALSE(duration.has_value()) << duration->count();
  EXPECT_EQ(duration.error().kind, ErrorKind::input);
  EXPECT_TRUE(duration.error().message.starts_with("\"" + std::string(GetParam()) + "\"")) << duration.error().message;
}

INSTANTIATE_TEST_SUITE_P(Time, BadDuration,
                         testing::Values("", "5", "s", "5 s", " 5s", "5s ", "-5s", "+5s", "1.5h", "5S", "5sec", "5w",
                                         "30m2h", "1s1s", "1ms1s", "1h30", "h30", "1h-30m", "0x5s",
                                         "9223372036854775808ms", "9223372036854775807s", "106751991167d7h12m55s808ms",
                                         "106751991168d", "99999999999999999999s"));

TEST(FormatDuration, ShowsWhatParseRefuses) {
  EXPECT_EQ(format_duration(-90s), "-1m30s");
  EXPECT_EQ(format_duration(milliseconds::min()), "-106751991167d7h12m55s808ms");
}

RC_GTEST_PROP(DurationProperty, ReadsBackWhatItWrote, ()) {
  const auto count = *rc::gen::inRange<std::int64_t>(0, std::numeric_limits<std::int64_t>::max());
  RC_ASSERT(parse_duration(format_duration(milliseconds(count))).value().count() == count);
}

TEST(SystemClock, IsAfterThisWasWritten) { EXPECT_GT(SystemClock().now(), Timestamp(sys_days(2026y / 1 / 1))); }

TEST(FixedClock, StandsStillUntilTold) {
  FixedClock clock(sys_days(2026y / 11 / 24));
  EXPECT_EQ(clock.now(), clock.now());
  clock.set(sys_days(2026y / 11 / 25));
  EXPECT_EQ(format_date(clock.now()), "2026-11-25");
}

// A thread that is stopped between two looks at clocks finds them apart: once in a few times it is not.
TEST(Time, IsTheSameInstantOnEitherClock) {
  auto apart = std::chrono::nanoseconds::max();
  for (int i = 0; i < 20; ++i) {
    const std::chrono::steady_clock::time_point expected = std::chrono::steady_clock::now();
    const std::chrono::system_clock::time_point instant = std::chrono::system_clock::now();
    std::this_thread::sleep_for(milliseconds(3));
    apart = std::min(apart, std::chrono::abs(to_steady(instant) - expected));
  }
  EXPECT_LT(apart, milliseconds(1));
}

}  // namespace
}  // namespace gantry::base
