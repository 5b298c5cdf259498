#include "api/log.h"

#include "base/json.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>

namespace kgents {

using gantry::base::Node;

namespace {

struct LevelName {
  std::string_view text;
  LogLevel level;
};
// The first name of a level is the one that is written.
constexpr std::array kLevelNames = {LevelName{"debug", LogLevel::debug}, LevelName{"info", LogLevel::info},
                                    LevelName{"warning", LogLevel::warning}, LevelName{"error", LogLevel::error},
                                    LevelName{"warn", LogLevel::warning}};

}  // namespace

std::string_view to_string(LogLevel level) { return std::ranges::find(kLevelNames, level, &LevelName::level)->text; }

std::optional<LogLevel> parse_log_level(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const auto* const found = std::ranges::find(kLevelNames, lower, &LevelName::text);
  if (found == kLevelNames.end()) return std::nullopt;
  return found->level;
}

std::string format_nanoseconds(LogTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:09}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count(), clock.subseconds().count());
}

std::string log_line(LogTime time, LogLevel level, std::string_view message, const Node::Map& fields) {
  Node line = Node::empty_map();
  line.set("time", format_nanoseconds(time));
  line.set("level", to_string(level));
  line.set("msg", message);
  for (const Node::Member& field : fields) line.set(field.key, field.value);
  return gantry::base::dump_json(line) + '\n';
}

void Log::write(LogLevel level, std::string_view message, const Node::Map& fields) {
  if (!takes(level)) return;
  const std::string line = log_line(std::chrono::system_clock::now(), level, message, fields);
  const std::lock_guard lock(writing_);
  std::string_view rest = line;
  while (!rest.empty()) {
    const ssize_t written = ::write(descriptor_, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return;
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace kgents
