#include "load/options/duration.h"

#include <gtest/gtest.h>

#include <string_view>

namespace gantry::load {
namespace {

// What was read, as Go prints it, or "error: " and the reason.
std::string read(const base::Result<Duration>& duration) {
  return duration ? format_go_duration(*duration) : "error: " + duration.error().message;
}

struct Case {
  std::string_view text;
  std::string_view go;      // the flags --duration and --min-iteration-duration
  std::string_view option;  // "" where it is the same
};

constexpr Case kCases[] = {
    {"0", "0s", ""},
    {"1s", "1s", ""},
    {"1m30s", "1m30s", ""},
    {"1.5h", "1h30m0s", ""},
    {"300ms", "300ms", ""},
    {"2us", "2µs", ""},
    {"2µs", "2µs", ""},
    {"2μs", "2µs", ""},
    {"7ns", "7ns", ""},
    {".5s", "500ms", ""},
    {"5.s", "5s", ""},
    {"-1m", "-1m0s", ""},
    {"+1m", "1m0s", ""},
    {"1s1h", "1h0m1s", ""},
    {"1.0000000019s", "1.000000001s", ""},
    {"0.00000000000000000000000000001h", "0s", ""},
    {"2540400h10m10.000000000s", "2540400h10m10s", ""},
    {"2562047h47m16.854775807s", "2562047h47m16.854775807s", ""},
    {"2562047h47m16.854775808s", "error: \"2562047h47m16.854775808s\" is no duration: it is too long", ""},
    {"99999999999999999999999s", "error: \"99999999999999999999999s\" is no duration: it is too long", ""},
    {"", "error: \"\" is no duration: it is empty", ""},
    {"s", "error: \"s\" is no duration: a number is missing", ""},
    {".s", "error: \".s\" is no duration: a number is missing", ""},
    {"1s ", "error: \"1s \" is no duration: a number is missing", ""},
    {"1x", "error: \"1x\" is no duration: its unit is unknown", ""},
    {"--1s", "error: \"--1s\" is no duration: a number is missing", ""},
    // Only where an option holds it: milliseconds without a unit, and days.
    {"1500", "error: \"1500\" is no duration: its unit is missing", "1.5s"},
    {"0.5", "error: \"0.5\" is no duration: its unit is missing", "500µs"},
    {"1e3", "error: \"1e3\" is no duration: its unit is unknown", "1s"},
    {"2d", "error: \"2d\" is no duration: its unit is unknown", "48h0m0s"},
    {"1d12h", "error: \"1d12h\" is no duration: its unit is unknown", "36h0m0s"},
    {"-1d1h", "error: \"-1d1h\" is no duration: its unit is unknown", "-25h0m0s"},
    {"1.5d", "error: \"1.5d\" is no duration: its unit is unknown",
     "error: \"1.5d\" is no duration: days are a whole number"},
    {"d", "error: \"d\" is no duration: a number is missing", "error: \"d\" is no duration: days are a whole number"},
    {"1h1d", "error: \"1h1d\" is no duration: its unit is unknown",
     "error: \"1h1d\" is no duration: days are a whole number"},
    {"106752d", "error: \"106752d\" is no duration: its unit is unknown",
     "error: \"106752d\" is no duration: it is too long"},
};

TEST(Duration, ReadsWhatGoReads) {
  for (const Case& c : kCases) EXPECT_EQ(read(parse_go_duration(c.text)), c.go) << c.text;
}

TEST(Duration, ReadsMillisecondsAndDaysInOptions) {
  for (const Case& c : kCases)
    EXPECT_EQ(read(parse_option_duration(c.text)), c.option.empty() ? c.go : c.option) << c.text;
}

TEST(Duration, RefusesNumbersThatAreNone) {
  EXPECT_EQ(read(milliseconds_to_duration(1.5)), "1.5ms");
  EXPECT_FALSE(milliseconds_to_duration(1e300).has_value());
  EXPECT_FALSE(milliseconds_to_duration(std::numeric_limits<double>::quiet_NaN()).has_value());
  EXPECT_FALSE(milliseconds_to_duration(9223372036854.7758).has_value());
}

TEST(Duration, IsPrintedToTheLastNanosecond) {
  EXPECT_EQ(format_go_duration(Duration::min()), "-2562047h47m16.854775808s");
  EXPECT_EQ(format_go_duration(Duration(1'001)), "1.001µs");
  EXPECT_EQ(format_go_duration(Duration(3'600'000'000'001)), "1h0m0.000000001s");
  EXPECT_EQ(format_go_duration(Duration(999'999'999)), "999.999999ms");
}

}  // namespace
}  // namespace gantry::load
