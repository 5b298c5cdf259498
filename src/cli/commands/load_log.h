#pragma once

// What a load run says while it lasts, and what its script prints, in k6's formats (k6 reference, §12).

#include "base/result.h"
#include "base/time.h"
#include "cli/terminal.h"
#include "load/load.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace gantry::cli {

enum class LogFormat : std::uint8_t { text, json, raw };
// Errors: usage: none of them.
base::Result<LogFormat> read_log_format(std::string_view name);

struct LogOptions {
  LogFormat format = LogFormat::text;
  std::string output = "stderr";    // or stdout, none, file=PATH
  std::string console_output = {};  // a file for what the script's functions print; "" for where the rest goes
  bool is_verbose = false;          // debug too
};

// One line, with its end.
std::string format_log_line(LogFormat format, base::Timestamp now, load::LogLevel level, std::string_view message,
                            std::string_view source);

class LoadLog {
 public:
  LoadLog(const Terminal& terminal, LogOptions options) : terminal_(terminal), options_(std::move(options)) {}

  void say(load::LogLevel level, std::string_view message, std::string_view source);
  // Into the console's file, if there is one.
  bool has_console() const { return !options_.console_output.empty(); }
  void print(load::LogLevel level, std::string_view message);
  // Writes the files. Errors: as write_file_atomic.
  base::Result<void> finish() const;

 private:
  const Terminal& terminal_;
  LogOptions options_;
  base::SystemClock clock_;
  std::string console_ = {};
  std::string file_ = {};
};

}  // namespace gantry::cli
