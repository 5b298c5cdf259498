#pragma once

// Log lines as JSON, one object a line:
//
//   {"time":"2025-12-14T09:30:00.123456789Z","level":"info","msg":"request","request_id":"…","route":"/health",…}

#include "base/node.h"

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace kgents {

enum class LogLevel : std::uint8_t { debug, info, warning, error };

std::string_view to_string(LogLevel level);
// Any case; "warn" is a warning too.
std::optional<LogLevel> parse_log_level(std::string_view text);

using LogTime = std::chrono::sys_time<std::chrono::nanoseconds>;

// Always nine digits, so that lines sort as text: "2025-12-14T09:30:00.000000001Z".
std::string format_nanoseconds(LogTime time);
// One line with its newline; the fields follow time, level and msg in the order they have.
std::string log_line(LogTime time, LogLevel level, std::string_view message, const gantry::base::Node::Map& fields);

// Safe to use from several threads: lines do not mix. Blocks while the reader of the descriptor does; a reader that is gone
// is no error.
class Log {
 public:
  Log(int descriptor, LogLevel level_min) : descriptor_(descriptor), level_min_(level_min) {}

  bool takes(LogLevel level) const { return level >= level_min_; }
  void write(LogLevel level, std::string_view message, const gantry::base::Node::Map& fields = {});

 private:
  int descriptor_;
  LogLevel level_min_;
  std::mutex writing_;
};

}  // namespace kgents
