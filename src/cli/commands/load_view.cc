#include "cli/commands/load_view.h"

#include "report/load.h"

#include <fmt/format.h>

#include <vector>

namespace gantry::cli {

namespace {

constexpr std::chrono::seconds kLineEvery{10};  // where there is no terminal

}  // namespace

double LoadView::rate_since_last(const load::RunProgress& progress) {
  const double seconds = std::chrono::duration<double>(progress.elapsed - last_elapsed_).count();
  const double requests = progress.requests - last_requests_;
  return seconds > 0 ? requests / seconds : 0;
}

void LoadView::show(const load::RunProgress& progress) {
  if (shows_ == Shows::nothing) return;
  const bool is_first = !last_line_;
  if (is_first) {
    last_line_ = progress.elapsed;
    terminal_.say("\n" + report::render_load_start(script_, progress) + "\n");
  }
  const bool is_terminal = terminal_.is_error_terminal();
  if (!is_terminal && progress.elapsed - *last_line_ < kLineEvery) return;
  const double rate = rate_since_last(progress);
  if (is_terminal) {
    clear();
    const std::vector<std::string> lines = report::render_load_view(progress, rate, terminal_.error_width() - 1);
    for (const std::string& line : lines) terminal_.say(line + "\n");
    drawn_ = lines.size();
  } else {
    terminal_.say(report::render_load_status(progress, rate) + "\n");
  }
  last_line_ = last_elapsed_ = progress.elapsed;
  last_requests_ = progress.requests;
}

void LoadView::clear() {
  if (drawn_ > 0) terminal_.say(fmt::format("\x1b[{}A\r\x1b[J", drawn_));
  drawn_ = 0;
}

}  // namespace gantry::cli
