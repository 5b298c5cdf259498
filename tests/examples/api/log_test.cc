#include "api/log.h"

#include <gtest/gtest.h>

namespace kgents {
namespace {

using std::chrono::nanoseconds;

TEST(Log, NineDigitsAlways) {
  EXPECT_EQ(format_nanoseconds(LogTime(nanoseconds(0))), "1970-01-01T00:00:00.000000000Z");
  EXPECT_EQ(format_nanoseconds(LogTime(nanoseconds(1'765'704'600'000'000'001))), "2025-12-14T09:30:00.000000001Z");
  EXPECT_EQ(format_nanoseconds(LogTime(nanoseconds(1'765'704'599'999'999'999))), "2025-12-14T09:29:59.999999999Z");
}

TEST(Log, OneObjectALine) {
  const gantry::base::Node::Map fields = {{.key = "tenant", .value = "a\"b\nc", .key_pos = {}},
                                          {.key = "status", .value = 200, .key_pos = {}}};
  EXPECT_EQ(
      log_line(LogTime(nanoseconds(0)), LogLevel::warning, "request", fields),
      R"({"time":"1970-01-01T00:00:00.000000000Z","level":"warning","msg":"request","tenant":"a\"b\nc","status":200})"
      "\n");
}

struct Case {
  const char* text;
  std::optional<LogLevel> level;
};
const Case kCases[] = {
    {"debug", LogLevel::debug}, {"INFO", LogLevel::info},  {"warn", LogLevel::warning}, {"Warning", LogLevel::warning},
    {"error", LogLevel::error}, {"verbose", std::nullopt}, {"", std::nullopt},
};

TEST(Log, Levels) {
  for (const Case& c : kCases) EXPECT_EQ(parse_log_level(c.text), c.level) << c.text;
  for (const LogLevel level : {LogLevel::debug, LogLevel::info, LogLevel::warning, LogLevel::error})
    EXPECT_EQ(parse_log_level(to_string(level)), level);
}

TEST(Log, BelowItsLevelNothingIsTaken) {
  const Log log(-1, LogLevel::warning);
  EXPECT_FALSE(log.takes(LogLevel::info));
  EXPECT_TRUE(log.takes(LogLevel::warning));
  EXPECT_TRUE(log.takes(LogLevel::error));
}

}  // namespace
}  // namespace kgents
