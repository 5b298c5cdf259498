#pragma once

// The two streams a person sees: results on stdout, everything said about the work on stderr. Each is plain unless it is a
// terminal (clig.dev): no colour, no progress bar.

#include "base/progress.h"
#include "base/result.h"
#include "report/report.h"

#include <chrono>
#include <cstdio>
#include <string>
#include <string_view>

namespace gantry::cli {

// Whether --no-color was given.
enum class ColourChoice { automatic, never };

class Terminal {
 public:
  explicit Terminal(ColourChoice choice);

  // How a report for stdout is to be rendered.
  report::RenderOptions render_options() const;
  bool is_error_terminal() const { return error_is_terminal_; }
  int error_width() const { return error_width_; }  // columns of stderr

  // Writes and flushes. A reader that has gone away (`| head`) is no error: the command ends quietly, as if it had been read.
  // Errors: environment (a full disk, or whatever else keeps stdout from taking it).
  [[nodiscard]] base::Result<void> print(std::string_view text) const;
  void say(std::string_view text) const;
  void show(const base::Error& error) const;

 private:
  bool output_colour_ = false;
  bool error_colour_ = false;
  bool error_is_terminal_ = false;
  int width_ = 80;
  int error_width_ = 80;
};

// One line on stderr that is drawn over itself; nothing when stderr is no terminal.
class ProgressLine final : public base::Progress {
 public:
  explicit ProgressLine(const Terminal& terminal) : shows_(terminal.is_error_terminal()) {}
  ~ProgressLine() override { end(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void begin(std::string_view what, std::uint64_t total) override;
  void advance(std::uint64_t done) override;
  void note(std::string_view text) override;
  void end() override;

 private:
  void draw();

  bool shows_;
  bool is_drawn_ = false;
  std::string what_;
  std::string note_;
  std::uint64_t total_ = 0;
  std::uint64_t done_ = 0;
  std::chrono::steady_clock::time_point begun_;
};

}  // namespace gantry::cli
