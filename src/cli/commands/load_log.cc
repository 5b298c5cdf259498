#include "cli/commands/load_log.h"

#include "base/json.h"
#include "cli/commands/load_sinks.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace gantry::cli {

namespace {

using base::Result;

constexpr std::array<std::string_view, 4> kLevels = {"debug", "info", "warning", "error"};
constexpr std::string_view kFile = "file=";

bool needs_no_quotes(std::string_view text) {
  static constexpr std::string_view kPlain = "-._/@^+";
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || kPlain.contains(c);
  });
}

// As Go quotes a text, which is how k6's log does.
std::string quote(std::string_view text) {
  constexpr std::array<std::pair<char, std::string_view>, 9> kEscapes = {{{'"', "\\\""},
                                                                          {'\\', "\\\\"},
                                                                          {'\n', "\\n"},
                                                                          {'\r', "\\r"},
                                                                          {'\t', "\\t"},
                                                                          {'\a', "\\a"},
                                                                          {'\b', "\\b"},
                                                                          {'\f', "\\f"},
                                                                          {'\v', "\\v"}}};
  std::string quoted = "\"";
  for (const char c : text) {
    const auto* escape = std::ranges::find(kEscapes, c, [](const auto& each) { return each.first; });
    if (escape != kEscapes.end())
      quoted += escape->second;
    else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      quoted += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    else
      quoted += c;
  }
  return quoted + '"';
}

std::string as_text(std::string_view time, std::string_view level, std::string_view message, std::string_view source) {
  std::string line = fmt::format("time=\"{}\" level={}", time, level);
  if (!message.empty())
    line += fmt::format(" msg={}", needs_no_quotes(message) ? std::string(message) : quote(message));
  if (!source.empty()) line += fmt::format(" source={}", source);
  return line + '\n';
}

std::string as_json(std::string_view time, std::string_view level, std::string_view message, std::string_view source) {
  std::string line = fmt::format("{{\"level\":\"{}\",\"msg\":{}", level, base::json_quote(message));
  if (!source.empty()) line += fmt::format(",\"source\":\"{}\"", source);
  return line + fmt::format(",\"time\":\"{}\"}}\n", time);
}

}  // namespace

Result<LogFormat> read_log_format(std::string_view name) {
  constexpr std::array<std::string_view, 3> kNames = {"text", "json", "raw"};
  const auto* found = std::ranges::find(kNames, name);
  if (found == kNames.end())
    return base::usage_error(fmt::format("--log-format {} is none", name), "write text, json or raw");
  return static_cast<LogFormat>(found - kNames.begin());
}

std::string format_log_line(LogFormat format, base::Timestamp now, load::LogLevel level, std::string_view message,
                            std::string_view source) {
  if (format == LogFormat::raw) return std::string(message) + '\n';
  const std::string whole = base::format_rfc3339(now);
  const std::string time = whole.substr(0, whole.find('.')) + "Z";
  const std::string_view name = kLevels[static_cast<std::size_t>(level)];
  return format == LogFormat::json ? as_json(time, name, message, source) : as_text(time, name, message, source);
}

void LoadLog::say(load::LogLevel level, std::string_view message, std::string_view source) {
  if (level == load::LogLevel::debug && !options_.is_verbose) return;
  const std::string line = format_log_line(options_.format, clock_.now(), level, message, source);
  if (options_.output.starts_with(kFile))
    file_ += line;
  else if (options_.output == "stdout")
    static_cast<void>(terminal_.print(line));
  else if (options_.output != "none")
    terminal_.say(line);
}

// In a file of its own nobody need be told where it comes from.
void LoadLog::print(load::LogLevel level, std::string_view message) {
  if (level == load::LogLevel::debug && !options_.is_verbose) return;
  console_ += format_log_line(options_.format, clock_.now(), level, message, "");
}

Result<void> LoadLog::finish() const {
  if (has_console()) TRY(write_result(terminal_, options_.console_output, console_));
  if (options_.output.starts_with(kFile)) TRY(write_result(terminal_, options_.output.substr(kFile.size()), file_));
  return {};
}

}  // namespace gantry::cli
