#pragma once

// Wall-clock time in UTC with milliseconds, its RFC 3339 text, and the seam through which it is handed in.
// Nothing below floor 5 reads the clock on its own.

#include "base/result.h"

#include <chrono>
#include <string>
#include <string_view>

namespace gantry::base {

using Timestamp = std::chrono::sys_time<std::chrono::milliseconds>;

// "2026-11-24T01:50:00.000Z". RFC 3339 has years 0000 to 9999: a time outside is written as the nearest one inside.
std::string format_rfc3339(Timestamp time);
// Accepts any RFC 3339 date-time with up to nanoseconds (cut to milliseconds) and an offset, and a bare date as its UTC
// midnight. A leap second counts as the second after it. Errors: input, naming the text and what is wrong with it.
Result<Timestamp> parse_rfc3339(std::string_view text);
// "2026-11-24"
std::string format_date(Timestamp time);

// "90s", "15m", "2h30m", "30d", "500ms": whole numbers with a unit, largest unit first. Errors: input, naming the text.
Result<std::chrono::milliseconds> parse_duration(std::string_view text);
// The shortest exact form of the above: "1m30s"; "0s" for none; with a leading "-" (which parse_duration refuses) below zero.
std::string format_duration(std::chrono::milliseconds duration);

// The same instant on the clock that nobody sets, for those that the kernel tells on the one that people set. What time it is, nobody learns
// from it.
std::chrono::steady_clock::time_point to_steady(std::chrono::system_clock::time_point instant);

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Timestamp now() const = 0;
};

class SystemClock final : public Clock {
 public:
  Timestamp now() const override;
};

// For tests: stands still until told.
class FixedClock final : public Clock {
 public:
  explicit FixedClock(Timestamp time) : time_(time) {}
  Timestamp now() const override { return time_; }
  void set(Timestamp time) { time_ = time; }

 private:
  Timestamp time_;
};

}  // namespace gantry::base
